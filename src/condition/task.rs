//! `Condition` for tasks.

use core::fmt;
use core::time::Duration;
use std::time::Instant;

use super::future::{ConditionTimed, ConditionWait, Limit};
use super::wait_set::WaitSet;
use crate::line::{Quiet, Timeout};
use crate::lock::{Lends, LockWord, Relock};
use crate::sys::constructor;

/// A guard that a [`Condition`] can wait with.
///
/// [`LockGuard`](crate::task::LockGuard), [`RLockGuard`](crate::task::RLockGuard), and what `lock_owned` of
/// both locks returns. A mapped guard is none of them: while the lock is released, the part that
/// it borrows may go away. Other types cannot implement this.
#[diagnostic::on_unimplemented(
    message = "a task's `Condition` cannot wait with `{Self}`",
    label = "not a guard of a task's `Lock` or `RLock`",
    note = "a guard of the other face waits with the other face of the condition: `condition.as_thread()`",
    note = "a mapped guard cannot wait: the part that it lends may go away while the lock is released"
)]
pub trait ConditionGuard: Relock + for<'a> Lends<'a> {}

/// Lets tasks that hold a lock wait until another one says that the data has changed.
///
/// [`wait`](Self::wait) takes the guard, releases its lock while it waits, and returns the guard, locked again. The
/// usual form is [`wait_for`](Self::wait_for), which takes a predicate on the data. Use a simpler primitive if there
/// is one: an [`Event`](crate::task::Event) for a flag, a [`Semaphore`](crate::task::Semaphore) for a count, a
/// [`Barrier`](crate::task::Barrier) for a meeting, a [`Queue`](crate::task::Queue) for items.
///
/// A condition belongs to no lock, but all who wait at the same time must have released the same one. Threads may
/// notify tasks, and the other way round: [`as_thread`](Self::as_thread).
///
/// # Fairness
///
/// A notification reaches those who are waiting when it is sent, first come, first served. A future waits from its
/// first poll. The notifier need not hold the lock. If it does, nobody is woken before it releases the lock. A
/// notified wait with an owned guard joins the line of the lock at once. One that borrows its lock could be leaked,
/// so it is woken and then joins the line. There are no spurious wakeups.
///
/// # Memory effects
///
/// Those of the lock: everything that was done under it before happens before everything after the wait. A
/// notification alone publishes nothing.
///
/// # Cancel safety
///
/// A dropped wait does not hold the lock, because it gave up its guard. If it had been notified by
/// [`notify_one`](Self::notify_one), the notification goes to somebody else who was waiting at that time, if anybody
/// is left. A notification by [`notify_all`](Self::notify_all) is not passed on, because it has reached everybody.
///
/// # Deadlocks
///
/// * A wait releases the lock of its guard, and no other. If the notifier needs a second lock that the waiter holds,
///   both wait for ever.
/// * If data is changed without the lock, the change can fall between the predicate and the wait, and the
///   notification is missed.
///
/// # Examples
///
/// ## A thread tells a task
///
/// ```
/// use syncline::task::{Condition, Lock, block_on};
///
/// let (stock, arrived) = (Lock::new(Vec::new()), Condition::new());
/// std::thread::scope(|threads| {
///     threads.spawn(|| {
///         stock.as_thread().lock().push("apple");
///         arrived.notify_one();
///     });
///     block_on(async {
///         let guard = stock.lock().await;
///         let mut stock = arrived.wait_for(guard, |stock| !stock.is_empty()).await;
///         assert_eq!(stock.pop(), Some("apple"));
///     });
/// });
/// ```
#[doc(alias("Condvar", "ConditionVariable"))]
#[repr(transparent)]
pub struct Condition {
    pub(crate) set: WaitSet<LockWord>,
}

impl Condition {
    constructor! {
        /// Creates a condition.
        ///
        /// # Examples
        ///
        /// ```
        /// use syncline::task::Condition;
        ///
        /// static CHANGED: Condition = Condition::new();
        /// assert!(!CHANGED.notify_one());
        /// ```
        #[must_use]
        #[track_caller]
        pub const fn new() -> Self {
            Self {
                set: WaitSet::new(),
            }
        }
    }

