//! Futures that stay on the thread of their runner, and need not be `Send`.
//!
//! ```text
//!   any thread                         the thread of the runner
//!   spawn_local(make) ── Local ──────▶ first poll: make() ── Driven, kept in a thread-local
//!                          │ key       later polls: look it up, poll it
//!                          └─────────▶ dropped there: it goes with it
//!                                      the runner ends: what is left goes
//! ```
//!
//! What the pool polls is a `Local`, which is `Send`: a closure, and then a key. So nothing here needs
//! `unsafe`. The job belongs to the future itself, so that it is done when that is gone; a `Local` may be
//! dropped by any thread that stops the runner.

use core::cell::RefCell;
use core::future::Future;
use core::pin::Pin;
use core::sync::atomic::AtomicU64;
use core::sync::atomic::Ordering::Relaxed;
use core::task::{Context, Poll};
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::job::{Stop, Undriven};
use crate::sys::{Native, local};

/// A future that has been made, whatever it brings. In the child of a fork it is leaked.
type Made = Native<Pin<Box<dyn Future<Output = ()>>>>;

local! {
    /// Those that have been made on this thread and have not ended.
    static MADE: RefCell<BTreeMap<u64, Made>> = RefCell::new(BTreeMap::new())
}

/// A key that no other future has had, on whichever thread.
fn fresh_key() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    // ORDERING: Relaxed: only that the keys differ matters.
    LAST.fetch_add(1, Relaxed)
}

/// Takes a future of this thread out, if it is there.
fn take(key: u64) -> Option<Made> {
    let made = MADE.try_with(|made| made.borrow_mut().remove(&key));
    made.ok().flatten()
}

/// Drops all futures of this thread, which polls none any more.
pub(super) fn end() {
    let next = || {
        let made = MADE.try_with(|made| made.borrow_mut().pop_first());
        made.ok().flatten()
    };
    while let Some(made) = next() {
        drop(made);
    }
}

/// A future that the thread of a runner makes when it first polls this.
#[must_use = "futures do nothing unless polled"]
pub(super) struct Local<M, T: Send> {
    /// Until the first poll.
    unmade: Option<(M, Undriven<T>)>,
    /// From then on, until the end.
    key: Option<u64>,
}

/// Nothing in it is pinned.
impl<M, T: Send> Unpin for Local<M, T> {}

impl<M, T: Send> Local<M, T> {
    pub(super) const fn new(make: M, job: Undriven<T>) -> Self {
        Self {
            unmade: Some((make, job)),
            key: None,
        }
    }

    /// Whoever can stop it, before the first poll.
    pub(super) fn stop(&self) -> Arc<dyn Stop>
    where
        T: 'static,
    {
        let (_, job) = self.unmade.as_ref().expect("nobody has polled it");
        Arc::clone(job.unit()) as _
    }
}

impl<M, F> Future for Local<M, F::Output>
where
    M: FnOnce() -> F + 'static,
    F: Future<Output: Send + 'static> + 'static,
{
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut made: Pin<Box<dyn Future<Output = ()>>> = match self.unmade.take() {
            // The closure is called inside, as a part of the task: its panic is that of the job.
            Some((make, job)) => Box::pin(job.drive(async move { make().await })),
            None => match self.key.take().and_then(take).and_then(Native::into_inner) {
                Some(made) => made,
                None => return Poll::Ready(()),
            },
        };
        if made.as_mut().poll(context).is_ready() {
            return Poll::Ready(());
        }
        let key = fresh_key();
        self.key = Some(key);
        MADE.with(|all| all.borrow_mut().insert(key, Native::new(made)));
        Poll::Pending
    }
}

impl<M, T: Send> Drop for Local<M, T> {
    fn drop(&mut self) {
        if let Some((make, job)) = self.unmade.take() {
            job.end(make);
        }
        // On another thread it is not found: there it goes when the runner ends.
        drop(self.key.take().and_then(take));
    }
}
