//! Ends that run user code which needs what is ending: the pool itself, or another that needs it in turn.

use crate::kit::{Count, OnDrop, fail, is_broken, is_cancelled, occupy};
use crate::watch::{until_waiting, watched};
use core::future::pending;
use core::time::Duration;
use std::sync::Arc;
use syncline::task::Lock;
use syncline::thread::{Event, PoolShutdown, ThreadPool};

const HOUR: Duration = Duration::from_secs(3600);

#[test]
fn a_delayed_closure_that_owns_its_pool_can_be_cancelled() {
    let pool = Arc::new(ThreadPool::new(1));
    watched(&"a pool", || {
        let mine = Arc::clone(&pool);
        let job = pool.submit_after(HOUR, move || drop(mine));
        drop(pool);
        assert!(job.cancel() && job.is_done());
        assert!(is_cancelled(&job.wait()));
    });
}

#[test]
fn a_callback_that_owns_the_pool_may_drop_it_when_its_delayed_job_is_cancelled() {
    let pool = Arc::new(ThreadPool::new(1));
    watched(&"a pool", || {
        let job = pool.submit_after(HOUR, || ());
        let mine = Arc::clone(&pool);
        job.on_done(move || drop(mine));
        drop(pool);
        assert!(job.cancel());
        assert!(is_cancelled(&job.wait()));
    });
}

#[test]
fn two_pools_may_end_each_other() {
    for how in [PoolShutdown::Drain, PoolShutdown::CancelQueued] {
        let (one, other) = (Arc::new(ThreadPool::new(1)), Arc::new(ThreadPool::new(1)));
        watched(&(&one, &other), || {
            let ended = Count::default();
            // What lies in each pool shuts the other one down.
            let end = |pool: &Arc<ThreadPool>, how| {
                let (pool, ended) = (Arc::clone(pool), ended.clone());
                OnDrop::new(move || {
                    pool.shutdown(how);
                    ended.add();
                })
            };
            let (in_other, in_one) = (end(&one, how), end(&other, PoolShutdown::CancelQueued));
            let first = other.submit_after(HOUR, move || drop(in_other));
            let second = one.submit_after(HOUR, move || drop(in_one));
            one.shutdown(PoolShutdown::CancelQueued);
            other.shutdown(PoolShutdown::CancelQueued);
            assert!(is_cancelled(&first.wait()) && is_cancelled(&second.wait()));
            assert_eq!(ended.get(), 2);
        });
    }
}

/// Each future that ends lets the next one have the lock, which wakes it.
#[test]
fn a_broken_pool_ends_futures_that_wake_each_other_on_a_small_stack() {
    const FUTURES: usize = 20_000;
    let (starts, go) = (Count::default(), Arc::new(Event::new()));
    let pool = ThreadPool::builder().workers(2).stack_size(128 * 1024);
    let pool = pool.on_start({
        let go = Arc::clone(&go);
        move || {
            if starts.add() == 1 {
                go.wait();
                fail::<()>("the second worker");
            }
        }
    });
    let pool = pool.build();
    watched(&pool, || {
        let lock = Arc::new(Lock::new(()));
        let (held, dropped) = (lock.try_lock_owned(), Count::default());
        let futures: Vec<_> = (0..FUTURES)
            .map(|_| {
                let (lock, token) = (Arc::clone(&lock), dropped.token());
                pool.spawn(async move {
                    let _token = token;
                    let _guard = lock.lock_owned().await;
                    pending::<()>().await;
                })
            })
            .collect();
        until_waiting(&*lock, FUTURES);
        // One of them has the lock, and none of the others will.
        drop(held);
        until_waiting(&*lock, FUTURES - 1);
        let busy = occupy(&pool);
        // For this one the second worker is started.
        let queued = pool.submit(|| ());
        go.set();
        assert!(is_broken(&queued.wait()));
        for future in futures {
            assert!(is_broken(&future.wait()));
        }
        assert_eq!(dropped.get(), FUTURES);
        busy.release();
    });
}

#[test]
fn when_a_shutdown_returns_its_jobs_have_ended_however_deep_it_was_called() {
    // Each pool is shut down by what lies in the next one.
    const POOLS: usize = 70;
    watched(&"a chain of pools", || {
        let ended = Count::default();
        let mut last = Arc::new(ThreadPool::new(1));
        let mut job = Arc::new(last.submit_after(HOUR, || ()));
        for _ in 0..POOLS {
            let pool = Arc::new(ThreadPool::new(1));
            let inner = core::mem::replace(&mut last, Arc::clone(&pool));
            let (inner_job, ended) = (Arc::clone(&job), ended.clone());
            let end = OnDrop::new(move || {
                inner.shutdown(PoolShutdown::CancelQueued);
                assert!(inner_job.is_done() && inner_job.is_cancelled());
                ended.add();
            });
            job = Arc::new(pool.submit_after(HOUR, move || drop(end)));
        }
        last.shutdown(PoolShutdown::CancelQueued);
        assert!(job.is_done());
        assert_eq!(ended.get(), POOLS);
    });
}
