//! How long a task waits: what all futures with a deadline have in common.

use core::fmt;
use core::pin::Pin;
use core::task::Waker;

use pin_project_lite::pin_project;

use super::alarm::Alarm;
use crate::line::Timeout;
use crate::sys::Deadline;

pin_project! {
    /// A deadline, which begins to run when the task first waits, and the alarm for it.
    pub(crate) struct Limit {
        timeout: Timeout,
        // `None` before the task waits, and when it waits no more.
        deadline: Option<Deadline>,
        #[pin]
        alarm: Alarm,
    }
}

impl Limit {
    pub(crate) fn new(timeout: Timeout) -> Self {
        Self {
            timeout,
            deadline: None,
            alarm: Alarm::new(),
        }
    }

    /// Whether there is no time to wait at all.
    pub(crate) fn is_zero(&self) -> bool {
        self.deadline.is_none() && self.timeout.is_over()
    }

    /// Lets the time run, if it does not yet.
    pub(crate) fn start(self: Pin<&mut Self>) {
        let this = self.project();
        let timeout = *this.timeout;
        this.deadline.get_or_insert_with(|| timeout.start());
    }

    /// Sets the deadline, which runs already.
    pub(crate) fn begin(self: Pin<&mut Self>, deadline: Deadline) {
        *self.project().deadline = Some(deadline);
    }

    /// Whether the time is over; if not, the waker is used when it is.
    pub(crate) fn has_passed(self: Pin<&mut Self>, waker: &Waker) -> bool {
        let this = self.project();
        let timeout = *this.timeout;
        let deadline = this.deadline.get_or_insert_with(|| timeout.start());
        let passed = deadline.expired();
        if !passed {
            this.alarm.as_ref().arm(deadline, waker);
        }
        passed
    }

    /// Ends the limit: what is still waited for takes as long as it takes, and the timer keeps
    /// nothing of it.
    pub(crate) fn lift(self: Pin<&mut Self>) {
        let this = self.project();
        *this.timeout = Timeout::Never;
        *this.deadline = None;
        this.alarm.cancel();
    }
}

impl fmt::Debug for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limit")
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}
