//! How tasks lock with guards that keep the lock alive.

use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use super::future_owned::{
    OwnedRwLockRead, OwnedRwLockReadTimed, OwnedRwLockUpgradableRead,
    OwnedRwLockUpgradableReadTimed, OwnedRwLockUpgrade, OwnedRwLockUpgradeTimed, OwnedRwLockWrite,
    OwnedRwLockWriteTimed,
};
use super::owned::{OwnedRwLockReadGuard, OwnedRwLockUpgradableReadGuard, OwnedRwLockWriteGuard};
use super::task::RwLock;
use super::upgrade::{Upgrade, UpgradeTimed};
use super::word::{READ, UPGRADABLE, WRITE};
use crate::line::{Asker, Timeout, Wait};
use crate::timer::Timed;

impl<T: ?Sized> RwLock<T> {
    /// Like [`read`](Self::read), but returns a guard that owns a reference to the lock.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// let lock = Arc::new(syncline::task::RwLock::new(1));
    /// let guard = syncline::task::block_on(lock.read_owned());
    /// drop(lock);
    /// assert_eq!(*guard, 1);
    /// ```
    pub fn read_owned(self: &Arc<Self>) -> OwnedRwLockRead<T> {
        OwnedRwLockRead::new(self.wait_owned(READ))
    }

    /// Like [`try_read`](Self::try_read), but returns a guard that owns a reference to the lock.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// let lock = Arc::new(syncline::task::RwLock::new(1));
    /// let guard = lock.try_write_owned().expect("nobody else has it");
    /// assert!(lock.try_read_owned().is_none());
    /// # drop(guard);
    /// ```
    #[must_use = "a guard that is dropped at once unlocks again"]
    pub fn try_read_owned(self: &Arc<Self>) -> Option<OwnedRwLockReadGuard<T>> {
        (self.shared.line.try_take(READ, Asker::Task))
            .then(|| OwnedRwLockReadGuard::granted(Arc::clone(self)))
    }

    /// Like [`read_timeout`](Self::read_timeout), but returns a guard that owns a reference to the lock.
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
    /// let lock = Arc::new(syncline::task::RwLock::new(1));
    /// let guard = syncline::task::block_on(lock.read_owned_timeout(Duration::from_secs(1)))?;
    /// assert_eq!(*guard, 1);
    /// # drop(guard);
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    pub fn read_owned_timeout(self: &Arc<Self>, timeout: Duration) -> OwnedRwLockReadTimed<T> {
        OwnedRwLockReadTimed::new(Timed::new(self.wait_owned(READ), Timeout::After(timeout)))
    }

    /// Like [`read_deadline`](Self::read_deadline), but returns a guard that owns a reference to the lock.
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
    /// let lock = Arc::new(syncline::task::RwLock::new(1));
    /// syncline::task::block_on(async {
    ///     let guard = lock.write_owned().await;
    ///     assert!(lock.read_owned_deadline(Instant::now()).await.is_err());
    /// #   drop(guard);
    /// });
    /// ```
    pub fn read_owned_deadline(self: &Arc<Self>, deadline: Instant) -> OwnedRwLockReadTimed<T> {
        OwnedRwLockReadTimed::new(Timed::new(self.wait_owned(READ), Timeout::At(deadline)))
    }

    /// Like [`write`](Self::write), but returns a guard that owns a reference to the lock.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// let lock = Arc::new(syncline::task::RwLock::new(1));
    /// let mut guard = syncline::task::block_on(lock.write_owned());
    /// drop(lock);
    /// *guard += 1;
    /// ```
    pub fn write_owned(self: &Arc<Self>) -> OwnedRwLockWrite<T> {
        OwnedRwLockWrite::new(self.wait_owned(WRITE))
    }

