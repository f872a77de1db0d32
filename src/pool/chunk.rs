//! Several items of a `map`, done by one job.

use core::panic::AssertUnwindSafe;
use core::sync::atomic::Ordering::Relaxed;
use core::time::Duration;
use std::collections::{VecDeque, vec_deque};
use std::panic::catch_unwind;
use std::time::Instant;
use std::vec;

use super::entry::same;
use crate::error::{JobError, Panic};
use crate::job::Job;
use crate::sys::AtomicUsize;

/// What became of a chunk.
pub(super) struct ItemOutcome<T> {
    pub(super) values: vec::IntoIter<T>,
    /// Where in the chunk there is none, and why.
    pub(super) panics: vec_deque::IntoIter<(usize, Panic)>,
    pub(super) took: Duration,
}

/// A chunk that is under way.
pub(super) struct Chunk<T> {
    pub(super) items: usize,
    pub(super) job: Job<ItemOutcome<T>>,
}

/// The chunk that is being handed out.
pub(super) struct Current<T> {
    at: usize,
    pub(super) items: usize,
    outcome: Result<ItemOutcome<T>, JobError>,
    panic: Option<(usize, Panic)>,
}

/// The function, and whether nobody wants to know any more.
pub(super) struct Task<F> {
    pub(super) function: F,
    pub(super) stopped: AtomicUsize,
}

/// Does a chunk. An item that panics is noted, and the next one is done.
pub(super) fn work<F, A, T>(task: &Task<F>, items: Vec<A>) -> ItemOutcome<T>
where
    F: Fn(A) -> T,
{
    let begun = Instant::now();
    let mut values = Vec::with_capacity(items.len());
    let mut panics = VecDeque::new();
    let mut items = items.into_iter();
    loop {
        let rest = AssertUnwindSafe(|| {
            for item in items.by_ref() {
                // ORDERING: Relaxed: see `stop`.
                if task.stopped.load(Relaxed) != 0 {
                    return;
                }
                values.push((task.function)(item));
            }
        });
        match catch_unwind(rest) {
            Ok(()) => break,
            Err(panic) => {
                let at = values.len() + panics.len();
                panics.push_back((at, Panic::new(panic)));
            }
        }
    }
    ItemOutcome {
        values: values.into_iter(),
        panics: panics.into_iter(),
        took: begun.elapsed(),
    }
}

impl<T> Current<T> {
    pub(super) fn new(items: usize, mut outcome: Result<ItemOutcome<T>, JobError>) -> Self {
        let panic = outcome.as_mut().ok().and_then(|known| known.panics.next());
        Self {
            at: 0,
            items,
            outcome,
            panic,
        }
    }

    #[inline]
    pub(super) fn next(&mut self) -> Option<Result<T, JobError>> {
        let at = self.at;
        self.at += 1;
        match &mut self.outcome {
            Ok(known) => {
                if self.panic.as_ref().is_some_and(|panic| panic.0 == at) {
                    let panic = core::mem::replace(&mut self.panic, known.panics.next());
                    return panic.map(|panic| Err(JobError::Panicked(panic.1)));
                }
                known.values.next().map(Ok)
            }
            // Each of its items has its own.
            Err(error) => (at < self.items).then(|| Err(again(error))),
        }
    }
}

/// The error of a job that was not done, for one of several that it stood for.
fn again(error: &JobError) -> JobError {
    match error {
        JobError::PoolBroken => JobError::PoolBroken,
        JobError::Closed => JobError::Closed,
        JobError::Full => JobError::Full,
        JobError::NotStarted(error) => JobError::NotStarted(same(error)),
        JobError::Cancelled | JobError::Failed(_) | JobError::Panicked(_) => JobError::Cancelled,
    }
}
