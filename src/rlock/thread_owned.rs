//! How threads lock an `RLock` whose guards own their share of it.

use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use super::held::{ByThread, Held, unless_full};
use super::thread::RLock;
use super::thread_guard::OwnedRLockGuard;
use crate::error::TimedOut;
use crate::identity::owner;
use crate::line::Timeout;

impl<T: ?Sized> RLock<T> {
    /// Like [`lock`](Self::lock), but returns a guard that owns a reference to the lock.
    ///
    /// # Panics
    ///
    /// The same as for [`lock`](Self::lock).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// let lock = Arc::new(syncline::thread::RLock::new(0));
    /// let guard = lock.lock_owned();
    /// drop(lock);
    /// assert_eq!(*guard, 0);
    /// ```
    #[track_caller]
    pub fn lock_owned(self: &Arc<Self>) -> OwnedRLockGuard<T> {
        OwnedRLockGuard::new(Held::lock(Arc::clone(self), owner::owner()))
    }

    /// Like [`try_lock`](Self::try_lock), but returns a guard that owns a reference to the lock.
    ///
    /// # Panics
    ///
    /// The same as for [`lock`](Self::lock).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// let lock = Arc::new(syncline::thread::RLock::new(0));
    /// let guard = lock.try_lock_owned().expect("nobody else has it");
    /// assert!(lock.try_lock_owned().is_some());
    /// # drop(guard);
    /// ```
    #[must_use = "a guard that is dropped at once unlocks again"]
    #[track_caller]
    pub fn try_lock_owned(self: &Arc<Self>) -> Option<OwnedRLockGuard<T>> {
        let attempt = Held::<_, ByThread>::attempt(Arc::clone(self), owner::owner());
        unless_full(attempt).map(OwnedRLockGuard::new)
    }

    /// Like [`lock_timeout`](Self::lock_timeout), but returns a guard that owns a reference to the lock.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`] if the lock was not granted in time.
    ///
    /// # Panics
    ///
    /// The same as for [`lock`](Self::lock).
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use std::sync::Arc;
    ///
    /// let lock = Arc::new(syncline::thread::RLock::new(0));
    /// let guard = lock.lock_owned_timeout(Duration::from_secs(1))?;
    /// # drop(guard);
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    #[track_caller]
    pub fn lock_owned_timeout(
        self: &Arc<Self>,
        timeout: Duration,
    ) -> Result<OwnedRLockGuard<T>, TimedOut> {
        self.lock_owned_until(Timeout::After(timeout))
    }

    /// Like [`lock_deadline`](Self::lock_deadline), but returns a guard that owns a reference to the lock.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`] if the lock was not granted in time.
    ///
    /// # Panics
    ///
    /// The same as for [`lock`](Self::lock).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::time::Instant;
    ///
    /// let lock = Arc::new(syncline::thread::RLock::new(0));
    /// let guard = lock.lock_owned_deadline(Instant::now())?;
    /// # drop(guard);
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    #[track_caller]
    pub fn lock_owned_deadline(
        self: &Arc<Self>,
        deadline: Instant,
    ) -> Result<OwnedRLockGuard<T>, TimedOut> {
        self.lock_owned_until(Timeout::At(deadline))
    }

    #[track_caller]
    fn lock_owned_until(
        self: &Arc<Self>,
        timeout: Timeout,
    ) -> Result<OwnedRLockGuard<T>, TimedOut> {
        let place = Arc::clone(self);
        Held::lock_until(place, owner::owner(), timeout).map(OwnedRLockGuard::new)
    }
}
