//! A re-entrant lock without data and without guards, for threads.

use core::fmt;
use core::mem::ManuallyDrop;
use core::time::Duration;
use std::time::Instant;

use super::thread::RLock;
use super::thread_guard::RLockGuard;
use crate::error::{NotOwner, TimedOut};
use crate::identity::owner;
use crate::line::Quiet;
use crate::sys::constructor;

/// An [`RLock`] without data and without guards, for bindings.
///
/// It is locked by one call and unlocked by another, as often as it has been locked, by the thread that has locked it. An unlock
/// by anybody else, or one too many, is an error that changes nothing, as with Python's `threading.RLock`. In Rust code an
/// [`RLock`] is better: it unlocks by itself.
///
/// To wait for a [`Condition`](crate::thread::Condition), [`with_guard`](Self::with_guard) lends a guard.
///
/// It is no `lock_api::RawMutex`, for it lets its owner in again, and such a mutex gives `&mut T`.
///
/// # Fairness
///
/// That of [`Lock`](crate::thread::Lock). To lock again waits for nobody.
///
/// # Memory effects
///
/// Everything that happened before the last unlock happens before everything after the lock that comes next.
///
/// # Deadlocks
///
/// A thread that ends without having unlocked leaves the lock locked for ever: nobody else can unlock it.
///
/// # Examples
///
/// ```
/// use syncline::thread::RawRLock;
///
/// struct Handle {
///     lock: RawRLock,
/// }
/// const NOT_YOURS: i32 = -1;
///
/// extern "C" fn acquire(handle: &Handle) {
///     handle.lock.lock();
/// }
/// extern "C" fn release(handle: &Handle) -> i32 {
///     handle.lock.try_unlock().map_or(NOT_YOURS, |()| 0)
/// }
///
/// let handle = Handle { lock: RawRLock::new() };
/// acquire(&handle);
/// acquire(&handle);
/// assert_eq!((release(&handle), release(&handle), release(&handle)), (0, 0, NOT_YOURS));
/// ```
pub struct RawRLock {
    lock: RLock<()>,
}

impl RawRLock {
    constructor! {
        /// Creates an unlocked lock.
        ///
        /// # Examples
        ///
        /// ```
        /// assert!(!syncline::thread::RawRLock::new().is_locked());
        /// ```
        #[must_use]
        #[track_caller]
        pub const fn new() -> Self {
            Self { lock: RLock::new(()) }
        }
    }

    /// Sets the name that `diag::snapshot` and reports show.
    ///
    /// Without the feature `diagnostics`, this does nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::thread::RawRLock;
    ///
    /// static LOCK: RawRLock = RawRLock::new().named("interpreter");
    /// assert!(LOCK.try_lock());
    /// ```
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> Self {
        self.lock.shared.core.line.name(name);
        self
    }

    /// Locks, blocking until the lock is granted. Returns at once if this thread owns the lock.
    ///
    /// # Panics
    ///
    /// Panics if this thread has locked it 65,535 times. It is locked as often as before then.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::thread::RawRLock::new();
    /// lock.lock();
    /// lock.lock();
    /// assert_eq!(lock.depth(), 2);
    /// ```
    #[inline]
    #[track_caller]
    pub fn lock(&self) {
        leave(self.lock.lock());
    }

    /// Locks if that is possible at once, and returns whether it was: nobody has locked, or this thread has.
    ///
    /// # Panics
    ///
    /// The same as for [`lock`](Self::lock).
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::thread::RawRLock::new();
    /// assert!(lock.try_lock() && lock.try_lock());
    /// std::thread::scope(|threads| {
    ///     threads.spawn(|| assert!(!lock.try_lock()));
    /// });
    /// ```
    #[must_use = "the lock is locked if this is true"]
    #[inline]
    #[track_caller]
    pub fn try_lock(&self) -> bool {
        self.lock.try_lock().map(leave).is_some()
    }

    /// Locks, blocking for at most `timeout`; zero tries once.
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
    ///
    /// let lock = syncline::thread::RawRLock::new();
    /// lock.lock_timeout(Duration::from_secs(1))?;
    /// lock.lock_timeout(Duration::ZERO)?;
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    #[track_caller]
    pub fn lock_timeout(&self, timeout: Duration) -> Result<(), TimedOut> {
        self.lock.lock_timeout(timeout).map(leave)
    }

