//! How threads lock with guards that keep the lock alive.

use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use super::owned::{OwnedRwLockReadGuard, OwnedRwLockUpgradableReadGuard, OwnedRwLockWriteGuard};
use super::thread::RwLock;
use super::word::{READ, UPGRADABLE, WRITE};
use crate::error::TimedOut;
use crate::line::{Asker, Timeout};

impl<T: ?Sized> RwLock<T> {
    /// Like [`read`](Self::read), but returns a guard that owns a reference to the lock.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// let lock = Arc::new(syncline::thread::RwLock::new(1));
    /// let guard = lock.read_owned();
    /// drop(lock);
    /// assert_eq!(*guard, 1);
    /// ```
    #[track_caller]
    pub fn read_owned(self: &Arc<Self>) -> OwnedRwLockReadGuard<T> {
        self.shared.line.block(READ);
        OwnedRwLockReadGuard::granted(Arc::clone(self).into_task())
    }

    /// Like [`try_read`](Self::try_read), but returns a guard that owns a reference to the lock.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// let lock = Arc::new(syncline::thread::RwLock::new(1));
    /// let guard = lock.write_owned();
    /// assert!(lock.try_read_owned().is_none());
    /// # drop(guard);
    /// ```
    #[must_use = "a guard that is dropped at once unlocks again"]
    pub fn try_read_owned(self: &Arc<Self>) -> Option<OwnedRwLockReadGuard<T>> {
        (self.shared.line.try_take(READ, Asker::Thread))
            .then(|| OwnedRwLockReadGuard::granted(Arc::clone(self).into_task()))
    }

    /// Like [`read_timeout`](Self::read_timeout), but returns a guard that owns a reference to the lock.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`] if the lock was not granted in time.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use std::sync::Arc;
    ///
    /// let lock = Arc::new(syncline::thread::RwLock::new(1));
    /// let guard = lock.read_owned_timeout(Duration::from_secs(1))?;
    /// assert_eq!(*guard, 1);
    /// # drop(guard);
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    #[track_caller]
    pub fn read_owned_timeout(
        self: &Arc<Self>,
        timeout: Duration,
    ) -> Result<OwnedRwLockReadGuard<T>, TimedOut> {
        self.shared
            .line
            .block_until(READ, Timeout::After(timeout))?;
        Ok(OwnedRwLockReadGuard::granted(Arc::clone(self).into_task()))
    }

    /// Like [`read_deadline`](Self::read_deadline), but returns a guard that owns a reference to the lock.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`] if the lock was not granted in time.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::time::Instant;
    ///
    /// let lock = Arc::new(syncline::thread::RwLock::new(1));
    /// let guard = lock.write_owned();
    /// assert!(lock.read_owned_deadline(Instant::now()).is_err());
    /// # drop(guard);
    /// ```
    #[track_caller]
    pub fn read_owned_deadline(
        self: &Arc<Self>,
        deadline: Instant,
    ) -> Result<OwnedRwLockReadGuard<T>, TimedOut> {
        self.shared.line.block_until(READ, Timeout::At(deadline))?;
        Ok(OwnedRwLockReadGuard::granted(Arc::clone(self).into_task()))
    }

    /// Like [`write`](Self::write), but returns a guard that owns a reference to the lock.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// let lock = Arc::new(syncline::thread::RwLock::new(1));
    /// let mut guard = lock.write_owned();
    /// drop(lock);
    /// *guard += 1;
    /// ```
    #[track_caller]
    pub fn write_owned(self: &Arc<Self>) -> OwnedRwLockWriteGuard<T> {
        self.shared.line.block(WRITE);
        OwnedRwLockWriteGuard::granted(Arc::clone(self).into_task())
    }

