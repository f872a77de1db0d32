//! Letting others run.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

/// Lets other tasks run before this one continues.
///
/// The task wakes itself and returns to its executor once. On a [`ThreadPool`](crate::thread::ThreadPool) and on a
/// [`Runner`](crate::bridge::Runner) it goes to the back of the queue: whatever was queued before is polled
/// first. Inside [`gather`](super::gather()) and the like, siblings that were woken are polled first.
///
/// Use it in a computation that awaits nothing for a long time. Do not use it to wait for a
/// change, which would keep the processor busy: use an [`Event`](crate::task::Event) or a
/// [`Condition`](crate::task::Condition). A loop that awaits primitives of this crate does not need it, because
/// an await lets others run once the task has spent its budget.
///
/// # Cancel safety
///
/// Dropping the future does nothing.
///
/// # Examples
///
/// ```
/// use core::cell::Cell;
/// use core::pin::Pin;
/// use syncline::task::{block_on, gather, yield_now};
///
/// let done = Cell::new(false);
/// let computes = async {
///     let mut rounds = 0;
///     while !done.get() {
///         rounds += 1;
///         yield_now().await;
///     }
///     assert_eq!(rounds, 1);
/// };
/// let other = async { done.set(true) };
/// let both: [Pin<Box<dyn Future<Output = ()>>>; 2] = [Box::pin(computes), Box::pin(other)];
/// block_on(gather(both));
/// ```
pub fn yield_now() -> YieldNow {
    YieldNow { yielded: false }
}

/// The future of [`yield_now`].
#[must_use = "futures do nothing unless polled"]
#[derive(Debug)]
pub struct YieldNow {
    yielded: bool,
}

impl Future for YieldNow {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if core::mem::replace(&mut self.yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}
