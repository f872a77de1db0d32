//! Models of jobs for threads: the ends that race, and those who wait, look, or leave a callback.

use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use core::time::Duration;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use syncline::internals::{Kept, Quiet};
use syncline::loom::thread::{ThreadId, current, spawn, yield_now};
use syncline::{Job, JobError, Promise, thread};

use crate::kit::{Check, Guarded, Model, model};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("job/thread/set_against_wait", set),
    model!("job/thread/set_against_look", look),
    model!("job/thread/promise_drop_against_wait", promise_drop),
    model!("job/thread/cancel_against_set", cancel),
    model!("job/thread/cancel_against_promise_drop", cancel_and_drop),
    model!("job/thread/timeout_against_set", timeout),
    model!("job/thread/handle_drop_against_set", handle_drop),
    model!("job/thread/callback_against_set", callback),
    model!("job/thread/two_callbacks_against_set", two_callbacks),
    model!("job/thread/late_callback_against_set", late_callback),
    model!("job/thread/put_off_callback_against_adder", put_off),
    model!("job/thread/own_thread_against_cancel", own_thread),
    model!("job/thread/own_thread_is_joined", own_thread_joined),
];

const LONG: Duration = Duration::from_secs(60);

/// A value whose drop is counted. The count is the model's own knowledge, of which loom knows nothing.
pub(crate) struct Counted(Arc<AtomicUsize>);

impl Counted {
    /// A value, and how many of its like have been dropped.
    pub(crate) fn new() -> (Self, Arc<AtomicUsize>) {
        let dropped = Arc::new(AtomicUsize::new(0));
        (Self(Arc::clone(&dropped)), dropped)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Relaxed);
    }
}

/// A cell that the producer writes before the end, and everybody reads after it.
fn cell() -> Arc<Guarded<()>> {
    Arc::new(Guarded::new(()))
}

fn set(check: Check) {
    check.outcomes(&["in line", "not in line"]).run(|run| {
        let cell = cell();
        let (promise, job) = Promise::new();
        let kept = Kept::of(&job);
        let waiter = spawn({
            let cell = Arc::clone(&cell);
            move || {
                assert_eq!(job.wait().unwrap(), 7);
                assert_eq!(cell.value(), 1);
            }
        });
        yield_now();
        run.saw(["not in line", "in line"][kept.waiting()]);
        cell.bump();
        promise.set(7).unwrap();
        waiter.join().unwrap();
        kept.assert_quiet();
    });
}

/// Whoever sees that it is done sees what was done before.
fn look(check: Check) {
    check
        .outcomes(&["seen", "not seen"])
        .min_executions(2)
        .run(|run| {
            let cell = cell();
            let (promise, job) = Promise::new();
            let kept = Kept::of(&job);
            let reader = spawn({
                let cell = Arc::clone(&cell);
                move || {
                    if job.is_done() {
                        assert!(!job.is_running());
                        assert_eq!(cell.value(), 1);
                        assert_eq!(job.wait().unwrap(), 7);
                        run.saw("seen");
                    } else {
                        run.saw("not seen");
                        job.detach();
                    }
                }
            });
            cell.bump();
            promise.set(7).unwrap();
            reader.join().unwrap();
            kept.assert_quiet();
        });
}

fn promise_drop(check: Check) {
    check.outcomes(&["in line", "not in line"]).run(|run| {
        let cell = cell();
        let (promise, job) = Promise::<i32>::new();
        let kept = Kept::of(&job);
        let waiter = spawn({
            let cell = Arc::clone(&cell);
            move || {
                assert!(matches!(job.wait(), Err(JobError::Cancelled)));
                assert_eq!(cell.value(), 1);
            }
        });
        yield_now();
        run.saw(["not in line", "in line"][kept.waiting()]);
        cell.bump();
        drop(promise);
        waiter.join().unwrap();
        kept.assert_quiet();
    });
}

