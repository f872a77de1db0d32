//! Models of outcomes by reference, of shared jobs, and of promises that have been started.

use core::sync::atomic::Ordering::Relaxed;
use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use syncline::internals::{Kept, Quiet};
use syncline::loom::thread::{spawn, yield_now};
use syncline::task::block_on;
use syncline::{OutcomeKind, Promise, SharedJob};

use crate::job::Counted;
use crate::kit::{Check, CountingWaker, Guarded, Model, model, poll_once};
use core::future::IntoFuture;
use core::pin::pin;

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("job/thread/outcome_against_set", outcome),
    model!("job/thread/two_read_one_outcome", two_read),
    model!("job/thread/start_against_cancel", start),
    model!("job/thread/started_drop_against_wait", started_drop),
    model!("job/thread/shared_timeout_against_set", timeout),
    model!("job/task/shared_drop_against_set", drop_against_set),
    model!("job/task/shared_by_two", two_tasks)
        .dear()
        .preemptions_at_most(2),
    model!("job/mixed/shared_by_both_faces", both_faces).preemptions_at_most(1),
];

const LONG: Duration = Duration::from_secs(60);

fn cell() -> Arc<Guarded<()>> {
    Arc::new(Guarded::new(()))
}

/// Whoever sees the outcome sees what was done before.
fn outcome(check: Check) {
    let check = check.outcomes(&["seen", "not seen"]).min_executions(2);
    check.run(|run| {
        let cell = cell();
        let (promise, job) = Promise::new();
        let kept = Kept::of(&job);
        let reader = spawn({
            let cell = Arc::clone(&cell);
            move || {
                if let Some(outcome) = job.outcome() {
                    assert_eq!(*outcome.unwrap(), 7);
                    assert_eq!(cell.value(), 1);
                    run.saw("seen");
                } else {
                    run.saw("not seen");
                }
                job.detach();
            }
        });
        cell.bump();
        promise.set(7).unwrap();
        reader.join().unwrap();
        kept.assert_quiet();
    });
}

/// Two may read at the same time, while the job ends.
fn two_read(check: Check) {
    let check = check.outcomes(&["both", "one", "none"]);
    check.run(|run| {
        let (value, dropped) = Counted::new();
        let (promise, job) = Promise::new();
        let kept = Kept::of(&job);
        let job = Arc::new(job);
        let readers = [(), ()].map(|()| {
            let job = Arc::clone(&job);
            spawn(move || job.outcome().is_some())
        });
        assert!(promise.set(value).is_ok());
        let seen = readers.map(|reader| usize::from(reader.join().unwrap()));
        run.saw(["none", "one", "both"][seen[0] + seen[1]]);
        assert_eq!(job.outcome_kind(), Some(OutcomeKind::Finished));
        assert_eq!(dropped.load(Relaxed), 0);
        kept.assert_quiet();
        drop((job, kept));
        assert_eq!(dropped.load(Relaxed), 1);
    });
}

/// One of both wins, and both know who.
fn start(check: Check) {
    check.outcomes(&["started", "cancelled"]).run(|run| {
        let cell = cell();
        let (mut promise, job) = Promise::new();
        let kept = Kept::of(&job);
        let producer = spawn({
            let cell = Arc::clone(&cell);
            move || {
                let started = promise.start();
                if started {
                    cell.bump();
                }
                assert_eq!(promise.set(7).is_ok(), started);
                started
            }
        });
        let cancelled = job.cancel();
        run.saw(if cancelled { "cancelled" } else { "started" });
        assert_eq!(job.wait().is_err(), cancelled);
        if !cancelled {
            assert_eq!(cell.value(), 1);
        }
        assert_eq!(producer.join().unwrap(), !cancelled);
        kept.assert_quiet();
    });
}

/// A promise that has been started and is dropped ends its job as cancelled.
fn started_drop(check: Check) {
    check.outcomes(&["in line", "not in line"]).run(|run| {
        let cell = cell();
        let (mut promise, job) = Promise::<i32>::new();
        let kept = Kept::of(&job);
        assert!(promise.start());
        let waiter = spawn({
            let cell = Arc::clone(&cell);
            move || {
                assert_eq!(job.wait().unwrap_err().kind(), OutcomeKind::Cancelled);
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

fn timeout(check: Check) {
    check
        .outcomes(&["in time", "too late"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let cell = cell();
            let (promise, job) = Promise::new();
            let kept = Kept::of(&job);
            let waiter = spawn({
                let (cell, job) = (Arc::clone(&cell), job.shared());
                move || {
                    if let Ok(value) = job.wait_timeout(LONG) {
                        assert_eq!(value.unwrap(), 7);
                        assert_eq!(cell.value(), 1);
                        run.saw("in time");
                    } else {
                        assert!(
                            job.wait_deadline(Instant::now()).is_err() || job.as_job().is_done()
                        );
                        run.saw("too late");
                    }
                }
            });
            cell.bump();
            promise.set(7).unwrap();
            waiter.join().unwrap();
            kept.assert_quiet();
        });
}

/// A wait that is dropped takes nothing from the other one.
fn drop_against_set(check: Check) {
    check
        .outcomes(&["dropped in line", "ended before"])
        .run(|run| {
            let cell = cell();
            let (promise, job) = Promise::new();
            let kept = Kept::of(&job);
            let job: SharedJob<i32> = job.shared();
            let setter = spawn({
                let cell = Arc::clone(&cell);
                move || {
                    cell.bump();
                    promise.set(7).unwrap();
                }
            });
            {
                let waker = CountingWaker::new();
                let wait = pin!(job.clone().into_future());
                let polled = poll_once(wait, &waker);
                run.saw(["ended before", "dropped in line"][usize::from(polled.is_pending())]);
            }
            assert_eq!(block_on(&job).unwrap(), 7);
            assert_eq!(cell.value(), 1);
            setter.join().unwrap();
            kept.assert_quiet();
        });
}

/// Two tasks that wait for one job both get its value, and it is dropped once.
fn two_tasks(check: Check) {
    let check = check.outcomes(&["nobody in line", "one in line", "both in line"]);
    check.run(|run| two_waiters(run, |job| block_on(job).unwrap()));
}

/// The same for a task and a thread.
fn both_faces(check: Check) {
    let check = check.outcomes(&["nobody in line", "one in line", "both in line"]);
    check.run(|run| two_waiters(run, |job| job.wait().unwrap()));
}

type Value = Arc<Counted>;

fn two_waiters(run: crate::kit::Run, other: fn(SharedJob<Value>) -> Value) {
    let cell = cell();
    let (value, dropped) = Counted::new();
    let (promise, job) = Promise::new();
    let kept = Kept::of(&job);
    let job = job.shared();
    let task: fn(SharedJob<Value>) -> Value = |job| block_on(job).unwrap();
    let waiters = [task, other].map(|wait| {
        let (cell, job) = (Arc::clone(&cell), job.clone());
        spawn(move || {
            drop::<Value>(wait(job));
            assert_eq!(cell.value(), 1);
        })
    });
    drop(job);
    yield_now();
    run.saw(["nobody in line", "one in line", "both in line"][kept.waiting()]);
    cell.bump();
    assert!(promise.set(Arc::new(value)).is_ok());
    for waiter in waiters {
        waiter.join().unwrap();
    }
    kept.assert_quiet();
    drop(kept);
    assert_eq!(dropped.load(Relaxed), 1);
}
