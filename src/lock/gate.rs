//! The lock inside of queues and services: the crate's own, for its unlock costs no atomic
//! read-modify-write.
//!
//! It is held for a few instructions, by threads alone: a task that polls is a thread that
//! polls. So nobody waits for it who is not a thread, and the wakers that run on the way are
//! parkers.

use super::LockWord;
use crate::line::{Asker, Line, LineLock};
use crate::sys;
use crate::sys::who::Traceable;
use crate::sys::{RawLock, constructor};

/// What guards a queue or a service. In their models a raw lock stands in for ours, which has its own.
pub(crate) type Gate = sys::Guard<OwnLock, RawLock>;

/// The crate's own lock, without data.
#[derive(Debug)]
pub struct OwnLock(Line<LockWord>);

impl OwnLock {
    constructor! {
        /// A lock that nobody holds.
        #[must_use]
        pub const fn new() -> Self {
            Self(Line::of(Traceable::Inner, LockWord::new()))
        }
    }

    /// Runs something with the lock held.
    pub fn with<R>(&self, body: impl FnOnce() -> R) -> R {
        let _held = LineLock::lock(self);
        body()
    }

    #[inline]
    fn try_take(&self) -> bool {
        self.0.try_take(1, Asker::Thread)
    }

    /// Spins for a moment, then waits. Whoever is at work usually is for several operations; they
    /// are done in less time without another that wants the same memory.
    #[cold]
    #[inline(never)]
    fn contend(&self) {
        for round in sys::spin_rounds() {
            sys::spin(round);
            if !self.0.word().is_locked() && self.try_take() {
                return;
            }
        }
        self.0.block_briefly(1);
    }

    /// Panics unless nobody waits and all flags are clear.
    pub fn assert_quiet(&self) {
        self.0.assert_quiet();
    }
}

impl Default for OwnLock {
    fn default() -> Self {
        Self::new()
    }
}

impl LineLock for OwnLock {
    type Held<'a> = Held<'a>;

    #[inline]
    fn lock(&self) -> Held<'_> {
        if !self.try_take() {
            self.contend();
        }
        Held(&self.0)
    }

    fn try_lock(&self) -> Option<Held<'_>> {
        self.try_take().then(|| Held(&self.0))
    }
}

/// The proof that the lock is held; dropping it unlocks.
pub(crate) struct Held<'a>(&'a Line<LockWord>);

impl Drop for Held<'_> {
    #[inline]
    fn drop(&mut self) {
        self.0.release(1);
    }
}
