//! The waiting line: the only place in this crate that waits.
//!
//! A primitive is a *rule* (what its word means, which transitions exist) and two thin faces.
//! All waiting, waking, timing out and cancelling is done here, once.
//!
//! ```text
//!   word:  free ......... | HANDOFF | HAS_WAITERS       fast paths: one read-modify-write
//!                                  ▲
//!   lock ── waiting:  ┌──────┐   ┌─┴────┐   ┌──────┐    order of arrival
//!    of     head ───▶ │ task │ ⇄ │thread│ ⇄ │ task │
//!    the              └──────┘   └──────┘   └──────┘
//!   line ── granted:  ┌──────┐                          tasks that were granted and have not
//!                     │ task │                          claimed it yet (where another request
//!                     └──────┘                          of the same task may take it over)
//! ```
//!
//! A waiter is a node inside the waiting future, or on the waiting thread's stack; a wait
//! allocates nothing. A thread waits by polling the same future as a task, with a parker of its
//! own as the waker: it is an executor of one task. There is one way to give up, `withdraw`, for
//! deadlines, cancellation and drops alike, and it is decided under the line's lock: if a grant
//! got there first, the grant wins.
//!
//! # Invariants
//!
//! Code and models cite these by number.
//!
//! 1. The cells of a line and of the nodes linked in it are touched only with the line's lock
//!    held. A node in no list belongs to its owner alone.
//! 2. A node is pinned, and is in no list when it is freed: its owner withdraws it first. The
//!    line touches a node for the last time before it stores `GRANTED` in it.
//! 3. The flags change only under the line's lock, by read-modify-write or (where they have a
//!    word of their own) by a store that a fence follows; they are brought up to date before
//!    what is free is read, and before every unlock. `HAS_WAITERS` is set while the
//!    waiting list is not empty, and otherwise only (in a word where raising it is dear) until
//!    something is free again.
//! 4. `HANDOFF` is set exactly while a task waits, or the head is a thread that is overdue, or
//!    the word knows no barging, or an upgrade waits. While it is set nobody but the line takes,
//!    `try_*` included, and what is free accumulates for the head. A word may let through whoever
//!    everybody in line has to wait for (an upgrade, a `read_recursive`): that costs the head time,
//!    and it is served by the release that follows.
//! 5. Something free implies: the waiting list is empty, or the woken threads want all of it, or
//!    the first waiter that has not been woken wants more than the rest.
//! 6. Wakers run, and are cloned and dropped, without the line's lock. A full batch means:
//!    unlock, wake, lock again, settle again.
//! 7. Neither list holds a node whose wait is over.
//! 8. An upgrade (`Word::UPGRADE`) stands first, and is alone of its kind: whoever asks for one holds
//!    what all others want. Woken threads may stand behind it; they find that the line hands over,
//!    and wait again.
//!
//! # A primitive of one's own
//!
//! A latch that opens when it has been counted down to zero. What is free is everything once
//! the count is zero, and nothing before; nobody takes anything away, so no grant needs to be
//! claimed. This is all that a primitive has to say:
//!
//! ```
//! use std::sync::atomic::{AtomicUsize, Ordering::{AcqRel, Acquire, Relaxed}};
//! use syncline::internals::{Added, Asker, Flags, Line, Wait, Word};
//!
//! /// `remaining << 2 | flags`
//! struct Count(AtomicUsize);
//!
//! impl Word for Count {
//!     const BARGING: bool = false; // nobody can be passed where nothing is taken
//!     const CLAIMS: bool = false; // so a grant that nobody claims is no loss
//!
//!     fn try_take(&self, _n: usize, _asker: Asker) -> bool {
//!         self.0.load(Acquire) >> 2 == 0
//!     }
//!     fn add(&self, n: usize) -> Added {
//!         let before = self.0.fetch_sub(n << 2, AcqRel);
//!         if before >> 2 == n && Flags::of(before) != Flags::NONE {
//!             return Added::Unsettled;
//!         }
//!         Added::Quietly
//!     }
//!     fn give(&self, n: usize) {
//!         self.0.fetch_sub(n << 2, AcqRel);
//!     }
//!     fn take(&self, n: usize) -> bool {
//!         self.try_take(n, Asker::Thread)
//!     }
//!     fn free(&self) -> usize {
//!         if self.take(0) { usize::MAX } else { 0 }
//!     }
//!     fn flags(&self) -> Flags {
//!         Flags::of(self.0.load(Relaxed))
//!     }
//!     fn set_flags(&self, flags: Flags) {
//!         self.0.fetch_xor((self.flags().bits() ^ flags.bits()) as usize, AcqRel);
//!     }
//! }
//!
//! struct Latch(Line<Count>);
//!
//! impl Latch {
//!     fn count_down(&self) {
//!         self.0.release(1);
//!     }
//!     fn wait(&self) {
//!         self.0.block(0);
//!     }
//!     async fn wait_async(&self) {
//!         Wait::new(&self.0, Asker::Task, 0).await;
//!     }
//! }
//!
//! let latch = Latch(Line::new(Count(AtomicUsize::new(2 << 2))));
//! std::thread::scope(|threads| {
//!     threads.spawn(|| latch.wait());
//!     threads.spawn(|| syncline::task::block_on(latch.wait_async()));
//!     latch.count_down();
//!     latch.count_down();
//! });
//! ```

