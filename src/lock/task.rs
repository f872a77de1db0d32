//! `Lock` for tasks.

use core::fmt;
use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use super::future::{LockOwned, LockOwnedTimed, LockTimed, LockWait};
use super::owned::OwnedLockGuard;
use super::shared::Shared;
use super::task_guard::LockGuard;
use super::word::LockWord;
use crate::line::{Asker, Internal, Line, Place, Quiet, Timeout, Wait};
use crate::sys::constructor;
use crate::timer::Timed;

/// A mutual exclusion lock around data, for tasks.
///
/// One task at a time holds the [`LockGuard`], which gives access to the data. It may be held across an `.await`. If
/// nothing is awaited while the lock is held, prefer a [`thread::Lock`](crate::thread::Lock), which is the same lock:
/// [`as_thread`](Self::as_thread).
///
/// # Fairness
///
/// Tasks are served first come, first served. An unlock hands the lock to the first in line, and nobody overtakes a
/// waiting task, not even [`try_lock`](Self::try_lock). Futures of one task that are polled by hand or by `select!`
/// count as one waiter: see *Futurelock* below.
///
/// # Poisoning
///
/// There is none. A panic while a guard is alive unlocks, and leaves the data as it is.
///
/// # Memory effects
///
/// Everything that happened before an unlock happens before everything after the next lock.
///
/// # Cancel safety
///
/// Dropping the future at any point loses nothing. It leaves the line, and a lock that it was granted goes to the
/// next waiter.
///
/// # Deadlocks
///
/// The lock is not re-entrant: a task that holds it and locks it again waits for itself for ever. Two tasks that take
/// two locks in opposite orders can wait for each other.
///
/// ## Futurelock
///
/// A task queues a `lock` future, stops polling it, and asks for the same lock again. With other locks, it would wait
/// for itself as soon as the first future is granted the lock (Oxide's RFD 609). Here the request that is being
/// polled takes over the grant, at the second poll that finds it.
/// [Cancellation](crate::guide::cancellation#futurelock) describes the limits.
///
/// # Examples
///
/// ## Data that is locked across an await
///
/// ```
/// use syncline::task::{Lock, block_on};
///
/// let log = Lock::new(Vec::new());
/// block_on(async {
///     let mut lines = log.lock().await;
///     lines.push("begin");
///     std::future::ready(()).await;
///     lines.push("end");
/// });
/// assert_eq!(log.into_inner(), ["begin", "end"]);
/// ```
///
/// ## A thread and a task in one line
///
/// ```
/// use syncline::{task::block_on, thread::Lock};
///
/// let total = Lock::new(0);
/// std::thread::scope(|threads| {
///     threads.spawn(|| *total.lock() += 1);
///     threads.spawn(|| block_on(async { *total.as_task().lock().await += 1 }));
/// });
/// assert_eq!(total.into_inner(), 2);
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
        /// use syncline::task::Lock;
        ///
        /// assert_eq!(Lock::new(7).into_inner(), 7);
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
    /// assert_eq!(syncline::task::Lock::new(7).into_inner(), 7);
    /// ```
    pub fn into_inner(self) -> T {
        self.shared.into_inner()
    }
}

