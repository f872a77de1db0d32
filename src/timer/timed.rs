//! A wait of the async face that gives up at a deadline.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::limit::Limit;
use crate::error::TimedOut;
use crate::identity::budget::{self, Operation};
use crate::line::{Place, Timeout, Wait};

pin_project! {
    /// A [`Wait`] with a deadline, which begins to run when the wait is first polled.
    #[must_use = "futures do nothing unless polled"]
    #[project = TimedParts]
    pub struct Timed<P: Place> {
        #[pin]
        wait: Wait<P>,
        #[pin]
        limit: Limit,
    }
}

impl<P: Place> Timed<P> {
    /// A wait that gives up when the time is over.
    pub fn new(wait: Wait<P>, timeout: Timeout) -> Self {
        Self {
            wait,
            limit: Limit::new(timeout),
        }
    }

    /// Hands the place back of a wait that has timed out.
    pub(crate) fn take_back(self: Pin<&mut Self>) -> P {
        (self.project().wait.take_back()).expect("a wait that has timed out is in no line")
    }

    /// Where it waits, until it has been granted what it asked for.
    pub fn place(&self) -> Option<&P> {
        self.wait.place()
    }
}

impl<P: Place> Future for Timed<P> {
    type Output = Result<P, TimedOut>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if this.limit.is_zero() {
            // A try costs nothing.
            budget::give_back();
            return Poll::Ready(this.wait.try_now().ok_or(TimedOut::new()));
        }
        let granted = match this.wait.as_mut().poll(context) {
            Poll::Ready(place) => Some(place),
            Poll::Pending => {
                if !this.limit.as_mut().has_passed(context.waker()) {
                    return Poll::Pending;
                }
                this.wait.withdraw()
            }
        };
        this.limit.lift();
        Poll::Ready(granted.ok_or(TimedOut::new()))
    }
}

impl<P: Place> Operation for Timed<P> {
    fn defer(self: Pin<&mut Self>) -> bool {
        let this = self.project();
        !this.limit.is_zero() && this.wait.defer() && {
            this.limit.start();
            true
        }
    }
}

impl<P: Place> fmt::Debug for Timed<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timed")
            .field("wait", &self.wait)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}
