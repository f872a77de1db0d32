//! `RawRwLock` as a raw lock of `lock_api`, with the feature of that name.

use core::time::Duration;
use std::time::Instant;

use ::lock_api::{
    GuardSend, RawRwLock as Raw, RawRwLockDowngrade, RawRwLockRecursive, RawRwLockTimed,
    RawRwLockUpgrade, RawRwLockUpgradeDowngrade, RawRwLockUpgradeTimed,
};

use super::thread_raw::RawRwLock;
use super::word::{READ, UPGRADABLE, UPGRADE, WRITE};
use crate::line::{Asker, Timeout};

// SAFETY: whoever gets through one of these has as many permits of the lock's word as its header says for that mode, until
// the caller gives back as many: all of them for a writer, so that nobody else has any.
unsafe impl Raw for RawRwLock {
    const INIT: Self = Self::new();

    // Whoever unlocks need not be the thread that has locked.
    type GuardMarker = GuardSend;

    #[inline]
    fn lock_shared(&self) {
        self.read();
    }

    #[inline]
    fn try_lock_shared(&self) -> bool {
        self.try_read()
    }

    #[inline]
    unsafe fn unlock_shared(&self) {
        self.line().release(READ);
    }

    #[inline]
    fn lock_exclusive(&self) {
        self.write();
    }

    #[inline]
    fn try_lock_exclusive(&self) -> bool {
        self.try_write()
    }

    #[inline]
    unsafe fn unlock_exclusive(&self) {
        self.line().release(WRITE);
    }

    fn is_locked(&self) -> bool {
        Self::is_locked(self)
    }

    fn is_locked_exclusive(&self) -> bool {
        self.is_write_locked()
    }
}

// SAFETY: what is given back is all that a writer has but the share of a reader, which the caller keeps.
unsafe impl RawRwLockDowngrade for RawRwLock {
    unsafe fn downgrade(&self) {
        self.line().release(WRITE - READ);
    }
}

// SAFETY: whoever reads past the line has the share of a reader, as above.
unsafe impl RawRwLockRecursive for RawRwLock {
    fn lock_shared_recursive(&self) {
        if !self.try_lock_shared_recursive() {
            self.read();
        }
    }

    fn try_lock_shared_recursive(&self) -> bool {
        self.line().word().read_past_the_line()
    }
}

// SAFETY: each says that the lock is locked only if it has been, for the caller.
unsafe impl RawRwLockTimed for RawRwLock {
    type Duration = Duration;
    type Instant = Instant;

    fn try_lock_shared_for(&self, timeout: Duration) -> bool {
        self.read_timeout(timeout).is_ok()
    }

    fn try_lock_shared_until(&self, deadline: Instant) -> bool {
        self.read_deadline(deadline).is_ok()
    }

    fn try_lock_exclusive_for(&self, timeout: Duration) -> bool {
        self.write_timeout(timeout).is_ok()
    }

    fn try_lock_exclusive_until(&self, deadline: Instant) -> bool {
        self.write_deadline(deadline).is_ok()
    }
}

// SAFETY: there is one upgradable reader at a time, beside others who read; what it takes to be upgraded is the rest of
// what a writer has.
unsafe impl RawRwLockUpgrade for RawRwLock {
    fn lock_upgradable(&self) {
        self.line().block(UPGRADABLE);
    }

    fn try_lock_upgradable(&self) -> bool {
        self.line().try_take(UPGRADABLE, Asker::Thread)
    }

    unsafe fn unlock_upgradable(&self) {
        self.line().release(UPGRADABLE);
    }

    unsafe fn upgrade(&self) {
        self.line().block(UPGRADE);
    }

    unsafe fn try_upgrade(&self) -> bool {
        self.line().try_take(UPGRADE, Asker::Thread)
    }
}

// SAFETY: what is given back is what the caller has, but for what it keeps.
unsafe impl RawRwLockUpgradeDowngrade for RawRwLock {
    unsafe fn downgrade_upgradable(&self) {
        self.line().release(UPGRADABLE - READ);
    }

    unsafe fn downgrade_to_upgradable(&self) {
        self.line().release(WRITE - UPGRADABLE);
    }
}

// SAFETY: each says that the lock is locked, or upgraded, only if it has been, for the caller.
unsafe impl RawRwLockUpgradeTimed for RawRwLock {
    fn try_lock_upgradable_for(&self, timeout: Duration) -> bool {
        let limit = Timeout::After(timeout);
        self.line().block_until(UPGRADABLE, limit).is_ok()
    }

    fn try_lock_upgradable_until(&self, deadline: Instant) -> bool {
        let limit = Timeout::At(deadline);
        self.line().block_until(UPGRADABLE, limit).is_ok()
    }

    unsafe fn try_upgrade_for(&self, timeout: Duration) -> bool {
        let limit = Timeout::After(timeout);
        self.line().block_until(UPGRADE, limit).is_ok()
    }

    unsafe fn try_upgrade_until(&self, deadline: Instant) -> bool {
        let limit = Timeout::At(deadline);
        self.line().block_until(UPGRADE, limit).is_ok()
    }
}
