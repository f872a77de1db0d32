//! Jobs: eight threads make promises, and set, drop, cancel, await, wait for and watch each other's.

use crate::bench::Dice;
use crate::watch::{LIMIT, watchdog};
use core::pin::Pin;
use core::sync::atomic::AtomicU64;
use core::sync::atomic::Ordering::Relaxed;
use core::task::{Context, Waker};
use std::sync::Arc;
use std::thread;
use syncline::task::block_on;
use syncline::thread::Queue;
use syncline::{Job, JobError, Promise, Shutdown, Until};

const THREADS: u64 = 8;
const ROUNDS: u64 = 500_000;

/// What has become of everything, in numbers.
#[derive(Debug, Default)]
struct Counts {
    made: AtomicU64,
    seen: AtomicU64,
    refused: AtomicU64,
    cancelled: AtomicU64,
    detached: AtomicU64,
    dropped: AtomicU64,
    called: AtomicU64,
}

/// Something that is counted when it is dropped.
struct Value(Arc<Counts>);

impl Drop for Value {
    fn drop(&mut self) {
        self.0.dropped.fetch_add(1, Relaxed);
    }
}

fn outcome(counts: &Counts, outcome: Result<Value, JobError>) {
    match outcome {
        Ok(_value) => counts.seen.fetch_add(1, Relaxed),
        Err(JobError::Cancelled) => counts.cancelled.fetch_add(1, Relaxed),
        Err(other) => panic!("{other}"),
    };
}

/// Looks for the outcome of a job, one way or another.
fn watch(counts: &Arc<Counts>, dice: &mut Dice, mut job: Job<Value>) {
    if dice.roll(3) == 0 {
        let counts = Arc::clone(counts);
        job.on_done(move || {
            counts.called.fetch_add(1, Relaxed);
        });
    } else {
        counts.called.fetch_add(1, Relaxed);
    }
    if dice.roll(3) == 0 {
        let mut context = Context::from_waker(Waker::noop());
        if let core::task::Poll::Ready(end) = Pin::new(&mut job).poll(&mut context) {
            return outcome(counts, end);
        }
    }
    match dice.roll(8) {
        0 => drop(job.cancel()),
        1 => {
            counts.detached.fetch_add(1, Relaxed);
            return job.detach();
        }
        2 => match job.wait_timeout(dice.timeout()) {
            Ok(end) => return outcome(counts, end),
            Err(_late) => {}
        },
        3 => drop(syncline::thread::wait(
            [&job, &job],
            Until::First,
            Some(dice.timeout()),
        )),
        4 => drop(block_on(syncline::task::wait([&job], Until::All, None))),
        5 => return outcome(counts, block_on(job)),
        _ => {}
    }
    outcome(counts, job.wait());
}

#[test]
#[ignore = "runs for a while: cargo test --release --test stress -- --ignored"]
fn every_outcome_is_seen_once_and_nothing_is_lost() {
    let counts = Arc::new(Counts::default());
    let promises = Arc::new(Queue::<Promise<Value>>::bounded(64));
    watchdog(
        "jobs",
        // A fixed number of rounds, which took up to two minutes beside the builds of others.
        10 * LIMIT,
        || format!("{counts:?} {promises:?}"),
        || {
            thread::scope(|threads| {
                for _ in 0..THREADS / 2 {
                    let (counts, promises) = (Arc::clone(&counts), Arc::clone(&promises));
                    threads.spawn(move || {
                        let mut dice = Dice::new();
                        for _ in 0..ROUNDS {
                            let (promise, job) = Promise::new();
                            counts.made.fetch_add(1, Relaxed);
                            promises.put(promise).unwrap();
                            watch(&counts, &mut dice, job);
                        }
                    });
                }
                for _ in 0..THREADS / 2 {
                    let (counts, promises) = (Arc::clone(&counts), Arc::clone(&promises));
                    threads.spawn(move || {
                        let mut dice = Dice::new();
                        for _ in 0..ROUNDS {
                            let promise = promises.get().unwrap();
                            if dice.roll(4) == 0 {
                                drop(promise);
                            } else if promise.set(Value(Arc::clone(&counts))).is_err() {
                                counts.refused.fetch_add(1, Relaxed);
                            }
                        }
                    });
                }
            });
        },
    );
    assert_eq!(promises.shutdown(Shutdown::Graceful), 0);
    let read = |count: &AtomicU64| count.load(Relaxed);
    let made = read(&counts.made);
    assert_eq!(made, ROUNDS * THREADS / 2);
    let ended = read(&counts.seen) + read(&counts.cancelled) + read(&counts.detached);
    assert_eq!((ended, read(&counts.called)), (made, made), "{counts:?}");
    assert!(read(&counts.dropped) >= read(&counts.seen) + read(&counts.refused));
    assert_eq!(Arc::strong_count(&counts), 1, "a value was lost");
}
