//! A future that is polled as a task which somebody else counts.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::task::TaskId;
use super::tasked::Tasked;

/// Polls a future as the task with this id, whatever task is polled around it.
///
/// This is for code that has tasks but no executor that this crate knows: the coroutines of another
/// language, callbacks, actors. Make a [`TaskId`] for each of them and wrap every future that is polled for it. What a task
/// has locked in one such future, an [`RLock`](crate::task::RLock) above all, it has in the next one.
/// Where one future is the whole task, [`identified`](super::identified()) is simpler.
///
/// An id stands for one task at a time. Two futures that are polled with the same id at the same time, on two
/// threads, are one owner of what they lock: they do not exclude each other, and a grant that one of them does
/// not claim may go to the other.
///
/// # Cancel safety
///
/// As for the inner future.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use syncline::task::{RLock, TaskId, block_on, enter};
///
/// let lock = Arc::new(RLock::new(()));
/// let (one, other) = (TaskId::new(), TaskId::new());
/// // One call of the coroutine locks, and leaves the guard behind.
/// let guard = block_on(enter(one, lock.lock_owned()));
/// // A later call finds what is its own, and another coroutine does not.
/// assert!(block_on(enter(one, async { lock.try_lock().is_some() })));
/// assert!(block_on(enter(other, async { lock.try_lock().is_none() })));
/// # drop(guard);
/// ```
#[track_caller]
pub fn enter<F: Future>(id: TaskId, future: F) -> Entered<F> {
    Entered {
        future,
        task: Tasked::of(id),
    }
}

pin_project! {
    /// A future that is polled as a task with a given id. Returned by [`enter`].
    #[must_use = "futures do nothing unless polled"]
    pub struct Entered<F> {
        #[pin]
        future: F,
        task: Tasked,
    }
}

impl<F: Future> Future for Entered<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        this.task.enter(|| this.future.poll(context))
    }
}

impl<F> fmt::Debug for Entered<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entered")
            .field("id", &self.task.id())
            .finish_non_exhaustive()
    }
}
