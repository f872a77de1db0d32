//! How threads wait until a predicate holds.

use core::time::Duration;
use std::time::Instant;

use super::thread::Condition;
use super::thread_guard::ConditionGuard;
use crate::error::TimedOut;
use crate::line::Timeout;
use crate::lock::Lends;

impl Condition {
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
