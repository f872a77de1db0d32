//! `Lock` for threads.

use core::fmt;
use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use super::owned::OwnedLockGuard;
use super::shared::Shared;
use super::thread_guard::LockGuard;
use crate::error::TimedOut;
use crate::line::{Asker, Quiet, Timeout};
use crate::sys::constructor;

/// A mutual exclusion lock around data, for threads.
///
/// One thread at a time holds the [`LockGuard`], which gives access to the data. Use it for short critical sections.
/// Do not use it
///
/// * for many long reads ([`RwLock`](crate::thread::RwLock));
/// * for a plain counter (an atomic);
/// * across an `.await` ([`task::Lock`](crate::task::Lock), which is the same lock: [`as_task`](Self::as_task)).
///
/// # Fairness
///
/// Threads may overtake waiting threads, because handing over to a sleeping thread costs a context switch each time.
/// The bound is 500 µs: a release that finds the first waiter overtaken for that long hands the lock to it. A waiting
/// task is never overtaken. [`LockGuard::unlock_fair`] hands over at once. See [fairness](crate::guide::fairness).
///
/// # Poisoning
///
/// There is none. A panic while a guard is alive unlocks, and leaves the data as it is.
///
/// # Memory effects
///
/// Everything that happened before an unlock happens before everything after the next lock.
///
/// # Deadlocks
///
/// The lock is not re-entrant: a thread that locks it twice waits for itself for ever. Two threads that take two
/// locks in opposite orders can wait for each other.
///
/// # Examples
///
/// ## Data that several threads change
///
/// ```
/// use syncline::thread::Lock;
///
/// let total = Lock::new(0);
/// std::thread::scope(|threads| {
///     for n in 1..=4 {
///         let total = &total;
///         threads.spawn(move || *total.lock() += n);
///     }
/// });
/// assert_eq!(total.into_inner(), 10);
/// ```
///
/// ## A lock in a static
///
/// ```
/// use syncline::thread::Lock;
///
/// static NAMES: Lock<Vec<String>> = Lock::new(Vec::new());
///
/// NAMES.lock().push("Ada".to_owned());
/// assert_eq!(NAMES.lock().len(), 1);
/// ```
#[doc(alias = "Mutex")]
#[repr(transparent)]
pub struct Lock<T: ?Sized> {
    pub(crate) shared: Shared<T>,
}

impl<T> Lock<T> {
    constructor! {
        /// Creates an unlocked lock around the data.
        ///
        /// # Examples
        ///
        /// ```
        /// use syncline::thread::Lock;
        ///
        /// assert_eq!(*Lock::new(7).lock(), 7);
        /// ```
        #[track_caller]
        pub const fn new(data: T) -> Self {
            Self {
                shared: Shared::new(data),
            }
        }
    }

    /// Consumes the lock and returns the data.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(syncline::thread::Lock::new(7).into_inner(), 7);
    /// ```
    pub fn into_inner(self) -> T {
        self.shared.into_inner()
    }
}

