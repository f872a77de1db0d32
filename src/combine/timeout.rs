//! Any future, until a deadline.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;
use std::time::Instant;

use pin_project_lite::pin_project;

use crate::error::TimedOut;
use crate::identity::budget;
use crate::line;
use crate::sys::Deadline;
use crate::timer::Alarm;

/// Runs a future for at most `limit`, counted from when it first has to wait.
///
/// At the deadline the future is dropped, and its destructors run before this returns. If it
/// is ready when it is polled at the deadline, its result wins. Zero means one poll; a duration that
/// overflows the clock means "never". A future that is ready at once reads no clock.
///
/// The deadline takes effect at an await of the future: a future that computes or blocks its
/// thread is not interrupted. For a single wait on a primitive of this crate, its own `*_timeout` is the
/// better choice, because its outcome is definite. Here a future may be dropped although it has already
/// acquired what it waited for.
///
/// # Cancel safety
///
/// Dropping this drops the future inside.
///
/// # Errors
///
/// Returns [`TimedOut`] if the future was dropped.
///
/// # Panics
///
/// A poll panics if the future panics, if it is polled after it has ended, or if the timer's thread
/// cannot be started.
///
/// # Examples
///
/// ```
/// use core::future::pending;
/// use core::time::Duration;
/// use syncline::task::{block_on, timeout};
///
/// let limit = Duration::from_millis(1);
/// assert_eq!(block_on(timeout(limit, async { 5 })), Ok(5));
/// assert!(block_on(timeout(limit, pending::<()>())).is_err());
/// ```
#[doc(alias = "wait_for")]
pub fn timeout<F: Future>(limit: Duration, future: F) -> Timeout<F> {
    Timeout::new(line::Timeout::After(limit), future)
}

/// Runs a future until a deadline.
///
/// Otherwise it is like [`timeout`]. A deadline in the past means one poll. Use it to give several steps
/// one deadline without arithmetic.
///
/// # Cancel safety
///
/// Dropping this drops the future inside.
///
/// # Errors
///
/// Returns [`TimedOut`] if the future was dropped.
///
/// # Panics
///
/// See [`timeout`].
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use std::time::Instant;
/// use syncline::task::{block_on, timeout_at};
///
/// let deadline = Instant::now() + Duration::from_secs(60);
/// let steps = async {
///     let one = timeout_at(deadline, async { 1 }).await?;
///     let two = timeout_at(deadline, async { 2 }).await?;
///     Ok::<_, syncline::TimedOut>(one + two)
/// };
/// assert_eq!(block_on(steps), Ok(3));
/// ```
pub fn timeout_at<F: Future>(deadline: Instant, future: F) -> Timeout<F> {
    Timeout::new(line::Timeout::At(deadline), future)
}

pin_project! {
    /// The future of [`timeout`] and [`timeout_at`].
    #[must_use = "futures do nothing unless polled"]
    pub struct Timeout<F> {
        // `None` once it has ended.
        #[pin]
        future: Option<F>,
        limit: line::Timeout,
        // `None` before the future has had to wait.
        deadline: Option<Deadline>,
        #[pin]
        alarm: Alarm,
    }
}

impl<F> Timeout<F> {
    fn new(limit: line::Timeout, future: F) -> Self {
        Self {
            future: Some(future),
            limit,
            deadline: None,
            alarm: Alarm::new(),
        }
    }
}

impl<F: Future> Future for Timeout<F> {
    type Output = Result<F::Output, TimedOut>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let future =
            (this.future.as_mut().as_pin_mut()).expect("`Timeout` polled after completion");
        let (deadline, limit) = (&mut *this.deadline, *this.limit);
        // Deferred, it waits already.
        let defer = || {
            deadline.is_none() && {
                *deadline = Some(limit.start());
                true
            }
        };
        let Some(_entered) = budget::enter(context, defer) else {
            return Poll::Pending;
        };
        let result = match future.poll(context) {
            Poll::Ready(output) => Ok(output),
            Poll::Pending => {
                let limit = *this.limit;
                let deadline = this.deadline.get_or_insert_with(|| limit.start());
                if !deadline.expired() {
                    this.alarm.as_ref().arm(deadline, context.waker());
                    return Poll::Pending;
                }
                Err(TimedOut::new())
            }
        };
        this.alarm.cancel();
        this.future.set(None);
        Poll::Ready(result)
    }
}

impl<F> fmt::Debug for Timeout<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timeout")
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}
