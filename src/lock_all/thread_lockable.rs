//! What `lock_all` can lock for a thread.

use std::sync::Arc;

use super::order::address;
use crate::error::TimedOut;
use crate::line::{Internal, Timeout};
use crate::lock::thread::Lock;
use crate::lock::thread_guard::LockGuard;
use crate::rlock::thread::RLock;
use crate::rlock::thread_guard::RLockGuard;

/// A reference to a lock that [`lock_all`](super::thread::lock_all) can take: to a [`Lock`] or an [`RLock`], or to an `Arc` of one.
#[diagnostic::on_unimplemented(
    message = "`lock_all` cannot lock `{Self}` for a thread",
    label = "not a reference to a thread's `Lock` or `RLock`",
    note = "a lock of the other face is locked with others of that face: `lock.as_thread()` is the same lock"
)]
pub trait Lockable: Copy {
    /// What it is locked with.
    type Guard;

    #[doc(hidden)]
    fn address(self, _: Internal) -> usize;

    #[doc(hidden)]
    #[track_caller]
    fn lock_until(self, timeout: Timeout, _: Internal) -> Result<Self::Guard, TimedOut>;
}

impl<'a, T: ?Sized> Lockable for &'a Lock<T> {
    type Guard = LockGuard<'a, T>;

    fn address(self, _: Internal) -> usize {
        address(self)
    }

    #[track_caller]
    fn lock_until(self, timeout: Timeout, _: Internal) -> Result<Self::Guard, TimedOut> {
        Lock::lock_until(self, timeout)
    }
}

impl<'a, T: ?Sized> Lockable for &'a RLock<T> {
    type Guard = RLockGuard<'a, T>;

    fn address(self, _: Internal) -> usize {
        address(self)
    }

    #[track_caller]
    fn lock_until(self, timeout: Timeout, _: Internal) -> Result<Self::Guard, TimedOut> {
        RLock::lock_until(self, timeout)
    }
}

impl<'a, T: ?Sized> Lockable for &'a Arc<Lock<T>> {
    type Guard = LockGuard<'a, T>;

    fn address(self, _: Internal) -> usize {
        address::<Lock<T>>(self)
    }

    #[track_caller]
    fn lock_until(self, timeout: Timeout, _: Internal) -> Result<Self::Guard, TimedOut> {
        Lock::lock_until(self, timeout)
    }
}

impl<'a, T: ?Sized> Lockable for &'a &'a Lock<T> {
    type Guard = LockGuard<'a, T>;

    fn address(self, _: Internal) -> usize {
        address::<Lock<T>>(self)
    }

    #[track_caller]
    fn lock_until(self, timeout: Timeout, _: Internal) -> Result<Self::Guard, TimedOut> {
        Lock::lock_until(self, timeout)
    }
}

impl<'a, T: ?Sized> Lockable for &'a Arc<RLock<T>> {
    type Guard = RLockGuard<'a, T>;

    fn address(self, _: Internal) -> usize {
        address::<RLock<T>>(self)
    }

    #[track_caller]
    fn lock_until(self, timeout: Timeout, _: Internal) -> Result<Self::Guard, TimedOut> {
        RLock::lock_until(self, timeout)
    }
}

impl<'a, T: ?Sized> Lockable for &'a &'a RLock<T> {
    type Guard = RLockGuard<'a, T>;

    fn address(self, _: Internal) -> usize {
        address::<RLock<T>>(self)
    }

    #[track_caller]
    fn lock_until(self, timeout: Timeout, _: Internal) -> Result<Self::Guard, TimedOut> {
        RLock::lock_until(self, timeout)
    }
}
