//! A task's request for a re-entrant lock: it is through as soon as its task owns the lock,
//! whichever request of the task has been granted it.

use core::convert::Infallible;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::held::{ByTask, Held};
use super::lender::Lender;
use crate::error::TimedOut;
use crate::identity::Owner;
use crate::identity::budget::Operation;
use crate::line::Wait;
use crate::timer::Timed;

/// A wait in the line of a lock, with a deadline or without.
pub(crate) trait InLine: Operation {
    /// Where it waits.
    type Place: Lender<Data: Sync> + Clone;
    /// How it can fail.
    type Failure;

    /// Where it waits, until it has been granted.
    fn place(&self) -> Option<&Self::Place>;

    /// What its output stands for.
    fn granted(output: Self::Output) -> Result<Self::Place, Self::Failure>;
}

impl<P: Lender<Data: Sync> + Clone> InLine for Wait<P> {
    type Place = P;
    type Failure = Infallible;

    fn place(&self) -> Option<&P> {
        self.place()
    }

    fn granted(place: P) -> Result<P, Infallible> {
        Ok(place)
    }
}

impl<P: Lender<Data: Sync> + Clone> InLine for Timed<P> {
    type Place = P;
    type Failure = TimedOut;

    fn place(&self) -> Option<&P> {
        self.place()
    }

    fn granted(output: Result<P, TimedOut>) -> Result<P, TimedOut> {
        output
    }
}

/// How a request ends.
type Outcome<W> = Result<Held<<W as InLine>::Place, ByTask>, <W as InLine>::Failure>;

pin_project! {
    /// Locks for the task that polls it.
    pub(crate) struct Request<W> {
        // `None` once the task has locked without it.
        #[pin]
        wait: Option<W>,
    }
}

impl<W> Request<W> {
    pub(crate) const fn new(wait: W) -> Self {
        Self { wait: Some(wait) }
    }
}

impl<W: InLine> Request<W> {
    /// Notes that this is deferred, as an [`Operation`] is.
    pub(crate) fn defer(self: Pin<&mut Self>) -> bool {
        let wait = self.project().wait.as_pin_mut();
        wait.is_some_and(Operation::defer)
    }

    /// Locks for `me`: once more if it owns the lock, else when the line grants it.
    ///
    /// A task that has a request in line may become the owner through another one. So every poll
    /// looks at the owner first, and a request that is through without its place leaves the line.
    ///
    /// # Panics
    ///
    /// Panics if the lock has been locked as often as can be counted.
    pub(crate) fn poll(
        self: Pin<&mut Self>,
        me: Owner,
        context: &mut Context<'_>,
    ) -> Poll<Outcome<W>> {
        let mut wait = self.project().wait;
        let place = wait.as_ref().get_ref().as_ref().and_then(InLine::place);
        if let Some(held) = place.and_then(|place| Held::nested(place, me)) {
            // It runs wakers, which may panic: the guard is made already, and is dropped then.
            wait.set(None);
            return Poll::Ready(Ok(held));
        }
        let wait = (wait.as_pin_mut()).expect("`RLockWait` polled after completion");
        let granted = W::granted(ready!(wait.poll(context)));
        Poll::Ready(granted.map(|place| {
            // SAFETY: the line has just granted the lock to this request, which makes one guard
            // of it.
            unsafe { Held::granted(place, me) }
        }))
    }
}
