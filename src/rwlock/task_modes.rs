//! How tasks lock: for reading, for writing, and for reading with the option to upgrade.

use core::time::Duration;
use std::time::Instant;

use super::future::{
    RwLockRead, RwLockReadTimed, RwLockUpgradableRead, RwLockUpgradableReadTimed, RwLockWrite,
    RwLockWriteTimed,
};
use super::shared::Shared;
use super::task::RwLock;
use super::task_guard::{RwLockReadGuard, RwLockWriteGuard};
use super::task_upgradable::RwLockUpgradableReadGuard;
use super::word::{READ, UPGRADABLE, WRITE};
use crate::line::{Asker, Timeout, Wait};
use crate::timer::Timed;

impl<T: ?Sized> RwLock<T> {
    /// Waits for the lock for reading.
    ///
    /// Any number of readers can hold the lock at the same time.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses only the place in line.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::task::RwLock::new(1);
    /// syncline::task::block_on(async {
    ///     let guard = lock.read().await;
    ///     assert_eq!(*guard, 1);
    /// });
    /// ```
    pub fn read(&self) -> RwLockRead<'_, T> {
        RwLockRead::new(self.wait(READ))
    }

    /// Locks for reading if that needs no waiting and nobody waits.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::task::RwLock::new(1);
    /// let guard = lock.try_write().expect("nobody else has it");
    /// assert!(lock.try_read().is_none());
    /// # drop(guard);
    /// ```
    #[must_use = "a guard that is dropped at once unlocks again"]
    #[inline]
    pub fn try_read(&self) -> Option<RwLockReadGuard<'_, T>> {
        (self.shared.line.try_take(READ, Asker::Task))
            .then(|| RwLockReadGuard::granted(&self.shared))
    }

    /// Waits for the lock for reading for at most `timeout`, counted from the first poll; zero tries once.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`](crate::TimedOut) if the lock was not granted in time.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses only the place in line.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    ///
    /// let lock = syncline::task::RwLock::new(1);
    /// syncline::task::block_on(async {
    ///     let guard = lock.read_timeout(Duration::from_secs(1)).await?;
    ///     assert_eq!(*guard, 1);
    ///     Ok::<(), syncline::TimedOut>(())
    /// })?;
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    pub fn read_timeout(&self, timeout: Duration) -> RwLockReadTimed<'_, T> {
        RwLockReadTimed::new(Timed::new(self.wait(READ), Timeout::After(timeout)))
    }

    /// Waits for the lock for reading until `deadline` at the latest.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`](crate::TimedOut) if the lock was not granted in time.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses only the place in line.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Instant;
    ///
    /// let lock = syncline::task::RwLock::new(1);
    /// syncline::task::block_on(async {
    ///     let guard = lock.write().await;
    ///     assert!(lock.read_deadline(Instant::now()).await.is_err());
    /// #   drop(guard);
    /// });
    /// ```
    pub fn read_deadline(&self, deadline: Instant) -> RwLockReadTimed<'_, T> {
        RwLockReadTimed::new(Timed::new(self.wait(READ), Timeout::At(deadline)))
    }

    /// Waits for the lock for writing.
    ///
    /// A writer has exclusive access.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses only the place in line.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::task::RwLock::new(1);
    /// syncline::task::block_on(async {
    ///     let mut guard = lock.write().await;
    ///     *guard += 1;
    /// });
    /// ```
    pub fn write(&self) -> RwLockWrite<'_, T> {
        RwLockWrite::new(self.wait(WRITE))
    }

    /// Locks for writing if that needs no waiting and nobody waits.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::task::RwLock::new(1);
    /// let guard = lock.try_write().expect("nobody else has it");
    /// assert!(lock.try_write().is_none());
    /// # drop(guard);
    /// ```
    #[must_use = "a guard that is dropped at once unlocks again"]
    #[inline]
    pub fn try_write(&self) -> Option<RwLockWriteGuard<'_, T>> {
        (self.shared.line.try_take(WRITE, Asker::Task))
            .then(|| RwLockWriteGuard::granted(&self.shared))
    }

    /// Waits for the lock for writing for at most `timeout`, counted from the first poll; zero tries once.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`](crate::TimedOut) if the lock was not granted in time.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses only the place in line.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    ///
    /// let lock = syncline::task::RwLock::new(1);
    /// syncline::task::block_on(async {
    ///     let mut guard = lock.write_timeout(Duration::from_secs(1)).await?;
    ///     *guard += 1;
    ///     Ok::<(), syncline::TimedOut>(())
    /// })?;
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    pub fn write_timeout(&self, timeout: Duration) -> RwLockWriteTimed<'_, T> {
        RwLockWriteTimed::new(Timed::new(self.wait(WRITE), Timeout::After(timeout)))
    }

    /// Waits for the lock for writing until `deadline` at the latest.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`](crate::TimedOut) if the lock was not granted in time.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses only the place in line.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Instant;
    ///
    /// let lock = syncline::task::RwLock::new(1);
    /// syncline::task::block_on(async {
    ///     let guard = lock.write().await;
    ///     assert!(lock.write_deadline(Instant::now()).await.is_err());
    /// #   drop(guard);
    /// });
    /// ```
    pub fn write_deadline(&self, deadline: Instant) -> RwLockWriteTimed<'_, T> {
        RwLockWriteTimed::new(Timed::new(self.wait(WRITE), Timeout::At(deadline)))
    }

    /// Waits for the lock for reading with the option to upgrade.
    ///
    /// It shares the lock with any number of readers, but neither with a writer nor with another upgradable reader.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses only the place in line.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::task::RwLock::new(1);
    /// syncline::task::block_on(async {
    ///     let guard = lock.upgradable_read().await;
    ///     assert_eq!(*guard, 1);
    /// });
    /// ```
    pub fn upgradable_read(&self) -> RwLockUpgradableRead<'_, T> {
        RwLockUpgradableRead::new(self.wait(UPGRADABLE))
    }

    /// Locks for reading with the option to upgrade if that needs no waiting and nobody waits.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::task::RwLock::new(1);
    /// let guard = lock.try_write().expect("nobody else has it");
    /// assert!(lock.try_upgradable_read().is_none());
    /// # drop(guard);
    /// ```
    #[must_use = "a guard that is dropped at once unlocks again"]
    #[inline]
    pub fn try_upgradable_read(&self) -> Option<RwLockUpgradableReadGuard<'_, T>> {
        (self.shared.line.try_take(UPGRADABLE, Asker::Task))
            .then(|| RwLockUpgradableReadGuard::granted(&self.shared))
    }

    /// Waits for the lock for reading with the option to upgrade for at most `timeout`, counted from the first poll;
    /// zero tries once.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`](crate::TimedOut) if the lock was not granted in time.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses only the place in line.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    ///
    /// let lock = syncline::task::RwLock::new(1);
    /// syncline::task::block_on(async {
    ///     let guard = lock.upgradable_read_timeout(Duration::from_secs(1)).await?;
    ///     assert_eq!(*guard, 1);
    ///     Ok::<(), syncline::TimedOut>(())
    /// })?;
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    pub fn upgradable_read_timeout(&self, timeout: Duration) -> RwLockUpgradableReadTimed<'_, T> {
        RwLockUpgradableReadTimed::new(Timed::new(self.wait(UPGRADABLE), Timeout::After(timeout)))
    }

    /// Waits for the lock for reading with the option to upgrade until `deadline` at the latest.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`](crate::TimedOut) if the lock was not granted in time.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses only the place in line.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Instant;
    ///
    /// let lock = syncline::task::RwLock::new(1);
    /// syncline::task::block_on(async {
    ///     let guard = lock.write().await;
    ///     assert!(lock.upgradable_read_deadline(Instant::now()).await.is_err());
    /// #   drop(guard);
    /// });
    /// ```
    pub fn upgradable_read_deadline(&self, deadline: Instant) -> RwLockUpgradableReadTimed<'_, T> {
        RwLockUpgradableReadTimed::new(Timed::new(self.wait(UPGRADABLE), Timeout::At(deadline)))
    }

    fn wait(&self, permits: usize) -> Wait<&Shared<T>> {
        Wait::new(&self.shared, Asker::Task, permits)
    }
}
