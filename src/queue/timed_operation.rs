//! A turn of the async face that gives up at a deadline.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::operation_wait::{Operation, OperationWait};
use crate::identity::budget;
use crate::line::Timeout;
use crate::timer::Limit;

pin_project! {
    /// A [`OperationWait`] with a deadline, which begins to run when it is first polled.
    #[must_use = "futures do nothing unless polled"]
    pub(crate) struct TimedOperation<'a, E: Operation<'a>> {
        #[pin]
        turn: OperationWait<'a, E>,
        #[pin]
        limit: Limit,
    }
}

impl<'a, E: Operation<'a>> TimedOperation<'a, E> {
    pub(crate) fn new(turn: OperationWait<'a, E>, timeout: Timeout) -> Self {
        Self {
            turn,
            limit: Limit::new(timeout),
        }
    }
}

impl<'a, E: Operation<'a>> Future for TimedOperation<'a, E> {
    type Output = E::Output;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<E::Output> {
        let mut this = self.project();
        if this.limit.is_zero() {
            // A try costs nothing.
            budget::give_back();
            return Poll::Ready(match this.turn.as_mut().try_now() {
                Some(output) => output,
                None => this.turn.withdraw(),
            });
        }
        let output = match this.turn.as_mut().poll(context) {
            Poll::Ready(output) => output,
            Poll::Pending => {
                if !this.limit.as_mut().has_passed(context.waker()) {
                    return Poll::Pending;
                }
                this.turn.withdraw()
            }
        };
        this.limit.lift();
        Poll::Ready(output)
    }
}

impl<'a, E: Operation<'a>> budget::Operation for TimedOperation<'a, E> {
    fn defer(self: Pin<&mut Self>) -> bool {
        let this = self.project();
        !this.limit.is_zero() && this.turn.defer() && {
            this.limit.start();
            true
        }
    }
}
