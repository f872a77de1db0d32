//! `RLock` for tasks.

use core::{fmt, time::Duration};
use std::time::Instant;

use super::data::RLockData;
use super::future::{RLockTimed, RLockWait};
use super::held::{ByTask, Held, unless_full};
use super::shared::RShared;
use super::task_guard::RLockGuard;
use crate::identity::{Owner, task, task::TaskId};
use crate::line::{Asker, Quiet, Timeout, Wait};
use crate::{sys::constructor, timer::Timed};

/// A re-entrant lock around data, for tasks: the task that holds it may lock it again.
///
/// Each [`RLockGuard`] gives *shared* access to the data, because its owner may have several at once. It may be held
/// across an `.await`. The guards may be dropped in any order, even by other tasks and threads, and the last one
/// unlocks.
///
/// Use it if code that holds the lock awaits code that locks it too, and cannot pass its guard down. Otherwise use a
/// [`Lock`](crate::task::Lock), which gives `&mut T`. If nothing is awaited while it is locked,
/// [`thread::RLock`](crate::thread::RLock) is faster, and it is the same lock: [`as_thread`](Self::as_thread).
///
/// # Which task is the owner?
///
/// The task that [`current`](crate::task::current) names when the future is polled: that of
/// [`block_on`](crate::task::block_on()), or on another runtime that of [`identified`](crate::task::identified()). A
/// task without an identity cannot lock: the wait panics, and [`try_lock`](Self::try_lock) returns `None`.
///
/// Two futures that one task polls together, by `join!` or `select!`, have the same owner, so they do not exclude
/// each other. To keep them apart, spawn them, or use a [`Lock`](crate::task::Lock).
///
/// # Why must the data be `Sync`?
///
/// A task may continue on another thread. It can leave a guard behind on the first thread (in a thread-local, even
/// one that cannot be sent), and lock again on the second. Then both threads read the data at once. If the data is
/// not `Sync`, such as a [`Cell`](core::cell::Cell), use an atomic, a lock inside, or
/// [`thread::RLock`](crate::thread::RLock), which does not need the bound. The bound is called [`RLockData`] so that
/// the compiler's message can say this.
///
/// # Fairness
///
/// Tasks are served first come, first served, as for [`Lock`](crate::task::Lock). The owner never waits to lock
/// again, even if others are in line.
///
/// # Poisoning
///
/// There is none. A panic while a guard is alive unlocks, and leaves the data as it is.
///
/// # Memory effects
///
/// Everything that happened before an owner drops any guard happens before everything after the lock of the next
/// owner.
///
/// # Cancel safety
///
/// Dropping the future at any point loses nothing. It leaves the line, and a lock that it was granted goes to the
/// next waiter. See [cancellation](crate::guide::cancellation).
///
/// # Deadlocks
///
/// * Two tasks that take two locks in opposite orders can wait for each other.
/// * A task and a task that it spawned are different owners, and so is the thread that it runs on. In particular, a
///   task in a [`block_on`](crate::task::block_on()) waits for ever for a lock that its thread took through
///   [`thread::RLock`](crate::thread::RLock). A `block_on` inside a task is a task of its own.
/// * A queued request is woken when its turn comes, but not when its own task becomes the owner through another
///   request. `join!` and `select!` poll all their futures, so they notice. With `FuturesUnordered`, a task that
///   holds the lock in one child and waits for it in another can wait for ever.
///
/// # Examples
///
/// ## A method that awaits another one, both of which lock
///
/// ```
/// use core::sync::atomic::{AtomicI64, Ordering::Relaxed};
/// use syncline::task::{RLock, block_on};
///
/// struct Account(RLock<AtomicI64>);
///
/// impl Account {
///     async fn add(&self, amount: i64) {
///         self.0.lock().await.fetch_add(amount, Relaxed);
///     }
///     async fn add_twice(&self, amount: i64) {
///         let _nobody_in_between = self.0.lock().await;
///         self.add(amount).await;
///         self.add(amount).await;
///     }
/// }
///
/// let account = Account(RLock::new(AtomicI64::new(1)));
/// block_on(account.add_twice(20));
/// assert_eq!(account.0.into_inner().into_inner(), 41);
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
        /// use syncline::task::RLock;
        ///
        /// assert_eq!(RLock::new(7).into_inner(), 7);
        /// ```
        #[track_caller]
        pub const fn new(data: T) -> Self {
            Self {
                shared: RShared::new(data),
            }
        }
    }

    /// Consumes the lock and returns the data.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(syncline::task::RLock::new(7).into_inner(), 7);
    /// ```
    pub fn into_inner(self) -> T {
        self.shared.into_inner()
    }
}

