//! A lock without data and without guards, for threads.

use core::fmt;
use core::mem::ManuallyDrop;
use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use core::time::Duration;
use std::time::Instant;

use super::thread::Lock;
use super::thread_guard::LockGuard;
use crate::error::{NotLocked, TimedOut};
use crate::line::Quiet;
use crate::sys::{AtomicU32, constructor};

pub(super) const NOT_HELD: u32 = 0;
const HELD: u32 = 1;

/// A [`Lock`] without data and guards, for bindings and for building other locks.
///
/// Code that is called from another language uses handles. It has no place to keep a guard that borrows, and cannot
/// prove that its callers unlock. So one call locks this lock, and another one unlocks it, from any thread. An extra
/// unlock is an error that changes nothing, as with Python's `threading.Lock`. In Rust code, prefer a [`Lock`], which
/// unlocks by itself and protects its data.
///
/// With the feature `lock_api` it is a `lock_api::RawMutex`: `lock_api::Mutex<RawLock, T>` puts data inside.
///
/// To wait for a [`Condition`](crate::thread::Condition), [`with_guard`](Self::with_guard) lends a guard.
///
/// # Fairness
///
/// That of [`Lock`].
///
/// # Memory effects
///
/// Everything that happened before an unlock happens before everything after the lock that comes next. Where another
/// thread unlocks than the one that has locked, what happened before the lock happens before that unlock, too.
///
/// # Deadlocks
///
/// The lock is not re-entrant: a thread that locks twice waits until another one unlocks.
///
/// # Examples
///
/// ```
/// use syncline::thread::RawLock;
///
/// static LOCK: RawLock = RawLock::new();
///
/// extern "C" fn acquire() {
///     LOCK.lock();
/// }
/// extern "C" fn release() -> i32 {
///     LOCK.try_unlock().map_or(-1, |()| 0)
/// }
///
/// acquire();
/// assert_eq!((release(), release()), (0, -1));
/// ```
pub struct RawLock {
    pub(super) lock: Lock<()>,
    /// Whether somebody has locked it and nobody has come to unlock it. Whoever takes this away unlocks.
    pub(super) held: AtomicU32,
}

impl RawLock {
    constructor! {
        /// Creates an unlocked lock.
        ///
        /// # Examples
        ///
        /// ```
        /// assert!(!syncline::thread::RawLock::new().is_locked());
        /// ```
        #[must_use]
        #[track_caller]
        pub const fn new() -> Self {
            Self {
                lock: Lock::new(()),
                held: AtomicU32::new(NOT_HELD),
            }
        }
    }

    /// Sets the name that `diag::snapshot` and reports show.
    ///
    /// Without the feature `diagnostics`, this does nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::thread::RawLock;
    ///
    /// static LOCK: RawLock = RawLock::new().named("interpreter");
    /// assert!(LOCK.try_lock());
    /// ```
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> Self {
        self.lock.shared.line.name(name);
        self
    }

    /// Locks, blocking until the lock is granted.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::thread::RawLock::new();
    /// lock.lock();
    /// assert!(lock.is_locked());
    /// ```
    #[inline]
    #[track_caller]
    pub fn lock(&self) {
        self.leave(self.lock.lock());
    }

    /// Locks if the lock is free, and returns whether it was.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::thread::RawLock::new();
    /// assert!(lock.try_lock());
    /// assert!(!lock.try_lock());
    /// ```
    #[must_use = "the lock is locked if this is true"]
    #[inline]
    pub fn try_lock(&self) -> bool {
        self.lock
            .try_lock()
            .map(|guard| self.leave(guard))
            .is_some()
    }

    /// Locks, blocking for at most `timeout`; zero tries once.
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
    /// let lock = syncline::thread::RawLock::new();
    /// lock.lock_timeout(Duration::from_secs(1))?;
    /// assert!(lock.lock_timeout(Duration::from_millis(1)).is_err());
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    #[track_caller]
    pub fn lock_timeout(&self, timeout: Duration) -> Result<(), TimedOut> {
        self.lock
            .lock_timeout(timeout)
            .map(|guard| self.leave(guard))
    }

