//! Who is in flight, and the request that lets nobody in any more.
//!
//! Those in flight are listed in several lists, so that threads that begin work at the same time share no lock and no
//! counter. All they share is the flag, which everybody reads and one request writes.
//!
//! | step | by | with |
//! |---|---|---|
//! | looks at the flag; enters, or is refused | [`Gate::enter`] | the lock of one list |
//! | raises the flag | [`Gate::close`], once | |
//! | closes each list; one that is empty is counted | [`Gate::close`] | the lock of each list in turn |
//! | leaves; the last one of a closed list counts it | the drop of a [`Place`] | the lock of its list |
//! | sets `drained` | whoever counts the last list | |
//!
//! 1. Whoever saw the flag raised, and all who come after that, are refused: the flag stays.
//! 2. Whoever entered did so before the request locked that list, and is found there.
//! 3. Each list is counted once: when it is closed empty, or by the last one who leaves it.

use core::cell::Cell;
use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Instant;

use slab::Slab;

use super::report::Straggler;
use crate::event::task::Event;
use crate::sys::{
    self, Apart, AtomicU32, AtomicU64, AtomicUsize, LISTS_IN_FLIGHT, Mutex, global, local,
};

const RAISED: u32 = 1;

local! {
    /// The list that this thread uses, of every shutdown; drawn when it is first asked for.
    static LIST: Cell<Option<usize>> = Cell::new(None)
}

global! {
    /// The next list that a thread is given.
    static NEXT: AtomicUsize = AtomicUsize::new(0)
}

/// The lists of those in flight, and the flag.
pub(super) struct Gate {
    lists: [Arc<Apart<List>>; LISTS_IN_FLIGHT],
    shared: Arc<Shared>,
}

/// What all lists share.
struct Shared {
    /// 0, then `RAISED` for ever.
    requested: AtomicU32,
    /// When the flag was raised. Set before it is.
    at: Mutex<Option<Instant>>,
    /// The lists that have not been counted.
    uncounted: AtomicU64,
    drained: Event,
}

struct List {
    shared: Arc<Shared>,
    entries: Mutex<Entries>,
}

struct Entries {
    closed: bool,
    slab: Slab<Entry>,
}

struct Entry {
    name: Cow<'static, str>,
    since: Instant,
}

impl Gate {
    pub(super) fn new() -> Self {
        let shared = Arc::new(Shared {
            requested: AtomicU32::new(0),
            at: Mutex::new(None),
            uncounted: AtomicU64::new(LISTS_IN_FLIGHT as u64),
            drained: Event::new(),
        });
        let lists = core::array::from_fn(|_| {
            Arc::new(Apart(List {
                shared: Arc::clone(&shared),
                entries: Mutex::new(Entries {
                    closed: false,
                    slab: Slab::new(),
                }),
            }))
        });
        Self { lists, shared }
    }

    /// Enters, unless nobody may any more.
    #[inline]
    pub(super) fn enter(&self, name: Cow<'static, str>) -> Option<Place> {
        let list = &self.lists[list_of_this_thread()];
        let since = sys::now();
        let mut entries = list.0.entries.lock();
        // With the lock held: the request comes here after it has raised the flag (invariant 2).
        if self.shared.is_requested() {
            return None;
        }
        let key = entries.slab.insert(Entry { name, since });
        drop(entries);
        Some(Place {
            list: Arc::clone(list),
            key,
        })
    }

    #[inline]
    pub(super) fn is_requested(&self) -> bool {
        self.shared.is_requested()
    }

    /// When the request came, if it did.
    pub(super) fn requested_at(&self) -> Option<Instant> {
        *self.shared.at.lock()
    }

    /// Lets nobody in any more. Returns whether this is the request that counts.
    pub(super) fn close(&self) -> bool {
        let mut at = self.shared.at.lock();
        if at.is_some() {
            return false;
        }
        *at = Some(sys::now());
        // ORDERING: Release pairs with the Acquire in `is_requested`: what the requester did before is seen.
        self.shared.requested.store(RAISED, Release);
        drop(at);
        for list in &self.lists {
            let mut entries = list.0.entries.lock();
            entries.closed = true;
            let is_empty = entries.slab.is_empty();
            drop(entries);
            if is_empty {
                self.shared.count_one();
            }
        }
        true
    }

    /// How many are in flight.
    pub(super) fn len(&self) -> usize {
        let len = |list: &Arc<Apart<List>>| list.0.entries.lock().slab.len();
        self.lists.iter().map(len).sum()
    }

    /// Those in flight, the oldest first.
    pub(super) fn stragglers(&self) -> Vec<Straggler> {
        let mut all = Vec::new();
        let now = sys::now();
        for list in &self.lists {
            let entries = list.0.entries.lock();
            all.extend(entries.slab.iter().map(|(_, entry)| Straggler {
                name: entry.name.clone(),
                age: now.saturating_duration_since(entry.since),
            }));
        }
        all.sort_by_key(|straggler| core::cmp::Reverse(straggler.age));
        all
    }

    /// Set when the request has come and nobody is in flight.
    pub(super) fn drained(&self) -> &Event {
        &self.shared.drained
    }
}

impl Shared {
    #[inline]
    fn is_requested(&self) -> bool {
        // ORDERING: Acquire pairs with the Release in `close`: whoever is refused sees what the requester did.
        self.requested.load(Acquire) == RAISED
    }

    /// A list has been closed, and nobody is in it.
    fn count_one(&self) {
        // ORDERING: AcqRel: whoever counts the last list has seen what was done by all who left the others, and
        // passes it on to those who wait for `drained`.
        if self.uncounted.fetch_sub(1, AcqRel) == 1 {
            self.drained.set();
        }
    }
}

/// The number of the list that this thread uses.
#[inline]
fn list_of_this_thread() -> usize {
    LIST.with(|list| list.get().unwrap_or_else(|| draw(list)))
}

#[cold]
fn draw(slot: &Cell<Option<usize>>) -> usize {
    // ORDERING: Relaxed: only a number, and any is right.
    let list = NEXT.fetch_add(1, Relaxed) % LISTS_IN_FLIGHT;
    slot.set(Some(list));
    list
}

/// The place of somebody in flight; dropping it leaves.
pub(super) struct Place {
    list: Arc<Apart<List>>,
    key: usize,
}

impl Place {
    /// Its name, and since when it has been in flight.
    pub(super) fn entry(&self) -> (Cow<'static, str>, Instant) {
        let entries = self.list.0.entries.lock();
        let Entry { name, since } = &entries.slab[self.key];
        let entry = (name.clone(), *since);
        drop(entries);
        entry
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let list = &self.list.0;
        let mut entries = list.entries.lock();
        let entry = entries.slab.remove(self.key);
        let is_last = entries.closed && entries.slab.is_empty();
        drop(entries);
        if is_last {
            list.shared.count_one();
        }
        drop(entry);
    }
}
