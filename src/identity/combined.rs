//! What a combinator runs, with a budget for each poll.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::budget;

pin_project! {
    /// A future of which every poll is one of a combinator: see [`budget::enter`].
    pub(crate) struct Combined<F> {
        #[pin]
        future: F,
        // Whether it has been polled, or deferred once.
        begun: bool,
    }
}

impl<F> Combined<F> {
    pub(crate) const fn new(future: F) -> Self {
        Self {
            future,
            begun: false,
        }
    }
}

impl<F: Future> Future for Combined<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let defer = || !core::mem::replace(this.begun, true);
        let Some(_entered) = budget::enter(context, defer) else {
            return Poll::Pending;
        };
        *this.begun = true;
        this.future.poll(context)
    }
}