    /// Like [`try_write`](Self::try_write), but returns a guard that owns a reference to the lock.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// let lock = Arc::new(syncline::task::RwLock::new(1));
    /// let guard = lock.try_write_owned().expect("nobody else has it");
    /// assert!(lock.try_write_owned().is_none());
    /// # drop(guard);
    /// ```
    #[must_use = "a guard that is dropped at once unlocks again"]
    pub fn try_write_owned(self: &Arc<Self>) -> Option<OwnedRwLockWriteGuard<T>> {
        (self.shared.line.try_take(WRITE, Asker::Task))
            .then(|| OwnedRwLockWriteGuard::granted(Arc::clone(self)))
    }

    /// Like [`write_timeout`](Self::write_timeout), but returns a guard that owns a reference to the lock.
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
    /// let lock = Arc::new(syncline::task::RwLock::new(1));
    /// let mut guard = syncline::task::block_on(lock.write_owned_timeout(Duration::from_secs(1)))?;
    /// *guard += 1;
    /// # drop(guard);
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    pub fn write_owned_timeout(self: &Arc<Self>, timeout: Duration) -> OwnedRwLockWriteTimed<T> {
        OwnedRwLockWriteTimed::new(Timed::new(self.wait_owned(WRITE), Timeout::After(timeout)))
    }

    /// Like [`write_deadline`](Self::write_deadline), but returns a guard that owns a reference to the lock.
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
    /// let lock = Arc::new(syncline::task::RwLock::new(1));
    /// syncline::task::block_on(async {
    ///     let guard = lock.write_owned().await;
    ///     assert!(lock.write_owned_deadline(Instant::now()).await.is_err());
    /// #   drop(guard);
    /// });
    /// ```
    pub fn write_owned_deadline(self: &Arc<Self>, deadline: Instant) -> OwnedRwLockWriteTimed<T> {
        OwnedRwLockWriteTimed::new(Timed::new(self.wait_owned(WRITE), Timeout::At(deadline)))
    }

    /// Like [`upgradable_read`](Self::upgradable_read), but returns a guard that owns a reference to the lock.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// let lock = Arc::new(syncline::task::RwLock::new(1));
    /// let guard = syncline::task::block_on(lock.upgradable_read_owned());
    /// drop(lock);
    /// assert_eq!(*guard, 1);
    /// ```
    pub fn upgradable_read_owned(self: &Arc<Self>) -> OwnedRwLockUpgradableRead<T> {
        OwnedRwLockUpgradableRead::new(self.wait_owned(UPGRADABLE))
    }

    /// Like [`try_upgradable_read`](Self::try_upgradable_read), but returns a guard that owns a reference to the
    /// lock.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// let lock = Arc::new(syncline::task::RwLock::new(1));
    /// let guard = lock.try_write_owned().expect("nobody else has it");
    /// assert!(lock.try_upgradable_read_owned().is_none());
    /// # drop(guard);
    /// ```
    #[must_use = "a guard that is dropped at once unlocks again"]
    pub fn try_upgradable_read_owned(
        self: &Arc<Self>,
    ) -> Option<OwnedRwLockUpgradableReadGuard<T>> {
        (self.shared.line.try_take(UPGRADABLE, Asker::Task))
            .then(|| OwnedRwLockUpgradableReadGuard::granted(Arc::clone(self)))
    }

    /// Like [`upgradable_read_timeout`](Self::upgradable_read_timeout), but returns a guard that owns a reference to
    /// the lock.
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
    /// let lock = Arc::new(syncline::task::RwLock::new(1));
    /// let guard = syncline::task::block_on(lock.upgradable_read_owned_timeout(Duration::from_secs(1)))?;
    /// assert_eq!(*guard, 1);
    /// # drop(guard);
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    pub fn upgradable_read_owned_timeout(
        self: &Arc<Self>,
        timeout: Duration,
    ) -> OwnedRwLockUpgradableReadTimed<T> {
        OwnedRwLockUpgradableReadTimed::new(Timed::new(
            self.wait_owned(UPGRADABLE),
            Timeout::After(timeout),
        ))
    }

