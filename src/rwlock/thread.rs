//! `RwLock` for threads.

use core::fmt;

use super::shared::Shared;
use crate::line::Quiet;
use crate::sys::constructor;

/// A lock around data for many readers or one writer, for threads.
///
/// A reader's [guard](super::thread_guard::RwLockReadGuard) gives `&T`, and any number of readers can hold one at the
/// same time. A [writer](super::thread_guard::RwLockWriteGuard) has exclusive access. One of the readers can be
/// [upgradable](super::thread_upgradable::RwLockUpgradableReadGuard): it can become the writer without unlocking in
/// between.
///
/// Use it for long or numerous reads and rare writes. For short critical sections, a [`Lock`](crate::thread::Lock) is
/// faster even if most are reads, because all readers change the same word. To hold a guard across an `.await`, use a
/// [`task::RwLock`](crate::task::RwLock), which is the same lock: [`as_task`](Self::as_task).
///
/// # Fairness
///
/// Threads may overtake waiting threads, for at most 500 µs: a release that finds the first waiter overtaken for that
/// long hands the lock to it, and from then on nobody else is admitted before it. So neither readers nor writers
/// starve. Adjacent readers in line are admitted together. A waiting task is never overtaken. Two requests skip the
/// line:
///
/// * an upgrade, because nobody in line could be served before it;
/// * [`read_recursive`](Self::read_recursive).
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
/// # Deadlocks
///
/// The lock is not re-entrant. A thread that holds a guard and locks again can wait for itself for ever, even if both
/// are for reading: **a waiting writer keeps new readers out, and itself waits for the first guard of that thread.**
/// This shows only if a writer comes between the two.
///
/// * To read in code that may be called with the lock held for reading, use [`read_recursive`](Self::read_recursive).
/// * To write after reading, unlock first, or hold an upgradable guard from the beginning.
/// * A leaked guard (`mem::forget`) keeps the lock. There can be 2^29 - 2 readers; one more waits.
///
/// # Examples
///
/// ## Many readers, now and then a writer
///
/// ```
/// use std::collections::HashMap;
/// use syncline::thread::RwLock;
///
/// let routes = RwLock::new(HashMap::from([("/", 1)]));
/// std::thread::scope(|threads| {
///     for _ in 0..4 {
///         threads.spawn(|| assert_eq!(routes.read().get("/"), Some(&1)));
///     }
///     threads.spawn(|| routes.write().insert("/about", 2));
/// });
/// assert_eq!(routes.read().len(), 2);
/// ```
///
/// ## To look first, and to write only if need be
///
/// ```
/// use syncline::thread::{RwLock, RwLockUpgradableReadGuard, RwLockWriteGuard};
///
/// static CACHE: RwLock<Option<String>> = RwLock::new(None);
///
/// fn cached() -> String {
///     let reader = CACHE.upgradable_read();
///     if let Some(text) = &*reader {
///         return text.clone();
///     }
///     // Nobody writes between the look and this.
///     let mut writer = RwLockUpgradableReadGuard::upgrade(reader);
///     *writer = Some("computed".to_owned());
///     // Others may read from here on.
///     RwLockWriteGuard::downgrade(writer).clone().expect("it has just been written")
/// }
///
/// assert_eq!(cached(), cached());
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
        /// use syncline::thread::RwLock;
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
    /// assert_eq!(syncline::thread::RwLock::new(7).into_inner(), 7);
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
    /// let mut lock = syncline::thread::RwLock::new(0);
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
    /// let lock = syncline::thread::RwLock::new(0);
    /// let guard = lock.read();
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
    /// let lock = syncline::thread::RwLock::new(0);
    /// let guard = lock.read();
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
    /// let lock = syncline::thread::RwLock::new(0);
    /// let guard = lock.read();
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
    /// let lock = syncline::thread::RwLock::new(0);
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
