//! A future that waits for its turn first.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use std::sync::Arc;

use pin_project_lite::pin_project;

use crate::semaphore::OwnedPermit;
use crate::semaphore::future::AcquireOwned;
use crate::semaphore::task::Semaphore;

pin_project! {
    /// A future that begins when there is a permit for it, if it needs one.
    pub(super) struct Permitted<F> {
        // Dropped first: then it is somebody else's turn.
        #[pin]
        future: F,
        // In a box, which most groups do not need.
        place: Option<Pin<Box<Place>>>,
    }
}

pin_project! {
    /// A place in line, and then the permit.
    #[project = PlaceNow]
    enum Place {
        Waits { #[pin] line: AcquireOwned },
        Has { permit: OwnedPermit },
    }
}

impl<F> Permitted<F> {
    pub(super) fn new(turns: Option<&Arc<Semaphore>>, future: F) -> Self {
        let place = |turns: &Arc<Semaphore>| Place::Waits {
            line: turns.acquire_owned(),
        };
        Self {
            future,
            place: turns.map(|turns| Box::pin(place(turns))),
        }
    }
}

impl<F: Future> Future for Permitted<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        if let Some(place) = this.place {
            if let PlaceNow::Waits { line } = place.as_mut().project() {
                let permit = ready!(line.poll(context));
                place.set(Place::Has { permit });
            }
        }
        this.future.poll(context)
    }
}
