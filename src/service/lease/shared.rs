//! What the handles of a pool, its leases and its maintenance share.
//!
//! A *place* is the right to have an item: one permit of a semaphore of `max`. The semaphore's line is the line of
//! lessees. `size` counts the items, and the opens under way:
//!
//! 1. Whoever has a place has at most one item, and `size` counts it as soon as it is decided that there will be one.
//! 2. An idle item is counted, and nobody's place. A lessee who has a place takes an idle item if there is one, and
//!    opens one only if there is none, or in the place of one that it has discarded. So the others who have places
//!    are less than `max`, and `size` is at most `max`. Whoever opens while there are idle items looks at `size`.
//! 3. A place is given back after its item is gone, or lies in the pool.
//! 4. Nothing foreign runs under the lock: not the manager, no destructor of an item, no waker.
//!
//! When the pool is closed, as many permits are added as there can be: all who wait come, find it closed, and go.

use core::mem::{replace, take};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use super::builder::Settings;
use super::handle::Handle;
use super::lent::Lease;
use super::manage::Managed;
use super::rules::{Ages, Judgement};
use super::running::Loose;
use super::stats::Counts;
use crate::event::task::Event;
use crate::job::quietly;
use crate::semaphore::Permit;
use crate::semaphore::task::Semaphore;
use crate::sys::{self, ArcOrder, Mutex};

/// So many permits are added when a pool is closed: more than there are waits.
const FOR_ALL: usize = Semaphore::MAX_PERMITS / 2;

/// An item, and what is known of it.
pub(super) struct Entry<T> {
    pub(super) item: T,
    pub(super) ages: Ages,
}

/// The pool itself.
#[expect(
    missing_debug_implementations,
    reason = "its handles are shown, and nobody outside of the crate has it"
)]
pub struct Shared<M: Managed> {
    pub(super) manager: M,
    pub(super) settings: Settings,
    /// The places that are free.
    pub(super) places: Semaphore,
    pub(super) state: Mutex<State<M::Item>>,
    /// A permit for each idle item of a closed pool, for those who close them; and for all, when there is nothing left.
    pub(super) leftovers: Semaphore,
    /// Set when the pool is closed, or gone. It tells the maintenance, which does not keep the pool alive.
    pub(super) over: Arc<Event>,
    pub(super) arc_order: ArcOrder,
}

/// What the lock guards.
pub(super) struct State<T> {
    /// The one that was given back last is the last.
    pub(super) idle: VecDeque<Entry<T>>,
    /// Items, and opens under way.
    pub(super) size: usize,
    pub(super) leased: usize,
    /// Lessees in line for a place.
    pub(super) waiting: usize,
    /// Calls that were cut off and have not returned.
    pub(super) stuck: usize,
    pub(super) is_closed: bool,
    /// How many wait until a closed pool is empty, and close what comes back.
    pub(super) closers: usize,
    pub(super) stats: Counts,
}

/// How a lessee waits.
#[derive(Debug, Default)]
pub(super) struct Waited {
    /// Since when; `None` if it did not have to, or if it has been recorded.
    pub(super) since: Option<Instant>,
    /// Whether it counts as waiting for a place.
    pub(super) is_in_line: bool,
}

/// What a lessee who has a place does next.
pub(super) enum Next<M: Managed> {
    Leased(Lease<M>),
    Check(Loose<M>, Place<M>),
    Open(Place<M>),
    Closed,
}

impl<M: Managed> Shared<M> {
    pub(super) fn new(manager: M, settings: Settings) -> Self {
        Self {
            places: Semaphore::new(settings.max),
            manager,
            settings,
            state: Mutex::new(State {
                idle: VecDeque::new(),
                size: 0,
                leased: 0,
                waiting: 0,
                stuck: 0,
                is_closed: false,
                closers: 0,
                stats: Counts::default(),
            }),
            leftovers: Semaphore::new(0),
            over: Arc::new(Event::new()),
            arc_order: ArcOrder::new(),
        }
    }

