//! Models of workers that block: who does what they leave behind, and what they find when they are back.

use core::time::Duration;
use std::sync::Arc;

use syncline::Promise;
use syncline::loom::thread::current;
use syncline::task::block_on;
use syncline::thread::{Event, PoolShutdown, ThreadPool, blocking};

use crate::kit::{Check, Guarded, Model, model};
use crate::pool::cell;

/// The models of this file. An execution has hundreds of steps, so that the bound is low.
pub(crate) const MODELS: &[Model] = &[
    model!("pool/thread/hand_over_against_steal", steal)
        .fewer_preemptions(3)
        .limit(600),
    model!("pool/thread/return_against_adoption", return_)
        .dear()
        .fewer_preemptions(2),
    model!("pool/thread/hand_over_against_shutdown", shutdown).fewer_preemptions(2),
    model!("pool/thread/hand_over_against_retirement", retirement)
        .fewer_preemptions(2)
        .limit(600),
    model!("pool/thread/block_while_surplus", surplus)
        .fewer_preemptions(2)
        .limit(600),
    model!("pool/thread/nested_claim_that_blocks", nested)
        .fewer_preemptions(2)
        .limit(600),
    model!("pool/thread/wait_for_an_event_is_stood_in_for", event)
        .fewer_preemptions(2)
        .limit(600),
    model!("pool/thread/wait_inside_a_wait_counts_once", inside)
        .fewer_preemptions(2)
        .limit(600),
    model!("pool/thread/outside_work_is_begun_at_a_pace", pace)
        .fewer_preemptions(2)
        .limit(600),
    model!("pool/thread/outside_work_leaves_a_reserve", reserve)
        .fewer_preemptions(2)
        .limit(600),
];

fn pool(workers: usize, max_blocked: usize) -> Arc<ThreadPool> {
    let builder = ThreadPool::builder().workers(workers);
    Arc::new(builder.max_blocked(max_blocked).build())
}

fn bump(cell: &Arc<Guarded<()>>) -> impl FnOnce() + Send + use<> {
    let cell = Arc::clone(cell);
    move || cell.bump()
}

/// A worker blocks for the job that it has submitted, while another looks for work: it is done once.
fn steal(check: Check) {
    let check = check.outcomes(&["done"]).min_executions(50);
    check.run(|run| {
        let pool = pool(2, 0);
        let inner = Arc::clone(&pool);
        // So that both workers have a deque before one of them blocks, in some executions.
        pool.submit(|| ()).detach();
        let job = pool.submit(move || {
            let cell = cell();
            block_on(inner.submit(bump(&cell))).unwrap();
            cell.value()
        });
        assert_eq!(job.wait().unwrap(), 1);
        run.saw("done");
        pool.shutdown(PoolShutdown::Drain);
    });
}

/// A worker comes back while another adopts what it has left: whoever has the deque then, the job in it
/// is done once.
fn return_(check: Check) {
    check.outcomes(&["done here", "done there"]).run(|run| {
        let pool = pool(1, 1);
        let inner = Arc::clone(&pool);
        let (goes_on, wait) = Promise::new();
        let job = pool.submit(move || {
            let cell = cell();
            let left = inner.submit({
                let bump = bump(&cell);
                move || {
                    bump();
                    current().id()
                }
            });
            block_on(wait).unwrap();
            // Its deque is its own, or another.
            let late = inner.submit(bump(&cell));
            let there = left.wait().unwrap();
            late.wait().unwrap();
            assert_eq!(cell.value(), 2);
            there == current().id()
        });
        goes_on.set(()).unwrap();
        let here = job.wait().unwrap();
        run.saw(if here { "done here" } else { "done there" });
        pool.shutdown(PoolShutdown::Drain);
    });
}

/// A worker blocks while the pool is closed: what it has left is done before the end.
fn shutdown(check: Check) {
    check.outcomes(&["done"]).run(|run| {
        let pool = pool(1, 1);
        let inner = Arc::clone(&pool);
        let cell = cell();
        let inside = Arc::clone(&cell);
        let job = pool.submit(move || {
            let left = inner.submit(bump(&inside));
            drop(inner);
            block_on(left).map_err(drop)
        });
        pool.close();
        pool.shutdown(PoolShutdown::Drain);
        let outcome = job.wait().unwrap();
        assert_eq!(cell.value(), usize::from(outcome.is_ok()));
        run.saw("done");
    });
}