    /// Releases the lock, waits until notified, and locks again.
    ///
    /// # Cancel safety
    ///
    /// A future that is dropped before its first poll unlocks. One that is dropped later no longer holds the lock,
    /// and passes on its notification.
    ///
    /// # Panics
    ///
    /// Panics at the first poll if others wait here who have released another lock, or if the lock is an
    /// [`RLock`](crate::task::RLock) that this task holds more than once, because the other guards would lend out its
    /// data while somebody else holds the lock. The guard is dropped then.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::task::{Condition, Lock, block_on};
    ///
    /// let (turn, changed) = (Lock::new(1), Condition::new());
    /// std::thread::scope(|threads| {
    ///     threads.spawn(|| {
    ///         *turn.as_thread().lock() = 2;
    ///         changed.notify_all();
    ///     });
    ///     block_on(async {
    ///         let mut turn = turn.lock().await;
    ///         while *turn != 2 {
    ///             turn = changed.wait(turn).await;
    ///         }
    ///     });
    /// });
    /// ```
    pub fn wait<G: ConditionGuard>(&self, guard: G) -> ConditionWait<'_, G> {
        ConditionWait::new(self, guard)
    }

    /// Like [`wait`](Self::wait), but waits for at most `timeout`, counted from the first poll.
    ///
    /// Then it locks again, however long that takes.
    ///
    /// The error says that no notification came in time. The guard is returned in any case.
    ///
    /// # Cancel safety
    ///
    /// The same as for [`wait`](Self::wait).
    ///
    /// # Panics
    ///
    /// The same as for [`wait`](Self::wait).
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use syncline::task::{Condition, Lock, block_on};
    ///
    /// let (lock, changed) = (Lock::new(7), Condition::new());
    /// block_on(async {
    ///     let guard = lock.lock().await;
    ///     let (guard, notified) = changed.wait_timeout(guard, Duration::from_millis(1)).await;
    ///     assert!(notified.is_err());
    ///     assert_eq!(*guard, 7);
    /// });
    /// ```
    pub fn wait_timeout<G: ConditionGuard>(
        &self,
        guard: G,
        timeout: Duration,
    ) -> ConditionTimed<'_, G> {
        ConditionTimed::new(self, guard, Limit::Timeout(Timeout::After(timeout)))
    }

    /// Like [`wait`](Self::wait), but waits until `deadline` at the latest. Then it locks again, however long that
    /// takes.
    ///
    /// # Cancel safety
    ///
    /// The same as for [`wait`](Self::wait).
    ///
    /// # Panics
    ///
    /// The same as for [`wait`](Self::wait).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Instant;
    /// use syncline::task::{Condition, Lock, block_on};
    ///
    /// let (lock, changed) = (Lock::new(7), Condition::new());
    /// block_on(async {
    ///     let guard = lock.lock().await;
    ///     let (_guard, notified) = changed.wait_deadline(guard, Instant::now()).await;
    ///     assert!(notified.is_err());
    /// });
    /// ```
    pub fn wait_deadline<G: ConditionGuard>(
        &self,
        guard: G,
        deadline: Instant,
    ) -> ConditionTimed<'_, G> {
        ConditionTimed::new(self, guard, Limit::Timeout(Timeout::At(deadline)))
    }

    /// Notifies the longest-waiting waiter. Returns `false` if nobody waits.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(!syncline::task::Condition::new().notify_one());
    /// ```
    pub fn notify_one(&self) -> bool {
        self.set.notify(1) == 1
    }

    /// Notifies the `n` longest-waiting waiters, or all if there are fewer, and returns how many.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(syncline::task::Condition::new().notify(3), 0);
    /// ```
    pub fn notify(&self, n: usize) -> usize {
        self.set.notify(n)
    }

    /// Notifies all waiters, and returns how many.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(syncline::task::Condition::new().notify_all(), 0);
    /// ```
    pub fn notify_all(&self) -> usize {
        self.set.notify_all()
    }

    /// Returns how many threads and tasks wait to be notified, at this instant.
    ///
    /// A notified waiter is in the line of its lock, and is counted there.
    ///
    /// # Examples
    ///
    /// ```
    /// let changed = syncline::task::Condition::new();
    /// assert_eq!(changed.waiting(), 0);
    /// ```
    pub fn waiting(&self) -> usize {
        self.set.waiting()
    }
}

impl Default for Condition {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Condition").finish_non_exhaustive()
    }
}

impl Quiet for Condition {
    fn assert_quiet(&self) {
        assert_eq!(self.set.waiting(), 0, "somebody still waits");
    }

    fn waiting(&self) -> usize {
        self.set.waiting()
    }
}
