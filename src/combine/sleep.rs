//! Waiting for a moment.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;
use std::time::Instant;

use pin_project_lite::pin_project;

use crate::line;
use crate::sys::Deadline;
use crate::timer::Alarm;

/// Waits for a duration, counted from the first poll.
///
/// A duration that overflows the clock means "for ever". Zero completes at once, without letting other tasks
/// run. It never completes early, and allocates nothing.
///
/// Do not use it to wait for something that can notify you ([`Event`](crate::task::Event) and
/// the like), or for something with a time limit ([`timeout`](crate::task::timeout())).
///
/// # Cancel safety
///
/// Dropping the future takes it out of the timer.
///
/// # Panics
///
/// A poll panics if the timer's thread cannot be started.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use std::time::Instant;
/// use syncline::task::{block_on, sleep};
///
/// let start = Instant::now();
/// block_on(sleep(Duration::from_millis(2)));
/// assert!(start.elapsed() >= Duration::from_millis(2));
/// ```
#[doc(alias = "delay")]
pub fn sleep(duration: Duration) -> Sleep {
    Sleep::new(line::Timeout::After(duration))
}

/// Waits until an instant.
///
/// Otherwise it is like [`sleep`]. A loop that computes each instant from the
/// first one does not drift.
///
/// # Cancel safety
///
/// Dropping the future takes it out of the timer.
///
/// # Panics
///
/// A poll panics if the timer's thread cannot be started.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use std::time::Instant;
/// use syncline::task::{block_on, sleep_until};
///
/// let start = Instant::now();
/// block_on(async {
///     for tick in 1..=3 {
///         sleep_until(start + tick * Duration::from_millis(1)).await;
///     }
/// });
/// assert!(start.elapsed() >= Duration::from_millis(3));
/// ```
pub fn sleep_until(deadline: Instant) -> Sleep {
    Sleep::new(line::Timeout::At(deadline))
}

pin_project! {
    /// The future of [`sleep`] and [`sleep_until`].
    #[must_use = "futures do nothing unless polled"]
    pub struct Sleep {
        timeout: line::Timeout,
        deadline: Option<Deadline>,
        #[pin]
        alarm: Alarm,
    }
}

impl Sleep {
    fn new(timeout: line::Timeout) -> Self {
        Self {
            timeout,
            deadline: None,
            alarm: Alarm::new(),
        }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        let deadline = this.deadline.get_or_insert_with(|| this.timeout.start());
        if deadline.expired() {
            this.alarm.cancel();
            return Poll::Ready(());
        }
        this.alarm.as_ref().arm(deadline, context.waker());
        Poll::Pending
    }
}

impl fmt::Debug for Sleep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sleep")
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}
