//! `RLock` for threads.

use core::fmt;
use core::time::Duration;
use std::time::Instant;

use super::held::{ByThread, Held, unless_full};
use super::shared::RShared;
use super::thread_guard::RLockGuard;
use crate::error::TimedOut;
use crate::identity::owner;
use crate::line::{Quiet, Timeout};
use crate::sys::constructor;

/// A re-entrant lock around data, for threads: the thread that holds it may lock it again.
///
/// Each [`RLockGuard`] gives *shared* access to the data, because its owner may have several at once. Put what
/// changes into a [`Cell`](core::cell::Cell) or a [`RefCell`](core::cell::RefCell). The guards may be dropped in any
/// order, and the last one unlocks.
///
/// Use it if code that holds the lock calls code that locks it too, and cannot pass its guard down. Otherwise use a
/// [`Lock`](crate::thread::Lock), which gives `&mut T` and shows where a critical section begins. To hold the lock
/// across an `.await`, use [`task::RLock`](crate::task::RLock), whose owner is the task. Through this face, *all*
/// tasks of a thread are one owner.
///
/// # Fairness
///
/// As for [`Lock`](crate::thread::Lock): threads may overtake waiting threads for at most 500 µs, and nobody
/// overtakes a waiting task. The owner never waits to lock again.
///
/// # Poisoning
///
/// There is none. A panic while a guard is alive unlocks, and leaves the data as it is.
///
/// # Memory effects
///
/// Everything that happened before an unlock (the drop of the last guard) happens before everything after the next
/// lock.
///
/// # Deadlocks
///
/// * Two threads that take two locks in opposite orders can wait for each other.
/// * A thread and a task are different owners, even if the thread runs the task. So a task that is polled by
///   [`block_on`](crate::task::block_on) waits for ever for a lock that its thread took through this face.
/// * A thread that waits for another thread, which waits for this lock, waits for ever.
///
/// # Examples
///
/// ## A method that calls another one, both of which lock
///
/// ```
/// use std::cell::Cell;
/// use syncline::thread::RLock;
///
/// struct Account(RLock<Cell<i64>>);
///
/// impl Account {
///     fn add(&self, amount: i64) {
///         let balance = self.0.lock();
///         balance.set(balance.get() + amount);
///     }
///     fn add_twice(&self, amount: i64) {
///         let _nobody_in_between = self.0.lock();
///         self.add(amount);
///         self.add(amount);
///     }
/// }
///
/// let account = Account(RLock::new(Cell::new(1)));
/// account.add_twice(20);
/// assert_eq!(account.0.into_inner().get(), 41);
/// ```
///
/// ## Nested guards
///
/// ```
/// use syncline::thread::{RLock, RLockGuard};
///
/// let lock = RLock::new("data");
/// let outer = lock.lock();
/// let inner = lock.lock();
/// assert_eq!(RLockGuard::depth(&inner), 2);
/// drop(outer);
/// assert!(lock.is_locked());
/// drop(inner);
/// assert!(!lock.is_locked());
/// ```
#[doc(alias("ReentrantMutex", "ReentrantLock", "RecursiveMutex"))]
#[repr(transparent)]
pub struct RLock<T: ?Sized> {
    pub(crate) shared: RShared<T>,
}

impl<T> RLock<T> {
    constructor! {
        /// Creates an unlocked lock around the data.
        ///
        /// # Examples
        ///
        /// ```
        /// use syncline::thread::RLock;
        ///
        /// static NAME: RLock<&str> = RLock::new("Ada");
        /// assert_eq!(*NAME.lock(), "Ada");
        /// ```
        #[track_caller]
        pub const fn new(data: T) -> Self {
            let shared = RShared::new(data);
            Self { shared }
        }
    }

    /// Consumes the lock and returns the data.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(syncline::thread::RLock::new(7).into_inner(), 7);
    /// ```
    pub fn into_inner(self) -> T {
        self.shared.into_inner()
    }
}

