//! A future that waits for its turn first.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::sync::Arc;

use pin_project_lite::pin_project;

use super::future::AcquireOwned;
use super::semaphore::Semaphore;
use crate::permit::OwnedPermit;

pin_project! {
    /// A future that begins when there is a permit for it, if it needs one.
    pub(super) struct Turn<F> {
        // Dropped first: then it is somebody else's turn.
        #[pin]
        future: F,
        permit: Option<OwnedPermit>,
        // In a box, which most groups do not need.
        line: Option<Pin<Box<AcquireOwned>>>,
    }
}

impl<F> Turn<F> {
    pub(super) fn new(turns: Option<&Arc<Semaphore>>, future: F) -> Self {
        Self {
            future,
            permit: None,
            line: turns.map(|turns| Box::pin(turns.acquire_owned())),
        }
    }
}

impl<F: Future> Future for Turn<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        if let Some(line) = this.line {
            *this.permit = Some(ready!(line.as_mut().poll(context)));
            *this.line = None;
        }
        this.future.poll(context)
    }
}
