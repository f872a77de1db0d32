//! How tasks wait until a predicate holds.

use core::time::Duration;
use std::time::Instant;

use super::future::{ConditionWaitFor, ConditionWaitForTimed};
use super::future_try::{ConditionTryWaitFor, ConditionTryWaitForTimed};
use super::task::{Condition, ConditionGuard};
use crate::line::Timeout;
use crate::lock::Lends;

impl Condition {
    /// Waits until the predicate holds, which is asked under the lock: at once, and after every
    /// notify.
    ///
    /// It gets `&mut T` from the guard of a [`Lock`](crate::task::Lock), `&T` from that of an
    /// [`RLock`](crate::task::RLock).
    ///
    /// # Cancel safety
    ///
    /// The same as for [`wait`](Self::wait).
    ///
    /// # Panics
    ///
    /// As [`wait`](Self::wait), and if the predicate does. The lock is released then.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::task::{Condition, Lock, block_on};
    ///
    /// let (count, changed) = (Lock::new(0), Condition::new());
    /// std::thread::scope(|threads| {
    ///     for _ in 0..3 {
    ///         threads.spawn(|| {
    ///             *count.as_thread().lock() += 1;
    ///             changed.notify_one();
    ///         });
    ///     }
    ///     block_on(async {
    ///         let guard = count.lock().await;
    ///         assert_eq!(*changed.wait_for(guard, |count| *count == 3).await, 3);
    ///     });
    /// });
    /// ```
    pub fn wait_for<G, F>(&self, guard: G, predicate: F) -> ConditionWaitFor<'_, G, F>
    where
        G: ConditionGuard,
        F: for<'a> FnMut(<G as Lends<'a>>::Loan) -> bool,
    {
        ConditionWaitFor::new(self, guard, predicate)
    }

    /// Like [`wait_for`](Self::wait_for), but waits for at most `timeout`, counted from the first poll.
    ///
    /// The predicate is called once more at the end.
    ///
    /// # Cancel safety
    ///
    /// The same as for [`wait`](Self::wait).
    ///
    /// # Panics
    ///
    /// The same as for [`wait_for`](Self::wait_for).
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use syncline::task::{Condition, Lock, block_on};
    ///
    /// let (stock, arrived) = (Lock::new(vec!["apple"]), Condition::new());
    /// block_on(async {
    ///     let guard = stock.lock().await;
    ///     let wait = arrived.wait_for_timeout(guard, Duration::from_millis(1), |stock| {
    ///         stock.len() > 9
    ///     });
    ///     let (guard, full) = wait.await;
    ///     assert!(full.is_err());
    ///     assert_eq!(*guard, ["apple"]);
    /// });
    /// ```
    pub fn wait_for_timeout<G, F>(
        &self,
        guard: G,
        timeout: Duration,
        predicate: F,
    ) -> ConditionWaitForTimed<'_, G, F>
    where
        G: ConditionGuard,
        F: for<'a> FnMut(<G as Lends<'a>>::Loan) -> bool,
    {
        ConditionWaitForTimed::new(self, guard, Timeout::After(timeout), predicate)
    }

    /// Like [`wait_for`](Self::wait_for), but waits until `deadline` at the latest.
    ///
    /// The predicate is called once more at the end.
    ///
    /// # Cancel safety
    ///
    /// The same as for [`wait`](Self::wait).
    ///
    /// # Panics
    ///
    /// The same as for [`wait_for`](Self::wait_for).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Instant;
    /// use syncline::task::{Condition, Lock, block_on};
    ///
    /// let (stock, arrived) = (Lock::new(vec!["apple"]), Condition::new());
    /// block_on(async {
    ///     let guard = stock.lock().await;
    ///     let now = Instant::now();
    ///     let wait = arrived.wait_for_deadline(guard, now, |stock| !stock.is_empty());
    ///     assert!(wait.await.1.is_ok());
    /// });
    /// ```
    pub fn wait_for_deadline<G, F>(
        &self,
        guard: G,
        deadline: Instant,
        predicate: F,
    ) -> ConditionWaitForTimed<'_, G, F>
    where
        G: ConditionGuard,
        F: for<'a> FnMut(<G as Lends<'a>>::Loan) -> bool,
    {
        ConditionWaitForTimed::new(self, guard, Timeout::At(deadline), predicate)
    }

    /// Like [`wait_for`](Self::wait_for), but the predicate may fail. Its error ends the wait, with the lock held.
    ///
    /// # Cancel safety
    ///
    /// The same as for [`wait`](Self::wait).
    ///
    /// # Panics
    ///
    /// The same as for [`wait_for`](Self::wait_for).
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::task::{Condition, Lock, block_on};
    ///
    /// let (text, changed) = (Lock::new("x7"), Condition::new());
    /// block_on(async {
    ///     let guard = text.lock().await;
    ///     let wait = changed.try_wait_for(guard, |text| Ok(text.parse::<i32>()? == 7));
    ///     let (guard, result) = wait.await;
    ///     assert!(result.is_err_and(|error: std::num::ParseIntError| error.to_string().contains("digit")));
    ///     assert_eq!(*guard, "x7");
    /// });
    /// ```
    pub fn try_wait_for<G, F, E>(&self, guard: G, predicate: F) -> ConditionTryWaitFor<'_, G, F>
    where
        G: ConditionGuard,
        F: for<'a> FnMut(<G as Lends<'a>>::Loan) -> Result<bool, E>,
    {
        ConditionTryWaitFor::new(ConditionWaitFor::new(self, guard, predicate))
    }

    /// Like [`try_wait_for`](Self::try_wait_for), but waits for at most `timeout`, counted from the first poll.
    ///
    /// The predicate is called once more at the end.
    ///
    /// The outer error says that the predicate did not hold in time, the inner one is that of the predicate.
    ///
    /// # Cancel safety
    ///
    /// The same as for [`wait`](Self::wait).
    ///
    /// # Panics
    ///
    /// The same as for [`wait_for`](Self::wait_for).
    ///
    /// # Examples
    ///
    /// ```
    /// use core::convert::Infallible;
    /// use core::time::Duration;
    /// use syncline::task::{Condition, Lock, block_on};
    ///
    /// let (stock, arrived) = (Lock::new(vec!["apple"]), Condition::new());
    /// block_on(async {
    ///     let guard = stock.lock().await;
    ///     let wait = arrived.try_wait_for_timeout(guard, Duration::from_millis(1), |stock| {
    ///         Ok::<_, Infallible>(stock.len() > 9)
    ///     });
    ///     assert!(wait.await.1.is_err(), "it timed out");
    /// });
    /// ```
    pub fn try_wait_for_timeout<G, F, E>(
        &self,
        guard: G,
        timeout: Duration,
        predicate: F,
    ) -> ConditionTryWaitForTimed<'_, G, F>
    where
        G: ConditionGuard,
        F: for<'a> FnMut(<G as Lends<'a>>::Loan) -> Result<bool, E>,
    {
        let limit = Timeout::After(timeout);
        ConditionTryWaitForTimed::new(ConditionWaitForTimed::new(self, guard, limit, predicate))
    }

    /// Like [`try_wait_for`](Self::try_wait_for), but waits until `deadline` at the latest.
    ///
    /// The predicate is called once more at the end.
    ///
    /// # Cancel safety
    ///
    /// The same as for [`wait`](Self::wait).
    ///
    /// # Panics
    ///
    /// The same as for [`wait_for`](Self::wait_for).
    ///
    /// # Examples
    ///
    /// ```
    /// use core::convert::Infallible;
    /// use std::time::Instant;
    /// use syncline::task::{Condition, Lock, block_on};
    ///
    /// let (stock, arrived) = (Lock::new(vec!["apple"]), Condition::new());
    /// block_on(async {
    ///     let guard = stock.lock().await;
    ///     let wait = arrived.try_wait_for_deadline(guard, Instant::now(), |stock| {
    ///         Ok::<_, Infallible>(!stock.is_empty())
    ///     });
    ///     assert_eq!(wait.await.1, Ok(Ok(())));
    /// });
    /// ```
    pub fn try_wait_for_deadline<G, F, E>(
        &self,
        guard: G,
        deadline: Instant,
        predicate: F,
    ) -> ConditionTryWaitForTimed<'_, G, F>
    where
        G: ConditionGuard,
        F: for<'a> FnMut(<G as Lends<'a>>::Loan) -> Result<bool, E>,
    {
        let limit = Timeout::At(deadline);
        ConditionTryWaitForTimed::new(ConditionWaitForTimed::new(self, guard, limit, predicate))
    }
}
