//! The futures of `Condition`.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::block::refuse;
use super::set_timed::SetTimed;
use super::task::{Condition, ConditionGuard};
use super::wait_set::SetWait;
use crate::error::TimedOut;
use crate::identity::budget;
use crate::line::{Asker, Internal, PolledBy, Timeout};
use crate::lock::{Lends, LockWord};
use crate::sys::Deadline;

pin_project! {
    /// Waits for a [`Condition`]. Returned by [`Condition::wait`].
    #[must_use = "futures do nothing unless polled"]
    pub struct ConditionWait<'a, G: ConditionGuard> {
        // Until the first poll.
        guard: Option<G>,
        #[pin]
        wait: SetWait<'a, G::Place>,
    }
}

impl<'a, G: ConditionGuard> ConditionWait<'a, G> {
    pub(super) fn new(condition: &'a Condition, guard: G) -> Self {
        Self {
            guard: Some(guard),
            wait: SetWait::new(&condition.set, Asker::Task),
        }
    }
}

impl<G: ConditionGuard> Future for ConditionWait<'_, G> {
    type Output = G;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<G> {
        let this = self.project();
        if let Some(guard) = this.guard.take() {
            // Foreign code, which may panic: while there still is a guard that unlocks.
            let polled_by = PolledBy::of::<LockWord>(Asker::Task, context.waker());
            if let Err(place) = this.wait.begin(guard.suspend(Internal(())), polled_by) {
                refuse(G::resume(place, Internal(())));
            }
            return Poll::Pending;
        }
        let place = ready!(this.wait.poll(context));
        budget::charge(context);
        Poll::Ready(G::resume(place, Internal(())))
    }
}

/// When a wait gives up: as its caller said it, and from the first poll on as a moment.
#[derive(Clone, Copy)]
pub(super) enum Limit {
    Timeout(Timeout),
    Deadline(Deadline),
}

impl Limit {
    /// Whether there is no time to wait at all.
    fn is_zero(self) -> bool {
        matches!(self, Self::Timeout(timeout) if timeout.is_over())
    }

    /// Reads the clock, if that has not been done yet.
    fn start(&mut self) -> Deadline {
        let deadline = match *self {
            Self::Timeout(timeout) => timeout.start(),
            Self::Deadline(deadline) => deadline,
        };
        *self = Self::Deadline(deadline);
        deadline
    }
}

pin_project! {
    /// Waits for a [`Condition`] until a deadline. Returned by [`Condition::wait_timeout`] and
    /// [`Condition::wait_deadline`].
    #[must_use = "futures do nothing unless polled"]
    pub struct ConditionTimed<'a, G: ConditionGuard> {
        // Until the first poll.
        guard: Option<G>,
        limit: Limit,
        #[pin]
        wait: SetTimed<'a, G::Place>,
    }
}

impl<'a, G: ConditionGuard> ConditionTimed<'a, G> {
    pub(super) fn new(condition: &'a Condition, guard: G, limit: Limit) -> Self {
        Self {
            guard: Some(guard),
            limit,
            wait: SetTimed::new(&condition.set, Asker::Task),
        }
    }
}

impl<G: ConditionGuard> Future for ConditionTimed<'_, G> {
    type Output = (G, Result<(), TimedOut>);

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if let Some(guard) = this.guard.take() {
            let polled_by = PolledBy::of::<LockWord>(Asker::Task, context.waker());
            let deadline = this.limit.start();
            let begun =
                (this.wait.as_mut()).begin(guard.suspend(Internal(())), polled_by, deadline);
            if let Err(place) = begun {
                refuse(G::resume(place, Internal(())));
            }
        }
        let (place, result) = ready!(this.wait.poll(context));
        budget::charge(context);
        Poll::Ready((G::resume(place, Internal(())), result))
    }
}

pin_project! {
    /// Waits until a predicate holds. Returned by [`Condition::wait_for`].
    #[must_use = "futures do nothing unless polled"]
    pub struct ConditionWaitFor<'a, G: ConditionGuard, F> {
        condition: &'a Condition,
        #[pin]
        wait: ConditionWait<'a, G>,
        predicate: F,
        // Whether the predicate has been asked, or the first poll deferred.
        begun: bool,
    }
}

impl<'a, G: ConditionGuard, F> ConditionWaitFor<'a, G, F> {
    pub(super) fn new(condition: &'a Condition, guard: G, predicate: F) -> Self {
        Self {
            condition,
            wait: ConditionWait::new(condition, guard),
            predicate,
            begun: false,
        }
    }
}

