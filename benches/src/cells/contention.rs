//! The questions that locks and semaphores share.

use core::hint::black_box;
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};
use core::time::Duration;

use futures::executor::block_on;

use crate::cell::{Effort, Sample};
use crate::peers::{Awaiting, Blocking, Resource, Trying};
use crate::stopwatch::Stopwatch;
use crate::threads::{compete, hold, work_200_ns};

/// How long a round of competing threads is, in milliseconds.
pub(super) const TIMED: u64 = 60;

/// The same where each holds the resource for long.
pub(super) const LONG_TIMED: u64 = 200;

/// How long the resource is held in the cells about the worst wait.
const LONG: Duration = Duration::from_micros(200);

/// What a thread does between giving the resource back and asking again.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Outside {
    /// Nothing.
    Nothing,
    /// About 200 ns of arithmetic.
    Work,
}

/// Take and give back, on one thread.
pub(crate) fn uncontended<R: Blocking>(effort: &Effort) -> Sample {
    let resource = R::new(1);
    let resource = black_box(&resource);
    let start = Stopwatch::start();
    for _ in 0..effort.ops {
        black_box(&resource.take());
    }
    Sample::new(start.elapsed(), effort.ops)
}

/// The same through the form that never waits.
pub(crate) fn trying<R: Trying>(effort: &Effort) -> Sample {
    let resource = R::new(1);
    let resource = black_box(&resource);
    let start = Stopwatch::start();
    for _ in 0..effort.ops {
        black_box(&resource.try_take());
    }
    Sample::new(start.elapsed(), effort.ops)
}

/// The same in a task, the resource being free.
pub(crate) fn await_ready<R: Awaiting>(effort: &Effort) -> Sample {
    let resource = R::create(1);
    let resource = black_box(&resource);
    let elapsed = block_on(async {
        let start = Stopwatch::start();
        for _ in 0..effort.ops {
            black_box(&resource.acquire().await);
        }
        start.elapsed()
    });
    Sample::new(elapsed, effort.ops)
}

/// A resource and a value beside it, as they lie in a user's struct.
struct Guarded<R> {
    resource: R,
    value: AtomicU64,
}

impl<R: Resource> Guarded<R> {
    fn new(permits: usize) -> Self {
        Self {
            resource: R::new(permits),
            value: AtomicU64::new(0),
        }
    }

    /// A critical section of a few instructions.
    #[inline]
    fn touch(&self) {
        // ORDERING: Relaxed: a plain load and store, as on a value behind a lock; with
        // several permits a lost update does no harm.
        self.value.store(self.value.load(Relaxed) + 1, Relaxed);
    }
}

/// Several threads with a short critical section.
pub(crate) fn contended<R: Blocking>(
    effort: &Effort,
    permits: usize,
    threads: usize,
    outside: Outside,
) -> Sample {
    let guarded = Guarded::<R>::new(permits);
    compete(
        threads,
        effort,
        |log| {
            let guard = log.wait(|| guarded.resource.take());
            guarded.touch();
            drop(guard);
            match outside {
                Outside::Nothing => {}
                Outside::Work => work_200_ns(),
            }
        },
        || guarded.resource.nudge(),
    )
}

/// Several threads that each hold the resource for long, again and again.
///
/// Every wait is timed in every round: a clock read is nothing beside 200 us.
pub(crate) fn worst_wait<R: Blocking>(effort: &Effort, threads: usize) -> Sample {
    let effort = Effort {
        stamped: true,
        ..*effort
    };
    let resource = R::new(1);
    compete(
        threads,
        &effort,
        |log| {
            let guard = log.wait(|| resource.take());
            hold(LONG);
            drop(guard);
        },
        || resource.nudge(),
    )
}
