//! How tasks wait for a condition that they keep alive.

use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use super::future::{ConditionTimed, ConditionWait, ConditionWaitFor, ConditionWaitForTimed};
use super::task::{Condition, ConditionGuard};
use crate::error::TimedOut;
use crate::line::{Borrows, OwnedWait, owned};
use crate::lock::Lends;

impl<G: ConditionGuard + 'static> Borrows for ConditionWait<'static, G> {
    type With<'a> = ConditionWait<'a, G>;
    type Output = G;
}

impl<G: ConditionGuard + 'static> Borrows for ConditionTimed<'static, G> {
    type With<'a> = ConditionTimed<'a, G>;
    type Output = (G, Result<(), TimedOut>);
}

impl<G, F> Borrows for ConditionWaitFor<'static, G, F>
where
    G: ConditionGuard + 'static,
    F: for<'b> FnMut(<G as Lends<'b>>::Loan) -> bool + 'static,
{
    type With<'a> = ConditionWaitFor<'a, G, F>;
    type Output = G;
}

impl<G, F> Borrows for ConditionWaitForTimed<'static, G, F>
where
    G: ConditionGuard + 'static,
    F: for<'b> FnMut(<G as Lends<'b>>::Loan) -> bool + 'static,
{
    type With<'a> = ConditionWaitForTimed<'a, G, F>;
    type Output = (G, Result<(), TimedOut>);
}