    /// Locks, blocking until `deadline` at the latest.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`] if the lock was not granted in time.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::thread::RawLock::new();
    /// lock.lock_deadline(std::time::Instant::now())?;
    /// assert!(lock.lock_deadline(std::time::Instant::now()).is_err());
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    #[track_caller]
    pub fn lock_deadline(&self, deadline: Instant) -> Result<(), TimedOut> {
        self.lock
            .lock_deadline(deadline)
            .map(|guard| self.leave(guard))
    }

    /// Unlocks, from any thread.
    ///
    /// If several threads unlock at the same time, one of them succeeds.
    ///
    /// # Errors
    ///
    /// Returns [`NotLocked`] if there is nothing to unlock. Nothing changes then.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::thread::RawLock::new();
    /// lock.lock();
    /// lock.try_unlock()?;
    /// assert!(lock.try_unlock().is_err());
    /// # Ok::<(), syncline::NotLocked>(())
    /// ```
    #[inline]
    pub fn try_unlock(&self) -> Result<(), NotLocked> {
        self.take_back().map(drop)
    }

    /// Runs a closure with a guard of this lock, which somebody must have locked, to wait for a condition.
    ///
    /// The closure returns the guard, and afterwards the lock is held as before. In the meantime, only the guard can
    /// unlock it: [`try_unlock`](Self::try_unlock) is an error, until somebody else locks while the closure waits.
    ///
    /// # Errors
    ///
    /// Returns [`NotLocked`] if nobody has locked. The closure has not been called then.
    ///
    /// # Panics
    ///
    /// Panics if the closure does, or hands back a guard of another lock. This one is unlocked then.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use syncline::thread::{Condition, RawLock};
    ///
    /// let (lock, changed) = (RawLock::new(), Condition::new());
    /// let soon = Duration::from_millis(1);
    /// lock.lock();
    /// let notified = lock.with_guard(|guard| changed.wait_timeout(guard, soon))?;
    /// assert!(notified.is_err());
    /// assert!(lock.is_locked());
    /// # Ok::<(), syncline::NotLocked>(())
    /// ```
    #[track_caller]
    pub fn with_guard<R>(
        &self,
        body: impl for<'a> FnOnce(LockGuard<'a, ()>) -> (LockGuard<'a, ()>, R),
    ) -> Result<R, NotLocked> {
        let (guard, result) = body(self.take_back()?);
        assert!(
            guard.is_of(&self.lock.shared),
            "the closure of `with_guard` must return the guard that it was given"
        );
        self.leave(guard);
        Ok(result)
    }

    /// Returns whether the lock is held at this instant.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::thread::RawLock::new();
    /// assert!(!lock.is_locked());
    /// ```
    pub fn is_locked(&self) -> bool {
        self.lock.is_locked()
    }

    /// Returns how many threads wait for the lock at this instant.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::thread::RawLock::new();
    /// assert_eq!(lock.waiting(), 0);
    /// ```
    pub fn waiting(&self) -> usize {
        self.lock.waiting()
    }

    /// Leaves the lock locked, for whoever comes to unlock it.
    #[inline]
    fn leave(&self, guard: LockGuard<'_, ()>) {
        let _left = ManuallyDrop::new(guard);
        self.lock.shared.line.may_move();
        // ORDERING: Release pairs with the Acquire in `take_back`: whoever unlocks in this thread's place has seen what
        // this thread has, and publishes it to the next.
        self.held.store(HELD, Release);
    }

    /// The guard of a lock that has been left locked, for one of those who ask.
    #[inline]
    fn take_back(&self) -> Result<LockGuard<'_, ()>, NotLocked> {
        // ORDERING: Acquire pairs with the Release in `leave`. Nothing is published by taking it away: the unlock
        // that follows does that. Relaxed on failure: nothing is read. An exchange that fails stores nothing beside the
        // plain store of whoever locks.
        let taken = (self.held).compare_exchange(HELD, NOT_HELD, Acquire, Relaxed);
        if taken.is_ok() {
            Ok(LockGuard::granted(&self.lock.shared))
        } else {
            Err(NotLocked::new())
        }
    }
}

impl Default for RawLock {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for RawLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawLock")
            .field("is_locked", &self.is_locked())
            .finish_non_exhaustive()
    }
}

impl Quiet for RawLock {
    fn assert_quiet(&self) {
        self.lock.assert_quiet();
    }

    fn waiting(&self) -> usize {
        self.lock.waiting()
    }
}