impl<T: ?Sized> Lock<T> {
    /// Locks, blocking until the lock is granted.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::thread::Lock::new(vec![1]);
    /// lock.lock().push(2);
    /// assert_eq!(*lock.lock(), [1, 2]);
    /// ```
    #[inline]
    #[track_caller]
    pub fn lock(&self) -> LockGuard<'_, T> {
        self.shared.line.block(1);
        self.guard()
    }

    /// Locks if the lock is free, without blocking.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::thread::Lock::new(0);
    /// let guard = lock.try_lock().expect("nobody else has it");
    /// assert!(lock.try_lock().is_none());
    /// # drop(guard);
    /// ```
    #[must_use = "a guard that is dropped at once unlocks again"]
    #[inline]
    pub fn try_lock(&self) -> Option<LockGuard<'_, T>> {
        let line = &self.shared.line;
        line.try_take(1, Asker::Thread).then(|| self.guard())
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
    /// let lock = syncline::thread::Lock::new(0);
    /// let guard = lock.lock_timeout(Duration::from_secs(1))?;
    /// assert!(lock.lock_timeout(Duration::from_millis(1)).is_err());
    /// # drop(guard);
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    #[track_caller]
    pub fn lock_timeout(&self, timeout: Duration) -> Result<LockGuard<'_, T>, TimedOut> {
        self.lock_until(Timeout::After(timeout))
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
    /// use std::time::{Duration, Instant};
    ///
    /// let lock = syncline::thread::Lock::new(0);
    /// let deadline = Instant::now() + Duration::from_secs(1);
    /// *lock.lock_deadline(deadline)? += 1;
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    #[track_caller]
    pub fn lock_deadline(&self, deadline: Instant) -> Result<LockGuard<'_, T>, TimedOut> {
        self.lock_until(Timeout::At(deadline))
    }

    /// Like [`lock`](Self::lock), but returns a guard that owns a reference to the lock.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// let lock = Arc::new(syncline::thread::Lock::new(0));
    /// let guard = lock.lock_owned();
    /// drop(lock);
    /// assert_eq!(*guard, 0);
    /// ```
    #[track_caller]
    pub fn lock_owned(self: &Arc<Self>) -> OwnedLockGuard<T> {
        self.shared.line.block(1);
        self.owned_guard()
    }

    /// Like [`try_lock`](Self::try_lock), but returns a guard that owns a reference to the lock.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// let lock = Arc::new(syncline::thread::Lock::new(0));
    /// let guard = lock.try_lock_owned().expect("nobody else has it");
    /// assert!(lock.try_lock_owned().is_none());
    /// # drop(guard);
    /// ```
    #[must_use = "a guard that is dropped at once unlocks again"]
    pub fn try_lock_owned(self: &Arc<Self>) -> Option<OwnedLockGuard<T>> {
        let line = &self.shared.line;
        line.try_take(1, Asker::Thread).then(|| self.owned_guard())
    }

    /// Like [`lock_timeout`](Self::lock_timeout), but returns a guard that owns a reference to the lock.
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
    /// let lock = Arc::new(syncline::thread::Lock::new(0));
    /// let guard = lock.lock_owned_timeout(Duration::from_secs(1))?;
    /// # drop(guard);
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    #[track_caller]
    pub fn lock_owned_timeout(
        self: &Arc<Self>,
        timeout: Duration,
    ) -> Result<OwnedLockGuard<T>, TimedOut> {
        self.shared.line.block_until(1, Timeout::After(timeout))?;
        Ok(self.owned_guard())
    }

    /// Like [`lock_deadline`](Self::lock_deadline), but returns a guard that owns a reference to the lock.
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
    /// let lock = Arc::new(syncline::thread::Lock::new(0));
    /// let guard = lock.lock_owned_deadline(Instant::now())?;
    /// # drop(guard);
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    #[track_caller]
    pub fn lock_owned_deadline(
        self: &Arc<Self>,
        deadline: Instant,
    ) -> Result<OwnedLockGuard<T>, TimedOut> {
        self.shared.line.block_until(1, Timeout::At(deadline))?;
        Ok(self.owned_guard())
    }

    /// Returns whether the lock is held at this instant.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::thread::Lock::new(0);
    /// let guard = lock.lock();
    /// assert!(lock.is_locked());
    /// # drop(guard);
    /// ```
    pub fn is_locked(&self) -> bool {
        self.shared.is_locked()
    }

    /// Returns how many threads and tasks wait for the lock at this instant.
    ///
    /// Counting takes the lock of the line. Use it for tests, metrics and bindings, not for decisions.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::thread::Lock::new(0);
    /// assert_eq!(lock.waiting(), 0);
    /// ```
    pub fn waiting(&self) -> usize {
        self.shared.waiting()
    }

    /// Returns the data without locking, since `&mut self` proves that nobody else has it.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut lock = syncline::thread::Lock::new(0);
    /// *lock.get_mut() = 1;
    /// assert_eq!(lock.into_inner(), 1);
    /// ```
    pub const fn get_mut(&mut self) -> &mut T {
        self.shared.get_mut()
    }

    #[track_caller]
    pub(crate) fn lock_until(&self, timeout: Timeout) -> Result<LockGuard<'_, T>, TimedOut> {
        self.shared.line.block_until(1, timeout)?;
        Ok(self.guard())
    }

    #[inline]
    fn guard(&self) -> LockGuard<'_, T> {
        LockGuard::granted(&self.shared)
    }

    fn owned_guard(self: &Arc<Self>) -> OwnedLockGuard<T> {
        // SAFETY: every caller has just taken the lock and makes one guard of it.
        unsafe { OwnedLockGuard::new(Arc::clone(self).into_task()) }
    }
}

impl<T: Default> Default for Lock<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> From<T> for Lock<T> {
    fn from(data: T) -> Self {
        Self::new(data)
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for Lock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Lock");
        match self.try_lock() {
            Some(guard) => debug.field("data", &&*guard),
            None => debug.field("data", &format_args!("<locked>")),
        };
        debug.finish()
    }
}

impl<T: ?Sized> Quiet for Lock<T> {
    fn assert_quiet(&self) {
        self.shared.assert_quiet();
    }

    fn waiting(&self) -> usize {
        self.shared.waiting()
    }
}