impl Condition {
    /// Like [`wait`](Self::wait), but returns a future that owns a reference to the condition, and a guard that owns
    /// one to its lock.
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
    /// use std::sync::Arc;
    /// use syncline::task::{Condition, Lock, block_on};
    ///
    /// let (turn, changed) = (Arc::new(Lock::new(1)), Arc::new(Condition::new()));
    /// std::thread::scope(|threads| {
    ///     threads.spawn(|| {
    ///         *turn.as_thread().lock() = 2;
    ///         changed.notify_all();
    ///     });
    ///     block_on(async {
    ///         let mut turn = turn.lock_owned().await;
    ///         while *turn != 2 {
    ///             turn = changed.wait_owned(turn).await;
    ///         }
    ///     });
    /// });
    /// ```
    pub fn wait_owned<G: ConditionGuard + 'static>(
        self: &Arc<Self>,
        guard: G,
    ) -> OwnedWait<Self, ConditionWait<'static, G>> {
        owned::<_, ConditionWait<'static, G>>(self, |condition| condition.wait(guard))
    }

    /// Like [`wait_timeout`](Self::wait_timeout), but returns a future that owns a reference to the condition.
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
    /// use std::sync::Arc;
    /// use syncline::task::{Condition, Lock, block_on};
    ///
    /// let (lock, changed) = (Arc::new(Lock::new(7)), Arc::new(Condition::new()));
    /// block_on(async {
    ///     let guard = lock.lock_owned().await;
    ///     let wait = changed.wait_owned_timeout(guard, Duration::from_millis(1));
    ///     assert!(wait.await.1.is_err());
    /// });
    /// ```
    pub fn wait_owned_timeout<G: ConditionGuard + 'static>(
        self: &Arc<Self>,
        guard: G,
        timeout: Duration,
    ) -> OwnedWait<Self, ConditionTimed<'static, G>> {
        owned::<_, ConditionTimed<'static, G>>(self, |condition| {
            condition.wait_timeout(guard, timeout)
        })
    }

    /// Like [`wait_deadline`](Self::wait_deadline), but returns a future that owns a reference to the condition.
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
    /// use std::sync::Arc;
    /// use std::time::Instant;
    /// use syncline::task::{Condition, Lock, block_on};
    ///
    /// let (lock, changed) = (Arc::new(Lock::new(7)), Arc::new(Condition::new()));
    /// block_on(async {
    ///     let guard = lock.lock_owned().await;
    ///     assert!(changed.wait_owned_deadline(guard, Instant::now()).await.1.is_err());
    /// });
    /// ```
    pub fn wait_owned_deadline<G: ConditionGuard + 'static>(
        self: &Arc<Self>,
        guard: G,
        deadline: Instant,
    ) -> OwnedWait<Self, ConditionTimed<'static, G>> {
        owned::<_, ConditionTimed<'static, G>>(self, |condition| {
            condition.wait_deadline(guard, deadline)
        })
    }

    /// Like [`wait_for`](Self::wait_for), but returns a future that owns a reference to the condition.
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
    /// use std::sync::Arc;
    /// use syncline::task::{Condition, Lock, block_on};
    ///
    /// let (count, changed) = (Arc::new(Lock::new(0)), Arc::new(Condition::new()));
    /// std::thread::scope(|threads| {
    ///     threads.spawn(|| {
    ///         *count.as_thread().lock() += 1;
    ///         changed.notify_one();
    ///     });
    ///     block_on(async {
    ///         let guard = count.lock_owned().await;
    ///         assert_eq!(*changed.wait_for_owned(guard, |count| *count == 1).await, 1);
    ///     });
    /// });
    /// ```
    pub fn wait_for_owned<G, F>(
        self: &Arc<Self>,
        guard: G,
        predicate: F,
    ) -> OwnedWait<Self, ConditionWaitFor<'static, G, F>>
    where
        G: ConditionGuard + 'static,
        F: for<'a> FnMut(<G as Lends<'a>>::Loan) -> bool + 'static,
    {
        owned::<_, ConditionWaitFor<'static, G, F>>(self, |condition| {
            condition.wait_for(guard, predicate)
        })
    }

    /// Like [`wait_for_timeout`](Self::wait_for_timeout), but returns a future that owns a reference to the
    /// condition.
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
    /// use std::sync::Arc;
    /// use syncline::task::{Condition, Lock, block_on};
    ///
    /// let (count, changed) = (Arc::new(Lock::new(0)), Arc::new(Condition::new()));
    /// block_on(async {
    ///     let (guard, soon) = (count.lock_owned().await, Duration::from_millis(1));
    ///     let wait = changed.wait_for_owned_timeout(guard, soon, |count| *count > 0);
    ///     assert!(wait.await.1.is_err());
    /// });
    /// ```
    pub fn wait_for_owned_timeout<G, F>(
        self: &Arc<Self>,
        guard: G,
        timeout: Duration,
        predicate: F,
    ) -> OwnedWait<Self, ConditionWaitForTimed<'static, G, F>>
    where
        G: ConditionGuard + 'static,
        F: for<'a> FnMut(<G as Lends<'a>>::Loan) -> bool + 'static,
    {
        owned::<_, ConditionWaitForTimed<'static, G, F>>(self, |condition| {
            condition.wait_for_timeout(guard, timeout, predicate)
        })
    }

    /// Like [`wait_for_deadline`](Self::wait_for_deadline), but returns a future that owns a reference to the
    /// condition.
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
    /// use std::sync::Arc;
    /// use std::time::Instant;
    /// use syncline::task::{Condition, Lock, block_on};
    ///
    /// let (count, changed) = (Arc::new(Lock::new(1)), Arc::new(Condition::new()));
    /// block_on(async {
    ///     let guard = count.lock_owned().await;
    ///     let wait = changed.wait_for_owned_deadline(guard, Instant::now(), |count| *count > 0);
    ///     assert!(wait.await.1.is_ok());
    /// });
    /// ```
    pub fn wait_for_owned_deadline<G, F>(
        self: &Arc<Self>,
        guard: G,
        deadline: Instant,
        predicate: F,
    ) -> OwnedWait<Self, ConditionWaitForTimed<'static, G, F>>
    where
        G: ConditionGuard + 'static,
        F: for<'a> FnMut(<G as Lends<'a>>::Loan) -> bool + 'static,
    {
        owned::<_, ConditionWaitForTimed<'static, G, F>>(self, |condition| {
            condition.wait_for_deadline(guard, deadline, predicate)
        })
    }
}
