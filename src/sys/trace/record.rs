//! What is known of a primitive that is named, or that somebody has waited for.

use core::panic::Location;
use core::ptr::NonNull;

use core::sync::atomic::AtomicU64 as Counter;
use core::sync::atomic::Ordering::Relaxed;
use std::borrow::Cow;

use super::super::who::{Traceable, Who};
use super::super::{AtomicU64, Cell, RawLock, global};
use super::roster::{self, Roster};
use super::waiter::{Standing, Waiter};

/// As many waiters as a snapshot shows of one primitive.
const SHOWN: usize = 64;

global! {
    static RECORDS: Roster<Record> = Roster::new()
}

/// The record of one primitive.
pub(super) struct Record {
    kind: Traceable,
    name: Option<Cow<'static, str>>,
    made: &'static Location<'static>,
    /// Which one it is: no other has the same number.
    number: u64,
    pub(super) owner: AtomicU64,
    /// What was copied for those who wait. Touched with the line's lock held.
    copied: Cell<u64>,
    /// How often it has changed hands since the record was made.
    turns: AtomicU64,
    list: Cell<List>,
    lock: RawLock,
}

/// Those who wait, and those who have waited. Guarded by the lock.
#[derive(Clone, Copy)]
struct List {
    first: Option<NonNull<Waiter>>,
    last: Option<NonNull<Waiter>>,
    length: usize,
    begun: u64,
    ended: u64,
    total: u64,
    longest: u64,
}

// SAFETY: the list is touched with the lock held alone, and its waiters are alive while they are in it; what was
// copied is touched with the lock of the line held, of which this is the record.
unsafe impl Send for Record {}
// SAFETY: as above.
unsafe impl Sync for Record {}

/// The record as a primitive owns it.
pub(super) type Owned = roster::Owned<Record>;

impl Record {
    /// Makes the record of a primitive, and lists it.
    pub(super) fn listed(
        kind: Traceable,
        name: Option<Cow<'static, str>>,
        made: &'static Location<'static>,
    ) -> Owned {
        static LAST: Counter = Counter::new(0);
        RECORDS.add(Self {
            kind,
            name,
            made,
            // ORDERING: Relaxed: only that the numbers differ matters.
            number: LAST.fetch_add(1, Relaxed),
            owner: AtomicU64::new(Who::NOBODY.bits()),
            copied: Cell::new(0),
            turns: AtomicU64::new(0),
            list: Cell::new(List {
                first: None,
                last: None,
                length: 0,
                begun: 0,
                ended: 0,
                total: 0,
                longest: 0,
            }),
            lock: RawLock::new(),
        })
    }

    /// Says whose it is from now on. For whoever has it, or is about to give it back.
    #[inline]
    pub(super) fn belongs_to(&self, who: Who) {
        // ORDERING: Relaxed, here and below: nothing is read by way of it. Others exchange the owner under the line's lock;
        // what it is worth to them is said in the header of `traced.rs`.
        self.owner.store(who.bits(), Relaxed);
        let turns = self.turns.load(Relaxed);
        self.turns.store(turns + 1, Relaxed);
    }

    /// Copies the owner, if there is none. With the line's lock held.
    pub(super) fn copy_owner(&self, owner: u64) {
        let nobody = Who::NOBODY.bits();
        // ORDERING: Relaxed, here and on failure, as above.
        if owner != nobody && (self.owner.compare_exchange(nobody, owner, Relaxed, Relaxed)).is_ok()
        {
            self.copied.set(owner);
        }
    }

    /// Takes out what was copied, if it is still there. With the line's lock held.
    pub(super) fn forget_copy(&self) {
        let (copied, nobody) = (self.copied.replace(0), Who::NOBODY.bits());
        if copied != 0 {
            // ORDERING: Relaxed, here and on failure, as above.
            let _another = (self.owner).compare_exchange(copied, nobody, Relaxed, Relaxed);
        }
    }

    /// Takes it off the list of what exists.
    pub(super) fn unlist(this: &Owned) {
        RECORDS.remove(this);
    }