    /// Locks, blocking until `deadline` at the latest.
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
    /// let lock = syncline::thread::RawRLock::new();
    /// lock.lock_deadline(std::time::Instant::now())?;
    /// assert!(lock.is_owned());
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    #[track_caller]
    pub fn lock_deadline(&self, deadline: Instant) -> Result<(), TimedOut> {
        self.lock.lock_deadline(deadline).map(leave)
    }

    /// Unlocks once. Others can lock when that has been done as often as [`lock`](Self::lock).
    ///
    /// # Errors
    ///
    /// Returns [`NotOwner`] if this thread does not own the lock. Nothing changes then.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::thread::RawRLock::new();
    /// lock.lock();
    /// std::thread::scope(|threads| {
    ///     threads.spawn(|| assert!(lock.try_unlock().is_err()));
    /// });
    /// lock.try_unlock()?;
    /// assert!(lock.try_unlock().is_err());
    /// # Ok::<(), syncline::NotOwner>(())
    /// ```
    #[inline]
    pub fn try_unlock(&self) -> Result<(), NotOwner> {
        if self.lock.shared.core.unlock(owner::owner()) {
            Ok(())
        } else {
            Err(NotOwner::new())
        }
    }

    /// Runs a closure with a guard of this lock, which this thread must have locked, to wait for a condition.
    ///
    /// The guard is one more level: wait with the forms of
    /// [`wait_nested`](crate::thread::Condition::wait_nested), which give up all levels and restore them. The closure hands
    /// the guard back, and afterwards the lock is locked as often as before.
    ///
    /// # Errors
    ///
    /// Returns [`NotOwner`] if this thread does not own the lock. The closure is not called then.
    ///
    /// # Panics
    ///
    /// Panics if the closure does; the lock is locked as often as before then. If the closure unlocks more often than this thread has
    /// locked, so that the guard has no level left; or if this thread has locked it 65,535 times.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use syncline::thread::{Condition, RawRLock};
    ///
    /// let (lock, changed) = (RawRLock::new(), Condition::new());
    /// let soon = Duration::from_millis(1);
    /// lock.lock();
    /// lock.lock();
    /// let notified = lock.with_guard(|guard| changed.wait_nested_timeout(guard, soon))?;
    /// assert!(notified.is_err());
    /// assert_eq!(lock.depth(), 2);
    /// # Ok::<(), syncline::NotOwner>(())
    /// ```
    #[track_caller]
    pub fn with_guard<R>(
        &self,
        body: impl for<'a> FnOnce(RLockGuard<'a, ()>) -> (RLockGuard<'a, ()>, R),
    ) -> Result<R, NotOwner> {
        if !self.is_owned() {
            return Err(NotOwner::new());
        }
        let (guard, result) = body(self.lock.lock());
        drop(guard);
        Ok(result)
    }

    /// Returns whether this thread has the lock.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::thread::RawRLock::new();
    /// assert!(!lock.is_owned());
    /// ```
    pub fn is_owned(&self) -> bool {
        self.lock.is_owned()
    }

    /// Returns how often this thread has locked and not unlocked; zero if it does not have the lock.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::thread::RawRLock::new();
    /// lock.lock();
    /// assert_eq!(lock.depth(), 1);
    /// ```
    pub fn depth(&self) -> usize {
        self.lock.depth()
    }

    /// Returns whether the lock is held at this instant.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::thread::RawRLock::new();
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
    /// let lock = syncline::thread::RawRLock::new();
    /// assert_eq!(lock.waiting(), 0);
    /// ```
    pub fn waiting(&self) -> usize {
        self.lock.waiting()
    }
}

/// Leaves a level locked, for its thread to unlock.
#[inline]
fn leave(guard: RLockGuard<'_, ()>) {
    let _left = ManuallyDrop::new(guard);
}

impl Default for RawRLock {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for RawRLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawRLock")
            .field("is_locked", &self.is_locked())
            .finish_non_exhaustive()
    }
}

impl Quiet for RawRLock {
    fn assert_quiet(&self) {
        self.lock.assert_quiet();
    }

    fn waiting(&self) -> usize {
        self.lock.waiting()
    }
}
