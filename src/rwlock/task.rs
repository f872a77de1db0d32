//! `RwLock` for tasks.

use core::fmt;

use super::shared::Shared;
use crate::line::Quiet;
use crate::sys::constructor;

/// A lock around data for many readers or one writer, for tasks.
///
/// A reader's [guard](super::task_guard::RwLockReadGuard) gives `&T`, and any number of readers can hold one at the
/// same time. A [writer](super::task_guard::RwLockWriteGuard) has exclusive access. One of the readers can be
/// [upgradable](super::task_upgradable::RwLockUpgradableReadGuard): it can become the writer without unlocking in
/// between. Guards may be held across an `.await`.
///
/// If nothing is awaited while the lock is held, prefer a [`thread::RwLock`](crate::thread::RwLock), which is the
/// same lock ([`as_thread`](Self::as_thread)), or a [`thread::Lock`](crate::thread::Lock).
///
/// # Fairness
///
/// Tasks are served first come, first served. Adjacent readers in line are admitted together, and a reader that
/// arrives while a writer waits queues behind it. So neither readers nor writers starve. Nobody overtakes a waiting
/// task, not even the `try_` forms. Two requests skip the line:
///
/// * an upgrade, because nobody in line could be served before it;
/// * a thread's [`read_recursive`](crate::thread::RwLock::read_recursive).
///
/// # Poisoning
///
/// There is none. A panic while a guard is alive unlocks, and leaves the data as it is.
///
/// # Memory effects
///
/// Everything that happened before a writer unlocks or downgrades happens before everything after any later lock.
/// Everything that happened before a reader unlocks happens before everything after the next lock, or upgrade, of a
/// writer. Readers do not order one another.
///
/// # Cancel safety
///
/// Dropping the future of a lock at any point loses nothing. It leaves the line, and what it was granted goes to the
/// next waiter. The future of an upgrade contains its guard, so dropping it unlocks.
///
/// # Deadlocks
///
/// The lock is not re-entrant. A task that holds a guard and locks again can wait for itself for ever, even if both
/// are for reading: **a waiting writer keeps new readers out, and itself waits for the first guard of that task.**
/// This shows only if a writer comes between the two.
///
/// * To write after reading, unlock first, or hold an upgradable guard from the beginning.
/// * A leaked guard (`mem::forget`) keeps the lock. There can be 2^29 - 2 readers; one more waits.
///
/// ## Futurelock
///
/// A task queues a request, stops polling it, and asks again. With other locks, it would wait for itself as soon as
/// the first request is granted (Oxide's RFD 609). Here the request that is being polled takes over the grant, at the
/// second poll that finds it, if the grant is enough: a granted write serves any request, and a granted read only
/// another read. What it does not need becomes free at once. [Cancellation](crate::guide::cancellation#futurelock)
/// describes the limits.
///
/// # Examples
///
/// ## Many readers, now and then a writer
///
/// ```
/// use syncline::task::{RwLock, block_on, gather};
///
/// let config = RwLock::new(vec!["a"]);
/// block_on(async {
///     let reader = async || config.read().await.len();
///     let writer = async { config.write().await.push("b") };
///     let (first, (), second) = gather((reader(), writer, reader())).await;
///     assert_eq!((first, second), (1, 2));
/// });
/// ```
///
/// ## A thread and a task in one line
///
/// ```
/// use syncline::{task::block_on, thread::RwLock};
///
/// let total = RwLock::new(0);
/// std::thread::scope(|threads| {
///     threads.spawn(|| *total.write() += 1);
///     threads.spawn(|| block_on(async { *total.as_task().write().await += 1 }));
/// });
/// assert_eq!(*total.read(), 2);
/// ```
#[doc(alias("ReadWriteLock", "ReentrantReadWriteLock", "SharedMutex"))]
#[repr(transparent)]
pub struct RwLock<T: ?Sized> {
    pub(super) shared: Shared<T>,
}

impl<T> RwLock<T> {
    constructor! {
        /// Creates an unlocked lock around the data.
        ///
        /// # Examples
        ///
        /// ```
        /// use syncline::task::RwLock;
        ///
        /// assert_eq!(RwLock::new(7).into_inner(), 7);
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
    /// assert_eq!(syncline::task::RwLock::new(7).into_inner(), 7);
    /// ```
    pub fn into_inner(self) -> T {
        self.shared.into_inner()
    }
}

impl<T: ?Sized> RwLock<T> {
    /// Returns the data without locking, since `&mut self` proves that nobody else has it.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut lock = syncline::task::RwLock::new(0);
    /// *lock.get_mut() = 1;
    /// assert_eq!(lock.into_inner(), 1);
    /// ```
    pub const fn get_mut(&mut self) -> &mut T {
        self.shared.get_mut()
    }

    /// Returns whether the lock is held at this instant, for reading or for writing.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::task::RwLock::new(0);
    /// let guard = lock.try_read().expect("nobody writes");
    /// assert!(lock.is_locked());
    /// # drop(guard);
    /// ```
    pub fn is_locked(&self) -> bool {
        self.shared.line.word().is_locked()
    }

    /// Returns whether a writer holds the lock at this instant.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::task::RwLock::new(0);
    /// let guard = lock.try_read().expect("nobody writes");
    /// assert!(!lock.is_write_locked());
    /// # drop(guard);
    /// ```
    pub fn is_write_locked(&self) -> bool {
        self.shared.line.word().is_write_locked()
    }

    /// Returns how many read guards exist at this instant, including an upgradable one.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::task::RwLock::new(0);
    /// let guard = lock.try_read().expect("nobody writes");
    /// assert_eq!(lock.reader_count(), 1);
    /// # drop(guard);
    /// ```
    pub fn reader_count(&self) -> usize {
        self.shared.line.word().reader_count()
    }

    /// Returns how many threads and tasks wait for the lock at this instant.
    ///
    /// Counting takes the lock of the line. Use it for tests, metrics and bindings, not for decisions.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::task::RwLock::new(0);
    /// assert_eq!(lock.waiting(), 0);
    /// ```
    pub fn waiting(&self) -> usize {
        self.shared.waiting()
    }
}

impl<T: Default> Default for RwLock<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> From<T> for RwLock<T> {
    fn from(data: T) -> Self {
        Self::new(data)
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("RwLock");
        match self.try_read() {
            Some(guard) => debug.field("data", &&*guard),
            None => debug.field("data", &format_args!("<locked>")),
        };
        debug.finish()
    }
}

impl<T: ?Sized> Quiet for RwLock<T> {
    fn assert_quiet(&self) {
        self.shared.assert_quiet();
    }

    fn waiting(&self) -> usize {
        self.shared.waiting()
    }
}
