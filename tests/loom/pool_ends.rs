//! Models of how a pool ends: what it takes in while it drains, and who waits for its threads.

use std::sync::Arc;

use syncline::thread::{PoolShutdown, ThreadPool};

use crate::kit::{Check, Model, model};
use crate::pool::cell;

/// The models of this file. An execution has hundreds of steps, so that the bound is low.
pub(crate) const MODELS: &[Model] = &[
    model!("pool/thread/drain_against_own_submit", own_submit).fewer_preemptions(1),
    model!("pool/task/drain_against_own_spawn", own_spawn).fewer_preemptions(1),
    model!("pool/thread/abandon_against_end", abandon).fewer_preemptions(1),
];

fn pool() -> Arc<ThreadPool> {
    Arc::new(ThreadPool::builder().workers(1).max_blocked(0).build())
}

/// What a job submits is done, whether the pool has been closed by then or not.
fn own_submit(check: Check) {
    check.outcomes(&["open", "closing"]).run(|run| {
        let (pool, cell) = (pool(), cell());
        let (inner, inside) = (Arc::clone(&pool), Arc::clone(&cell));
        let job = pool.submit(move || {
            let closing = inner.is_closing();
            inner.submit(move || inside.bump()).detach();
            closing
        });
        pool.shutdown(PoolShutdown::Drain);
        assert_eq!(cell.value(), 1);
        let closing = job.wait().unwrap();
        run.saw(if closing { "closing" } else { "open" });
    });
}

/// The same for what a future spawns, from which on the pool waits for that.
fn own_spawn(check: Check) {
    check.outcomes(&["open", "closing"]).run(|run| {
        let (pool, cell) = (pool(), cell());
        let (inner, inside) = (pool.spawner(), Arc::clone(&cell));
        let job = pool.submit(move || {
            let closing = inner.is_closing();
            inner.spawn(async move { inside.bump() }).detach();
            closing
        });
        pool.shutdown(PoolShutdown::Drain);
        assert_eq!(cell.value(), 1);
        let closing = job.wait().unwrap();
        run.saw(if closing { "closing" } else { "open" });
    });
}

/// A pool that is abandoned does what it has taken in, and whoever waits for it all the same sees that.
fn abandon(check: Check) {
    check.outcomes(&["done", "under way"]).run(|run| {
        let (pool, cell) = (pool(), cell());
        let inside = Arc::clone(&cell);
        let job = pool.submit(move || inside.bump());
        pool.abandon();
        run.saw(if job.is_done() { "done" } else { "under way" });
        assert!(pool.try_submit(|| ()).is_err());
        pool.shutdown(PoolShutdown::Drain);
        assert_eq!(cell.value(), 1);
        job.wait().unwrap();
    });
}
