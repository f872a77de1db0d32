//! Models of jobs for tasks: awaiting one, and being the future that does one.

use core::future::{pending, poll_fn};
use core::pin::Pin;
use core::sync::atomic::Ordering::Relaxed;
use core::task::Poll;
use core::time::Duration;
use std::sync::Arc;

use syncline::internals::{Kept, Quiet, driven};
use syncline::loom::thread::{spawn, yield_now};
use syncline::task::block_on;
use syncline::{JobError, Promise};

use crate::job::Counted;
use crate::kit::{Check, CountingWaker, Guarded, Model, model, poll_once};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("job/task/set_against_await", set),
    model!("job/task/promise_drop_against_await", promise_drop),
    model!("job/task/set_against_second_waker", waker_moves),
    model!("job/task/drop_after_a_poll_against_set", drop_after_poll),
    model!("job/task/polled_then_waited_for", poll_then_wait),
    model!("job/task/cancel_against_await", cancel_await),
    model!("job/task/future_against_cancel", future_ends),
    model!("job/task/waiting_future_against_cancel", future_waits),
    model!("job/task/driver_against_cancel", driver_against_cancel),
    model!("job/task/future_is_woken_against_cancel", future_woken),
    model!("job/task/executor_drops_against_cancel", executor_drops),
    model!("job/mixed/thread_waits_for_a_future", thread_waits),
];

const LONG: Duration = Duration::from_secs(60);

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
                assert_eq!(block_on(job).unwrap(), 7);
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

fn promise_drop(check: Check) {
    check.outcomes(&["in line", "not in line"]).run(|run| {
        let (promise, job) = Promise::<i32>::new();
        let kept = Kept::of(&job);
        let waiter = spawn(move || {
            assert!(matches!(block_on(job), Err(JobError::Cancelled)));
        });
        yield_now();
        run.saw(["not in line", "in line"][kept.waiting()]);
        drop(promise);
        waiter.join().unwrap();
        kept.assert_quiet();
    });
}

/// A job that is polled with another waker wakes that one alone.
fn waker_moves(check: Check) {
    check
        .outcomes(&["ready at the second poll", "ready after it"])
        .min_executions(4)
        .run(|run| {
            let (old, new) = (CountingWaker::new(), CountingWaker::new());
            let (promise, mut job) = Promise::new();
            let kept = Kept::of(&job);
            assert!(poll_once(Pin::new(&mut job), &old).is_pending());
            let producer = spawn(move || promise.set(7).unwrap());
            let early = poll_once(Pin::new(&mut job), &new).is_ready();
            producer.join().unwrap();
            if early {
                run.saw("ready at the second poll");
                assert_eq!(new.wakes(), 0);
            } else {
                run.saw("ready after it");
                assert_eq!((old.wakes(), new.wakes()), (0, 1));
                assert!(poll_once(Pin::new(&mut job), &new).is_ready());
            }
            assert_eq!((old.clones(), new.clones()), (0, 0));
            kept.assert_quiet();
        });
}

/// The waiter lies in the job: it has left the line, or been woken, when the handle is gone.
fn drop_after_poll(check: Check) {
    check
        .outcomes(&["woken", "not woken"])
        .min_executions(4)
        .run(|run| {
            let waker = CountingWaker::new();
            let (value, dropped) = Counted::new();
            let (promise, mut job) = Promise::new();
            let kept = Kept::of(&job);
            assert!(poll_once(Pin::new(&mut job), &waker).is_pending());
            let producer = spawn(move || promise.set(value).is_ok());
            drop(job);
            assert!(producer.join().unwrap());
            run.saw(["not woken", "woken"][waker.wakes()]);
            assert_eq!(waker.clones(), 0);
            kept.assert_quiet();
            drop(kept);
            assert_eq!(dropped.load(Relaxed), 1);
        });
}

/// The waiter of a poll and that of a thread are two, in one line.
fn poll_then_wait(check: Check) {
    check
        .outcomes(&["in time", "too late"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let waker = CountingWaker::new();
            let cell = cell();
            let (promise, mut job) = Promise::new();
            let kept = Kept::of(&job);
            assert!(poll_once(Pin::new(&mut job), &waker).is_pending());
            let producer = spawn({
                let cell = Arc::clone(&cell);
                move || {
                    cell.bump();
                    promise.set(7).unwrap();
                }
            });
            let outcome = job.wait_timeout(LONG);
            run.saw(if outcome.is_ok() {
                "in time"
            } else {
                "too late"
            });
            let outcome = outcome.unwrap_or_else(|_| {
                // Polled again, by a job that is in line already.
                match poll_once(Pin::new(&mut job), &waker) {
                    Poll::Ready(outcome) => outcome,
                    Poll::Pending => job.wait(),
                }
            });
            assert_eq!((outcome.unwrap(), cell.value()), (7, 1));
            producer.join().unwrap();
            assert_eq!((waker.clones(), waker.wakes() < 2), (0, true));
            kept.assert_quiet();
        });
}

/// A third cancels what a task awaits and a producer sets.
fn cancel_await(check: Check) {
    check.outcomes(&["set", "cancelled"]).run(|run| {
        let (value, dropped) = Counted::new();
        let (promise, mut job) = Promise::new();
        let kept = Kept::of(&job);
        let waker = CountingWaker::new();
        assert!(poll_once(Pin::new(&mut job), &waker).is_pending());
        let producer = spawn(move || promise.set(value).is_err());
        let cancelled = job.cancel();
        let outcome = block_on(job);
        assert_eq!(producer.join().unwrap(), cancelled);
        assert_eq!(outcome.is_err(), cancelled);
        run.saw(if cancelled { "cancelled" } else { "set" });
        drop(outcome);
        assert_eq!((dropped.load(Relaxed), waker.clones()), (1, 0));
        kept.assert_quiet();
    });
}

