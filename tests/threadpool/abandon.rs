//! A pool that cannot end, and its owner who goes on. Trap D2.

use crate::kit::{Count, is_cancelled, is_closed};
use crate::watch::{until, watched};
use core::future::pending;
use core::panic::AssertUnwindSafe;
use core::time::Duration;
use std::panic::catch_unwind;
use std::sync::Arc;
use syncline::thread::{Event, OnDrop, PoolShutdown, ThreadPool};

/// A pool whose only thread, whose place nobody takes, is kept until the event is set, and the count of threads that have ended.
fn stuck(on_drop: OnDrop) -> (ThreadPool, Arc<Event>, Count) {
    let (exits, begun, go) = (
        Count::default(),
        Arc::new(Event::new()),
        Arc::new(Event::new()),
    );
    let count = exits.clone();
    let pool = ThreadPool::builder()
        .workers(1)
        .max_blocked(0)
        .name_prefix("p")
        .on_drop(on_drop)
        .on_exit(move || {
            count.add();
        })
        .build();
    let (begins, goes) = (Arc::clone(&begun), Arc::clone(&go));
    pool.submit_named("stuck", move || {
        begins.set();
        goes.wait();
    })
    .detach();
    begun.wait();
    (pool, go, exits)
}

#[test]
fn an_abandoned_pool_is_dropped_at_once_and_does_what_it_has_taken_in() {
    let (pool, go, exits) = stuck(OnDrop::Drain);
    watched(&exits, || {
        let queued = pool.submit(|| 1);
        let future = pool.spawn(async { 2 });
        pool.abandon();
        assert!(is_closed(&pool.submit(|| ()).wait()));
        drop(pool);
        assert!(!queued.is_done());
        go.set();
        assert_eq!((queued.wait().unwrap(), future.wait().unwrap()), (1, 2));
        until("the end of its thread", || exits.get() == 1);
    });
}

#[test]
fn whoever_has_been_named_the_stragglers_may_let_go_of_the_pool() {
    let (pool, go, exits) = stuck(OnDrop::Drain);
    watched(&exits, || {
        let queued = pool.submit(|| ());
        let left = pool
            .shutdown_timeout(PoolShutdown::CancelQueued, Duration::ZERO)
            .unwrap_err();
        assert_eq!(left.names(), ["p-0 (stuck)"]);
        assert!(is_cancelled(&queued.wait()));
        left.clone().abandon();
        drop(pool);
        // The pool is there until its thread has gone.
        left.abandon();
        go.set();
        until("the end of its thread", || exits.get() == 1);
        left.abandon();
    });
}

#[test]
fn a_shutdown_waits_also_if_the_pool_has_been_abandoned() {
    let (pool, go, exits) = stuck(OnDrop::Drain);
    watched(&exits, || {
        pool.abandon();
        pool.shutdown_timeout(PoolShutdown::Drain, Duration::ZERO)
            .unwrap_err();
        go.set();
        pool.shutdown(PoolShutdown::Drain);
        assert_eq!(exits.get(), 1);
    });
}

#[test]
fn a_pool_that_was_told_so_abandons_when_it_is_dropped() {
    let (pool, go, exits) = stuck(OnDrop::Abandon);
    watched(&exits, || {
        let queued = pool.submit(|| 1);
        drop(pool);
        assert!(!queued.is_done());
        go.set();
        assert_eq!(queued.wait().unwrap(), 1);
        until("the end of its thread", || exits.get() == 1);
    });
}

#[test]
fn a_pool_that_was_told_so_cancels_when_it_is_dropped() {
    let pool = ThreadPool::builder()
        .workers(1)
        .on_drop(OnDrop::CancelQueued)
        .build();
    let never = pool.submit_after(Duration::MAX, || ());
    let pending = pool.spawn(pending::<()>());
    watched(&"a pool with what never comes", || drop(pool));
    assert!(is_cancelled(&never.wait()) && is_cancelled(&pending.wait()));
}

/// Tokio's runtime waits here for ever (tokio#4780).
#[test]
fn a_panic_does_not_wait_for_the_pool_that_it_drops() {
    for on_drop in [OnDrop::Drain, OnDrop::CancelQueued] {
        let (pool, go, exits) = stuck(on_drop);
        watched(&exits, || {
            let queued = pool.submit(|| 1);
            let panics = AssertUnwindSafe(|| {
                let _pool = pool;
                crate::kit::fail::<()>("on purpose");
            });
            catch_unwind(panics).unwrap_err();
            assert_eq!(exits.get(), 0);
            go.set();
            assert_eq!(
                is_cancelled(&queued.wait()),
                on_drop == OnDrop::CancelQueued
            );
            until("the end of its thread", || exits.get() == 1);
        });
    }
}
