//! Jobs that wait for jobs of their own pool.

use crate::kit::{Count, Log, fail, occupy, panic_of, wait_for};
use crate::watch::{until, watched};
use core::time::Duration;
use std::sync::Arc;
use std::thread;
use syncline::thread::{self as face, Event, Lock, PoolShutdown, RLock, ThreadPool};
use syncline::{Job, Until, task};

/// The ways to wait for one job inside another.
const WAYS: usize = 7;

/// Waits for a job in one of the ways.
fn wait_in_some_way(way: usize, pool: &ThreadPool, mut job: Job<usize>) -> usize {
    match way {
        0 => job.wait().unwrap(),
        1 => job.wait_timeout(crate::watch::LIMIT).unwrap().unwrap(),
        2 => task::block_on(job).unwrap(),
        3 => {
            let waited = face::wait([&job], Until::First, None);
            assert_eq!(waited.done, [0]);
            job.wait().unwrap()
        }
        4 => {
            let waited = face::wait([&job], Until::All, None);
            assert_eq!(waited.done, [0]);
            job.wait().unwrap()
        }
        5 => face::as_completed([job]).next().unwrap().1.wait().unwrap(),
        _ => {
            job.detach();
            pool.map([21], |n| n).next().unwrap().unwrap()
        }
    }
}

#[test]
fn a_job_of_a_pool_of_one_waits_for_another_in_any_way() {
    let pool = Arc::new(ThreadPool::new(1));
    watched(&pool, || {
        for way in 0..WAYS {
            let inner = Arc::clone(&pool);
            let outer = pool.submit(move || {
                let job = inner.submit(|| 21);
                wait_in_some_way(way, &inner, job) * 2
            });
            assert_eq!(outer.wait().unwrap(), 42, "way {way}");
        }
    });
}

/// The job that is waited for is a future, which nobody can do on the spot.
#[test]
fn a_job_of_a_pool_of_one_waits_for_a_future_in_any_way() {
    let pool = Arc::new(ThreadPool::new(1));
    watched(&pool, || {
        for way in 0..WAYS {
            let inner = Arc::clone(&pool);
            let outer = pool.submit(move || {
                let job = inner.spawn(async {
                    futures_lite::future::yield_now().await;
                    21
                });
                wait_in_some_way(way, &inner, job) * 2
            });
            assert_eq!(outer.wait().unwrap(), 42, "way {way}");
        }
    });
}

#[test]
fn a_job_waits_for_one_that_is_queued_behind_others() {
    let pool = Arc::new(ThreadPool::new(1));
    watched(&pool, || {
        for way in 0..WAYS {
            let busy = occupy(&pool);
            let (give, take) = std::sync::mpsc::channel();
            let inner = Arc::clone(&pool);
            let outer = pool.submit(move || {
                let job = take.recv().unwrap();
                wait_in_some_way(way, &inner, job)
            });
            let others: Vec<_> = (0..5).map(|_| pool.submit(|| ())).collect();
            give.send(pool.submit(|| 21)).unwrap();
            busy.release();
            assert_eq!(outer.wait().unwrap(), 21, "way {way}");
            wait_for(others);
        }
    });
}

#[test]
fn two_pools_of_one_wait_for_each_other() {
    fn descend(pools: &Arc<[ThreadPool; 2]>, depth: usize) -> usize {
        if depth == 0 {
            return 0;
        }
        let inner = Arc::clone(pools);
        let job = pools[depth % 2].submit(move || descend(&inner, depth - 1));
        job.wait().unwrap() + 1
    }
    let pools = Arc::new([ThreadPool::new(1), ThreadPool::new(1)]);
    watched(&pools, || assert_eq!(descend(&pools, 100), 100));
}

