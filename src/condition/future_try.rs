//! The futures of `Condition` whose predicates may fail.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::future::{ConditionWaitFor, ConditionWaitForTimed};
use super::predicate::answer;
use super::task::ConditionGuard;
use crate::error::TimedOut;
use crate::lock::Lends;

pin_project! {
    /// Waits until a predicate holds, or fails. Returned by
    /// [`Condition::try_wait_for`](crate::task::Condition::try_wait_for).
    #[must_use = "futures do nothing unless polled"]
    pub struct ConditionTryWaitFor<'a, G: ConditionGuard, F> {
        #[pin]
        wait: ConditionWaitFor<'a, G, F>,
    }
}

impl<'a, G: ConditionGuard, F> ConditionTryWaitFor<'a, G, F> {
    pub(super) const fn new(wait: ConditionWaitFor<'a, G, F>) -> Self {
        Self { wait }
    }
}

impl<G, F, E> Future for ConditionTryWaitFor<'_, G, F>
where
    G: ConditionGuard,
    F: for<'b> FnMut(<G as Lends<'b>>::Loan) -> Result<bool, E>,
{
    type Output = (G, Result<(), E>);

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let ask = |predicate: &mut F, guard: &mut G| answer(predicate(guard.lend()));
        self.project().wait.poll_asking(context, ask)
    }
}

pin_project! {
    /// Waits until a predicate holds, or fails, or until a deadline. Returned by
    /// [`Condition::try_wait_for_timeout`](crate::task::Condition::try_wait_for_timeout) and
    /// [`Condition::try_wait_for_deadline`](crate::task::Condition::try_wait_for_deadline).
    #[must_use = "futures do nothing unless polled"]
    pub struct ConditionTryWaitForTimed<'a, G: ConditionGuard, F> {
        #[pin]
        wait: ConditionWaitForTimed<'a, G, F>,
    }
}

impl<'a, G: ConditionGuard, F> ConditionTryWaitForTimed<'a, G, F> {
    pub(super) const fn new(wait: ConditionWaitForTimed<'a, G, F>) -> Self {
        Self { wait }
    }
}

impl<G, F, E> Future for ConditionTryWaitForTimed<'_, G, F>
where
    G: ConditionGuard,
    F: for<'b> FnMut(<G as Lends<'b>>::Loan) -> Result<bool, E>,
{
    type Output = (G, Result<Result<(), E>, TimedOut>);

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let ask = |predicate: &mut F, guard: &mut G| answer(predicate(guard.lend()));
        self.project().wait.poll_asking(context, ask)
    }
}

impl<G: ConditionGuard, F> fmt::Debug for ConditionTryWaitFor<'_, G, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConditionTryWaitFor")
            .finish_non_exhaustive()
    }
}

impl<G: ConditionGuard, F> fmt::Debug for ConditionTryWaitForTimed<'_, G, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConditionTryWaitForTimed")
            .finish_non_exhaustive()
    }
}