use core::fmt;

mod checked;
mod grant;
mod guard;
mod list;
mod owned;
mod park;
mod place;
mod quiet;
mod requester;
mod settle;
mod traced;
pub(crate) mod trampoline;
mod transfer;
mod wait;
mod waiter;
mod waits;
mod wake;
mod word;

pub(crate) use self::guard::{LineGuard, LineLock, Yields};
pub(crate) use self::list::{NodeList, unlink};
pub(crate) use self::owned::{Borrows, owned};
pub(crate) use self::park::{FOR_A_SIGNAL, ThreadParker};
pub(crate) use self::place::{Internal, line_of};
pub(crate) use self::requester::PolledBy;
pub(crate) use self::settle::Locked;
pub(crate) use self::wait::{advance, withdraw};
pub(crate) use self::waiter::{Node, State, WakerSlot};
pub(crate) use self::waits::waits;
pub(crate) use self::wake::{
    Payload, WakeBatch, discard_panic, drop_quietly, keep_first_panic, resume_panic,
};
pub use self::{
    owned::OwnedWait,
    park::Timeout,
    place::Place,
    quiet::Quiet,
    wait::Wait,
    word::{Added, Asker, Flags, Word},
};

use crate::identity::who;
use crate::sys::who::Traceable;
use crate::sys::{self, Cell, Gave, RawLock, Traced, constructor};

/// The head has not been stamped.
const UNSTAMPED: u32 = 0;
/// The head has been passed for long enough: it is handed over to.
const OVERDUE: u32 = u32::MAX;

/// A word, and the line of those who wait for what it counts.
pub struct Line<W> {
    wait_queue: WaitQueue<W, RawLock>,
}

/// A line as the holder of its lock sees it. The lock lies here, or, where several lines share one,
/// elsewhere.
pub(crate) struct WaitQueue<W, L = ()> {
    word: W,
    traced: Traced,
    waiting: NodeList,
    granted: NodeList,
    /// When the head became head, where only threads wait; or one of the constants above.
    stamp: Cell<u32>,
    /// How many tasks are in the waiting list.
    tasks: Cell<u32>,
    /// How many nodes of the waiting list are in the state `WOKEN`.
    woken: Cell<u32>,
    lock: L,
}

// SAFETY: a line owns nothing but its word: the nodes in its lists belong to their owners, and
// hold wakers, which are `Send`.
unsafe impl<W: Send> Send for Line<W> {}
// SAFETY: the cells are touched only with the line's lock held (invariant 1).
unsafe impl<W: Sync> Sync for Line<W> {}

impl<W, L> WaitQueue<W, L> {
    constructor! {
        #[track_caller]
        pub(crate) const fn new(kind: Traceable, word: W, lock: L) -> Self {
            Self {
                word,
                traced: Traced::new(kind),
                waiting: NodeList::new(),
                granted: NodeList::new(),
                stamp: Cell::new(UNSTAMPED),
                tasks: Cell::new(0),
                woken: Cell::new(0),
                lock,
            }
        }
    }

    pub(crate) const fn word(&self) -> &W {
        &self.word
    }

    /// Whether anybody waits, with the lock held.
    #[inline]
    pub(crate) fn is_awaited(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// How many wait, with the lock held.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.iter().count()
    }
}

impl<W: Word, L> WaitQueue<W, L> {
    /// What is not as it should be when nobody waits, with the lock held.
    pub(crate) fn unrest(&self) -> Option<&'static str> {
        if !self.waiting.is_empty() {
            return Some("somebody still waits");
        }
        if !self.granted.is_empty() {
            return Some("somebody has not claimed a grant");
        }
        if self.word.flags() != Flags::NONE {
            return Some("a flag is still set");
        }
        (self.tasks.get() + self.woken.get() > 0).then_some("waiters are still counted")
    }
}

impl<W> Line<W> {
    constructor! {
        /// An empty line for a word.
        #[track_caller]
        pub const fn new(word: W) -> Self {
            Self::of(Traceable::Line, word)
        }
    }

