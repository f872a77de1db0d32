//! A lock for readers and writers without data and without guards, for threads.

use core::fmt;
use core::time::Duration;
use std::time::Instant;

use super::thread::RwLock;
use super::word::{READ, RwWord, WRITE};
use crate::error::{NotLocked, TimedOut};
use crate::line::{Asker, Line, Quiet, Timeout};
use crate::sys::constructor;

/// An [`RwLock`] without data and guards, for bindings and for building other locks.
///
/// One call locks it, and another one unlocks it, from any thread. Unlocking it when nobody reads, or nobody writes,
/// is an error that changes nothing. It does not know who reads, so a thread can unlock for another reader. In Rust
/// code, prefer an [`RwLock`], which unlocks by itself and protects its data.
///
/// With the feature `lock_api`, it implements `lock_api::RawRwLock`, so `lock_api::RwLock<RawRwLock, T>` protects
/// data, and can be upgraded and downgraded.
///
/// # Fairness
///
/// As for [`RwLock`].
///
/// # Memory effects
///
/// Everything that happened before an unlock happens before everything after the next lock, except that readers do
/// not order one another.
///
/// # Deadlocks
///
/// As for [`RwLock`]: a reader that reads again may wait behind a writer, which waits for the first read to end.
///
/// # Examples
///
/// ```
/// use syncline::thread::RawRwLock;
///
/// let lock = RawRwLock::new();
/// lock.read();
/// lock.read();
/// assert!(!lock.try_write());
/// lock.try_unlock_read()?;
/// lock.try_unlock_read()?;
/// assert!(lock.try_unlock_read().is_err());
/// lock.write();
/// assert!(lock.try_unlock_read().is_err());
/// lock.try_unlock_write()?;
/// # Ok::<(), syncline::NotLocked>(())
/// ```
pub struct RawRwLock {
    lock: RwLock<()>,
}

impl RawRwLock {
    constructor! {
        /// Creates an unlocked lock.
        ///
        /// # Examples
        ///
        /// ```
        /// assert!(!syncline::thread::RawRwLock::new().is_locked());
        /// ```
        #[must_use]
        #[track_caller]
        pub const fn new() -> Self {
            Self { lock: RwLock::new(()) }
        }
    }

    /// Sets the name that `diag::snapshot` and reports show.
    ///
    /// Without the feature `diagnostics`, this does nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::thread::RawRwLock;
    ///
    /// static LOCK: RawRwLock = RawRwLock::new().named("modules");
    /// assert!(LOCK.try_read());
    /// ```
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> Self {
        self.lock.shared.line.name(name);
        self
    }

    /// Locks for reading, blocking until the lock is granted.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::thread::RawRwLock::new();
    /// lock.read();
    /// assert!(!lock.is_write_locked());
    /// ```
    #[inline]
    #[track_caller]
    pub fn read(&self) {
        self.line().block(READ);
    }

