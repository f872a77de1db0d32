//! The lock of a queue: the crate's own, for its unlock costs no atomic read-modify-write.
//!
//! It is held for a few instructions, by threads alone: a task that polls is a thread that
//! polls. So nobody waits for it who is not a thread, and the wakers that run on the way are
//! parkers.

use crate::line::{Asker, Latch, Line, Word};
use crate::rule::lock::LockWord;
use crate::sys::{self, RawLock, constructor};

/// What guards a queue. In models of queues a raw lock stands in for ours, which has its own.
pub(crate) type Gate = sys::Guard<OwnLock, RawLock>;

/// The crate's own lock, without data.
#[derive(Debug)]
pub struct OwnLock(Line<LockWord>);

impl OwnLock {
    constructor! {
        /// A lock that nobody holds.
        #[must_use]
        pub const fn new() -> Self {
            Self(Line::new(LockWord::new()))
        }
    }

    /// Runs something with the lock held.
    pub fn with<R>(&self, body: impl FnOnce() -> R) -> R {
        let _held = Latch::lock(self);
        body()
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

impl Latch for OwnLock {
    type Held<'a> = Held<'a>;

    #[inline]
    fn lock(&self) -> Held<'_> {
        self.0.block(1);
        Held(&self.0)
    }

    fn try_lock(&self) -> Option<Held<'_>> {
        self.0
            .word()
            .try_take(1, Asker::Thread)
            .then(|| Held(&self.0))
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
