//! Driving a task's future by hand: one poll at a time, with a waker that counts.
//!
//! The count is std's, not loom's: looking at a waker is no step of the model. A model that must *wait*
//! for a wake uses `syncline::task::block_on` instead.

use core::pin::Pin;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use core::task::{Context, Poll, Waker};
use std::sync::Arc;
use std::task::Wake;

/// A waker that only remembers how often it was woken. Each has an identity of its own.
#[derive(Debug)]
pub(crate) struct CountingWaker {
    count: Arc<Wakes>,
    waker: Waker,
}

/// The count behind the waker and its clones.
#[derive(Debug)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        // ORDERING: Relaxed: all loom threads are one OS thread.
        self.0.fetch_add(1, Relaxed);
    }
}

impl CountingWaker {
    /// A waker that was never woken.
    pub(crate) fn new() -> Self {
        let count = Arc::new(Wakes(AtomicUsize::new(0)));
        let waker = Waker::from(Arc::clone(&count));
        Self { count, waker }
    }

    /// How often it was woken so far.
    pub(crate) fn wakes(&self) -> usize {
        self.count.0.load(Relaxed)
    }

    /// How many clones of it are alive: those that a primitive has kept.
    pub(crate) fn clones(&self) -> usize {
        // One belongs to the count, one to the waker.
        Arc::strong_count(&self.count) - 2
    }
}

/// Polls `future` once with `waker`.
pub(crate) fn poll_once<F: Future>(future: Pin<&mut F>, waker: &CountingWaker) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(&waker.waker))
}
