//! How threads wait that have locked an `RLock` more than once.

use core::time::Duration;
use std::time::Instant;

use super::nested::Nested;
use super::thread::Condition;
use super::thread_guard::NestedGuard;
use crate::error::TimedOut;
use crate::lock::Lends;

impl Condition {
    /// Like [`wait`](Self::wait), but also works if this thread holds the lock more than once.
    ///
    /// All levels are released, and restored afterwards.
    ///
    /// During the wait, the guards of the outer levels still lend the data, although others hold the lock and may
    /// change whatever a shared reference lets them change. Hence the bound `Sync`. Python's `Condition` does the
    /// same with its `RLock`. If the outer levels rely on the data not changing, use [`wait`](Self::wait), which
    /// panics instead.
    ///
    /// # Panics
    ///
    /// Panics if others wait here who have released another lock; then no level is released, and only this guard is
    /// dropped. If the waker of somebody else panics, the thread stops waiting, and the panic continues once it holds
    /// the lock again at all other levels.
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
        self.wait(Nested(guard)).0
    }

    /// Like [`wait_nested`](Self::wait_nested), but waits for at most `timeout`.
    ///
    /// Then it locks again at every level, however long that takes.
    ///
    /// The error says that no notify came in time.
    ///
    /// # Panics
    ///
    /// The same as for [`wait_nested`](Self::wait_nested).
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use syncline::thread::{Condition, RLock, RLockGuard};
    ///
    /// let (lock, changed) = (RLock::new(7), Condition::new());
    /// let outer = lock.lock();
    /// let (inner, notified) = changed.wait_nested_timeout(lock.lock(), Duration::from_millis(1));
    /// assert!(notified.is_err());
    /// assert_eq!(RLockGuard::depth(&inner), 2);
    /// # drop((inner, outer));
    /// ```
    #[track_caller]
    pub fn wait_nested_timeout<G: NestedGuard>(
        &self,
        guard: G,
        timeout: Duration,
    ) -> (G, Result<(), TimedOut>) {
        Nested::unwrap(self.wait_timeout(Nested(guard), timeout))
    }

    /// Like [`wait_nested`](Self::wait_nested), but waits until `deadline` at the latest.
    ///
    /// Then it locks again at every level, however long that takes.
    ///
    /// # Panics
    ///
    /// The same as for [`wait_nested`](Self::wait_nested).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Instant;
    /// use syncline::thread::{Condition, RLock};
    ///
    /// let (lock, changed) = (RLock::new(7), Condition::new());
    /// let outer = lock.lock();
    /// let (_inner, notified) = changed.wait_nested_deadline(lock.lock(), Instant::now());
    /// assert!(notified.is_err());
    /// # drop(outer);
    /// ```
    #[track_caller]
    pub fn wait_nested_deadline<G: NestedGuard>(
        &self,
        guard: G,
        deadline: Instant,
    ) -> (G, Result<(), TimedOut>) {
        Nested::unwrap(self.wait_deadline(Nested(guard), deadline))
    }

    /// Like [`wait_for`](Self::wait_for), but also works if this thread holds the lock more than once, like
    /// [`wait_nested`](Self::wait_nested).
    ///
    /// # Panics
    ///
    /// As [`wait_nested`](Self::wait_nested), and if the predicate does. The guard is dropped then, and it alone.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::sync::atomic::{AtomicBool, Ordering::Relaxed};
    /// use syncline::thread::{Condition, RLock};
    ///
    /// let (open, changed) = (RLock::new(AtomicBool::new(false)), Condition::new());
    /// std::thread::scope(|threads| {
    ///     let outer = open.lock();
    ///     threads.spawn(|| {
    ///         open.lock().store(true, Relaxed);
    ///         changed.notify_one();
    ///     });
    ///     let inner = changed.wait_nested_for(open.lock(), |open| open.load(Relaxed));
    ///     # drop((inner, outer));
    /// });
    /// ```
    #[track_caller]
    pub fn wait_nested_for<G, F>(&self, guard: G, predicate: F) -> G
    where
        G: NestedGuard,
        F: for<'a> FnMut(<G as Lends<'a>>::Loan) -> bool,
    {
        self.wait_for(Nested(guard), predicate).0
    }

    /// Like [`wait_nested_for`](Self::wait_nested_for), but waits for at most `timeout`.
    ///
    /// The predicate is called once more at the end.
    ///
    /// # Panics
    ///
    /// The same as for [`wait_nested_for`](Self::wait_nested_for).
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use syncline::thread::{Condition, RLock};
    ///
    /// let (stock, arrived) = (RLock::new(["apple"]), Condition::new());
    /// let outer = stock.lock();
    /// let soon = Duration::from_millis(1);
    /// let (_inner, pear) =
    ///     arrived.wait_nested_for_timeout(stock.lock(), soon, |stock| stock.contains(&"pear"));
    /// assert!(pear.is_err());
    /// # drop(outer);
    /// ```
    #[track_caller]
    pub fn wait_nested_for_timeout<G, F>(
        &self,
        guard: G,
        timeout: Duration,
        predicate: F,
    ) -> (G, Result<(), TimedOut>)
    where
        G: NestedGuard,
        F: for<'a> FnMut(<G as Lends<'a>>::Loan) -> bool,
    {
        Nested::unwrap(self.wait_for_timeout(Nested(guard), timeout, predicate))
    }

    /// Like [`wait_nested_for`](Self::wait_nested_for), but waits until `deadline` at the latest.
    ///
    /// The predicate is called once more at the end.
    ///
    /// # Panics
    ///
    /// The same as for [`wait_nested_for`](Self::wait_nested_for).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Instant;
    /// use syncline::thread::{Condition, RLock};
    ///
    /// let (stock, arrived) = (RLock::new(["apple"]), Condition::new());
    /// let outer = stock.lock();
    /// let now = Instant::now();
    /// let (_inner, apple) =
    ///     arrived.wait_nested_for_deadline(stock.lock(), now, |stock| stock.contains(&"apple"));
    /// assert!(apple.is_ok());
    /// # drop(outer);
    /// ```
    #[track_caller]
    pub fn wait_nested_for_deadline<G, F>(
        &self,
        guard: G,
        deadline: Instant,
        predicate: F,
    ) -> (G, Result<(), TimedOut>)
    where
        G: NestedGuard,
        F: for<'a> FnMut(<G as Lends<'a>>::Loan) -> bool,
    {
        Nested::unwrap(self.wait_for_deadline(Nested(guard), deadline, predicate))
    }

    /// Like [`try_wait_for`](Self::try_wait_for), but also works if this thread holds the lock more than once, like
    /// [`wait_nested`](Self::wait_nested).
    ///
    /// # Panics
    ///
    /// The same as for [`wait_nested_for`](Self::wait_nested_for).
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::thread::{Condition, RLock};
    ///
    /// let (text, changed) = (RLock::new("x7"), Condition::new());
    /// let outer = text.lock();
    /// let (_inner, result) =
    ///     changed.try_wait_nested_for(text.lock(), |text| Ok(text.parse::<i32>()? == 7));
    /// assert!(result.is_err_and(|error: std::num::ParseIntError| error.to_string().contains("digit")));
    /// # drop(outer);
    /// ```
    #[track_caller]
    pub fn try_wait_nested_for<G, F, E>(&self, guard: G, predicate: F) -> (G, Result<(), E>)
    where
        G: NestedGuard,
        F: for<'a> FnMut(<G as Lends<'a>>::Loan) -> Result<bool, E>,
    {
        Nested::unwrap(self.try_wait_for(Nested(guard), predicate))
    }

    /// Like [`try_wait_nested_for`](Self::try_wait_nested_for), but waits for at most `timeout`.
    ///
    /// The predicate is called once more at the end.
    ///
    /// # Panics
    ///
    /// The same as for [`wait_nested_for`](Self::wait_nested_for).
    ///
    /// # Examples
    ///
    /// ```
    /// use core::convert::Infallible;
    /// use core::time::Duration;
    /// use syncline::thread::{Condition, RLock};
    ///
    /// let (stock, arrived) = (RLock::new(["apple"]), Condition::new());
    /// let outer = stock.lock();
    /// let soon = Duration::from_millis(1);
    /// let (_inner, result) = arrived.try_wait_nested_for_timeout(stock.lock(), soon, |stock| {
    ///     Ok::<_, Infallible>(stock.contains(&"pear"))
    /// });
    /// assert!(result.is_err(), "it timed out");
    /// # drop(outer);
    /// ```
    #[track_caller]
    pub fn try_wait_nested_for_timeout<G, F, E>(
        &self,
        guard: G,
        timeout: Duration,
        predicate: F,
    ) -> (G, Result<Result<(), E>, TimedOut>)
    where
        G: NestedGuard,
        F: for<'a> FnMut(<G as Lends<'a>>::Loan) -> Result<bool, E>,
    {
        Nested::unwrap(self.try_wait_for_timeout(Nested(guard), timeout, predicate))
    }

    /// Like [`try_wait_nested_for`](Self::try_wait_nested_for), but waits until `deadline` at the latest.
    ///
    /// The predicate is called once more at the end.
    ///
    /// # Panics
    ///
    /// The same as for [`wait_nested_for`](Self::wait_nested_for).
    ///
    /// # Examples
    ///
    /// ```
    /// use core::convert::Infallible;
    /// use std::time::Instant;
    /// use syncline::thread::{Condition, RLock};
    ///
    /// let (stock, arrived) = (RLock::new(["apple"]), Condition::new());
    /// let outer = stock.lock();
    /// let (_inner, result) =
    ///     arrived.try_wait_nested_for_deadline(stock.lock(), Instant::now(), |stock| {
    ///         Ok::<_, Infallible>(stock.contains(&"apple"))
    ///     });
    /// assert_eq!(result, Ok(Ok(())));
    /// # drop(outer);
    /// ```
    #[track_caller]
    pub fn try_wait_nested_for_deadline<G, F, E>(
        &self,
        guard: G,
        deadline: Instant,
        predicate: F,
    ) -> (G, Result<Result<(), E>, TimedOut>)
    where
        G: NestedGuard,
        F: for<'a> FnMut(<G as Lends<'a>>::Loan) -> Result<bool, E>,
    {
        Nested::unwrap(self.try_wait_for_deadline(Nested(guard), deadline, predicate))
    }
}