    /// Like [`upgradable_read_deadline`](Self::upgradable_read_deadline), but returns a guard that owns a reference
    /// to the lock.
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
    /// let lock = Arc::new(syncline::task::RwLock::new(1));
    /// syncline::task::block_on(async {
    ///     let guard = lock.write_owned().await;
    ///     assert!(lock.upgradable_read_owned_deadline(Instant::now()).await.is_err());
    /// #   drop(guard);
    /// });
    /// ```
    pub fn upgradable_read_owned_deadline(
        self: &Arc<Self>,
        deadline: Instant,
    ) -> OwnedRwLockUpgradableReadTimed<T> {
        OwnedRwLockUpgradableReadTimed::new(Timed::new(
            self.wait_owned(UPGRADABLE),
            Timeout::At(deadline),
        ))
    }

    /// Upgrades an owned guard: waits until nobody else reads.
    ///
    /// See [`RwLockUpgradableReadGuard::upgrade`](super::task_upgradable::RwLockUpgradableReadGuard::upgrade).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the guard, and unlocks.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use syncline::task::{RwLock, block_on};
    ///
    /// let lock = Arc::new(RwLock::new(1));
    /// block_on(async {
    ///     let guard = lock.upgradable_read_owned().await;
    ///     *RwLock::upgrade_owned(guard).await += 1;
    ///     assert_eq!(*lock.read().await, 2);
    /// });
    /// ```
    pub fn upgrade_owned(guard: OwnedRwLockUpgradableReadGuard<T>) -> OwnedRwLockUpgrade<T> {
        OwnedRwLockUpgrade::new(Upgrade::new(guard.held))
    }

    /// Upgrades an owned guard, waiting for at most `timeout`, counted from the first poll; zero tries once.
    ///
    /// # Errors
    ///
    /// Returns the guard if other readers were left by then. The guard held the lock throughout.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the guard, and unlocks.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use std::sync::Arc;
    /// use syncline::task::{RwLock, block_on};
    ///
    /// let lock = Arc::new(RwLock::new(1));
    /// block_on(async {
    ///     let reader = lock.read().await;
    ///     let guard = lock.upgradable_read_owned().await;
    ///     let guard = RwLock::upgrade_owned_timeout(guard, Duration::ZERO).await.unwrap_err();
    ///     assert_eq!(*guard, 1);
    /// #   drop(reader);
    /// });
    /// ```
    pub fn upgrade_owned_timeout(
        guard: OwnedRwLockUpgradableReadGuard<T>,
        timeout: Duration,
    ) -> OwnedRwLockUpgradeTimed<T> {
        OwnedRwLockUpgradeTimed::new(UpgradeTimed::new(guard.held, Timeout::After(timeout)))
    }

    /// Upgrades an owned guard, waiting until `deadline` at the latest.
    ///
    /// # Errors
    ///
    /// Returns the guard if other readers were left by then. The guard held the lock throughout.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the guard, and unlocks.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::time::Instant;
    /// use syncline::task::{RwLock, block_on};
    ///
    /// let lock = Arc::new(RwLock::new(1));
    /// let guard = lock.try_upgradable_read_owned().expect("nobody else has it");
    /// let upgrade = RwLock::upgrade_owned_deadline(guard, Instant::now());
    /// *block_on(upgrade).expect("nobody reads") += 1;
    /// ```
    pub fn upgrade_owned_deadline(
        guard: OwnedRwLockUpgradableReadGuard<T>,
        deadline: Instant,
    ) -> OwnedRwLockUpgradeTimed<T> {
        OwnedRwLockUpgradeTimed::new(UpgradeTimed::new(guard.held, Timeout::At(deadline)))
    }

    fn wait_owned(self: &Arc<Self>, permits: usize) -> Wait<Arc<Self>> {
        Wait::new(Arc::clone(self), Asker::Task, permits)
    }
}
