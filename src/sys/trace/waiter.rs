//! The part of a wait node that a record knows.

use core::panic::Location;
use core::ptr::NonNull;
use core::sync::atomic::AtomicU64;
use core::sync::atomic::Ordering::Relaxed;

use super::super::Cell;
use super::super::who::Who;
use super::record::Record;
use super::system::trace_clock;

/// Where a waiter stands in the list of a record, and what it waits for since when.
#[derive(Clone, Copy)]
pub(super) struct Standing {
    pub(super) before: Option<NonNull<Waiter>>,
    pub(super) after: Option<NonNull<Waiter>>,
    /// Which wait of its record it is.
    pub(super) number: u64,
    pub(super) since: u64,
    pub(super) place: Option<&'static Location<'static>>,
    /// Whether it has been granted what it waits for, and has not come for it.
    pub(super) granted: bool,
}

/// What a wait node carries.
pub(crate) struct Waiter {
    /// The record in whose list this is. Touched by whoever may touch the node: see `mod.rs`, 2.
    record: Cell<Option<NonNull<Record>>>,
    /// Touched with the record's lock held.
    standing: Cell<Standing>,
    /// Who waits. Written by whoever polls, and read by a snapshot.
    who: AtomicU64,
    /// Whether the wait may end without what it is for; and it is a task's. Set before it joins anything.
    ends_otherwise: Cell<bool>,
    task: Cell<bool>,
}

// ORDERING: Relaxed for who waits: nothing is read by way of it.
impl Waiter {
    pub(crate) fn new() -> Self {
        Self {
            record: Cell::new(None),
            standing: Cell::new(Standing {
                before: None,
                after: None,
                number: 0,
                since: 0,
                place: None,
                granted: false,
            }),
            who: AtomicU64::new(0),
            ends_otherwise: Cell::new(false),
            task: Cell::new(false),
        }
    }

    /// Says that the wait may end without what it is for: by a deadline, or since another one of several has come.
    pub(crate) fn may_end_otherwise(&self) {
        self.ends_otherwise.set(true);
    }

    /// Takes it out of the list that it is in, if it is in one. For whoever takes its node out of a list.
    #[inline]
    pub(crate) fn left(&self) {
        if let Some(record) = self.record.replace(None) {
            // SAFETY: the record is owned by the primitive in whose line the node is, which lives for as long as it
            // is there.
            let record = unsafe { record.as_ref() };
            // SAFETY: it is in the list of this record, for nobody else takes it out.
            unsafe { record.remove(self, trace_clock()) };
        }
    }

    /// Says that nobody else can know of it any more.
    pub(crate) fn retire(&mut self) {
        self.record.retire();
        self.standing.retire();
        self.ends_otherwise.retire();
        self.task.retire();
    }

    pub(super) fn enter(&self, record: &Record, is_task: bool, who: Who) {
        self.record.set(Some(NonNull::from(record)));
        self.task.set(is_task);
        self.say_who(who);
    }

    pub(super) fn say_who(&self, who: Who) {
        self.who.store(who.bits(), Relaxed);
    }

    pub(super) fn who(&self) -> Who {
        Who::from_bits(self.who.load(Relaxed))
    }

    pub(super) fn is_without_end(&self) -> bool {
        !self.ends_otherwise.get()
    }

    pub(super) fn is_task(&self) -> bool {
        self.task.get()
    }

    pub(super) fn standing(&self) -> Standing {
        self.standing.get()
    }

    pub(super) fn stand(&self, standing: Standing) {
        self.standing.set(standing);
    }
}