/// One of both wins, both sides know who, and the value is dropped once.
fn cancel(check: Check) {
    check.outcomes(&["set", "cancelled"]).run(|run| {
        let (value, dropped) = Counted::new();
        let (promise, job) = Promise::new();
        let kept = Kept::of(&job);
        let producer = spawn(move || promise.set(value).is_err());
        let cancelled = job.cancel();
        // What has been claimed may not be done yet.
        let outcome = job.wait();
        let refused = producer.join().unwrap();
        assert_eq!((refused, outcome.is_err()), (cancelled, cancelled));
        run.saw(if cancelled { "cancelled" } else { "set" });
        drop(outcome);
        assert_eq!(dropped.load(Relaxed), 1);
        kept.assert_quiet();
    });
}

/// Two that would end it the same way: one does.
fn cancel_and_drop(check: Check) {
    check.outcomes(&["waits", "done before"]).run(|run| {
        let (promise, job) = Promise::<i32>::new();
        let kept = Kept::of(&job);
        let calls = Arc::new(AtomicUsize::new(0));
        job.on_done({
            let calls = Arc::clone(&calls);
            move || {
                calls.fetch_add(1, Relaxed);
            }
        });
        let producer = spawn(move || drop(promise));
        assert!(job.cancel());
        run.saw(if job.is_done() {
            "done before"
        } else {
            "waits"
        });
        assert!(matches!(job.wait(), Err(JobError::Cancelled)));
        producer.join().unwrap();
        assert_eq!(calls.load(Relaxed), 1);
        kept.assert_quiet();
    });
}

fn timeout(check: Check) {
    check
        .outcomes(&["in time", "too late"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let cell = cell();
            let (promise, mut job) = Promise::new();
            let kept = Kept::of(&job);
            let waiter = spawn({
                let cell = Arc::clone(&cell);
                move || {
                    let mut outcome = job.wait_timeout(LONG);
                    run.saw(if outcome.is_ok() {
                        "in time"
                    } else {
                        "too late"
                    });
                    if outcome.is_err() {
                        outcome = job.wait_deadline(Instant::now());
                    }
                    let outcome = outcome.unwrap_or_else(|_| job.wait());
                    assert_eq!(outcome.unwrap(), 7);
                    assert_eq!(cell.value(), 1);
                }
            });
            cell.bump();
            promise.set(7).unwrap();
            waiter.join().unwrap();
            kept.assert_quiet();
        });
}

/// A job that is dropped after a wait that expired: the value goes with the last of both ends.
fn handle_drop(check: Check) {
    check
        .outcomes(&["done before", "not done"])
        .expiries(&[Some(0), Some(1)])
        .run(|run| {
            let (value, dropped) = Counted::new();
            let (promise, mut job) = Promise::new();
            let kept = Kept::of(&job);
            let producer = spawn(move || promise.set(value).is_ok());
            let done = job.wait_timeout(LONG).is_ok();
            drop(job);
            run.saw(if done { "done before" } else { "not done" });
            assert!(producer.join().unwrap());
            kept.assert_quiet();
            drop(kept);
            assert_eq!(dropped.load(Relaxed), 1);
        });
}

/// A callback runs once, after all that were added before it, and sees what the producer did.
fn callback(check: Check) {
    check
        .outcomes(&["called at the end", "called at once"])
        .run(|run| {
            let (before, first) = (cell(), cell());
            let (promise, job) = Promise::new();
            let kept = Kept::of(&job);
            let calls = Arc::new(AtomicUsize::new(0));
            job.on_done({
                let (before, first) = (Arc::clone(&before), Arc::clone(&first));
                move || {
                    assert_eq!(before.value(), 1);
                    first.bump();
                }
            });
            let adder = spawn({
                let (before, calls) = (Arc::clone(&before), Arc::clone(&calls));
                move || {
                    let here = current().id();
                    job.on_done({
                        let (before, calls) = (Arc::clone(&before), Arc::clone(&calls));
                        move || {
                            assert_eq!((before.value(), first.value()), (1, 1));
                            calls.fetch_add(1, Relaxed);
                            run.saw(if current().id() == here {
                                "called at once"
                            } else {
                                "called at the end"
                            });
                        }
                    });
                    job
                }
            });
            before.bump();
            promise.set(7).unwrap();
            let job = adder.join().unwrap();
            assert_eq!((calls.load(Relaxed), job.wait().unwrap()), (1, 7));
            kept.assert_quiet();
        });
}