    /// Like [`try_write`](Self::try_write), but returns a guard that owns a reference to the lock.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// let lock = Arc::new(syncline::thread::RwLock::new(1));
    /// let guard = lock.write_owned();
    /// assert!(lock.try_write_owned().is_none());
    /// # drop(guard);
    /// ```
    #[must_use = "a guard that is dropped at once unlocks again"]
    pub fn try_write_owned(self: &Arc<Self>) -> Option<OwnedRwLockWriteGuard<T>> {
        (self.shared.line.try_take(WRITE, Asker::Thread))
            .then(|| OwnedRwLockWriteGuard::granted(Arc::clone(self).into_task()))
    }

    /// Like [`write_timeout`](Self::write_timeout), but returns a guard that owns a reference to the lock.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`] if the lock was not granted in time.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use std::sync::Arc;
    ///
    /// let lock = Arc::new(syncline::thread::RwLock::new(1));
    /// let mut guard = lock.write_owned_timeout(Duration::from_secs(1))?;
    /// *guard += 1;
    /// # drop(guard);
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    #[track_caller]
    pub fn write_owned_timeout(
        self: &Arc<Self>,
        timeout: Duration,
    ) -> Result<OwnedRwLockWriteGuard<T>, TimedOut> {
        self.shared
            .line
            .block_until(WRITE, Timeout::After(timeout))?;
        Ok(OwnedRwLockWriteGuard::granted(Arc::clone(self).into_task()))
    }

    /// Like [`write_deadline`](Self::write_deadline), but returns a guard that owns a reference to the lock.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`] if the lock was not granted in time.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::time::Instant;
    ///
    /// let lock = Arc::new(syncline::thread::RwLock::new(1));
    /// let guard = lock.write_owned();
    /// assert!(lock.write_owned_deadline(Instant::now()).is_err());
    /// # drop(guard);
    /// ```
    #[track_caller]
    pub fn write_owned_deadline(
        self: &Arc<Self>,
        deadline: Instant,
    ) -> Result<OwnedRwLockWriteGuard<T>, TimedOut> {
        self.shared.line.block_until(WRITE, Timeout::At(deadline))?;
        Ok(OwnedRwLockWriteGuard::granted(Arc::clone(self).into_task()))
    }

    /// Like [`upgradable_read`](Self::upgradable_read), but returns a guard that owns a reference to the lock.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// let lock = Arc::new(syncline::thread::RwLock::new(1));
    /// let guard = lock.upgradable_read_owned();
    /// drop(lock);
    /// assert_eq!(*guard, 1);
    /// ```
    #[track_caller]
    pub fn upgradable_read_owned(self: &Arc<Self>) -> OwnedRwLockUpgradableReadGuard<T> {
        self.shared.line.block(UPGRADABLE);
        OwnedRwLockUpgradableReadGuard::granted(Arc::clone(self).into_task())
    }

    /// Like [`try_upgradable_read`](Self::try_upgradable_read), but returns a guard that owns a reference to the
    /// lock.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// let lock = Arc::new(syncline::thread::RwLock::new(1));
    /// let guard = lock.write_owned();
    /// assert!(lock.try_upgradable_read_owned().is_none());
    /// # drop(guard);
    /// ```
    #[must_use = "a guard that is dropped at once unlocks again"]
    pub fn try_upgradable_read_owned(
        self: &Arc<Self>,
    ) -> Option<OwnedRwLockUpgradableReadGuard<T>> {
        (self.shared.line.try_take(UPGRADABLE, Asker::Thread))
            .then(|| OwnedRwLockUpgradableReadGuard::granted(Arc::clone(self).into_task()))
    }

    /// Like [`upgradable_read_timeout`](Self::upgradable_read_timeout), but returns a guard that owns a reference to
    /// the lock.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`] if the lock was not granted in time.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use std::sync::Arc;
    ///
    /// let lock = Arc::new(syncline::thread::RwLock::new(1));
    /// let guard = lock.upgradable_read_owned_timeout(Duration::from_secs(1))?;
    /// assert_eq!(*guard, 1);
    /// # drop(guard);
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    #[track_caller]
    pub fn upgradable_read_owned_timeout(
        self: &Arc<Self>,
        timeout: Duration,
    ) -> Result<OwnedRwLockUpgradableReadGuard<T>, TimedOut> {
        self.shared
            .line
            .block_until(UPGRADABLE, Timeout::After(timeout))?;
        Ok(OwnedRwLockUpgradableReadGuard::granted(
            Arc::clone(self).into_task(),
        ))
    }

