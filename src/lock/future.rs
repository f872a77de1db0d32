//! The futures of `Lock`, by name.

use std::sync::Arc;

use super::owned::OwnedLockGuard;
use super::shared::Shared;
use super::task::Lock;
use super::task_guard::LockGuard;
use crate::error::TimedOut;
use crate::line::{Wait, waits};
use crate::timer::Timed;

waits! {
    /// Waits for a [`Lock`]. Returned by [`Lock::lock`].
    LockWait ['a, T: ?Sized] ['a, T] (Wait<&'a Shared<T>>) -> LockGuard<'a, T>,
    |lock| LockGuard::granted(lock)
}

waits! {
    /// Waits for a [`Lock`] until a deadline. Returned by [`Lock::lock_timeout`] and [`Lock::lock_deadline`].
    LockTimed ['a, T: ?Sized] ['a, T] (Timed<&'a Shared<T>>) -> Result<LockGuard<'a, T>, TimedOut>,
    |lock| lock.map(LockGuard::granted)
}

waits! {
    /// Waits for a [`Lock`] in an [`Arc`]. Returned by [`Lock::lock_owned`].
    LockOwned [T: ?Sized] [T] (Wait<Arc<Lock<T>>>) -> OwnedLockGuard<T>,
    |lock| lock.granted_owned()
}

waits! {
    /// Waits for a [`Lock`] in an [`Arc`] until a deadline. Returned by [`Lock::lock_owned_timeout`] and
    /// [`Lock::lock_owned_deadline`].
    LockOwnedTimed [T: ?Sized] [T] (Timed<Arc<Lock<T>>>) -> Result<OwnedLockGuard<T>, TimedOut>,
    |lock| lock.map(Lock::granted_owned)
}
