//! What a pool still takes in while it drains: what its own work spawns, and nothing else.

use crate::kit::{Count, is_cancelled, is_closed, occupy};
use crate::watch::{until, watched};
use core::time::Duration;
use std::sync::Arc;
use std::thread;
use syncline::task::{Group, PoolSpawner, TaskGroup, block_on};
use syncline::thread::{Event, PoolShutdown, ThreadPool};

/// Submits two jobs that do the same, down to the leaves.
fn grow(pool: &Arc<ThreadPool>, done: &Count, levels: u32) {
    done.add();
    for _ in 0..2 {
        if levels > 1 {
            let (inner, done) = (Arc::clone(pool), done.clone());
            pool.submit(move || grow(&inner, &done, levels - 1))
                .detach();
        }
    }
}

#[test]
fn a_drain_does_all_that_the_work_it_drains_submits() {
    for workers in [1, 3] {
        let pool = Arc::new(ThreadPool::new(workers));
        watched(&pool, || {
            let (done, busy) = (Count::default(), occupy(&pool));
            let (inner, count) = (Arc::clone(&pool), done.clone());
            pool.submit(move || grow(&inner, &count, 11)).detach();
            thread::scope(|threads| {
                threads.spawn(|| pool.shutdown(PoolShutdown::Drain));
                until("a pool that closes", || pool.is_closing());
                assert!(workers > 1 || done.get() == 0);
                busy.release();
            });
            assert_eq!(done.get(), 2047);
        });
    }
}

#[test]
fn a_drain_polls_all_that_its_futures_spawn() {
    fn grow(spawner: &PoolSpawner, done: &Count, levels: u32) {
        done.add();
        for _ in 0..2 {
            if levels > 1 {
                let (inner, done) = (spawner.clone(), done.clone());
                let future = async move {
                    futures_lite::future::yield_now().await;
                    grow(&inner, &done, levels - 1);
                };
                spawner.spawn(future).detach();
            }
        }
    }

    let pool = ThreadPool::new(2);
    watched(&pool, || {
        let (done, busy) = (Count::default(), occupy(&pool));
        let (spawner, count) = (pool.spawner(), done.clone());
        pool.spawn(async move { grow(&spawner, &count, 8) })
            .detach();
        thread::scope(|threads| {
            threads.spawn(|| pool.shutdown(PoolShutdown::Drain));
            until("a pool that closes", || pool.is_closing());
            busy.release();
        });
        assert_eq!(done.get(), 255);
    });
}

/// A future that was spawned by a drain waits for something of outside, with all threads gone to sleep.
#[test]
fn a_future_that_a_drain_took_in_keeps_the_pool_until_it_ends() {
    let pool = Arc::new(ThreadPool::new(2));
    watched(&pool, || {
        let (busy, go, waits) = (occupy(&pool), Arc::new(Event::new()), Count::default());
        let inner = {
            let (inner, go, waits) = (Arc::clone(&pool), Arc::clone(&go), waits.clone());
            pool.submit(move || {
                inner.spawn(async move {
                    waits.add();
                    go.as_task().wait().await;
                    7
                })
            })
        };
        thread::scope(|threads| {
            let drain = threads.spawn(|| pool.shutdown(PoolShutdown::Drain));
            until("a pool that closes", || pool.is_closing());
            busy.release();
            let future = inner.wait().unwrap();
            until("a poll", || waits.get() == 1);
            assert!(!drain.is_finished() && !future.is_done());
            go.set();
            assert_eq!(future.wait().unwrap(), 7);
        });
    });
}