    /// Like [`upgradable_read_deadline`](Self::upgradable_read_deadline), but returns a guard that owns a reference
    /// to the lock.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`] if the lock was not granted in time.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::time::Instant;
    ///
    /// let lock = Arc::new(syncline::thread::RwLock::new(1));
    /// let guard = lock.write_owned();
    /// assert!(lock.upgradable_read_owned_deadline(Instant::now()).is_err());
    /// # drop(guard);
    /// ```
    #[track_caller]
    pub fn upgradable_read_owned_deadline(
        self: &Arc<Self>,
        deadline: Instant,
    ) -> Result<OwnedRwLockUpgradableReadGuard<T>, TimedOut> {
        self.shared
            .line
            .block_until(UPGRADABLE, Timeout::At(deadline))?;
        Ok(OwnedRwLockUpgradableReadGuard::granted(
            Arc::clone(self).into_task(),
        ))
    }

    /// Upgrades an owned guard, blocking until nobody else reads.
    ///
    /// See [`RwLockUpgradableReadGuard::upgrade`](super::thread_upgradable::RwLockUpgradableReadGuard::upgrade).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use syncline::thread::RwLock;
    ///
    /// let lock = Arc::new(RwLock::new(1));
    /// let guard = lock.upgradable_read_owned();
    /// *RwLock::upgrade_owned(guard) += 1;
    /// assert_eq!(*lock.read(), 2);
    /// ```
    #[track_caller]
    pub fn upgrade_owned(guard: OwnedRwLockUpgradableReadGuard<T>) -> OwnedRwLockWriteGuard<T> {
        OwnedRwLockWriteGuard::of(guard.held.upgrade())
    }

    /// Upgrades an owned guard, blocking for at most `timeout`; zero tries once.
    ///
    /// # Errors
    ///
    /// Returns the guard if other readers were left by then. The guard held the lock throughout.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use std::sync::Arc;
    /// use syncline::thread::RwLock;
    ///
    /// let lock = Arc::new(RwLock::new(1));
    /// let reader = lock.read();
    /// let guard = lock.upgradable_read_owned();
    /// let guard = RwLock::upgrade_owned_timeout(guard, Duration::ZERO).unwrap_err();
    /// assert_eq!(*guard, 1);
    /// # drop(reader);
    /// ```
    #[track_caller]
    pub fn upgrade_owned_timeout(
        guard: OwnedRwLockUpgradableReadGuard<T>,
        timeout: Duration,
    ) -> Result<OwnedRwLockWriteGuard<T>, OwnedRwLockUpgradableReadGuard<T>> {
        (guard.held.upgrade_until(Timeout::After(timeout)))
            .map(OwnedRwLockWriteGuard::of)
            .map_err(OwnedRwLockUpgradableReadGuard::of)
    }

    /// Upgrades an owned guard, blocking until `deadline` at the latest.
    ///
    /// # Errors
    ///
    /// Returns the guard if other readers were left by then. The guard held the lock throughout.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::time::Instant;
    /// use syncline::thread::RwLock;
    ///
    /// let lock = Arc::new(RwLock::new(1));
    /// let guard = lock.upgradable_read_owned();
    /// let mut guard = RwLock::upgrade_owned_deadline(guard, Instant::now()).expect("nobody reads");
    /// *guard += 1;
    /// ```
    #[track_caller]
    pub fn upgrade_owned_deadline(
        guard: OwnedRwLockUpgradableReadGuard<T>,
        deadline: Instant,
    ) -> Result<OwnedRwLockWriteGuard<T>, OwnedRwLockUpgradableReadGuard<T>> {
        (guard.held.upgrade_until(Timeout::At(deadline)))
            .map(OwnedRwLockWriteGuard::of)
            .map_err(OwnedRwLockUpgradableReadGuard::of)
    }
}
