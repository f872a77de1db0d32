//! Waiting in several lines at once.

use core::pin::Pin;
use core::task::{Context, Poll};

use super::wait::{Place, Wait};
use super::word::Asker;
use core::future::Future;

/// A wait in each of several lines, for the same waker.
pub(crate) struct Waits<P: Place>(Pin<Box<[Wait<P>]>>);

impl<P: Place> Waits<P> {
    pub(crate) fn new(places: impl Iterator<Item = P>, asker: Asker) -> Self {
        Self(Box::into_pin(
            places.map(|place| Wait::new(place, asker, 0)).collect(),
        ))
    }

    /// Polls each that is not over, and says how many ended with that.
    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> usize {
        let ready = |wait| matches!(Wait::poll(wait, context), Poll::Ready(_));
        self.pending().map(ready).filter(|ready| *ready).count()
    }

    fn pending(&mut self) -> impl Iterator<Item = Pin<&mut Wait<P>>> {
        // SAFETY: nothing is moved out of the slice.
        let waits = unsafe { self.0.as_mut().get_unchecked_mut() };
        (waits.iter_mut())
            .filter(|wait| wait.place().is_some())
            // SAFETY: what lies in a pinned slice is pinned: it is not moved before it is dropped.
            .map(|wait| unsafe { Pin::new_unchecked(wait) })
    }
}
