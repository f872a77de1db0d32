//! `Condition` for threads.

use core::{fmt, time::Duration};
use std::time::Instant;

use super::block::block;
use super::thread_guard::{ConditionGuard, NestedGuard};
use super::wait_set::WaitSet;
use crate::error::TimedOut;
use crate::identity::may_block;
use crate::line::{Internal, Quiet, Timeout};
use crate::lock::{Lends, LockWord};
use crate::sys::{Deadline, constructor};

/// Lets threads that hold a lock wait until another one says that the data has changed.
///
/// [`wait`](Self::wait) takes the guard, releases its lock while it waits, and gives the guard
/// back, locked. What is waited for is a condition on the data under the lock, so the usual form
/// is [`wait_for`](Self::wait_for), which says what it is. Use it where no other primitive says
/// the same: a flag is an [`Event`](crate::thread::Event), a count a [`Semaphore`](crate::thread::Semaphore), a
/// meeting a [`Barrier`](crate::thread::Barrier), and items that are passed on a [`Queue`](crate::thread::Queue).
///
/// It belongs to no lock, but all who wait at the same time must have released the same one.
///
/// # Fairness
///
/// A notify reaches those who are waiting when it is called, first come first served. It needs
/// no lock; where the caller holds it, nobody is woken before it is released. Whoever is notified
/// stands in the lock's line from then on, with those who came to lock, so they are woken a few at
/// a time, in order, and not all at once to fight for it. They need not *return* in that order: a thread that
/// comes to lock may pass one that has been woken. Nobody returns from a wait without
/// having been notified: there are no spurious wakeups.
///
/// # Memory effects
///
/// Those of the lock: everything that was done under it before happens before everything after
/// the wait. A notify alone publishes nothing.
///
/// # Deadlocks
///
/// A wait releases the lock of its guard, and no other. Whoever holds a second lock keeps it all
/// the while; if the notifier needs that one, both wait for ever. A change of the data that is
/// made without the lock can fall between the predicate and the wait, and its notify is missed.
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
#[doc(alias = "Condvar")]
#[repr(transparent)]
pub struct Condition {
    pub(crate) set: WaitSet<LockWord>,
}

impl Condition {
    constructor! {
        /// A condition for which nobody waits.
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
    /// If others wait here who have released another lock, or if the lock is an
    /// [`RLock`](crate::thread::RLock) that this thread has locked more than once: the other guards
    /// would lend out its data while somebody else has it. The guard is dropped then.
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

    /// As [`wait`](Self::wait), also where this thread has locked more than once: every level is
    /// given up, and restored afterwards.
    ///
    /// The guards of the outer levels still lend the data meanwhile, although others have the
    /// lock and may change what a shared reference lets them change; hence `Sync`. Python's
    /// `Condition` does the same with its `RLock`. Where the outer levels rely on the data
    /// staying as it is, use [`wait`](Self::wait), which refuses.
    ///
    /// # Panics
    ///
    /// If others wait here who have released another lock: nothing has been given up then, and this
    /// guard alone is dropped. If the waker of somebody else panics on the way: the thread stops
    /// waiting, and the panic continues when it holds the lock again, at all other levels.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::sync::atomic::{AtomicBool, Ordering::Relaxed};
    /// use syncline::thread::{Condition, RLock, RLockGuard};
    ///
    /// let (open, changed) = (RLock::new(AtomicBool::new(false)), Condition::new());
    /// std::thread::scope(|threads| {
    ///     let outer = open.lock();
    ///     threads.spawn(|| {
    ///         open.lock().store(true, Relaxed);
    ///         changed.notify_one();
    ///     });
    ///     let mut inner = open.lock();
    ///     while !inner.load(Relaxed) {
    ///         inner = changed.wait_nested(inner);
    ///     }
    ///     assert_eq!(RLockGuard::depth(&outer), 2);
    /// });
    /// ```
    #[track_caller]
    pub fn wait_nested<G: NestedGuard>(&self, guard: G) -> G {
        may_block();
        let mut never = Timeout::Never.start();
        block(&self.set, guard.suspend_all(Internal(())), &mut never).0
    }

    /// As [`wait`](Self::wait), for at most `timeout`; then it locks again, however long that
    /// takes.
    ///
    /// The error says that no notify came in time.
    ///
    /// # Panics
    ///
    /// As [`wait`](Self::wait).
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

    /// As [`wait`](Self::wait), until `deadline` at the latest; then it locks again, however long
    /// that takes.
    ///
    /// # Panics
    ///
    /// As [`wait`](Self::wait).
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

    /// Waits until the predicate holds; it is asked under the lock, at once and after every notify.
    ///
    /// It gets `&mut T` from the guard of a [`Lock`](crate::thread::Lock), `&T` from that of an
    /// [`RLock`](crate::thread::RLock).
    ///
    /// # Panics
    ///
    /// As [`wait`](Self::wait), and if the predicate does. The lock is released then.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::thread::{Condition, Lock};
    ///
    /// let (count, changed) = (Lock::new(0), Condition::new());
    /// std::thread::scope(|threads| {
    ///     for _ in 0..3 {
    ///         threads.spawn(|| {
    ///             *count.lock() += 1;
    ///             changed.notify_one();
    ///         });
    ///     }
    ///     assert_eq!(*changed.wait_for(count.lock(), |count| *count == 3), 3);
    /// });
    /// ```
    #[track_caller]
    pub fn wait_for<G, F>(&self, mut guard: G, mut predicate: F) -> G
    where
        G: ConditionGuard,
        F: for<'a> FnMut(<G as Lends<'a>>::Loan) -> bool,
    {
        while !predicate(guard.lend()) {
            guard = self.wait(guard);
        }
        guard
    }