    /// Gets rid of an item.
    pub(super) fn discard(&self, item: M::Item) {
        self.state.lock().stats.dropped += 1;
        quietly(|| self.manager.throw_away(item));
    }

    /// Decides what a lessee does who has got a place, and no longer stands in line.
    pub(super) fn choose(&self, mut place: Place<M>, waited: &mut Waited) -> Next<M> {
        let now = sys::now();
        loop {
            let mut state = self.state.lock();
            state.leave_line(waited);
            if state.is_closed {
                drop(state);
                return Next::Closed;
            }
            let newest = self.settings.newest_first;
            let Some(entry) = state.next(newest) else {
                place.count_a_new_one(&mut state);
                debug_assert!(state.size <= self.settings.max, "invariant 2");
                return Next::Open(place);
            };
            place.take_over(&mut state);
            match entry.ages.judge(&self.settings, now) {
                Judgement::Fresh => {
                    place.count_as_leased(&mut state);
                    state.count_wait(waited, now);
                    drop(state);
                    return Next::Leased(Lease::new(place, entry));
                }
                Judgement::Due => {
                    drop(state);
                    return Next::Check(Loose::new(place.pool.clone(), entry), place);
                }
                Judgement::Expired => {
                    drop(state);
                    self.discard(entry.item);
                }
            }
        }
    }

    /// Opens an item in the place of one that was discarded.
    pub(super) fn open_instead(&self, place: Place<M>) -> Next<M> {
        if self.state.lock().is_closed {
            Next::Closed
        } else {
            Next::Open(place)
        }
    }

    /// Takes an idle item that needs no check, if there is one.
    pub(super) fn take_fresh(&self, mut place: Place<M>) -> Option<Lease<M>> {
        let now = sys::now();
        loop {
            let mut state = self.state.lock();
            if state.is_closed {
                return None;
            }
            let judge = |entry: &Entry<_>| entry.ages.judge(&self.settings, now);
            let wanted = |entry: &Entry<_>| judge(entry) != Judgement::Due;
            let at = if self.settings.newest_first {
                state.idle.iter().rposition(wanted)
            } else {
                state.idle.iter().position(wanted)
            };
            let entry = at.and_then(|at| state.idle.remove(at))?;
            place.take_over(&mut state);
            if judge(&entry) == Judgement::Fresh {
                place.count_as_leased(&mut state);
                drop(state);
                return Some(Lease::new(place, entry));
            }
            drop(state);
            self.discard(entry.item);
        }
    }

    /// Leases an item that was opened or checked for this lessee.
    pub(super) fn lend(&self, mut place: Place<M>, item: Loose<M>) -> Option<Lease<M>> {
        let mut state = self.state.lock();
        if state.is_closed {
            drop(state);
            // It works, so that it is closed like any other.
            place.put(item.take());
            return None;
        }
        place.count_as_leased(&mut state);
        drop(state);
        Some(Lease::new(place, item.take()))
    }

    /// Closes the pool, and counts one more who waits until it is empty.
    pub(super) fn close(&self) {
        let mut state = self.state.lock();
        state.closers += 1;
        let is_first = !replace(&mut state.is_closed, true);
        let (idle, is_empty) = (state.idle.len(), state.size == 0);
        drop(state);
        if is_first {
            self.say_that_something_is_left(if is_empty { FOR_ALL } else { idle });
            let added = self.places.release(FOR_ALL);
            debug_assert!(added.is_ok(), "no more than half of the permits are in use");
            self.over.set();
        }
    }

    fn say_that_something_is_left(&self, n: usize) {
        let added = self.leftovers.release(n);
        debug_assert!(added.is_ok(), "each is taken by one who closes it");
    }
}

impl<T> State<T> {
    /// An item leaves its place, for the pool or for good.
    fn leave(&mut self, item: Counted) {
        self.leased -= usize::from(item == Counted::Leased);
        self.stuck -= usize::from(item == Counted::Stuck);
    }

