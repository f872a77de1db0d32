//! A wait in a wait set that leaves it at a deadline.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::wait_set::{SetWait, WaitSet};
use crate::error::TimedOut;
use crate::line::{Asker, Place, PolledBy, Timeout};
use crate::sys::Deadline;
use crate::timer::Limit;

pin_project! {
    /// A [`SetWait`] with a deadline, which ends the wait for a notify, not that for the lock.
    #[must_use = "futures do nothing unless polled"]
    pub(crate) struct SetTimed<'a, P: Place> {
        #[pin]
        wait: SetWait<'a, P>,
        #[pin]
        limit: Limit,
        result: Result<(), TimedOut>,
    }
}

impl<'a, P: Place> SetTimed<'a, P> {
    /// A wait that has not begun.
    pub(crate) fn new(set: &'a WaitSet<P::Word>, asker: Asker) -> Self {
        Self {
            wait: SetWait::new(set, asker),
            limit: Limit::new(Timeout::Never),
            result: Ok(()),
        }
    }

    /// Joins the set, and then releases the lock of the place, which the caller has.
    ///
    /// # Errors
    ///
    /// The same as for [`SetWait::begin`].
    pub(crate) fn begin(
        self: Pin<&mut Self>,
        place: P,
        polled_by: PolledBy,
        deadline: Deadline,
    ) -> Result<(), P> {
        let this = self.project();
        this.limit.begin(deadline);
        this.wait.begin(place, polled_by)
    }
}

impl<P: Place> Future for SetTimed<'_, P> {
    type Output = (P, Result<(), TimedOut>);

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let mut poll = this.wait.as_mut().poll(context);
        if poll.is_pending() {
            if !this.limit.as_mut().has_passed(context.waker()) {
                return Poll::Pending;
            }
            if this.wait.as_mut().leave() {
                *this.result = Err(TimedOut::new());
                poll = this.wait.as_mut().poll(context);
            }
        }
        // Notified or too late: what is left is to lock again, and no deadline ends that.
        this.limit.lift();
        poll.map(|place| (place, *this.result))
    }
}

impl<P: Place> fmt::Debug for SetTimed<'_, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetTimed").finish_non_exhaustive()
    }
}
