//! How threads wait until a predicate holds.

use core::time::Duration;
use std::time::Instant;

use super::predicate::answer;
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
    pub fn wait_for<G, F>(&self, guard: G, predicate: F) -> G
    where
        G: ConditionGuard,
        F: for<'a> FnMut(<G as Lends<'a>>::Loan) -> bool,
    {
        self.wait_for_until(guard, Timeout::Never, predicate).0
    }

    /// Like [`wait_for`](Self::wait_for), but waits for at most `timeout`. The predicate is called once more at the
    /// end.
    ///
    /// # Panics
    ///
    /// The same as for [`wait_for`](Self::wait_for).
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

    /// Like [`wait_for`](Self::wait_for), but waits until `deadline` at the latest.
    ///
    /// The predicate is called once more at the end.
    ///
    /// # Panics
    ///
    /// The same as for [`wait_for`](Self::wait_for).
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

    /// Like [`wait_for`](Self::wait_for), but the predicate may fail. Its error ends the wait, with the lock held.
    ///
    /// # Panics
    ///
    /// The same as for [`wait_for`](Self::wait_for).
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::thread::{Condition, Lock};
    ///
    /// let (text, changed) = (Lock::new("x7"), Condition::new());
    /// let (guard, result) =
    ///     changed.try_wait_for(text.lock(), |text| Ok(text.parse::<i32>()? == 7));
    /// assert!(result.is_err_and(|error: std::num::ParseIntError| error.to_string().contains("digit")));
    /// assert_eq!(*guard, "x7");
    /// ```
    #[track_caller]
    pub fn try_wait_for<G, F, E>(&self, guard: G, mut predicate: F) -> (G, Result<(), E>)
    where
        G: ConditionGuard,
        F: for<'a> FnMut(<G as Lends<'a>>::Loan) -> Result<bool, E>,
    {
        let ask = |guard: &mut G| answer(predicate(guard.lend()));
        let (guard, result) = self.ask_until(guard, Timeout::Never, ask);
        (guard, result.unwrap_or(Ok(())))
    }

    /// Like [`try_wait_for`](Self::try_wait_for), but waits for at most `timeout`.
    ///
    /// The predicate is called once more at the end.
    ///
    /// The outer error says that the predicate did not hold in time, the inner one is that of the predicate.
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
    /// use syncline::thread::{Condition, Lock};
    ///
    /// let (stock, arrived) = (Lock::new(vec!["apple"]), Condition::new());
    /// let soon = Duration::from_millis(1);
    /// let (_guard, result) = arrived.try_wait_for_timeout(stock.lock(), soon, |stock| {
    ///     Ok::<_, Infallible>(stock.len() > 9)
    /// });
    /// assert!(result.is_err(), "it timed out");
    /// ```
    #[track_caller]
    pub fn try_wait_for_timeout<G, F, E>(
        &self,
        guard: G,
        timeout: Duration,
        predicate: F,
    ) -> (G, Result<Result<(), E>, TimedOut>)
    where
        G: ConditionGuard,
        F: for<'a> FnMut(<G as Lends<'a>>::Loan) -> Result<bool, E>,
    {
        self.try_wait_for_until(guard, Timeout::After(timeout), predicate)
    }

    /// Like [`try_wait_for`](Self::try_wait_for), but waits until `deadline` at the latest.
    ///
    /// The predicate is called once more at the end.
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
    /// use syncline::thread::{Condition, Lock};
    ///
    /// let (stock, arrived) = (Lock::new(vec!["apple"]), Condition::new());
    /// let (_guard, result) = arrived.try_wait_for_deadline(stock.lock(), Instant::now(), |stock| {
    ///     Ok::<_, Infallible>(!stock.is_empty())
    /// });
    /// assert_eq!(result, Ok(Ok(())));
    /// ```
    #[track_caller]
    pub fn try_wait_for_deadline<G, F, E>(
        &self,
        guard: G,
        deadline: Instant,
        predicate: F,
    ) -> (G, Result<Result<(), E>, TimedOut>)
    where
        G: ConditionGuard,
        F: for<'a> FnMut(<G as Lends<'a>>::Loan) -> Result<bool, E>,
    {
        self.try_wait_for_until(guard, Timeout::At(deadline), predicate)
    }

    #[track_caller]
    fn wait_for_until<G, F>(
        &self,
        guard: G,
        timeout: Timeout,
        mut predicate: F,
    ) -> (G, Result<(), TimedOut>)
    where
        G: ConditionGuard,
        F: for<'a> FnMut(<G as Lends<'a>>::Loan) -> bool,
    {
        let ask = |guard: &mut G| predicate(guard.lend()).then_some(());
        self.ask_until(guard, timeout, ask)
    }

    #[track_caller]
    fn try_wait_for_until<G, F, E>(
        &self,
        guard: G,
        timeout: Timeout,
        mut predicate: F,
    ) -> (G, Result<Result<(), E>, TimedOut>)
    where
        G: ConditionGuard,
        F: for<'a> FnMut(<G as Lends<'a>>::Loan) -> Result<bool, E>,
    {
        let ask = |guard: &mut G| answer(predicate(guard.lend()));
        self.ask_until(guard, timeout, ask)
    }

    /// Waits until there is an answer.
    #[track_caller]
    fn ask_until<G: ConditionGuard, R>(
        &self,
        mut guard: G,
        timeout: Timeout,
        mut ask: impl FnMut(&mut G) -> Option<R>,
    ) -> (G, Result<R, TimedOut>) {
        let mut deadline = None;
        let mut notified = Ok(());
        loop {
            if let Some(answer) = ask(&mut guard) {
                return (guard, Ok(answer));
            }
            if let Err(late) = notified {
                return (guard, Err(late));
            }
            let deadline = deadline.get_or_insert_with(|| timeout.start());
            (guard, notified) = self.wait_until(guard, deadline);
        }
    }
}
