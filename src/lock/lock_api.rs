//! `RawLock` as a raw mutex of `lock_api`, with the feature of that name.

use core::sync::atomic::Ordering::Relaxed;
use core::time::Duration;
use std::time::Instant;

use ::lock_api::{GuardSend, RawMutex, RawMutexFair, RawMutexTimed};

use super::thread_guard::LockGuard;
use super::thread_raw::{NOT_HELD, RawLock};

impl RawLock {
    /// The guard of whoever has locked, and is the only one to unlock.
    #[inline]
    fn take_back_unchecked(&self) -> LockGuard<'_, ()> {
        // ORDERING: Relaxed: the lock is this caller's, who has stored the other value, or has been told of it by
        // whoever has; the unlock that follows publishes this to the next.
        self.held.store(NOT_HELD, Relaxed);
        LockGuard::granted(&self.lock.shared)
    }
}

// SAFETY: whoever gets through `lock` or `try_lock` has the one permit of the lock's word, which nobody else gets before
// `unlock` gives it back; and the guard that is made there is the only one of that permit, for the caller of `unlock`
// holds the lock.
unsafe impl RawMutex for RawLock {
    const INIT: Self = Self::new();

    // Whoever unlocks need not be the thread that has locked.
    type GuardMarker = GuardSend;

    #[inline]
    fn lock(&self) {
        Self::lock(self);
    }

    #[inline]
    fn try_lock(&self) -> bool {
        Self::try_lock(self)
    }

    #[inline]
    unsafe fn unlock(&self) {
        drop(self.take_back_unchecked());
    }

    fn is_locked(&self) -> bool {
        Self::is_locked(self)
    }
}

// SAFETY: as above.
unsafe impl RawMutexFair for RawLock {
    unsafe fn unlock_fair(&self) {
        LockGuard::unlock_fair(self.take_back_unchecked());
    }
}

// SAFETY: it says that the lock is locked only if it has been, for the caller.
unsafe impl RawMutexTimed for RawLock {
    type Duration = Duration;
    type Instant = Instant;

    fn try_lock_for(&self, timeout: Duration) -> bool {
        self.lock_timeout(timeout).is_ok()
    }

    fn try_lock_until(&self, deadline: Instant) -> bool {
        self.lock_deadline(deadline).is_ok()
    }
}