impl<T: ?Sized> Lock<T> {
    /// Waits for the lock.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses only the place in line.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::task::Lock::new(vec![1]);
    /// syncline::task::block_on(async {
    ///     lock.lock().await.push(2);
    /// });
    /// assert_eq!(lock.into_inner(), [1, 2]);
    /// ```
    pub fn lock(&self) -> LockWait<'_, T> {
        LockWait::new(self.wait())
    }

    /// Locks if the lock is free and nobody waits.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::task::Lock::new(0);
    /// let guard = lock.try_lock().expect("nobody else has it");
    /// assert!(lock.try_lock().is_none());
    /// # drop(guard);
    /// ```
    #[must_use = "a guard that is dropped at once unlocks again"]
    #[inline]
    pub fn try_lock(&self) -> Option<LockGuard<'_, T>> {
        let line = &self.shared.line;
        (line.try_take(1, Asker::Task)).then(|| LockGuard::granted(&self.shared))
    }

    /// Waits for the lock for at most `timeout`, counted from the first poll; zero tries once.
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
    /// let lock = syncline::task::Lock::new(0);
    /// syncline::task::block_on(async {
    ///     let guard = lock.lock_timeout(Duration::from_secs(1)).await?;
    ///     assert!(lock.lock_timeout(Duration::from_millis(1)).await.is_err());
    /// #   drop(guard);
    ///     Ok::<(), syncline::TimedOut>(())
    /// })?;
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    pub fn lock_timeout(&self, timeout: Duration) -> LockTimed<'_, T> {
        LockTimed::new(Timed::new(self.wait(), Timeout::After(timeout)))
    }

    /// Waits for the lock until `deadline` at the latest.
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
    /// let lock = syncline::task::Lock::new(0);
    /// syncline::task::block_on(async {
    ///     *lock.lock_deadline(Instant::now()).await? += 1;
    ///     Ok::<(), syncline::TimedOut>(())
    /// })?;
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    pub fn lock_deadline(&self, deadline: Instant) -> LockTimed<'_, T> {
        LockTimed::new(Timed::new(self.wait(), Timeout::At(deadline)))
    }

    /// Like [`lock`](Self::lock), but returns a guard that owns a reference to the lock.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// let lock = Arc::new(syncline::task::Lock::new(0));
    /// let guard = syncline::task::block_on(lock.lock_owned());
    /// drop(lock);
    /// assert_eq!(*guard, 0);
    /// ```
    pub fn lock_owned(self: &Arc<Self>) -> LockOwned<T> {
        LockOwned::new(self.wait_owned())
    }

    /// Like [`try_lock`](Self::try_lock), but returns a guard that owns a reference to the lock.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// let lock = Arc::new(syncline::task::Lock::new(0));
    /// let guard = lock.try_lock_owned().expect("nobody else has it");
    /// assert!(lock.try_lock_owned().is_none());
    /// # drop(guard);
    /// ```
    #[must_use = "a guard that is dropped at once unlocks again"]
    pub fn try_lock_owned(self: &Arc<Self>) -> Option<OwnedLockGuard<T>> {
        let line = &self.shared.line;
        (line.try_take(1, Asker::Task)).then(|| Arc::clone(self).granted_owned())
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
    /// let lock = Arc::new(syncline::task::Lock::new(0));
    /// let guard = syncline::task::block_on(lock.lock_owned_timeout(Duration::from_secs(1)))?;
    /// # drop(guard);
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    pub fn lock_owned_timeout(self: &Arc<Self>, timeout: Duration) -> LockOwnedTimed<T> {
        LockOwnedTimed::new(Timed::new(self.wait_owned(), Timeout::After(timeout)))
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
    /// let lock = Arc::new(syncline::task::Lock::new(0));
    /// let guard = syncline::task::block_on(lock.lock_owned_deadline(Instant::now()))?;
    /// # drop(guard);
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    pub fn lock_owned_deadline(self: &Arc<Self>, deadline: Instant) -> LockOwnedTimed<T> {
        LockOwnedTimed::new(Timed::new(self.wait_owned(), Timeout::At(deadline)))
    }

    /// Returns whether the lock is held at this instant.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::task::Lock::new(0);
    /// assert!(!lock.is_locked());
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
    /// let lock = syncline::task::Lock::new(0);
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
    /// let mut lock = syncline::task::Lock::new(0);
    /// *lock.get_mut() = 1;
    /// assert_eq!(lock.into_inner(), 1);
    /// ```
    pub const fn get_mut(&mut self) -> &mut T {
        self.shared.get_mut()
    }

    fn wait(&self) -> Wait<&Shared<T>> {
        Wait::new(&self.shared, Asker::Task, 1)
    }

    fn wait_owned(self: &Arc<Self>) -> Wait<Arc<Self>> {
        Wait::new(Arc::clone(self), Asker::Task, 1)
    }

    /// The guard of a lock that has just been taken, for it alone.
    pub(super) fn granted_owned(self: Arc<Self>) -> OwnedLockGuard<T> {
        // SAFETY: every caller has just taken the lock and makes one guard of it.
        unsafe { OwnedLockGuard::new(self) }
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

// SAFETY: an `Arc` keeps its lock alive and in place, wherever it is moved itself.
unsafe impl<T: ?Sized> Place for Arc<Lock<T>> {
    type Word = LockWord;

    const OWNS: bool = true;

    fn line(&self, _: Internal) -> &Line<LockWord> {
        &self.shared.line
    }
}