    /// Puts a waiter at the end.
    ///
    /// # Safety
    ///
    /// * The waiter is in no list.
    /// * It is pinned, and [removed](Self::remove) before it is freed.
    pub(super) unsafe fn push(
        &self,
        waiter: &Waiter,
        since: u64,
        place: Option<&'static Location<'static>>,
        granted: bool,
    ) {
        let this = NonNull::from(waiter);
        let held = self.lock.lock();
        let mut list = self.list.get();
        waiter.stand(Standing {
            before: list.last,
            after: None,
            number: list.begun,
            since,
            place,
            granted,
        });
        match list.last {
            Some(before) => Self::change(before, |standing| standing.after = Some(this)),
            None => list.first = Some(this),
        }
        list.last = Some(this);
        list.length += 1;
        list.begun += 1;
        self.list.set(list);
        drop(held);
    }

    /// Takes a waiter out.
    ///
    /// # Safety
    ///
    /// * It is in this list.
    pub(super) unsafe fn remove(&self, waiter: &Waiter, now: u64) {
        let held = self.lock.lock();
        let mut list = self.list.get();
        let standing = waiter.standing();
        match standing.before {
            Some(before) => Self::change(before, |other| other.after = standing.after),
            None => list.first = standing.after,
        }
        match standing.after {
            Some(after) => Self::change(after, |other| other.before = standing.before),
            None => list.last = standing.before,
        }
        list.length -= 1;
        if !standing.granted {
            let took = now.saturating_sub(standing.since);
            list.ended += 1;
            list.total = list.total.saturating_add(took);
            list.longest = list.longest.max(took);
        }
        self.list.set(list);
        drop(held);
    }

    /// Changes where a waiter stands, with the lock held.
    fn change(waiter: NonNull<Waiter>, change: impl FnOnce(&mut Standing)) {
        // SAFETY: it is in a list whose lock is held, and thus alive.
        let waiter = unsafe { waiter.as_ref() };
        let mut standing = waiter.standing();
        change(&mut standing);
        waiter.stand(standing);
    }

    /// Copies what is known of it.
    fn see(&self, room: &mut Vec<SeenWaiter>) -> Seen {
        room.clear();
        room.reserve(SHOWN);
        let held = self.lock.lock();
        let list = self.list.get();
        let mut next = list.first;
        while let Some(waiter) = next.filter(|_| room.len() < SHOWN) {
            // SAFETY: it is in the list, whose lock is held, and thus alive.
            let waiter = unsafe { waiter.as_ref() };
            let standing = waiter.standing();
            room.push(SeenWaiter {
                number: standing.number,
                who: waiter.who(),
                since: standing.since,
                place: standing.place,
                may_end_otherwise: !waiter.is_without_end(),
                is_task: waiter.is_task(),
                is_granted: standing.granted,
            });
            next = standing.after;
        }
        // ORDERING: Relaxed: nothing is read by way of it. `traced.rs` says what it is worth.
        let owner = Who::from_bits(self.owner.load(Relaxed));
        drop(held);
        Seen {
            number: self.number,
            kind: self.kind,
            name: self.name.clone(),
            made: self.made,
            owner,
            // ORDERING: Relaxed, as above.
            turns: self.turns.load(Relaxed),
            waiting: list.length,
            waits: list.ended,
            total: list.total,
            longest: list.longest,
            waiters: room.clone(),
        }
    }
}

/// What a snapshot sees of a primitive.
pub(crate) struct Seen {
    pub(crate) number: u64,
    pub(crate) kind: Traceable,
    pub(crate) name: Option<Cow<'static, str>>,
    pub(crate) made: &'static Location<'static>,
    pub(crate) owner: Who,
    /// As often as that has changed.
    pub(crate) turns: u64,
    /// How many wait; of these the first are among the `waiters`.
    pub(crate) waiting: usize,
    /// How many waits have ended, and how many nanoseconds they took.
    pub(crate) waits: u64,
    pub(crate) total: u64,
    pub(crate) longest: u64,
    pub(crate) waiters: Vec<SeenWaiter>,
}

/// What a snapshot sees of somebody who waits.
#[derive(Clone)]
pub(crate) struct SeenWaiter {
    /// Which wait of the primitive it is.
    pub(crate) number: u64,
    pub(crate) who: Who,
    pub(crate) since: u64,
    pub(crate) place: Option<&'static Location<'static>>,
    pub(crate) may_end_otherwise: bool,
    pub(crate) is_task: bool,
    pub(crate) is_granted: bool,
}

/// All primitives that have a record, one after the other: none is looked at while another one is.
pub(crate) fn primitives() -> Vec<Seen> {
    let records = RECORDS.all();
    let mut room = Vec::with_capacity(SHOWN);
    records.iter().map(|record| record.see(&mut room)).collect()
}