/// A future that is ready at once against its cancellation: its output is dropped once, whoever wins.
fn future_ends(check: Check) {
    check.outcomes(&["a value", "cancelled"]).run(|run| {
        let (value, dropped) = Counted::new();
        let (future, job) = driven(async move { value });
        let kept = Kept::of(&job);
        let driver = spawn(move || block_on(future));
        let cancelled = job.cancel();
        let outcome = job.wait();
        assert_eq!(outcome.is_err(), cancelled);
        run.saw(if cancelled { "cancelled" } else { "a value" });
        drop(outcome);
        assert_eq!(dropped.load(Relaxed), 1);
        driver.join().unwrap();
        kept.assert_quiet();
    });
}

/// A future that waits for nothing that comes: the cancellation reaches it, before or after its first
/// poll, and it is gone when the job is done.
fn future_waits(check: Check) {
    check
        .outcomes(&["polled before", "never polled"])
        .run(|run| {
            let (cell, polled) = (cell(), cell());
            let (future, job) = driven({
                let (cell, polled) = (BumpedByDrop(Arc::clone(&cell)), Arc::clone(&polled));
                async move {
                    polled.bump();
                    pending::<()>().await;
                    drop(cell);
                }
            });
            let kept = Kept::of(&job);
            let driver = spawn(move || block_on(future));
            assert!(job.cancel());
            assert!(matches!(job.wait(), Err(JobError::Cancelled)));
            assert_eq!(cell.value(), 1);
            run.saw(["never polled", "polled before"][polled.value()]);
            driver.join().unwrap();
            kept.assert_quiet();
        });
}

/// Writes to a cell when it is dropped.
struct BumpedByDrop(Arc<Guarded<()>>);

impl Drop for BumpedByDrop {
    fn drop(&mut self) {
        self.0.bump();
    }
}

/// Whoever drives a future to its end finds the job done, and the outcome fixed.
fn driver_against_cancel(check: Check) {
    check
        .outcomes(&["cancelled before", "cancelled later"])
        .run(|run| {
            let (future, job) = driven(pending::<()>());
            let (kept, job) = (Kept::of(&job), Arc::new(job));
            let canceller = spawn({
                let job = Arc::clone(&job);
                move || assert!(job.cancel())
            });
            run.saw(if job.is_cancelled() {
                "cancelled before"
            } else {
                "cancelled later"
            });
            block_on(future);
            assert!(job.is_done() && job.is_cancelled());
            canceller.join().unwrap();
            kept.assert_quiet();
        });
}

/// What it waits for comes, and right behind it a cancellation: one of both is the outcome.
fn future_woken(check: Check) {
    check.outcomes(&["a value", "cancelled"]).run(|run| {
        let (promise, inner) = Promise::new();
        let inner_kept = Kept::of(&inner);
        let (future, job) = driven(async move { inner.await.unwrap() });
        let kept = Kept::of(&job);
        let other = spawn(move || {
            promise.set(7).unwrap();
            (job.cancel(), job)
        });
        block_on(future);
        let (cancelled, job) = other.join().unwrap();
        run.saw(if cancelled { "cancelled" } else { "a value" });
        assert_eq!(job.wait().ok(), (!cancelled).then_some(7));
        inner_kept.assert_quiet();
        kept.assert_quiet();
    });
}

/// Its executor drops it while it is cancelled: whoever comes first, it ends once, and is gone by then.
fn executor_drops(check: Check) {
    check.outcomes(&["woken", "not woken"]).run(|run| {
        let waker = CountingWaker::new();
        let cell = cell();
        let (future, job) = driven({
            let cell = BumpedByDrop(Arc::clone(&cell));
            poll_fn(move |_| -> Poll<()> {
                let _keeps = &cell;
                Poll::Pending
            })
        });
        let kept = Kept::of(&job);
        let mut future = Box::pin(future);
        assert!(poll_once(future.as_mut(), &waker).is_pending());
        let canceller = spawn({
            let cell = Arc::clone(&cell);
            move || {
                assert!(job.cancel());
                assert!(matches!(job.wait(), Err(JobError::Cancelled)));
                assert_eq!(cell.value(), 1);
            }
        });
        yield_now();
        drop(future);
        canceller.join().unwrap();
        run.saw(["not woken", "woken"][waker.wakes()]);
        assert_eq!(waker.clones(), 0);
        kept.assert_quiet();
    });
}

fn thread_waits(check: Check) {
    check.outcomes(&["in line", "not in line"]).run(|run| {
        let cell = cell();
        let (future, job) = driven({
            let cell = BumpedByDrop(Arc::clone(&cell));
            async move {
                drop(cell);
                7
            }
        });
        let kept = Kept::of(&job);
        let waiter = spawn({
            let cell = Arc::clone(&cell);
            move || {
                assert_eq!((job.wait().unwrap(), cell.value()), (7, 1));
            }
        });
        yield_now();
        run.saw(["not in line", "in line"][kept.waiting()]);
        block_on(future);
        waiter.join().unwrap();
        kept.assert_quiet();
    });
}
