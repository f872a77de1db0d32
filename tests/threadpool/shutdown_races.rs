//! Shutdowns against each other, and against everything that comes meanwhile.

use crate::kit::{Count, is_cancelled, is_closed, occupy};
use crate::watch::{until, watched};
use core::future::pending;
use core::time::Duration;
use std::sync::{Arc, Barrier};
use std::thread;
use syncline::thread::{PoolShutdown, ThreadPool};
use syncline::{Job, JobError};

#[test]
fn four_threads_may_shut_down_at_once_in_different_ways() {
    for round in 0..100 {
        let pool = ThreadPool::new(2);
        watched(&pool, || {
            let busy = occupy(&pool);
            let jobs: Vec<_> = (0..20).map(|n| pool.submit(move || n)).collect();
            let later = pool.submit_after(Duration::from_micros(200), || ());
            let future = pool.spawn(async { futures_lite::future::yield_now().await });
            let together = Barrier::new(5);
            thread::scope(|threads| {
                for place in 0..4 {
                    let (pool, together) = (&pool, &together);
                    threads.spawn(move || {
                        together.wait();
                        pool.shutdown(if (round + place) % 4 == 0 {
                            PoolShutdown::CancelQueued
                        } else {
                            PoolShutdown::Drain
                        });
                    });
                }
                together.wait();
                busy.release();
            });
            assert!(jobs.iter().all(Job::is_done) && later.is_done() && future.is_done());
            for (n, job) in jobs.into_iter().enumerate() {
                assert!(job.wait().map_or_else(
                    |error| matches!(error, JobError::Cancelled),
                    |value| value == n
                ));
            }
        });
    }
}

/// Trap A32: whatever comes at the same time is done, or refused, and nobody hangs.
#[test]
fn what_is_submitted_during_a_shutdown_is_done_or_refused() {
    for round in 0..200 {
        let pool = ThreadPool::new(2);
        watched(&pool, || {
            let (made, dropped) = (Count::default(), Count::default());
            let together = Barrier::new(4);
            thread::scope(|threads| {
                for way in 0..3 {
                    let (pool, together, made, dropped) = (&pool, &together, &made, &dropped);
                    threads.spawn(move || {
                        together.wait();
                        for _ in 0..50 {
                            made.add();
                            let token = dropped.token();
                            let job = match way {
                                0 => pool.submit(move || drop(token)),
                                1 => pool.spawn(async move {
                                    futures_lite::future::yield_now().await;
                                    drop(token);
                                }),
                                _ => pool
                                    .submit_after(Duration::from_micros(20), move || drop(token)),
                            };
                            let outcome = job.wait();
                            assert!(
                                outcome.is_ok() || is_cancelled(&outcome) || is_closed(&outcome)
                            );
                        }
                    });
                }
                together.wait();
                pool.shutdown(if round % 2 == 0 {
                    PoolShutdown::Drain
                } else {
                    PoolShutdown::CancelQueued
                });
            });
            assert_eq!(made.get(), dropped.get());
        });
    }
}

/// What would never end is cancelled although it came while the rest was cancelled.
#[test]
fn what_comes_while_all_is_cancelled_is_cancelled_as_well() {
    for _ in 0..300 {
        let pool = ThreadPool::new(1);
        watched(&pool, || {
            let together = Barrier::new(3);
            thread::scope(|threads| {
                for delayed in [false, true] {
                    let (pool, together) = (&pool, &together);
                    threads.spawn(move || {
                        together.wait();
                        for _ in 0..20 {
                            let job = if delayed {
                                pool.submit_after(Duration::MAX, || ())
                            } else {
                                pool.spawn(pending::<()>())
                            };
                            let outcome = job.wait();
                            assert!(is_cancelled(&outcome) || is_closed(&outcome));
                        }
                    });
                }
                together.wait();
                pool.shutdown(PoolShutdown::CancelQueued);
            });
        });
    }
}

#[test]
fn a_pool_that_is_dropped_drains() {
    let done = Count::default();
    let pool = ThreadPool::new(2);
    for _ in 0..100 {
        let done = done.clone();
        pool.submit(move || done.add()).detach();
    }
    let count = done.clone();
    pool.submit_after(Duration::from_millis(2), move || count.add())
        .detach();
    drop(pool);
    assert_eq!(done.get(), 101);
}

/// The last owner of a pool is one of its own jobs.
#[test]
fn a_pool_that_is_dropped_on_its_own_thread_is_closed() {
    let exits = Count::default();
    let count = exits.clone();
    let pool = ThreadPool::builder().workers(1).on_exit(move || {
        count.add();
    });
    let pool = Arc::new(pool.build());
    watched(&Arc::clone(&pool), || {
        let busy = occupy(&pool);
        let inner = Arc::clone(&pool);
        let dropping = pool.submit(move || drop(inner));
        let behind = pool.submit(|| 2);
        let spawner = pool.spawner();
        drop(pool);
        busy.release();
        dropping.wait().unwrap();
        assert_eq!(behind.wait().unwrap(), 2);
        let late = spawner.spawn(async {}).wait();
        assert!(late.is_ok() || is_closed(&late));
    });
    drop(exits);
}

#[test]
fn threads_of_a_pool_that_was_dropped_on_its_own_thread_end() {
    for _ in 0..50 {
        let exits = Count::default();
        let count = exits.clone();
        let pool = ThreadPool::builder().workers(2).on_exit(move || {
            count.add();
        });
        let pool = Arc::new(pool.build());
        let inner = Arc::clone(&pool);
        let gone = Arc::new(Barrier::new(2));
        let job = {
            let gone = Arc::clone(&gone);
            pool.submit(move || {
                gone.wait();
                drop(inner);
            })
        };
        let spawner = pool.spawner();
        drop(pool);
        gone.wait();
        job.wait().unwrap();
        until("the end of the thread", || exits.get() == 1);
        assert!(is_closed(&spawner.spawn(async {}).wait()));
    }
}

#[test]
fn a_wakeup_that_comes_after_the_pool_is_no_trouble() {
    let (sender, receiver) = std::sync::mpsc::channel();
    let pool = ThreadPool::new(1);
    let future = pool.spawn(core::future::poll_fn(move |context| {
        sender.send(context.waker().clone()).unwrap();
        core::task::Poll::<()>::Pending
    }));
    let waker = receiver.recv().unwrap();
    let spawner = pool.spawner();
    watched(&pool, || pool.shutdown(PoolShutdown::CancelQueued));
    drop(pool);
    assert!(future.is_done());
    waker.wake_by_ref();
    waker.wake();
    assert!(is_cancelled(&future.wait()));
    assert!(is_closed(&spawner.spawn(pending::<()>()).wait()));
}