    /// Locks for reading if that needs no waiting, and returns whether it did.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::thread::RawRwLock::new();
    /// assert!(lock.try_read());
    /// assert!(!lock.try_write());
    /// ```
    #[must_use = "the lock is locked if this is true"]
    #[inline]
    pub fn try_read(&self) -> bool {
        self.line().try_take(READ, Asker::Thread)
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
    /// let lock = syncline::thread::RawRwLock::new();
    /// lock.read_timeout(Duration::from_secs(1))?;
    /// assert!(lock.write_timeout(Duration::from_millis(1)).is_err());
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    #[track_caller]
    pub fn read_timeout(&self, timeout: Duration) -> Result<(), TimedOut> {
        self.line().block_until(READ, Timeout::After(timeout))
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
    /// let lock = syncline::thread::RawRwLock::new();
    /// lock.read_deadline(Instant::now())?;
    /// assert!(lock.write_deadline(Instant::now()).is_err());
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    #[track_caller]
    pub fn read_deadline(&self, deadline: Instant) -> Result<(), TimedOut> {
        self.line().block_until(READ, Timeout::At(deadline))
    }

    /// Unlocks for one reader, from any thread.
    ///
    /// # Errors
    ///
    /// Returns [`NotLocked`] if nobody reads. Nothing changes then.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::thread::RawRwLock::new();
    /// lock.read();
    /// lock.try_unlock_read()?;
    /// assert!(lock.try_unlock_read().is_err());
    /// # Ok::<(), syncline::NotLocked>(())
    /// ```
    pub fn try_unlock_read(&self) -> Result<(), NotLocked> {
        self.try_unlock(READ, self.reader_count() > 0)
    }

    /// Locks for writing, blocking until the lock is granted.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::thread::RawRwLock::new();
    /// lock.write();
    /// assert!(lock.is_write_locked());
    /// ```
    #[inline]
    #[track_caller]
    pub fn write(&self) {
        self.line().block(WRITE);
        self.line().may_move();
    }

    /// Locks for writing if that needs no waiting, and returns whether it did.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::thread::RawRwLock::new();
    /// assert!(lock.try_write());
    /// assert!(!lock.try_write());
    /// ```
    #[must_use = "the lock is locked if this is true"]
    #[inline]
    pub fn try_write(&self) -> bool {
        let taken = self.line().try_take(WRITE, Asker::Thread);
        if taken {
            self.line().may_move();
        }
        taken
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
    /// let lock = syncline::thread::RawRwLock::new();
    /// lock.write_timeout(Duration::from_secs(1))?;
    /// assert!(lock.write_timeout(Duration::from_millis(1)).is_err());
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    #[track_caller]
    pub fn write_timeout(&self, timeout: Duration) -> Result<(), TimedOut> {
        self.write_until(Timeout::After(timeout))
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
    /// let lock = syncline::thread::RawRwLock::new();
    /// lock.write_deadline(Instant::now())?;
    /// assert!(lock.write_deadline(Instant::now()).is_err());
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    #[track_caller]
    pub fn write_deadline(&self, deadline: Instant) -> Result<(), TimedOut> {
        self.write_until(Timeout::At(deadline))
    }

    /// Unlocks for the writer, from any thread.
    ///
    /// If several threads unlock at the same time, one of them succeeds.
    ///
    /// # Errors
    ///
    /// Returns [`NotLocked`] if nobody writes. Nothing changes then.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::thread::RawRwLock::new();
    /// lock.write();
    /// lock.try_unlock_write()?;
    /// assert!(lock.try_unlock_write().is_err());
    /// # Ok::<(), syncline::NotLocked>(())
    /// ```
    pub fn try_unlock_write(&self) -> Result<(), NotLocked> {
        self.try_unlock(WRITE, self.is_write_locked())
    }

    /// Returns whether the lock is held at this instant, for reading or for writing.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::thread::RawRwLock::new();
    /// assert!(!lock.is_locked());
    /// ```
    pub fn is_locked(&self) -> bool {
        self.lock.is_locked()
    }

    /// Returns whether a writer holds the lock at this instant.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::thread::RawRwLock::new();
    /// lock.read();
    /// assert!(!lock.is_write_locked());
    /// ```
    pub fn is_write_locked(&self) -> bool {
        self.lock.is_write_locked()
    }

    /// Returns how many readers hold the lock at this instant.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::thread::RawRwLock::new();
    /// lock.read();
    /// assert_eq!(lock.reader_count(), 1);
    /// ```
    pub fn reader_count(&self) -> usize {
        self.lock.reader_count()
    }

    /// Returns how many threads wait for the lock at this instant.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::thread::RawRwLock::new();
    /// assert_eq!(lock.waiting(), 0);
    /// ```
    pub fn waiting(&self) -> usize {
        self.lock.waiting()
    }

    #[track_caller]
    fn write_until(&self, timeout: Timeout) -> Result<(), TimedOut> {
        self.line().block_until(WRITE, timeout)?;
        // Another thread may unlock.
        self.line().may_move();
        Ok(())
    }

    /// Unlocks, unless there is nothing to unlock, as whoever has looked knows, or finds out.
    fn try_unlock(&self, n: usize, is_locked: bool) -> Result<(), NotLocked> {
        if is_locked && self.line().release_if(n, |word| word.try_add(n)) {
            Ok(())
        } else {
            Err(NotLocked::new())
        }
    }

    #[inline]
    pub(super) const fn line(&self) -> &Line<RwWord> {
        &self.lock.shared.line
    }
}

impl Default for RawRwLock {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for RawRwLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawRwLock")
            .field("is_write_locked", &self.is_write_locked())
            .field("readers", &self.reader_count())
            .finish_non_exhaustive()
    }
}

impl Quiet for RawRwLock {
    fn assert_quiet(&self) {
        self.lock.assert_quiet();
    }

    fn waiting(&self) -> usize {
        self.lock.waiting()
    }
}
