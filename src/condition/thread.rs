//! `Condition` for threads.

use core::{fmt, time::Duration};
use std::time::Instant;

use super::block::block;
use super::thread_guard::ConditionGuard;
use super::wait_set::WaitSet;
use crate::error::TimedOut;
use crate::identity::may_block;
use crate::line::{Internal, Quiet, Timeout};
use crate::lock::LockWord;
use crate::sys::{Deadline, constructor};

/// Lets threads that hold a lock wait until another one says that the data has changed.
///
/// [`wait`](Self::wait) takes the guard, releases its lock while it waits, and returns the guard, locked again. The
/// usual form is [`wait_for`](Self::wait_for), which takes a predicate on the data. Use a simpler primitive if there
/// is one: an [`Event`](crate::thread::Event) for a flag, a [`Semaphore`](crate::thread::Semaphore) for a count, a
/// [`Barrier`](crate::thread::Barrier) for a meeting, a [`Queue`](crate::thread::Queue) for items.
///
/// A condition belongs to no lock, but all who wait at the same time must have released the same one.
///
/// # Fairness
///
/// A notification reaches those who are waiting when it is sent, first come, first served. The notifier need not hold
/// the lock. If it does, nobody is woken before it releases the lock. A notified waiter joins the line of the lock,
/// so waiters are woken a few at a time, in order, and do not all compete for the lock. They need not *return* in
/// that order, because a thread that comes to lock may overtake a woken one. There are no spurious wakeups.
///
/// # Memory effects
///
/// Those of the lock: everything that was done under it before happens before everything after the wait. A
/// notification alone publishes nothing.
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
/// ```
/// use syncline::thread::{Condition, Lock};
///
/// let (stock, arrived) = (Lock::new(Vec::new()), Condition::new());
/// std::thread::scope(|threads| {
///     threads.spawn(|| {
///         stock.lock().push("apple");
///         arrived.notify_one();
///     });
///     let mut stock = arrived.wait_for(stock.lock(), |stock| !stock.is_empty());
///     assert_eq!(stock.pop(), Some("apple"));
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
        /// use syncline::thread::Condition;
        ///
        /// static CHANGED: Condition = Condition::new();
        /// assert!(!CHANGED.notify_one());
        /// ```
        #[must_use]
        #[track_caller]
        pub const fn new() -> Self {
            let set = WaitSet::new();
            Self { set }
        }
    }

    /// Releases the lock, blocks until notified, and locks again.
    ///
    /// # Panics
    ///
    /// Panics if others wait here who have released another lock, or if the lock is an [`RLock`](crate::thread::RLock) that
    /// this thread holds more than once, because the other guards would lend out its data while somebody else holds
    /// the lock. The guard is dropped then.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::thread::{Condition, Lock};
    ///
    /// let (turn, changed) = (Lock::new(1), Condition::new());
    /// std::thread::scope(|threads| {
    ///     threads.spawn(|| {
    ///         *turn.lock() = 2;
    ///         changed.notify_all();
    ///     });
    ///     let mut turn = turn.lock();
    ///     while *turn != 2 {
    ///         turn = changed.wait(turn);
    ///     }
    /// });
    /// ```
    #[track_caller]
    pub fn wait<G: ConditionGuard>(&self, guard: G) -> G {
        self.wait_until(guard, &mut Timeout::Never.start()).0
    }

    /// Like [`wait`](Self::wait), but waits for at most `timeout`. Then it locks again, however long that takes.
    ///
    /// The error says that no notify came in time.
    ///
    /// # Panics
    ///
    /// The same as for [`wait`](Self::wait).
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use syncline::thread::{Condition, Lock};
    ///
    /// let (lock, changed) = (Lock::new(7), Condition::new());
    /// let (guard, notified) = changed.wait_timeout(lock.lock(), Duration::from_millis(1));
    /// assert!(notified.is_err());
    /// assert_eq!(*guard, 7);
    /// ```
    #[track_caller]
    pub fn wait_timeout<G: ConditionGuard>(
        &self,
        guard: G,
        timeout: Duration,
    ) -> (G, Result<(), TimedOut>) {
        self.wait_until(guard, &mut Timeout::After(timeout).start())
    }

    /// Like [`wait`](Self::wait), but waits until `deadline` at the latest. Then it locks again, however long that
    /// takes.
    ///
    /// # Panics
    ///
    /// The same as for [`wait`](Self::wait).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Instant;
    /// use syncline::thread::{Condition, Lock};
    ///
    /// let (lock, changed) = (Lock::new(7), Condition::new());
    /// let (_guard, notified) = changed.wait_deadline(lock.lock(), Instant::now());
    /// assert!(notified.is_err());
    /// ```
    #[track_caller]
    pub fn wait_deadline<G: ConditionGuard>(
        &self,
        guard: G,
        deadline: Instant,
    ) -> (G, Result<(), TimedOut>) {
        self.wait_until(guard, &mut Timeout::At(deadline).start())
    }

    /// Notifies the longest-waiting waiter. Returns `false` if nobody waits.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(!syncline::thread::Condition::new().notify_one());
    /// ```
    pub fn notify_one(&self) -> bool {
        self.set.notify(1) == 1
    }

    /// Notifies the `n` longest-waiting waiters, or all if there are fewer, and returns how many.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(syncline::thread::Condition::new().notify(3), 0);
    /// ```
    pub fn notify(&self, n: usize) -> usize {
        self.set.notify(n)
    }

    /// Notifies all waiters, and returns how many.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(syncline::thread::Condition::new().notify_all(), 0);
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
    /// let changed = syncline::thread::Condition::new();
    /// assert_eq!(changed.waiting(), 0);
    /// ```
    pub fn waiting(&self) -> usize {
        self.set.waiting()
    }

    #[track_caller]
    pub(super) fn wait_until<G: ConditionGuard>(
        &self,
        guard: G,
        deadline: &mut Deadline,
    ) -> (G, Result<(), TimedOut>) {
        may_block();
        block(&self.set, guard.suspend(Internal(())), deadline)
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