/// Two threads add a callback while the third ends the job: each runs once, in one of the three.
fn two_callbacks(check: Check) {
    check
        .outcomes(&["both at the end", "one at once", "both at once"])
        .run(|run| {
            let (promise, job) = Promise::new();
            let (kept, job) = (Kept::of(&job), Arc::new(job));
            let calls: Arc<Mutex<Vec<(ThreadId, ThreadId)>>> = Arc::default();
            let adders = [(); 2].map(|()| {
                let (job, calls) = (Arc::clone(&job), Arc::clone(&calls));
                spawn(move || {
                    let added = current().id();
                    // Released before the next step of the model.
                    job.on_done(move || calls.lock().unwrap().push((added, current().id())));
                    drop(job);
                })
            });
            promise.set(7).unwrap();
            for adder in adders {
                adder.join().unwrap();
            }
            let calls = core::mem::take(&mut *calls.lock().unwrap());
            assert_eq!(calls.len(), 2);
            assert_ne!(calls[0].0, calls[1].0);
            let at_once = calls.iter().filter(|call| call.0 == call.1).count();
            run.saw(["both at the end", "one at once", "both at once"][at_once]);
            assert!(job.is_done());
            kept.assert_quiet();
        });
}

/// The only callback sees what the producer did, also if it comes when the job has ended.
fn late_callback(check: Check) {
    check
        .outcomes(&["called at the end", "called at once"])
        .run(|run| {
            let cell = cell();
            let (promise, job) = Promise::new();
            let kept = Kept::of(&job);
            let adder = spawn({
                let cell = Arc::clone(&cell);
                move || {
                    let here = current().id();
                    job.on_done(move || {
                        assert_eq!(cell.value(), 1);
                        run.saw(if current().id() == here {
                            "called at once"
                        } else {
                            "called at the end"
                        });
                    });
                    job
                }
            });
            cell.bump();
            promise.set(7).unwrap();
            assert_eq!(adder.join().unwrap().wait().unwrap(), 7);
            kept.assert_quiet();
        });
}

/// A callback that was put off, for it would be the third inside of others, still runs before those
/// that were added after it.
fn put_off(check: Check) {
    check
        .outcomes(&["called after it", "called at once"])
        .run(|run| {
            let first = cell();
            let (promise, job) = Promise::new();
            let (second, second_job) = Promise::new();
            let (third, third_job) = Promise::new();
            let kept = Kept::of(&third_job);
            job.on_done(move || second.set(()).unwrap());
            second_job.on_done(move || third.set(()).unwrap());
            third_job.on_done({
                let first = Arc::clone(&first);
                move || first.bump()
            });
            let adder = spawn(move || {
                let here = current().id();
                third_job.on_done(move || {
                    assert_eq!(first.value(), 1, "it has come before its turn");
                    run.saw(if current().id() == here {
                        "called at once"
                    } else {
                        "called after it"
                    });
                });
                third_job
            });
            promise.set(()).unwrap();
            assert!(adder.join().unwrap().is_done());
            kept.assert_quiet();
            drop((job, second_job));
        });
}

/// The closure is called, or dropped by the canceller.
fn own_thread(check: Check) {
    check.outcomes(&["called", "cancelled"]).run(|run| {
        let (value, dropped) = Counted::new();
        let job = thread::spawn_named("own", move || value);
        let kept = Kept::of(&job);
        let cancelled = job.cancel();
        run.saw(if cancelled { "cancelled" } else { "called" });
        let outcome: Result<Counted, JobError> = job.wait();
        assert_eq!(outcome.is_err(), cancelled);
        drop(outcome);
        assert_eq!(dropped.load(Relaxed), 1);
        kept.assert_quiet();
    });
}

/// A wait sees what the closure did, and whatever its thread did.
fn own_thread_joined(check: Check) {
    check.outcomes(&["seen done", "waited for"]).run(|run| {
        let cell = cell();
        let job: Job<()> = thread::spawn_named("own", {
            let cell = Arc::clone(&cell);
            move || cell.bump()
        });
        let kept = Kept::of(&job);
        let done = job.is_done();
        if done {
            assert_eq!(cell.value(), 1);
        }
        run.saw(if done { "seen done" } else { "waited for" });
        job.wait().unwrap();
        assert_eq!(cell.value(), 1);
        kept.assert_quiet();
    });
}
