//! The queues: what their three lines wait for, as counts under one lock.
//!
//! ```text
//!   capacity  ┌───────────────────────────────┬───────────────┬────────────────┐
//!             │ items                         │ slots         │ free places    │
//!             ├─────────────────┬─────────────┤               │                │
//!             │ free items      │ reserved    │               │                │
//!             └─────────────────┴─────────────┴───────────────┴────────────────┘
//!   unfinished  = items + taken and not done
//! ```
//!
//! | line | waits for | is granted | which is a count: |
//! |---|---|---|---|
//! | getters | a free item | a reservation | free items − 1; the items stay where they are |
//! | putters | a free place | a slot | free places − 1 |
//! | joiners | nothing unfinished | nothing | a generation, as in `Event` |
//!
//! Reserved items and slots are not counted: they are what is left over. When nothing will come
//! any more, a line *refuses*: everybody in it is granted nothing, and comes to hear it.

use crate::line::{Added, Asker, FOR_A_SIGNAL, Flags, Word};
use crate::sys::{Cell, Shown, constructor};

/// A count of items or places, of which there are at most `isize::MAX`, as a difference.
#[expect(
    clippy::cast_possible_wrap,
    reason = "the capacity of a queue has been clamped"
)]
pub(super) const fn signed(n: usize) -> isize {
    n as isize
}

/// Whether a newcomer may pass those who wait.
const fn may_pass(flags: Flags, asker: Asker) -> bool {
    match asker {
        // A thread may pass waiting threads, until the line hands over.
        Asker::Thread => !flags.has(Flags::HANDOFF),
        // A task passes nobody.
        Asker::Task => flags.bits() == Flags::NONE.bits(),
    }
}

/// What newcomers are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// There is something for them.
    Come,
    /// There is nothing now.
    Wait,
    /// There will be nothing any more.
    Never,
}

/// How many of something are free, and the flags of those who wait for it. All of it is touched
/// with the queue's lock held.
pub(crate) struct Stock {
    /// Less than zero where a capacity has been lowered below what is there.
    free: Shown,
    flags: Cell<Flags>,
    refuses: Cell<bool>,
}

impl Stock {
    constructor! {
        pub(crate) const fn new(free: isize) -> Self {
            Self {
                free: Shown::new(free),
                flags: Cell::new(Flags::NONE),
                refuses: Cell::new(false),
            }
        }
    }

    #[inline]
    pub(crate) fn answer(&self, asker: Asker) -> Answer {
        if self.refuses.get() {
            Answer::Never
        } else if self.free.get() > 0 && may_pass(self.flags.get(), asker) {
            Answer::Come
        } else {
            Answer::Wait
        }
    }

    #[inline]
    pub(crate) fn count(&self) -> isize {
        self.free.get()
    }

    /// Whether there is something, seen without the lock; it may be out of date.
    #[inline]
    pub(crate) fn looks_free(&self) -> bool {
        self.free.glance() > 0
    }

    /// How many are free, if any are.
    #[inline]
    pub(crate) fn available(&self) -> usize {
        usize::try_from(self.free.get()).unwrap_or(0)
    }

    #[inline]
    pub(crate) fn change(&self, by: isize) {
        self.free.set(self.free.get() + by);
    }

    pub(crate) fn refuse(&self) {
        self.refuses.set(true);
    }
}

impl Word for Stock {
    // A request that is granted its share comes back for it under the lock, as itself.
    const TRANSFERS: bool = false;
    const PATIENCE: u32 = FOR_A_SIGNAL;

    fn try_take(&self, n: usize, asker: Asker) -> bool {
        self.answer(asker) == Answer::Come && self.take(n)
    }

    fn add(&self, n: usize) -> Added {
        self.give(n);
        Added::Unsettled
    }

    fn give(&self, n: usize) {
        self.change(signed(n));
    }

    fn take(&self, n: usize) -> bool {
        if self.refuses.get() {
            return true;
        }
        let enough = self.free.get() >= signed(n);
        if enough {
            self.change(-signed(n));
        }
        enough
    }

    fn free(&self) -> usize {
        if self.refuses.get() {
            return usize::MAX;
        }
        self.available()
    }

    #[inline]
    fn flags(&self) -> Flags {
        self.flags.get()
    }

    fn set_flags(&self, flags: Flags) {
        self.flags.set(flags);
    }

    fn refuses(&self) -> bool {
        self.refuses.get()
    }
}

/// What is unfinished, and the flags of those who wait until nothing is.
pub(crate) struct Tally {
    /// In 64 bits everywhere: who never says that something is done may go on for ever.
    unfinished: Cell<u64>,
    /// Which time it is that somebody waits.
    generation: Cell<usize>,
    flags: Cell<Flags>,
}

impl Tally {
    constructor! {
        pub(crate) const fn new() -> Self {
            Self {
                unfinished: Cell::new(0),
                generation: Cell::new(0),
                flags: Cell::new(Flags::NONE),
            }
        }
    }

    #[inline]
    pub(crate) fn count(&self) -> u64 {
        self.unfinished.get()
    }

    #[inline]
    pub(crate) fn begin(&self, n: usize) {
        self.unfinished.set(self.unfinished.get() + n as u64);
    }

    /// So many are done; true if nothing is left and somebody waits for that.
    pub(crate) fn end(&self, n: usize) -> bool {
        let left = self.unfinished.get() - n as u64;
        self.unfinished.set(left);
        let ended = left == 0 && self.flags.get() != Flags::NONE;
        if ended {
            self.generation.set(self.generation.get().wrapping_add(1));
        }
        ended
    }
}

impl Word for Tally {
    const BARGING: bool = false;
    const CLAIMS: bool = false;
    const PATIENCE: u32 = FOR_A_SIGNAL;

    fn try_take(&self, _n: usize, _asker: Asker) -> bool {
        self.count() == 0
    }

    fn add(&self, _n: usize) -> Added {
        Added::Unsettled
    }

    fn give(&self, _n: usize) {}

    fn take(&self, ticket: usize) -> bool {
        self.is_due(ticket)
    }

    fn free(&self) -> usize {
        if self.count() == 0 { usize::MAX } else { 0 }
    }

    fn flags(&self) -> Flags {
        self.flags.get()
    }

    fn set_flags(&self, flags: Flags) {
        self.flags.set(flags);
    }

    fn enrol(&self, _request: usize) -> usize {
        self.generation.get()
    }

    fn is_due(&self, ticket: usize) -> bool {
        self.count() == 0 || self.generation.get() != ticket
    }
}