impl<G: ConditionGuard, F> ConditionWaitFor<'_, G, F> {
    /// Asks the predicate, and waits until there is an answer.
    pub(super) fn poll_asking<R>(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        ask: impl Fn(&mut F, &mut G) -> Option<R>,
    ) -> Poll<(G, R)> {
        let mut this = self.project();
        let fresh = !*this.begun;
        if fresh && budget::spend(context, || !core::mem::replace(this.begun, true)) {
            return Poll::Pending;
        }
        *this.begun = true;
        loop {
            let slot = this.wait.as_mut().project().guard;
            if let Some(mut guard) = slot.take() {
                if let Some(answer) = ask(this.predicate, &mut guard) {
                    return Poll::Ready((guard, answer));
                }
                *slot = Some(guard);
            }
            let Poll::Ready(guard) = this.wait.as_mut().poll(context) else {
                if fresh {
                    budget::give_back();
                }
                return Poll::Pending;
            };
            (this.wait).set(ConditionWait::new(this.condition, guard));
        }
    }
}

impl<G, F> Future for ConditionWaitFor<'_, G, F>
where
    G: ConditionGuard,
    F: for<'b> FnMut(<G as Lends<'b>>::Loan) -> bool,
{
    type Output = G;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<G> {
        let ask = |predicate: &mut F, guard: &mut G| predicate(guard.lend()).then_some(());
        self.poll_asking(context, ask).map(|(guard, ())| guard)
    }
}

pin_project! {
    /// Waits until a predicate holds, or until a deadline. Returned by [`Condition::wait_for_timeout`] and
    /// [`Condition::wait_for_deadline`].
    #[must_use = "futures do nothing unless polled"]
    pub struct ConditionWaitForTimed<'a, G: ConditionGuard, F> {
        condition: &'a Condition,
        #[pin]
        wait: ConditionTimed<'a, G>,
        result: Result<(), TimedOut>,
        predicate: F,
        // Whether the predicate has been asked, or the first poll deferred.
        begun: bool,
    }
}

impl<'a, G: ConditionGuard, F> ConditionWaitForTimed<'a, G, F> {
    pub(super) fn new(condition: &'a Condition, guard: G, timeout: Timeout, predicate: F) -> Self {
        Self {
            condition,
            wait: ConditionTimed::new(condition, guard, Limit::Timeout(timeout)),
            result: Ok(()),
            predicate,
            begun: false,
        }
    }
}

impl<G: ConditionGuard, F> ConditionWaitForTimed<'_, G, F> {
    /// As [`ConditionWaitFor::poll_asking`], until the deadline.
    pub(super) fn poll_asking<R>(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        ask: impl Fn(&mut F, &mut G) -> Option<R>,
    ) -> Poll<(G, Result<R, TimedOut>)> {
        let mut this = self.project();
        let limit = this.wait.as_mut().project().limit;
        let fresh = !*this.begun && !limit.is_zero();
        if fresh && budget::spend(context, || !core::mem::replace(this.begun, true)) {
            limit.start();
            return Poll::Pending;
        }
        *this.begun = true;
        loop {
            let slot = this.wait.as_mut().project().guard;
            if let Some(mut guard) = slot.take() {
                if let Some(answer) = ask(this.predicate, &mut guard) {
                    return Poll::Ready((guard, Ok(answer)));
                }
                if let Err(late) = *this.result {
                    return Poll::Ready((guard, Err(late)));
                }
                *slot = Some(guard);
            }
            let Poll::Ready((guard, result)) = this.wait.as_mut().poll(context) else {
                if fresh {
                    budget::give_back();
                }
                return Poll::Pending;
            };
            *this.result = result;
            // The moment that the first poll has made of it.
            let limit = *this.wait.as_mut().project().limit;
            (this.wait).set(ConditionTimed::new(this.condition, guard, limit));
        }
    }
}

impl<G, F> Future for ConditionWaitForTimed<'_, G, F>
where
    G: ConditionGuard,
    F: for<'b> FnMut(<G as Lends<'b>>::Loan) -> bool,
{
    type Output = (G, Result<(), TimedOut>);

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let ask = |predicate: &mut F, guard: &mut G| predicate(guard.lend()).then_some(());
        self.poll_asking(context, ask)
    }
}

impl<G: ConditionGuard> fmt::Debug for ConditionWait<'_, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConditionWait").finish_non_exhaustive()
    }
}

impl<G: ConditionGuard> fmt::Debug for ConditionTimed<'_, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConditionTimed").finish_non_exhaustive()
    }
}

impl<G: ConditionGuard, F> fmt::Debug for ConditionWaitFor<'_, G, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConditionWaitFor").finish_non_exhaustive()
    }
}

impl<G: ConditionGuard, F> fmt::Debug for ConditionWaitForTimed<'_, G, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConditionWaitForTimed")
            .finish_non_exhaustive()
    }
}