/// A worker blocks while the only other one goes because it has slept for long enough: somebody does
/// what has been left.
fn retirement(check: Check) {
    check
        .outcomes(&["done"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let pool = ThreadPool::builder().workers(2).max_blocked(0);
            let pool = Arc::new(pool.keep_alive(Duration::from_secs(60)).build());
            let inner = Arc::clone(&pool);
            pool.submit(|| ()).detach();
            let job = pool.submit(move || {
                let cell = cell();
                block_on(inner.submit(bump(&cell))).unwrap();
                cell.value()
            });
            assert_eq!(job.wait().unwrap(), 1);
            run.saw("done");
            pool.shutdown(PoolShutdown::Drain);
        });
}

/// A worker that is back blocks again while the one that took its place is still there: one of both is
/// too many, and goes; nobody goes too many.
fn surplus(check: Check) {
    let check = check.outcomes(&["done"]).min_executions(50);
    check.run(|run| {
        let pool = pool(1, 1);
        let inner = Arc::clone(&pool);
        let job = pool.submit(move || {
            let cell = cell();
            for _ in 0..2 {
                block_on(inner.submit(bump(&cell))).unwrap();
            }
            cell.value()
        });
        assert_eq!(job.wait().unwrap(), 2);
        run.saw("done");
        pool.shutdown(PoolShutdown::Drain);
    });
}

/// A job that is claimed by whoever waits for it blocks itself: what its thread has queued below it, and
/// what it queues, is done.
fn nested(check: Check) {
    check.outcomes(&["done"]).run(|run| {
        let pool = pool(1, 1);
        let inner = Arc::clone(&pool);
        let job = pool.submit(move || {
            let cell = cell();
            let below = inner.submit(bump(&cell));
            let claimed = inner.submit({
                let (inner, bump) = (Arc::clone(&inner), bump(&cell));
                move || block_on(inner.submit(bump)).unwrap()
            });
            claimed.wait().unwrap();
            below.wait().unwrap();
            cell.value()
        });
        assert_eq!(job.wait().unwrap(), 2);
        run.saw("done");
        pool.shutdown(PoolShutdown::Drain);
    });
}

/// A wait for an event counts as one for a job: the job that sets it is done.
fn event(check: Check) {
    check.outcomes(&["set"]).run(|run| {
        let pool = pool(1, 1);
        let inner = Arc::clone(&pool);
        let came = Arc::new(Event::new());
        let (waits, sets) = (Arc::clone(&came), Arc::clone(&came));
        let job = pool.submit(move || {
            inner.submit(move || sets.set()).detach();
            waits.wait();
        });
        job.wait().unwrap();
        run.saw("set");
        pool.shutdown(PoolShutdown::Drain);
    });
}

/// A wait inside a wait is no other: the worker is counted once, and is there when it is back.
fn inside(check: Check) {
    check.outcomes(&["back"]).run(|run| {
        let pool = pool(1, 1);
        let inner = Arc::clone(&pool);
        let came = Arc::new(Event::new());
        let (waits, sets) = (Arc::clone(&came), Arc::clone(&came));
        let job = pool.submit(move || {
            inner.submit(move || sets.set()).detach();
            blocking(|| waits.wait());
            inner.submit(|| 3).wait().unwrap()
        });
        assert_eq!(job.wait().unwrap(), 3);
        run.saw("back");
        pool.shutdown(PoolShutdown::Drain);
    });
}

/// While many are blocked, somebody wakes up in time for what comes from outside.
fn pace(check: Check) {
    check
        .outcomes(&["begun"])
        .few_blocked(1)
        .expiries(&[Some(0)])
        .run(|run| {
            let pool = pool(1, 2);
            let came = Arc::new(Event::new());
            let (waits, sets) = (Arc::clone(&came), Arc::clone(&came));
            let blocked = pool.submit(move || block_on(waits.as_task().wait()));
            let outside = pool.submit(move || sets.set());
            blocked.wait().unwrap();
            outside.wait().unwrap();
            run.saw("begun");
            pool.shutdown(PoolShutdown::Drain);
        });
}

/// The last thread does not begin with what comes from outside: it is kept for what the blocked ones
/// wait for.
fn reserve(check: Check) {
    check.outcomes(&["done"]).run(|run| {
        let pool = pool(1, 1);
        let inner = Arc::clone(&pool);
        let (goes_on, wait) = Promise::new();
        let (ends, end) = Promise::new();
        let first = pool.submit(move || {
            block_on(wait).unwrap();
            let cell = cell();
            block_on(inner.submit(bump(&cell))).unwrap();
            ends.set(()).unwrap();
            cell.value()
        });
        // It would keep the last thread until the first has ended.
        let second = pool.submit(move || block_on(end).unwrap());
        goes_on.set(()).unwrap();
        assert_eq!(first.wait().unwrap(), 1);
        second.wait().unwrap();
        run.saw("done");
        pool.shutdown(PoolShutdown::Drain);
    });
}