    constructor! {
        /// The line of something that a snapshot knows by its kind.
        #[track_caller]
        pub(crate) const fn of(kind: Traceable, word: W) -> Self {
            Self {
                wait_queue: WaitQueue::new(kind, word, RawLock::new()),
            }
        }
    }

    /// The word that the line guards.
    pub const fn word(&self) -> &W {
        &self.wait_queue.word
    }
}

impl<W: Word> Line<W> {
    /// Takes `n` for a newcomer, if it may pass whoever waits.
    #[inline]
    pub(crate) fn try_take(&self, n: usize, asker: Asker) -> bool {
        let taken = self.wait_queue.word.try_take(n, asker);
        if taken && W::is_exclusive(n) && self.wait_queue.word.is_owned() {
            self.wait_queue.traced.took(|| who(asker == Asker::Task));
        }
        taken
    }

    /// Adds `n` to what is free; those who waited for it go.
    #[inline]
    pub fn release(&self, n: usize) {
        if sys::is_over() {
            return;
        }
        let gave = self.note_release(n);
        self.added(self.wait_queue.word.add(n), n, gave);
    }

    /// After `n` have been added, or withheld.
    #[inline]
    fn added(&self, added: Added, n: usize, gave: Gave) {
        match added {
            Added::Quietly => {}
            Added::Unsettled => self.release_slow(0, gave),
            Added::Withheld => self.release_slow(n, gave),
        }
    }

    /// Adds `n` to what is free, and hands it to whoever waits: nobody can barge in.
    pub fn release_fair(&self, n: usize) {
        let gave = self.note_release(n);
        self.with_lock(|line, batch| {
            self.wait_queue.traced.gave_late(gave);
            line.hand_over(n, true, batch);
            line.settle(batch);
        });
    }

    /// Takes up to `n` of what is free away for good, tells the word, and says how many.
    pub fn withhold(&self, n: usize, tell: impl FnOnce(&W, usize)) -> usize {
        self.with_lock(|line, batch| {
            let mut taken = n.min(self.wait_queue.word.free());
            while taken > 0 && !self.wait_queue.word.take(taken) {
                taken = taken.min(self.wait_queue.word.free());
            }
            // Before anybody is woken: wakers may look, and may panic.
            tell(&self.wait_queue.word, taken);
            line.settle(batch);
            taken
        })
    }

    /// Runs a change of the word under the line's lock, and settles the line.
    pub fn change<R>(&self, change: impl FnOnce(&W) -> R) -> R {
        self.with_lock(|line, batch| {
            let result = change(&self.wait_queue.word);
            line.settle(batch);
            result
        })
    }

    /// As [`change`](Self::change), which says how much is to be released then.
    pub(crate) fn adjust(&self, change: impl FnOnce(&W) -> usize) {
        self.with_lock(|line, batch| {
            line.measure();
            line.hand_over(change(&self.wait_queue.word), false, batch);
            line.settle(batch);
        });
    }

    /// As [`change`](Self::change), by whoever gives back with it what it has.
    pub(crate) fn give_up(&self, change: impl FnOnce(&W)) {
        let gave = self.note_release(1);
        self.with_lock(|line, batch| {
            self.wait_queue.traced.gave_late(gave);
            change(&self.wait_queue.word);
            line.settle(batch);
        });
    }

    /// Runs something under the line's lock that leaves everybody where they are. No waker runs.
    pub(crate) fn under_lock<R>(&self, body: impl FnOnce(&W) -> R) -> R {
        self.with_lock(|_, _| body(&self.wait_queue.word))
    }

    #[cold]
    fn release_slow(&self, withheld: usize, gave: Gave) {
        self.with_lock(|line, batch| {
            self.wait_queue.traced.gave_late(gave);
            line.measure();
            if withheld > 0 {
                line.hand_over(withheld, false, batch);
            }
            line.settle(batch);
        });
    }

    /// Runs something under the line's lock, and the wakers after it.
    fn with_lock<R>(&self, body: impl FnOnce(&mut Locked<'_, W>, &mut WakeBatch) -> R) -> R {
        let mut batch = WakeBatch::new();
        let mut locked = Locked::new(self);
        let result = body(&mut locked, &mut batch);
        drop(locked);
        batch.finish();
        result
    }

    /// How many wait, at this instant.
    pub fn waiting(&self) -> usize {
        self.with_lock(|_, _| self.wait_queue.waiting())
    }

    /// Checks that nobody waits, nobody has an unclaimed grant, and all flags are clear.
    ///
    /// # Panics
    ///
    /// Panics if one of that is not so.
    pub fn assert_quiet(&self) {
        let unrest = self.with_lock(|_, _| self.wait_queue.unrest());
        assert_eq!(unrest, None);
    }
}

impl<W> fmt::Debug for Line<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line").finish_non_exhaustive()
    }
}