#[test]
fn a_drain_lets_a_group_grow_from_within() {
    let pool = Arc::new(ThreadPool::new(1));
    watched(&pool, || {
        let go = Arc::new(Event::new());
        let waits = Arc::clone(&go);
        let outcome = block_on(TaskGroup::run(
            &*pool,
            async |group: Group<PoolSpawner, ()>| {
                let inner = group.clone();
                let outer = group.spawn_named("outer", async move {
                    waits.as_task().wait().await;
                    Ok(inner.spawn_named("inner", async { Ok(5) }))
                });
                pool.close();
                // The body is polled outside of the pool.
                assert!(group.spawn_named("late", async { Ok(1) }).await.is_err());
                go.set();
                Ok(outer.await.unwrap().await.unwrap())
            },
        ));
        assert_eq!(outcome, Ok(5));
    });
}

#[test]
fn a_drain_takes_nothing_from_outside_and_nothing_for_later() {
    let pool = Arc::new(ThreadPool::new(1));
    watched(&pool, || {
        let busy = occupy(&pool);
        let inner = Arc::clone(&pool);
        let own = pool.submit(move || {
            let later = inner.submit_after(Duration::from_millis(1), || ());
            let now = inner.submit_after(Duration::ZERO, || 1);
            let tried = inner.try_submit(|| 2).unwrap();
            (is_closed(&later.wait()), now.wait(), tried.wait())
        });
        pool.close();
        assert!(pool.is_closing());
        assert!(is_closed(&pool.submit(|| ()).wait()));
        assert!(is_closed(&pool.spawn(async {}).wait()));
        busy.release();
        let (later, now, tried) = own.wait().unwrap();
        assert!(later);
        assert_eq!((now.unwrap(), tried.unwrap()), (1, 2));
        pool.shutdown(PoolShutdown::Drain);
    });
}

#[test]
fn a_cancellation_refuses_what_its_own_work_submits() {
    let pool = Arc::new(ThreadPool::new(1));
    watched(&pool, || {
        let (begun, go) = (Arc::new(Event::new()), Arc::new(Event::new()));
        let (begins, waits, inner) = (Arc::clone(&begun), Arc::clone(&go), Arc::clone(&pool));
        let own = pool.submit(move || {
            begins.set();
            waits.wait();
            let refused = |outcome| is_closed(&outcome) || is_cancelled(&outcome);
            refused(inner.submit(|| ()).wait()) && refused(inner.spawn(async {}).wait())
        });
        begun.wait();
        let left = pool.shutdown_timeout(PoolShutdown::CancelQueued, Duration::ZERO);
        left.unwrap_err();
        go.set();
        assert!(own.wait().unwrap());
        pool.shutdown(PoolShutdown::Drain);
    });
}

/// A loop in which each round submits the next ends if it asks; and if it does not, it is named.
#[test]
fn a_loop_that_submits_itself_is_named_and_can_see_that_it_should_end() {
    fn again(pool: &Arc<ThreadPool>, rounds: &Count, gives_up: &Arc<Event>) {
        rounds.add();
        if pool.is_closing() && gives_up.is_set() {
            return;
        }
        let (inner, rounds, gives_up) = (Arc::clone(pool), rounds.clone(), Arc::clone(gives_up));
        pool.submit_named("loop", move || again(&inner, &rounds, &gives_up))
            .detach();
    }

    let pool = Arc::new(ThreadPool::builder().workers(1).name_prefix("p").build());
    watched(&pool, || {
        let (rounds, gives_up) = (Count::default(), Arc::new(Event::new()));
        again(&pool, &rounds, &gives_up);
        let left = pool.shutdown_timeout(PoolShutdown::Drain, Duration::ZERO);
        assert!(left.unwrap_err().submitters().is_empty() || rounds.get() > 1);
        let seen = rounds.get();
        until("more rounds", || rounds.get() > seen + 2);
        let left = pool
            .shutdown_timeout(PoolShutdown::Drain, Duration::ZERO)
            .unwrap_err();
        assert_eq!(left.submitters(), ["p-0 (loop)"]);
        assert!(left.to_string().ends_with("; still submitting: p-0 (loop)"));
        gives_up.set();
        pool.shutdown(PoolShutdown::Drain);
    });
}