impl<T: ?Sized> RLock<T> {
    /// Locks, blocking until the lock is granted. Returns at once if this thread owns the lock.
    ///
    /// # Panics
    ///
    /// Panics if this thread has 65,535 guards of the lock. None is made then, and none is lost.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::thread::RLock::new(1);
    /// let (one, other) = (lock.lock(), lock.lock());
    /// assert_eq!(*one + *other, 2);
    /// ```
    #[inline]
    #[track_caller]
    pub fn lock(&self) -> RLockGuard<'_, T> {
        RLockGuard::new(Held::lock(&self.shared, owner::owner()))
    }

    /// Locks if that is possible at once: nobody has locked, or this thread has.
    ///
    /// # Panics
    ///
    /// The same as for [`lock`](Self::lock).
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::thread::RLock::new(0);
    /// let guard = lock.try_lock().expect("nobody else has it");
    /// assert!(lock.try_lock().is_some());
    /// std::thread::scope(|threads| {
    ///     threads.spawn(|| assert!(lock.try_lock().is_none()));
    /// });
    /// # drop(guard);
    /// ```
    #[must_use = "a guard that is dropped at once unlocks again"]
    #[inline]
    #[track_caller]
    pub fn try_lock(&self) -> Option<RLockGuard<'_, T>> {
        let attempt = Held::<_, ByThread>::attempt(&self.shared, owner::owner());
        unless_full(attempt).map(RLockGuard::new)
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
    /// let lock = syncline::thread::RLock::new(0);
    /// let guard = lock.lock_timeout(Duration::from_secs(1))?;
    /// assert!(lock.lock_timeout(Duration::ZERO).is_ok());
    /// # drop(guard);
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    #[track_caller]
    pub fn lock_timeout(&self, timeout: Duration) -> Result<RLockGuard<'_, T>, TimedOut> {
        self.lock_until(Timeout::After(timeout))
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
    /// use std::time::{Duration, Instant};
    ///
    /// let lock = syncline::thread::RLock::new(7);
    /// let deadline = Instant::now() + Duration::from_secs(1);
    /// assert_eq!(*lock.lock_deadline(deadline)?, 7);
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    #[track_caller]
    pub fn lock_deadline(&self, deadline: Instant) -> Result<RLockGuard<'_, T>, TimedOut> {
        self.lock_until(Timeout::At(deadline))
    }

    /// Returns whether this thread has the lock.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::thread::RLock::new(0);
    /// let guard = lock.lock();
    /// assert!(lock.is_owned());
    /// std::thread::scope(|threads| {
    ///     threads.spawn(|| assert!(!lock.is_owned()));
    /// });
    /// # drop(guard);
    /// ```
    pub fn is_owned(&self) -> bool {
        self.depth() > 0
    }

    /// Returns how many guards of the lock this thread has; zero if it does not have the lock.
    ///
    /// While the thread waits for a [`Condition`](crate::thread::Condition), it has none. With a guard at hand,
    /// [`RLockGuard::depth`] says the same.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::thread::RLock::new(0);
    /// let guards = (lock.lock(), lock.lock());
    /// assert_eq!(lock.depth(), 2);
    /// drop(guards);
    /// assert_eq!(lock.depth(), 0);
    /// ```
    pub fn depth(&self) -> usize {
        self.shared.depth_of(owner::owner())
    }

    /// Returns whether the lock is held at this instant. Any thread may ask.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::thread::RLock::new(0);
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
    /// let lock = syncline::thread::RLock::new(0);
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
    /// let mut lock = syncline::thread::RLock::new(0);
    /// *lock.get_mut() = 1;
    /// assert_eq!(lock.into_inner(), 1);
    /// ```
    pub const fn get_mut(&mut self) -> &mut T {
        self.shared.get_mut()
    }

    #[track_caller]
    pub(crate) fn lock_until(&self, timeout: Timeout) -> Result<RLockGuard<'_, T>, TimedOut> {
        Held::lock_until(&self.shared, owner::owner(), timeout).map(RLockGuard::new)
    }
}

impl<T: Default> Default for RLock<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> From<T> for RLock<T> {
    fn from(data: T) -> Self {
        Self::new(data)
    }
}

/// Shows the data if this thread can lock at once, or has locked.
impl<T: ?Sized + fmt::Debug> fmt::Debug for RLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("RLock");
        match Held::<_, ByThread>::attempt(&self.shared, owner::owner()) {
            Ok(held) => debug.field("data", &&*held),
            Err(_) => debug.field("data", &format_args!("<locked>")),
        };
        debug.finish()
    }
}

impl<T: ?Sized> Quiet for RLock<T> {
    fn assert_quiet(&self) {
        self.shared.assert_quiet();
    }

    fn waiting(&self) -> usize {
        self.shared.waiting()
    }
}
