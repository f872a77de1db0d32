//! How tasks lock with a guard that keeps its lock alive.

use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use super::data::RLockData;
use super::future::{RLockOwned, RLockOwnedTimed};
use super::held::{ByTask, Held, unless_full};
use super::task::RLock;
use super::task_guard::OwnedRLockGuard;
use crate::identity::task;
use crate::line::{Asker, Timeout, Wait};
use crate::timer::Timed;

impl<T: ?Sized> RLock<T> {
    /// Like [`lock`](Self::lock), including its panics, but returns a guard that owns a reference to the lock.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// let lock = Arc::new(syncline::task::RLock::new(0));
    /// let guard = syncline::task::block_on(lock.lock_owned());
    /// drop(lock);
    /// assert_eq!(*guard, 0);
    /// ```
    pub fn lock_owned(self: &Arc<Self>) -> RLockOwned<T>
    where
        T: RLockData,
    {
        RLockOwned::new(self.wait_owned())
    }

    /// Like [`try_lock`](Self::try_lock), but returns a guard that owns a reference to the lock.
    ///
    /// # Panics
    ///
    /// The same as for [`try_lock`](Self::try_lock).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// let lock = Arc::new(syncline::task::RLock::new(0));
    /// syncline::task::block_on(async {
    ///     let guard = lock.try_lock_owned().expect("nobody else has it");
    ///     assert!(lock.try_lock_owned().is_some());
    /// #   drop(guard);
    /// });
    /// ```
    #[must_use = "a guard that is dropped at once unlocks again"]
    #[track_caller]
    pub fn try_lock_owned(self: &Arc<Self>) -> Option<OwnedRLockGuard<T>>
    where
        T: RLockData,
    {
        let me = task::current()?.into();
        let attempt = Held::<_, ByTask>::attempt(Arc::clone(self), me);
        unless_full(attempt).map(OwnedRLockGuard::new)
    }

    /// Like [`lock_timeout`](Self::lock_timeout), but returns a guard that owns a reference to the lock.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`](crate::TimedOut) if the lock was not granted in time.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use std::sync::Arc;
    ///
    /// let lock = Arc::new(syncline::task::RLock::new(0));
    /// let guard = syncline::task::block_on(lock.lock_owned_timeout(Duration::from_secs(1)))?;
    /// # drop(guard);
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    pub fn lock_owned_timeout(self: &Arc<Self>, timeout: Duration) -> RLockOwnedTimed<T>
    where
        T: RLockData,
    {
        RLockOwnedTimed::new(Timed::new(self.wait_owned(), Timeout::After(timeout)))
    }

    /// Like [`lock_deadline`](Self::lock_deadline), but returns a guard that owns a reference to the lock.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`](crate::TimedOut) if the lock was not granted in time.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::time::Instant;
    ///
    /// let lock = Arc::new(syncline::task::RLock::new(0));
    /// let guard = syncline::task::block_on(lock.lock_owned_deadline(Instant::now()))?;
    /// # drop(guard);
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    pub fn lock_owned_deadline(self: &Arc<Self>, deadline: Instant) -> RLockOwnedTimed<T>
    where
        T: RLockData,
    {
        RLockOwnedTimed::new(Timed::new(self.wait_owned(), Timeout::At(deadline)))
    }

    fn wait_owned(self: &Arc<Self>) -> Wait<Arc<Self>> {
        Wait::new(Arc::clone(self), Asker::Task, 1)
    }
}
