//! How threads lock: for reading, for writing, and for reading with the option to upgrade.

use core::time::Duration;
use std::time::Instant;

use super::thread::RwLock;
use super::thread_guard::{RwLockReadGuard, RwLockWriteGuard};
use super::thread_upgradable::RwLockUpgradableReadGuard;
use super::word::{READ, UPGRADABLE, WRITE};
use crate::error::TimedOut;
use crate::line::{Asker, Timeout};

impl<T: ?Sized> RwLock<T> {
    /// Locks for reading, blocking until the lock is granted.
    ///
    /// Any number of readers can hold the lock at the same time.
    ///
    /// # Deadlocks
    ///
    /// A thread that already holds a guard of this lock must not call this: a waiting writer, or its own write guard,
    /// could block it for ever. [`read_recursive`](Self::read_recursive) may be called under a read guard.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::thread::RwLock::new(1);
    /// let guard = lock.read();
    /// assert_eq!(*guard, 1);
    /// # drop(guard);
    /// ```
    #[inline]
    #[track_caller]
    pub fn read(&self) -> RwLockReadGuard<'_, T> {
        self.shared.line.block(READ);
        RwLockReadGuard::granted(&self.shared)
    }

    /// Locks for reading if that needs no waiting.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::thread::RwLock::new(1);
    /// let guard = lock.write();
    /// assert!(lock.try_read().is_none());
    /// # drop(guard);
    /// ```
    #[must_use = "a guard that is dropped at once unlocks again"]
    #[inline]
    pub fn try_read(&self) -> Option<RwLockReadGuard<'_, T>> {
        (self.shared.line.try_take(READ, Asker::Thread))
            .then(|| RwLockReadGuard::granted(&self.shared))
    }

    /// Locks for reading, blocking for at most `timeout`; zero tries once.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`] if the lock was not granted in time.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    ///
    /// let lock = syncline::thread::RwLock::new(1);
    /// let guard = lock.read_timeout(Duration::from_secs(1))?;
    /// assert_eq!(*guard, 1);
    /// # drop(guard);
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    #[track_caller]
    pub fn read_timeout(&self, timeout: Duration) -> Result<RwLockReadGuard<'_, T>, TimedOut> {
        self.shared
            .line
            .block_until(READ, Timeout::After(timeout))?;
        Ok(RwLockReadGuard::granted(&self.shared))
    }

    /// Locks for reading, blocking until `deadline` at the latest.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`] if the lock was not granted in time.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Instant;
    ///
    /// let lock = syncline::thread::RwLock::new(1);
    /// let guard = lock.write();
    /// assert!(lock.read_deadline(Instant::now()).is_err());
    /// # drop(guard);
    /// ```
    #[track_caller]
    pub fn read_deadline(&self, deadline: Instant) -> Result<RwLockReadGuard<'_, T>, TimedOut> {
        self.shared.line.block_until(READ, Timeout::At(deadline))?;
        Ok(RwLockReadGuard::granted(&self.shared))
    }

    /// Locks for writing, blocking until the lock is granted.
    ///
    /// A writer has exclusive access.
    ///
    /// # Deadlocks
    ///
    /// A thread that already holds a guard of this lock waits for itself. To write after reading, hold an [upgradable
    /// guard](Self::upgradable_read) and [upgrade](RwLockUpgradableReadGuard::upgrade) it.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::thread::RwLock::new(1);
    /// let mut guard = lock.write();
    /// *guard += 1;
    /// # drop(guard);
    /// ```
    #[inline]
    #[track_caller]
    pub fn write(&self) -> RwLockWriteGuard<'_, T> {
        self.shared.line.block(WRITE);
        RwLockWriteGuard::granted(&self.shared)
    }

    /// Locks for writing if that needs no waiting.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::thread::RwLock::new(1);
    /// let guard = lock.write();
    /// assert!(lock.try_write().is_none());
    /// # drop(guard);
    /// ```
    #[must_use = "a guard that is dropped at once unlocks again"]
    #[inline]
    pub fn try_write(&self) -> Option<RwLockWriteGuard<'_, T>> {
        (self.shared.line.try_take(WRITE, Asker::Thread))
            .then(|| RwLockWriteGuard::granted(&self.shared))
    }

    /// Locks for writing, blocking for at most `timeout`; zero tries once.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`] if the lock was not granted in time.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    ///
    /// let lock = syncline::thread::RwLock::new(1);
    /// let mut guard = lock.write_timeout(Duration::from_secs(1))?;
    /// *guard += 1;
    /// # drop(guard);
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    #[track_caller]
    pub fn write_timeout(&self, timeout: Duration) -> Result<RwLockWriteGuard<'_, T>, TimedOut> {
        self.shared
            .line
            .block_until(WRITE, Timeout::After(timeout))?;
        Ok(RwLockWriteGuard::granted(&self.shared))
    }

    /// Locks for writing, blocking until `deadline` at the latest.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`] if the lock was not granted in time.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Instant;
    ///
    /// let lock = syncline::thread::RwLock::new(1);
    /// let guard = lock.write();
    /// assert!(lock.write_deadline(Instant::now()).is_err());
    /// # drop(guard);
    /// ```
    #[track_caller]
    pub fn write_deadline(&self, deadline: Instant) -> Result<RwLockWriteGuard<'_, T>, TimedOut> {
        self.shared.line.block_until(WRITE, Timeout::At(deadline))?;
        Ok(RwLockWriteGuard::granted(&self.shared))
    }

    /// Locks for reading with the option to upgrade, blocking until the lock is granted.
    ///
    /// It shares the lock with any number of readers, but neither with a writer nor with another upgradable reader.
    ///
    /// # Deadlocks
    ///
    /// A thread that already holds a guard of this lock can wait for itself.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::thread::RwLock::new(1);
    /// let guard = lock.upgradable_read();
    /// assert_eq!(*guard, 1);
    /// # drop(guard);
    /// ```
    #[inline]
    #[track_caller]
    pub fn upgradable_read(&self) -> RwLockUpgradableReadGuard<'_, T> {
        self.shared.line.block(UPGRADABLE);
        RwLockUpgradableReadGuard::granted(&self.shared)
    }

    /// Locks for reading with the option to upgrade if that needs no waiting.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::thread::RwLock::new(1);
    /// let guard = lock.write();
    /// assert!(lock.try_upgradable_read().is_none());
    /// # drop(guard);
    /// ```
    #[must_use = "a guard that is dropped at once unlocks again"]
    #[inline]
    pub fn try_upgradable_read(&self) -> Option<RwLockUpgradableReadGuard<'_, T>> {
        (self.shared.line.try_take(UPGRADABLE, Asker::Thread))
            .then(|| RwLockUpgradableReadGuard::granted(&self.shared))
    }

    /// Locks for reading with the option to upgrade, blocking for at most `timeout`; zero tries once.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`] if the lock was not granted in time.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    ///
    /// let lock = syncline::thread::RwLock::new(1);
    /// let guard = lock.upgradable_read_timeout(Duration::from_secs(1))?;
    /// assert_eq!(*guard, 1);
    /// # drop(guard);
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    #[track_caller]
    pub fn upgradable_read_timeout(
        &self,
        timeout: Duration,
    ) -> Result<RwLockUpgradableReadGuard<'_, T>, TimedOut> {
        self.shared
            .line
            .block_until(UPGRADABLE, Timeout::After(timeout))?;
        Ok(RwLockUpgradableReadGuard::granted(&self.shared))
    }

    /// Locks for reading with the option to upgrade, blocking until `deadline` at the latest.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`] if the lock was not granted in time.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Instant;
    ///
    /// let lock = syncline::thread::RwLock::new(1);
    /// let guard = lock.write();
    /// assert!(lock.upgradable_read_deadline(Instant::now()).is_err());
    /// # drop(guard);
    /// ```
    #[track_caller]
    pub fn upgradable_read_deadline(
        &self,
        deadline: Instant,
    ) -> Result<RwLockUpgradableReadGuard<'_, T>, TimedOut> {
        self.shared
            .line
            .block_until(UPGRADABLE, Timeout::At(deadline))?;
        Ok(RwLockUpgradableReadGuard::granted(&self.shared))
    }

    /// Locks for reading ahead of all waiters, blocking only while a writer holds the lock.
    ///
    /// A thread that already reads may call this while a writer waits. [`read`](Self::read) would deadlock, because
    /// the writer waits for the first guard, and the thread for the writer. A thread that holds a read guard of this
    /// lock never blocks here. Threads that read in this way without a pause keep writers out for ever, so use it
    /// only if a read guard may be held further up the stack.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::thread::RwLock::new(1);
    /// let outer = lock.read();
    /// let inner = lock.read_recursive();
    /// assert_eq!((*outer, *inner), (1, 1));
    /// ```
    #[track_caller]
    pub fn read_recursive(&self) -> RwLockReadGuard<'_, T> {
        if !self.shared.line.word().read_past_the_line() {
            self.shared.line.block(READ);
        }
        RwLockReadGuard::granted(&self.shared)
    }

    /// Locks for reading ahead of all waiters, if no writer holds the lock.
    ///
    /// See [`read_recursive`](Self::read_recursive).
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::thread::RwLock::new(1);
    /// let outer = lock.read();
    /// assert!(lock.try_read_recursive().is_some());
    /// drop(outer);
    /// let writer = lock.write();
    /// assert!(lock.try_read_recursive().is_none());
    /// # drop(writer);
    /// ```
    #[must_use = "a guard that is dropped at once unlocks again"]
    pub fn try_read_recursive(&self) -> Option<RwLockReadGuard<'_, T>> {
        (self.shared.line.word().read_past_the_line())
            .then(|| RwLockReadGuard::granted(&self.shared))
    }
}