impl<T: ?Sized> RLock<T> {
    /// Waits for the lock; not at all, if this task has locked already.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses only the place in line.
    ///
    /// # Panics
    ///
    /// When it is polled by a task that has no identity, or has 65,535 guards of the lock. None
    /// is made then, and none is lost.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::task::RLock::new(1);
    /// syncline::task::block_on(async {
    ///     let (one, other) = (lock.lock().await, lock.lock().await);
    ///     assert_eq!(*one + *other, 2);
    /// });
    /// ```
    pub fn lock(&self) -> RLockWait<'_, T>
    where
        T: RLockData,
    {
        RLockWait::new(self.wait())
    }

    /// Locks if that is possible at once: this task has locked, or nobody has, and nobody waits.
    ///
    /// Also returns `None` outside any task.
    ///
    /// # Panics
    ///
    /// Panics if this task has 65,535 guards of the lock.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::task::{RLock, block_on};
    ///
    /// let lock = RLock::new(0);
    /// block_on(async {
    ///     let guard = lock.try_lock().expect("nobody else has it");
    ///     assert!(lock.try_lock().is_some());
    ///     block_on(async { assert!(lock.try_lock().is_none()) });
    /// #   drop(guard);
    /// });
    /// assert!(lock.try_lock().is_none(), "no task, no owner");
    /// ```
    #[must_use = "a guard that is dropped at once unlocks again"]
    #[track_caller]
    pub fn try_lock(&self) -> Option<RLockGuard<'_, T>>
    where
        T: RLockData,
    {
        let me = task::current()?.into();
        let attempt = Held::<_, ByTask>::attempt(&self.shared, me);
        unless_full(attempt).map(RLockGuard::new)
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
    /// # Panics
    ///
    /// The same as for [`lock`](Self::lock).
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    ///
    /// let lock = syncline::task::RLock::new(0);
    /// syncline::task::block_on(async {
    ///     let guard = lock.lock_timeout(Duration::from_secs(1)).await?;
    ///     assert!(lock.lock_timeout(Duration::ZERO).await.is_ok());
    /// #   drop(guard);
    ///     Ok::<(), syncline::TimedOut>(())
    /// })?;
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    pub fn lock_timeout(&self, timeout: Duration) -> RLockTimed<'_, T>
    where
        T: RLockData,
    {
        RLockTimed::new(Timed::new(self.wait(), Timeout::After(timeout)))
    }

    /// Waits for the lock until `deadline` at the latest.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`](crate::TimedOut) if the lock was not granted in time.
    ///
    /// # Panics
    ///
    /// The same as for [`lock`](Self::lock).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Instant;
    ///
    /// let lock = syncline::task::RLock::new(7);
    /// syncline::task::block_on(async {
    ///     assert_eq!(*lock.lock_deadline(Instant::now()).await?, 7);
    ///     Ok::<(), syncline::TimedOut>(())
    /// })?;
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    pub fn lock_deadline(&self, deadline: Instant) -> RLockTimed<'_, T>
    where
        T: RLockData,
    {
        RLockTimed::new(Timed::new(self.wait(), Timeout::At(deadline)))
    }

    fn wait(&self) -> Wait<&RShared<T>> {
        Wait::new(&self.shared, Asker::Task, 1)
    }

    /// Returns whether the task that asks has the lock; Returns `false` outside any task.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::task::{RLock, block_on};
    ///
    /// let lock = RLock::new(0);
    /// block_on(async {
    ///     let guard = lock.lock().await;
    ///     assert!(lock.is_owned());
    ///     # drop(guard);
    /// });
    /// assert!(!lock.is_owned());
    /// ```
    pub fn is_owned(&self) -> bool {
        self.depth() > 0
    }

    /// Returns how many guards of the lock the task that asks has, wherever they are; zero if it does not hold the
    /// lock, and outside any task.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::task::{RLock, block_on};
    ///
    /// let lock = RLock::new(0);
    /// block_on(async {
    ///     let guards = (lock.lock().await, lock.lock().await);
    ///     assert_eq!(lock.depth(), 2);
    ///     # drop(guards);
    /// });
    /// ```
    pub fn depth(&self) -> usize {
        task::current().map_or(0, |id| self.shared.depth_of(Owner::from(id)))
    }

    /// Returns whether the lock is held at this instant. Any thread may ask.
    ///
    /// # Examples
    ///
    /// ```
    /// let lock = syncline::task::RLock::new(0);
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
    /// let lock = syncline::task::RLock::new(0);
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
    /// let mut lock = syncline::task::RLock::new(0);
    /// *lock.get_mut() = 1;
    /// assert_eq!(lock.into_inner(), 1);
    /// ```
    pub const fn get_mut(&mut self) -> &mut T {
        self.shared.get_mut()
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

/// Shows the data if this task can lock at once, or has locked. Outside of any task it locks as
/// one that is over as soon as the data has been shown.
impl<T: ?Sized + Sync + fmt::Debug> fmt::Debug for RLock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let me = Owner::from(task::current().unwrap_or_else(TaskId::new));
        let mut debug = f.debug_struct("RLock");
        match Held::<_, ByTask>::attempt(&self.shared, me) {
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
