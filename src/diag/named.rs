//! A name for a future, wherever it runs.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::error::name::Name;
use crate::identity::Tasked;
use crate::identity::task::current;

/// Names a future for snapshots and watchdogs, on any runtime.
///
/// Outside of any task that this crate knows, the future becomes a task of its own, as with
/// [`identified`](crate::task::identified()). Inside a task, it is a part of that task: its polls are watched under
/// its own name, and its waits are shown with the surrounding task. With the feature `tokio`, the name is given to
/// the tokio task, and its waits are shown with it.
///
/// Without the feature `diagnostics`, the name is ignored, and everything else is the same.
///
/// # Cancel safety
///
/// As for the inner future.
///
/// # Examples
///
/// ```
/// use syncline::{diag, task::Event};
///
/// let runtime = tokio::runtime::Builder::new_multi_thread().build()?;
/// static READY: Event = Event::new();
/// let reader = runtime.spawn(diag::task("reader", async { READY.wait().await }));
/// READY.set();
/// runtime.block_on(reader)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[track_caller]
pub fn task<F: Future>(name: impl Into<Name>, future: F) -> Task<F> {
    let name = name.into();
    Task {
        future,
        tasked: Tasked::listed(Some(name.as_str())),
    }
}

pin_project! {
    /// A future with a name. Created by [`task`](task()).
    #[must_use = "futures do nothing unless polled"]
    pub struct Task<F> {
        #[pin]
        future: F,
        tasked: Tasked,
    }
}

impl<F: Future> Future for Task<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        if current().is_some() {
            this.tasked.stretch(|| this.future.poll(context))
        } else {
            this.tasked.enter(|| this.future.poll(context))
        }
    }
}

impl<F> fmt::Debug for Task<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Task")
            .field("id", &self.tasked.id())
            .finish_non_exhaustive()
    }
}