/// Trap C16: what is waited for is done, and nothing else, which might need the lock.
#[test]
fn a_job_that_waits_with_a_lock_does_no_other_job_that_needs_it() {
    let pool = Arc::new(ThreadPool::new(1));
    watched(&pool, || {
        let lock = Arc::new(Lock::new(0));
        let busy = occupy(&pool);
        let outer = pool.submit({
            let (pool, lock) = (Arc::clone(&pool), Arc::clone(&lock));
            move || {
                let mut guard = lock.lock();
                let needs_it = pool.submit({
                    let lock = Arc::clone(&lock);
                    move || *lock.lock() += 1
                });
                let wanted = pool.submit(|| 5);
                let on_top = pool.submit({
                    let lock = Arc::clone(&lock);
                    move || *lock.lock() += 1
                });
                *guard += wanted.wait().unwrap();
                assert!(!needs_it.is_done() && !on_top.is_done());
                (needs_it, on_top)
            }
        });
        let outside = pool.submit({
            let lock = Arc::clone(&lock);
            move || *lock.lock() += 1
        });
        busy.release();
        let (needs_it, on_top) = outer.wait().unwrap();
        needs_it.wait().unwrap();
        on_top.wait().unwrap();
        outside.wait().unwrap();
        assert_eq!(*lock.lock(), 8);
    });
}

#[test]
fn a_job_that_is_done_on_the_spot_is_neither_the_owner_nor_the_task_of_the_one_that_waits() {
    let pool = Arc::new(ThreadPool::new(1));
    watched(&pool, || {
        let lock = Arc::new(RLock::new(()));
        let inner = (Arc::clone(&pool), Arc::clone(&lock));
        let outer = pool.spawn(async move {
            let (pool, lock) = inner;
            let me = task::current();
            let thread = thread::current().id();
            let guard = lock.lock();
            let claimed = pool.submit({
                let lock = Arc::clone(&lock);
                move || {
                    (
                        lock.try_lock().is_none(),
                        task::current(),
                        thread::current().id(),
                    )
                }
            });
            let (refused, task, place) = claimed.wait().unwrap();
            assert!(refused, "it is the owner of a lock that it has not locked");
            assert_eq!(task, None);
            assert_eq!(place, thread, "it was not done on the spot");
            // And everything is as it was.
            assert!(me.is_some() && me == task::current());
            assert_eq!(face::RLockGuard::depth(&lock.try_lock().unwrap()), 2);
            drop(guard);
        });
        outer.wait().unwrap();
    });
}

/// The same, if the claimed job panics.
#[test]
fn a_panic_of_a_job_that_is_done_on_the_spot_is_its_own() {
    let pool = Arc::new(ThreadPool::new(1));
    watched(&pool, || {
        let lock = Arc::new(RLock::new(()));
        let inner = Arc::clone(&pool);
        let outer = pool.submit(move || {
            let _guard = lock.lock();
            let thread = thread::current().id();
            let claimed = inner.submit(move || {
                assert_eq!(thread, thread::current().id());
                fail::<()>("claimed");
            });
            assert_eq!(panic_of(claimed.wait()), "claimed");
            lock.try_lock().is_some()
        });
        assert!(outer.wait().unwrap());
    });
}

#[test]
fn whoever_waits_outside_does_no_job_himself() {
    let (pool, other) = (ThreadPool::new(1), ThreadPool::new(1));
    watched(&pool, || {
        let here = thread::current().id();
        let job = pool.submit(|| thread::current().id());
        assert_ne!(job.wait().unwrap(), here);
        // A worker of another pool is outside as well.
        let busy = occupy(&pool);
        let job = pool.submit(|| thread::current().name().map(str::to_owned));
        let outer = other.submit(move || (thread::current().id(), job.wait()));
        busy.release();
        let (waiter, name) = outer.wait().unwrap();
        assert!(name.is_ok() && waiter != here);
    });
}

#[test]
fn a_wait_that_may_not_be_stood_in_for_just_waits() {
    let pool = ThreadPool::builder().workers(1).max_blocked(0).build();
    let pool = Arc::new(pool);
    watched(&pool, || {
        let inner = Arc::clone(&pool);
        let outer = pool.submit(move || {
            let mut job = inner.submit(|| thread::current().id());
            let timeout = Duration::from_millis(20);
            assert!(job.wait_timeout(timeout).is_err());
            assert!(
                face::wait([&job], Until::First, Some(timeout))
                    .done
                    .is_empty()
            );
            assert!(
                face::as_completed([inner.submit(|| ())])
                    .next_timeout(timeout)
                    .is_err()
            );
            // But it may do the job itself.
            (job.wait().unwrap(), thread::current().id())
        });
        let (doer, waiter) = outer.wait().unwrap();
        assert_eq!(doer, waiter);
    });
}

