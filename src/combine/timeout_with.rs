//! A future until a deadline that it may move.

use core::fmt;
use core::future::{Future, poll_fn};
use core::pin::{Pin, pin};
use core::task::{Context, Poll};
use core::time::Duration;
use std::time::Instant;

use pin_project_lite::pin_project;

use crate::error::TimedOut;
use crate::identity::Combined;
use crate::line;
use crate::timer::{Alarm, Expiry, Look};

/// Runs an async closure until a deadline that it can move.
///
/// The closure is called at the first poll with a [`Limit`], which tells it how much time is left and lets it move the
/// deadline: earlier, later, or to never. Its future is dropped at the deadline, as
/// in [`timeout`](crate::task::timeout()), which you should use for a fixed deadline. The time is
/// counted from the first poll. Zero means one poll, unless the closure asks for more in it.
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
/// See [`timeout`](crate::task::timeout()).
///
/// # Examples
///
/// ## As long as there is progress
///
/// ```
/// use core::time::Duration;
/// use std::time::Instant;
/// use syncline::task::{Queue, block_on, timeout_with};
///
/// const PATIENCE: Duration = Duration::from_millis(5);
/// let lines = Queue::unbounded();
/// for line in ["one", "two"] {
///     lines.try_put(line)?;
/// }
/// let mut read = 0;
/// let all = timeout_with(PATIENCE, async |limit| {
///     while let Ok(_line) = lines.get().await {
///         read += 1;
///         limit.reschedule(Instant::now() + PATIENCE);
///     }
/// });
/// // Nobody ends the queue: it is given up when nothing has come for a while.
/// assert!(block_on(all).is_err());
/// assert_eq!(read, 2);
/// # Ok::<(), syncline::PutError<&str>>(())
/// ```
pub fn timeout_with<T, B>(
    limit: Duration,
    body: B,
) -> TimeoutWith<impl Future<Output = Result<T, TimedOut>>>
where
    B: AsyncFnOnce(Limit<'_>) -> T,
{
    let future = async move {
        let expiry = Expiry::new(line::Timeout::After(limit).start());
        let alarm = pin!(Alarm::new());
        let mut future = pin!(body(Limit { expiry: &expiry }));
        poll_fn(|context| {
            expiry.enter();
            if let Poll::Ready(output) = future.as_mut().poll(context) {
                expiry.finish();
                return Poll::Ready(Ok(output));
            }
            match expiry.leave(context.waker()) {
                Look::Over => Poll::Ready(Err(TimedOut::new())),
                Look::Ahead { deadline, moved } => {
                    if moved {
                        alarm.as_ref().cancel();
                    }
                    alarm.as_ref().arm(&deadline, context.waker());
                    Poll::Pending
                }
            }
        })
        .await
    };
    TimeoutWith {
        future: Combined::new(future),
    }
}

pin_project! {
    /// The future of [`timeout_with`].
    #[must_use = "futures do nothing unless polled"]
    pub struct TimeoutWith<F> {
        #[pin]
        future: Combined<F>,
    }
}

impl<F: Future> Future for TimeoutWith<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        self.project().future.poll(context)
    }
}

impl<F> fmt::Debug for TimeoutWith<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TimeoutWith").finish_non_exhaustive()
    }
}

/// The deadline of a [`timeout_with`], as seen by its closure.
///
/// It can be shared with other threads. Moving the deadline there wakes the task.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use syncline::task::{block_on, sleep, timeout_with};
///
/// let saved = timeout_with(Duration::from_millis(1), async |limit| {
///     limit.reschedule(None); // from here on it must not be interrupted
///     sleep(Duration::from_millis(5)).await;
///     "saved"
/// });
/// assert_eq!(block_on(saved), Ok("saved"));
/// ```
#[derive(Clone, Copy)]
pub struct Limit<'a> {
    expiry: &'a Expiry,
}

impl Limit<'_> {
    /// Moves the deadline: earlier, later, or (with `None`) to never.
    ///
    /// Returns whether the deadline was moved. It cannot be moved once it has taken effect or the closure has
    /// returned, which only a destructor or another thread can observe.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use std::time::Instant;
    /// use syncline::task::{block_on, sleep, timeout_with};
    ///
    /// let minute = Duration::from_secs(60);
    /// let ends = timeout_with(minute, async |limit| {
    ///     assert!(limit.reschedule(Instant::now())); // now
    ///     sleep(minute).await;
    /// });
    /// assert!(block_on(ends).is_err());
    /// ```
    pub fn reschedule(self, deadline: impl Into<Option<Instant>>) -> bool {
        let deadline = deadline.into();
        self.expiry
            .reschedule(deadline.map_or(line::Timeout::Never, line::Timeout::At))
    }

    /// Returns the deadline at this instant; `None` means never.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use std::time::Instant;
    /// use syncline::task::{block_on, timeout_with};
    ///
    /// let left = timeout_with(Duration::from_secs(60), async |limit| {
    ///     limit.deadline().map(|at| at - Instant::now())
    /// });
    /// assert!(block_on(left).unwrap() <= Some(Duration::from_secs(60)));
    /// ```
    #[must_use]
    pub fn deadline(self) -> Option<Instant> {
        self.expiry.deadline().instant()
    }

    /// Returns whether the deadline has passed, by the clock.
    ///
    /// Long computations are not interrupted at the deadline, but they can check this.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use syncline::task::{block_on, timeout_with};
    ///
    /// let rounds = timeout_with(Duration::from_millis(1), async |limit| {
    ///     let mut rounds = 0;
    ///     while !limit.expired() {
    ///         rounds += 1;
    ///     }
    ///     rounds
    /// });
    /// assert!(block_on(rounds).is_ok()); // its result wins
    /// ```
    #[must_use]
    pub fn expired(self) -> bool {
        self.expiry.deadline().expired()
    }
}

impl fmt::Debug for Limit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limit")
            .field("deadline", &self.deadline())
            .finish()
    }
}
