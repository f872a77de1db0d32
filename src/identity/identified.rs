//! An identity for a future that no executor of ours runs.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::task::current;
use super::tasked::Tasked;

/// Gives a future the identity of a task while it is polled, if it has none.
///
/// There is no portable way to ask a runtime which task is running, and an [`RLock`](crate::task::RLock) must know.
/// Wrap each future that you spawn on another runtime in this, once, at the outermost place:
///
/// * Polled where [`current`] names a task already (inside another `identified`, inside
///   [`block_on`](crate::task::block_on())), the future keeps that identity.
/// * Polled anywhere else it has its own, at every poll the same.
///
/// So `identified` inside a task makes no task of its own, and futures that are polled together by
/// `join!` inside one `identified` are one task. To run a future as a task of its own, spawn it.
///
/// # Cancel safety
///
/// As for the inner future.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use syncline::task::{self, RLock};
///
/// let lock = Arc::new(RLock::new(1));
/// let runtime = tokio::runtime::Builder::new_multi_thread().build()?;
/// let spawned = runtime.spawn(task::identified(async move {
///     let _outer = lock.lock().await;
///     assert_eq!(*lock.lock().await, 1);
///
///     let outside = task::current();
///     task::identified(async { assert_eq!(task::current(), outside) }).await;
/// }));
/// runtime.block_on(spawned)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn identified<F: Future>(future: F) -> Identified<F> {
    Identified {
        future,
        task: Tasked::new(),
    }
}

pin_project! {
    /// A future with the identity of a task. Returned by [`identified`].
    #[must_use = "futures do nothing unless polled"]
    pub struct Identified<F> {
        #[pin]
        future: F,
        task: Tasked,
    }
}

impl<F: Future> Future for Identified<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        if current().is_some() {
            return this.future.poll(context);
        }
        this.task.enter(|| this.future.poll(context))
    }
}

impl<F> fmt::Debug for Identified<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identified")
            .field("id", &self.task.id())
            .finish_non_exhaustive()
    }
}