#[test]
fn as_many_jobs_wait_at_once_as_may_and_threads_too_many_retire() {
    let (starts, exits) = (Count::default(), Count::default());
    let (started, exited) = (starts.clone(), exits.clone());
    let pool = ThreadPool::builder().workers(2).max_blocked(20);
    let pool = pool.on_start(move || {
        started.add();
    });
    let pool = pool.on_exit(move || {
        exited.add();
    });
    let pool = Arc::new(pool.build());
    watched(&pool, || {
        for _ in 0..10 {
            let go = Arc::new(Event::new());
            let waiting: Vec<_> = (0..19)
                .map(|_| {
                    let go = Arc::clone(&go);
                    pool.submit(move || task::block_on(go.as_task().wait()))
                })
                .collect();
            // Somebody is there although nineteen wait; beyond that nothing from outside is begun.
            pool.submit(|| ()).wait().unwrap();
            go.set();
            wait_for(waiting);
            until("surplus threads retire", || starts.get() - exits.get() <= 2);
            assert!(pool.idle() <= 2);
        }
        pool.shutdown(PoolShutdown::Drain);
        assert_eq!(starts.get(), exits.get());
    });
}

#[test]
fn a_job_that_waits_is_no_reason_to_end_although_the_pool_is_closed() {
    let pool = Arc::new(ThreadPool::new(1));
    watched(&pool, || {
        for way in 0..WAYS - 1 {
            let pool = Arc::new(ThreadPool::new(1));
            let busy = occupy(&pool);
            let (give, take) = std::sync::mpsc::channel();
            let inner = Arc::clone(&pool);
            let outer = pool.submit(move || {
                let job = take.recv().unwrap();
                wait_in_some_way(way, &inner, job)
            });
            give.send(pool.submit(|| 21)).unwrap();
            pool.close();
            busy.release();
            assert_eq!(outer.wait().unwrap(), 21);
            pool.shutdown(PoolShutdown::Drain);
        }
    });
}

#[test]
fn a_wait_on_a_worker_sees_a_cancellation() {
    let pool = Arc::new(ThreadPool::new(1));
    watched(&pool, || {
        let log = Log::default();
        let (promise, job) = syncline::Promise::<()>::new();
        let job = Arc::new(job);
        let inner = Arc::clone(&job);
        let outer = pool.submit({
            let log = log.clone();
            move || {
                face::wait([&*inner], Until::All, None);
                log.note(1);
            }
        });
        assert!(job.cancel());
        outer.wait().unwrap();
        assert_eq!(log.take(), [1]);
        drop(promise);
    });
}

#[test]
fn a_thread_may_wait_before_its_first_job_and_after_its_last() {
    let exits = Count::default();
    let count = exits.clone();
    let wait = || {
        task::block_on(futures_lite::future::yield_now());
        let job = face::spawn_named("helper", || 1);
        task::block_on(job).unwrap()
    };
    let pool = ThreadPool::builder().workers(1).max_blocked(4);
    let pool = pool.on_start(move || assert_eq!(wait(), 1));
    let pool = pool.on_exit(move || {
        assert_eq!(wait(), 1);
        count.add();
    });
    let pool = Arc::new(pool.build());
    watched(&pool, || {
        let go = Arc::new(Event::new());
        let waiting: Vec<_> = (0..3)
            .map(|_| {
                let go = Arc::clone(&go);
                pool.submit(move || task::block_on(go.as_task().wait()))
            })
            .collect();
        pool.submit(|| ()).wait().unwrap();
        go.set();
        wait_for(waiting);
        until("three threads gone", || exits.get() == 3);
        pool.submit(|| ()).wait().unwrap();
        pool.shutdown(PoolShutdown::Drain);
        assert_eq!(exits.get(), 4);
    });
}
