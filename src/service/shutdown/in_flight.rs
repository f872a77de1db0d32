//! What is in flight, and the futures that are.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::gate::Place;
use crate::sys;

/// A piece of work that a drain waits for. Created by [`Shutdown::track`](super::Shutdown::track).
///
/// Dropping it says that the work has ended. It borrows nothing, so it moves into the thread or the task that
/// does the work.
///
/// # Examples
///
/// ```
/// use syncline::service::Shutdown;
///
/// let shutdown = Shutdown::builder().drain("drain").build();
/// let request = shutdown.track("GET /")?;
/// assert_eq!(shutdown.in_flight(), 1);
/// drop(request);
/// assert_eq!(shutdown.in_flight(), 0);
/// # Ok::<(), syncline::ShuttingDown>(())
/// ```
#[must_use = "the work counts as ended as soon as this is dropped"]
pub struct InFlight {
    place: Place,
}

impl InFlight {
    pub(super) const fn new(place: Place) -> Self {
        Self { place }
    }

    /// Runs a future that is in flight until it has ended, or is dropped.
    ///
    /// The future is dropped before it counts as ended.
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops the future.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{service::Shutdown, task::block_on};
    ///
    /// let shutdown = Shutdown::builder().drain("drain").build();
    /// let answer = shutdown.track("GET /")?.run(async { 200 });
    /// assert_eq!(shutdown.in_flight(), 1);
    /// assert_eq!(block_on(answer), 200);
    /// assert_eq!(shutdown.in_flight(), 0);
    /// # Ok::<(), syncline::ShuttingDown>(())
    /// ```
    pub const fn run<F: Future>(self, future: F) -> RunInFlight<F> {
        RunInFlight {
            future: Some(future),
            in_flight: Some(self),
        }
    }
}

impl fmt::Debug for InFlight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, since) = self.place.entry();
        f.debug_struct("InFlight")
            .field("name", &name)
            .field("age", &sys::now().saturating_duration_since(since))
            .finish()
    }
}

pin_project! {
    /// Runs a future that is in flight. Created by [`InFlight::run`].
    ///
    /// # Panics
    ///
    /// Panics if it is polled after it has ended.
    #[must_use = "futures do nothing unless polled"]
    pub struct RunInFlight<F> {
        // Dropped first, and `None` once it has ended.
        #[pin]
        future: Option<F>,
        in_flight: Option<InFlight>,
    }
}

impl<F: Future> Future for RunInFlight<F> {
    type Output = F::Output;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        let future =
            (this.future.as_mut().as_pin_mut()).expect("`RunInFlight` polled after completion");
        let poll = future.poll(context);
        if poll.is_ready() {
            this.future.set(None);
            drop(this.in_flight.take());
        }
        poll
    }
}

impl<F> fmt::Debug for RunInFlight<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunInFlight")
            .field("in_flight", &self.in_flight)
            .finish_non_exhaustive()
    }
}
