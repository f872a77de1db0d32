//! Models of a pool whose queue has an end: who waits for room in it, and what gives it back.

use core::sync::atomic::{AtomicBool, Ordering::Relaxed};
use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use syncline::JobError;
use syncline::loom::thread::spawn;
use syncline::thread::{Event, ThreadPool};

use crate::kit::{Check, Model, model};
use crate::pool::cell;

/// The models of this file. An execution has hundreds of steps, so that the bound is low.
pub(crate) const MODELS: &[Model] = &[
    model!("pool/thread/submit_wait_against_begin", begin)
        .fewer_preemptions(1)
        .dear(),
    model!("pool/thread/submit_wait_against_close", close)
        .fewer_preemptions(1)
        .limit(600),
    model!("pool/thread/submit_wait_timeout_against_begin", timeout)
        .fewer_preemptions(1)
        .limit(600),
    model!("pool/thread/submit_wait_against_cancel", cancel)
        .fewer_preemptions(1)
        .limit(600),
    model!("pool/thread/own_submit_needs_no_room", own).fewer_preemptions(1),
];

const LONG: Duration = Duration::from_secs(60);

/// One worker, and room for one closure that it has not begun with.
fn pool() -> Arc<ThreadPool> {
    let builder = ThreadPool::builder().workers(1).max_blocked(0);
    Arc::new(builder.max_queued(1).build())
}

/// The second closure comes in when the first has begun, and both are done.
fn begin(check: Check) {
    check.outcomes(&["waited", "found room"]).run(|run| {
        let (pool, cell) = (pool(), cell());
        // The model's own knowledge, of which loom and the pool know nothing.
        let begun = Arc::new(AtomicBool::new(false));
        let first = pool.submit({
            let (begun, cell) = (Arc::clone(&begun), Arc::clone(&cell));
            move || {
                begun.store(true, Relaxed);
                cell.bump();
            }
        });
        let had_begun = begun.load(Relaxed);
        let inside = Arc::clone(&cell);
        let second = pool.submit_wait(move || inside.bump());
        run.saw(if had_begun { "found room" } else { "waited" });
        let queued = !(first.is_running() || first.is_done());
        assert!(!queued, "two are queued");
        first.wait().unwrap();
        second.wait().unwrap();
        assert_eq!(cell.value(), 2);
    });
}

/// The pool is closed while somebody waits for room that there never is: they are refused.
fn close(check: Check) {
    check.outcomes(&["refused"]).run(|run| {
        let (pool, goes_on) = (pool(), Arc::new(Event::new()));
        let waits = Arc::clone(&goes_on);
        let busy = pool.submit(move || waits.wait());
        // It begins first, so that there is room for one more.
        let queued = pool.submit_wait(|| ());
        let submitter = spawn({
            let pool = Arc::clone(&pool);
            move || pool.submit_wait(|| ()).wait()
        });
        pool.close();
        let refused = submitter.join().unwrap();
        assert!(matches!(refused, Err(JobError::Closed)));
        run.saw("refused");
        goes_on.set();
        busy.wait().unwrap();
        queued.wait().unwrap();
    });
}

/// A submit that gives up has its closure back, and takes no room.
fn timeout(check: Check) {
    check
        .outcomes(&["taken in", "given back"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let (pool, cell) = (pool(), cell());
            let inside = Arc::clone(&cell);
            let first = pool.submit(move || inside.bump());
            let inside = Arc::clone(&cell);
            match pool.submit_wait_timeout(move || inside.bump(), LONG) {
                Ok(second) => {
                    second.wait().unwrap();
                    run.saw("taken in");
                }
                Err(rejected) => {
                    assert!(rejected.is_full());
                    first.wait().unwrap();
                    // It is here again.
                    rejected.into_inner()();
                    run.saw("given back");
                }
            }
            assert_eq!(cell.value(), 2);
            let last = pool.submit_wait_deadline(|| (), Instant::now()).unwrap();
            last.wait().unwrap();
        });
}

/// A closure is cancelled, or begun with, while somebody waits for its place.
fn cancel(check: Check) {
    check.outcomes(&["cancelled", "done"]).run(|run| {
        let (pool, cell) = (pool(), cell());
        let inside = Arc::clone(&cell);
        let first = pool.submit(move || inside.bump());
        let submitter = spawn({
            let pool = Arc::clone(&pool);
            move || pool.submit_wait(|| ()).wait()
        });
        let cancelled = first.cancel();
        run.saw(if cancelled { "cancelled" } else { "done" });
        submitter.join().unwrap().unwrap();
        assert_eq!(first.wait().is_err(), cancelled);
        assert_eq!(cell.value(), usize::from(!cancelled));
    });
}

/// A job submits while the queue is full of what only its own thread will do (cpython 73781).
fn own(check: Check) {
    check.outcomes(&["full", "not full"]).run(|run| {
        let (pool, cell) = (pool(), cell());
        let (inner, inside) = (Arc::clone(&pool), Arc::clone(&cell));
        let job = pool.submit(move || {
            let own = inner.submit_wait(move || inside.bump());
            own.wait().unwrap();
        });
        let other = pool.try_submit(|| ());
        run.saw(if other.is_err() { "full" } else { "not full" });
        job.wait().unwrap();
        assert_eq!(cell.value(), 1);
        if let Ok(other) = other {
            other.wait().unwrap();
        }
    });
}
