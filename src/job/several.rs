//! Waiting in several lines at once.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use crate::line::{Asker, Place, Wait};

/// A wait in each of several lines, for the same waker.
pub(crate) struct Waits<P: Place> {
    waits: Pin<Box<[Wait<P>]>>,
    /// How many are not over.
    left: usize,
}

impl<P: Place> Waits<P> {
    pub(crate) fn new(places: impl Iterator<Item = P>, asker: Asker) -> Self {
        let wait = |place| {
            let wait = Wait::new(place, asker, 0);
            wait.may_end_otherwise();
            wait
        };
        let waits: Box<_> = places.map(wait).collect();
        Self {
            left: waits.len(),
            waits: Box::into_pin(waits),
        }
    }

    /// Polls each that is not over, tells of those that end with that, and says whether all have.
    pub(crate) fn poll(&mut self, context: &mut Context<'_>, mut ended: impl FnMut(P)) -> bool {
        let mut left = self.left;
        for wait in self.pending() {
            if let Poll::Ready(place) = wait.poll(context) {
                left -= 1;
                ended(place);
            }
        }
        self.left = left;
        left == 0
    }

    fn pending(&mut self) -> impl Iterator<Item = Pin<&mut Wait<P>>> {
        // SAFETY: nothing is moved out of the slice.
        let waits = unsafe { self.waits.as_mut().get_unchecked_mut() };
        (waits.iter_mut())
            .filter(|wait| wait.place().is_some())
            // SAFETY: what lies in a pinned slice is pinned: it is not moved before it is dropped.
            .map(|wait| unsafe { Pin::new_unchecked(wait) })
    }
}
