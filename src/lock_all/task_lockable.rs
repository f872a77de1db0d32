//! What `lock_all` can lock for a task.

use core::future::Future;
use std::sync::Arc;

use super::order::address;
use crate::line::Internal;
use crate::lock::future::LockWait;
use crate::lock::task::Lock;
use crate::lock::task_guard::LockGuard;
use crate::rlock::RLockData;
use crate::rlock::future::RLockWait;
use crate::rlock::task::RLock;
use crate::rlock::task_guard::RLockGuard;

/// A reference to a lock that [`lock_all`](super::task::lock_all) can take: to a [`Lock`] or an [`RLock`], or to an `Arc` of one.
#[diagnostic::on_unimplemented(
    message = "`lock_all` cannot lock `{Self}` for a task",
    label = "not a reference to a task's `Lock` or `RLock`",
    note = "a lock of the other face is locked with others of that face: `lock.as_task()` is the same lock"
)]
pub trait Lockable: Copy {
    /// What it is locked with.
    type Guard;
    /// The future that waits for it.
    #[doc(hidden)]
    type Wait: Future<Output = Self::Guard>;

    #[doc(hidden)]
    fn address(self, _: Internal) -> usize;

    #[doc(hidden)]
    fn wait(self, _: Internal) -> Self::Wait;

    #[doc(hidden)]
    fn try_lock(self, _: Internal) -> Option<Self::Guard>;
}

impl<'a, T: ?Sized> Lockable for &'a Lock<T> {
    type Guard = LockGuard<'a, T>;
    type Wait = LockWait<'a, T>;

    fn address(self, _: Internal) -> usize {
        address(self)
    }

    fn wait(self, _: Internal) -> Self::Wait {
        self.lock()
    }

    fn try_lock(self, _: Internal) -> Option<Self::Guard> {
        Lock::try_lock(self)
    }
}

impl<'a, T: ?Sized + RLockData> Lockable for &'a RLock<T> {
    type Guard = RLockGuard<'a, T>;
    type Wait = RLockWait<'a, T>;

    fn address(self, _: Internal) -> usize {
        address(self)
    }

    fn wait(self, _: Internal) -> Self::Wait {
        self.lock()
    }

    fn try_lock(self, _: Internal) -> Option<Self::Guard> {
        RLock::try_lock(self)
    }
}

impl<'a, T: ?Sized> Lockable for &'a Arc<Lock<T>> {
    type Guard = LockGuard<'a, T>;
    type Wait = LockWait<'a, T>;

    fn address(self, _: Internal) -> usize {
        address::<Lock<T>>(self)
    }

    fn wait(self, _: Internal) -> Self::Wait {
        self.lock()
    }

    fn try_lock(self, _: Internal) -> Option<Self::Guard> {
        Lock::try_lock(self)
    }
}

impl<'a, T: ?Sized> Lockable for &'a &'a Lock<T> {
    type Guard = LockGuard<'a, T>;
    type Wait = LockWait<'a, T>;

    fn address(self, _: Internal) -> usize {
        address::<Lock<T>>(self)
    }

    fn wait(self, _: Internal) -> Self::Wait {
        self.lock()
    }

    fn try_lock(self, _: Internal) -> Option<Self::Guard> {
        Lock::try_lock(self)
    }
}

impl<'a, T: ?Sized + RLockData> Lockable for &'a Arc<RLock<T>> {
    type Guard = RLockGuard<'a, T>;
    type Wait = RLockWait<'a, T>;

    fn address(self, _: Internal) -> usize {
        address::<RLock<T>>(self)
    }

    fn wait(self, _: Internal) -> Self::Wait {
        self.lock()
    }

    fn try_lock(self, _: Internal) -> Option<Self::Guard> {
        RLock::try_lock(self)
    }
}

impl<'a, T: ?Sized + RLockData> Lockable for &'a &'a RLock<T> {
    type Guard = RLockGuard<'a, T>;
    type Wait = RLockWait<'a, T>;

    fn address(self, _: Internal) -> usize {
        address::<RLock<T>>(self)
    }

    fn wait(self, _: Internal) -> Self::Wait {
        self.lock()
    }

    fn try_lock(self, _: Internal) -> Option<Self::Guard> {
        RLock::try_lock(self)
    }
}