    /// A lessee leaves the line, if it stands there.
    pub(super) fn leave_line(&mut self, waited: &mut Waited) {
        self.waiting -= usize::from(take(&mut waited.is_in_line));
    }

    /// Records how long a lessee has waited, if it did, and it has not been recorded.
    pub(super) fn count_wait(&mut self, waited: &mut Waited, now: Instant) {
        if let Some(since) = waited.since.take() {
            self.stats.waited(now.saturating_duration_since(since));
        }
    }

    fn next(&mut self, newest: bool) -> Option<Entry<T>> {
        if newest {
            self.idle.pop_back()
        } else {
            self.idle.pop_front()
        }
    }
}

impl<M: Managed> Drop for Shared<M> {
    fn drop(&mut self) {
        self.arc_order.end();
        self.over.set();
        let idle = take(&mut self.state.lock().idle);
        for entry in idle {
            quietly(|| self.manager.throw_away(entry.item));
        }
    }
}

/// The right to have an item. Dropping it gives it back.
pub(super) struct Place<M: Managed> {
    pub(super) pool: Handle<M>,
    /// Whether it came from the semaphore. That of an item that is closed after the pool did not.
    has_permit: bool,
    item: Counted,
}

/// Whether there is an item in a place, or will be, and how it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Counted {
    No,
    /// In `size` alone.
    Yes,
    /// In `leased` as well.
    Leased,
    /// In `stuck` as well.
    Stuck,
}

impl<M: Managed> Place<M> {
    pub(super) fn new(pool: &Handle<M>, permit: Permit<'_>) -> Self {
        permit.keep();
        Self {
            pool: pool.clone(),
            has_permit: true,
            item: Counted::No,
        }
    }

    /// The place of an item that lay idle in a closed pool.
    pub(super) fn of_a_leftover(pool: &Handle<M>) -> Self {
        Self {
            pool: pool.clone(),
            has_permit: false,
            item: Counted::Yes,
        }
    }

    /// Counts an item that is to be opened, unless that of one that is gone is counted still.
    pub(super) fn count_a_new_one(&mut self, state: &mut State<M::Item>) {
        state.size += usize::from(self.item == Counted::No);
        self.item = Counted::Yes;
    }

    /// Takes over an idle item, which is counted.
    pub(super) fn take_over(&mut self, state: &mut State<M::Item>) {
        state.size -= usize::from(self.item == Counted::Yes);
        self.item = Counted::Yes;
    }

    fn count_as_leased(&mut self, state: &mut State<M::Item>) {
        state.leased += 1;
        self.item = Counted::Leased;
    }

    /// Counts it as that of a call that was cut off.
    pub(super) fn stuck(mut self) -> Self {
        self.pool.state.lock().stuck += 1;
        self.item = Counted::Stuck;
        self
    }

    /// Puts an item that works into the pool, and gives the place back.
    pub(super) fn put(mut self, entry: Entry<M::Item>) {
        let mut state = self.pool.state.lock();
        if state.is_closed && state.closers == 0 {
            drop(state);
            return self.pool.discard(entry.item);
        }
        state.leave(replace(&mut self.item, Counted::No));
        // Those that were checked go back to where they belong.
        let at =
            (state.idle).partition_point(|other| other.ages.idle_since <= entry.ages.idle_since);
        state.idle.insert(at, entry);
        let is_closed = state.is_closed;
        drop(state);
        if is_closed {
            self.pool.say_that_something_is_left(1);
        }
    }
}

impl<M: Managed> Drop for Place<M> {
    fn drop(&mut self) {
        if self.item != Counted::No {
            let mut state = self.pool.state.lock();
            state.leave(self.item);
            state.size -= 1;
            let is_empty = state.is_closed && state.size == 0;
            drop(state);
            if is_empty {
                self.pool.say_that_something_is_left(FOR_ALL);
            }
        }
        if self.has_permit {
            self.pool.places.put_back(1);
        }
    }
}