    /// As [`wait_for`](Self::wait_for), for at most `timeout`; at its end the predicate is asked
    /// once more.
    ///
    /// # Panics
    ///
    /// As [`wait_for`](Self::wait_for).
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use syncline::thread::{Condition, Lock};
    ///
    /// let (stock, arrived) = (Lock::new(vec!["apple"]), Condition::new());
    /// let limit = Duration::from_millis(1);
    /// let (_guard, full) = arrived.wait_for_timeout(stock.lock(), limit, |stock| stock.len() > 9);
    /// assert!(full.is_err());
    /// ```
    #[track_caller]
    pub fn wait_for_timeout<G, F>(
        &self,
        guard: G,
        timeout: Duration,
        predicate: F,
    ) -> (G, Result<(), TimedOut>)
    where
        G: ConditionGuard,
        F: for<'a> FnMut(<G as Lends<'a>>::Loan) -> bool,
    {
        self.wait_for_until(guard, Timeout::After(timeout), predicate)
    }

    /// As [`wait_for`](Self::wait_for), until `deadline` at the latest; then the predicate is
    /// asked once more.
    ///
    /// # Panics
    ///
    /// As [`wait_for`](Self::wait_for).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Instant;
    /// use syncline::thread::{Condition, Lock};
    ///
    /// let (stock, arrived) = (Lock::new(vec!["apple"]), Condition::new());
    /// let now = Instant::now();
    /// let (_guard, any) = arrived.wait_for_deadline(stock.lock(), now, |stock| !stock.is_empty());
    /// assert!(any.is_ok());
    /// ```
    #[track_caller]
    pub fn wait_for_deadline<G, F>(
        &self,
        guard: G,
        deadline: Instant,
        predicate: F,
    ) -> (G, Result<(), TimedOut>)
    where
        G: ConditionGuard,
        F: for<'a> FnMut(<G as Lends<'a>>::Loan) -> bool,
    {
        self.wait_for_until(guard, Timeout::At(deadline), predicate)
    }

    /// Notifies whoever has waited longest; `false` if nobody waits.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(!syncline::thread::Condition::new().notify_one());
    /// ```
    pub fn notify_one(&self) -> bool {
        self.set.notify(1) == 1
    }

    /// Notifies the `n` who have waited longest, or all if there are fewer, and says how many.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(syncline::thread::Condition::new().notify(3), 0);
    /// ```
    pub fn notify(&self, n: usize) -> usize {
        self.set.notify(n)
    }

    /// Notifies all who wait, and says how many.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(syncline::thread::Condition::new().notify_all(), 0);
    /// ```
    pub fn notify_all(&self) -> usize {
        self.set.notify_all()
    }

    #[track_caller]
    fn wait_until<G: ConditionGuard>(
        &self,
        guard: G,
        deadline: &mut Deadline,
    ) -> (G, Result<(), TimedOut>) {
        may_block();
        block(&self.set, guard.suspend(Internal(())), deadline)
    }

    #[track_caller]
    fn wait_for_until<G, F>(
        &self,
        mut guard: G,
        timeout: Timeout,
        mut predicate: F,
    ) -> (G, Result<(), TimedOut>)
    where
        G: ConditionGuard,
        F: for<'a> FnMut(<G as Lends<'a>>::Loan) -> bool,
    {
        let mut deadline = None;
        let mut result = Ok(());
        while !predicate(guard.lend()) {
            if result.is_err() {
                return (guard, result);
            }
            let deadline = deadline.get_or_insert_with(|| timeout.start());
            (guard, result) = self.wait_until(guard, deadline);
        }
        (guard, Ok(()))
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
