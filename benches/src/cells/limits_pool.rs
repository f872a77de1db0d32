//! The limits of a pool: a job down to its allocation, its way through two queues and the two
//! compare-exchanges of its word. It has no line, no callback, no panic, no sleep and no end.

use core::hint::black_box;
use core::sync::atomic::{
    AtomicBool, AtomicU64, AtomicUsize,
    Ordering::{AcqRel, Acquire, Relaxed},
};
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use crossbeam_deque::{Injector, Stealer, Worker};

use super::pool::cheap;
use crate::cell::{Cell, Effort, Sample};
use crate::peers::WORKERS;
use crate::place;
use crate::stopwatch::Stopwatch;

/// As large as a job of syncline, with the counts of its allocation.
const LARGE: usize = 23;
/// No larger than it must be.
const SMALL: usize = 0;

/// The cells about pools.
pub(super) fn cells() -> Vec<Cell> {
    let about = "a job from one thread: allocation, two queues, two compare-exchanges, drop";
    let sized = |name: &str| Cell::counted(name, 1, about).at_least(100_000).of_threads();
    vec![
        sized("limits/pool_jobs/100k")
            .with_instructions()
            .peer("small", on_the_wall::<SMALL>)
            .peer("large", on_the_wall::<LARGE>),
        sized("limits/pool_jobs_work/100k")
            .peer("small", computing::<SMALL>)
            .peer("large", computing::<LARGE>)
            .peer("small:one_thread", one_thread::<SMALL>)
            .peer("large:one_thread", one_thread::<LARGE>),
        Cell::counted(
            "limits/pool_map/1m",
            1,
            "the cheap item of pool/map, one thread",
        )
        .at_least(1_000_000)
        .peer("one_thread", |effort| {
            let start = Stopwatch::start();
            let sum: u64 = (0..effort.ops).map(cheap).fold(0, u64::wrapping_add);
            black_box(sum);
            Sample::new(start.elapsed(), effort.ops)
        }),
    ]
}

const QUEUED: usize = 0;
const RUNNING: usize = 1;
const DONE: usize = 2;

/// A job, and nothing else.
struct Stripped<const WORDS: usize> {
    word: AtomicUsize,
    value: AtomicU64,
    rest: [u64; WORDS],
}

impl<const WORDS: usize> Stripped<WORDS> {
    fn new(value: u64) -> Self {
        Self {
            word: AtomicUsize::new(QUEUED),
            value: AtomicU64::new(value),
            rest: [0; WORDS],
        }
    }

    fn run(&self) {
        // ORDERING: AcqRel: Release publishes the value to the Acquire in `take`.
        let claimed = (self.word).compare_exchange(QUEUED, RUNNING, AcqRel, Relaxed);
        assert!(claimed.is_ok(), "a job came twice");
        let value = black_box(self.value.load(Relaxed));
        self.value.store(value, Relaxed);
        let ended = (self.word).compare_exchange(RUNNING, DONE, AcqRel, Relaxed);
        assert!(ended.is_ok(), "a job ended twice");
    }

    fn take(&self) -> u64 {
        // ORDERING: Acquire pairs with the Release in `run`.
        while self.word.load(Acquire) != DONE {
            thread::yield_now();
        }
        black_box(&self.rest);
        self.value.load(Relaxed)
    }
}

type Queued<const WORDS: usize> = Arc<Stripped<WORDS>>;

/// Where jobs come from.
struct Source<const WORDS: usize> {
    injector: Injector<Queued<WORDS>>,
    stealers: Vec<Stealer<Queued<WORDS>>>,
}

impl<const WORDS: usize> Source<WORDS> {
    fn next(&self, own: &Worker<Queued<WORDS>>) -> Option<Queued<WORDS>> {
        own.pop()
            .or_else(|| self.injector.steal_batch_and_pop(own).success())
            .or_else(|| {
                let mut others = self.stealers.iter();
                others.find_map(|other| other.steal_batch_and_pop(own).success())
            })
    }

    fn submit_all(&self, jobs: u64) -> Vec<Queued<WORDS>> {
        let submit = |value| {
            let job = Arc::new(Stripped::new(value));
            self.injector.push(Arc::clone(&job));
            job
        };
        (0..jobs).map(submit).collect()
    }
}

fn sum<const WORDS: usize>(jobs: Vec<Queued<WORDS>>) -> u64 {
    jobs.into_iter().map(|job| job.take()).sum()
}

fn on_the_wall<const WORDS: usize>(effort: &Effort) -> Sample {
    two_workers::<WORDS, _>(effort, Instant::now, |start| start.elapsed())
}

fn computing<const WORDS: usize>(effort: &Effort) -> Sample {
    two_workers::<WORDS, _>(effort, Stopwatch::start_for_all_threads, |start| {
        start.elapsed()
    })
}

/// As `pool/jobs`, with workers that yield where others would sleep.
fn two_workers<const WORDS: usize, C>(
    effort: &Effort,
    start: fn() -> C,
    elapsed: impl Fn(C) -> core::time::Duration,
) -> Sample {
    let own: Vec<_> = (0..WORKERS).map(|_| Worker::new_lifo()).collect();
    let source = Source::<WORDS> {
        injector: Injector::new(),
        stealers: own.iter().map(Worker::stealer).collect(),
    };
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        for (index, own) in own.into_iter().enumerate() {
            let (source, stop) = (&source, &stop);
            scope.spawn(move || {
                place::join(index + 1);
                // ORDERING: Relaxed: only says when to stop.
                while !stop.load(Relaxed) {
                    match source.next(&own) {
                        Some(job) => job.run(),
                        None => thread::yield_now(),
                    }
                }
            });
        }
        sum(source.submit_all(1000));
        let start = start();
        let sum = sum(source.submit_all(effort.ops));
        let elapsed = elapsed(start);
        // ORDERING: Relaxed, as above.
        stop.store(true, Relaxed);
        assert_eq!(sum, (0..effort.ops).sum::<u64>(), "a job was lost");
        Sample::new(elapsed, effort.ops)
    })
}

/// The same work without anybody to share it with.
fn one_thread<const WORDS: usize>(effort: &Effort) -> Sample {
    let own = Worker::new_lifo();
    let source = Source::<WORDS> {
        injector: Injector::new(),
        stealers: Vec::new(),
    };
    let start = Stopwatch::start();
    let jobs = source.submit_all(effort.ops);
    while let Some(job) = source.next(&own) {
        job.run();
    }
    black_box(sum(jobs));
    Sample::new(start.elapsed(), effort.ops)
}
