//! Jobs that borrow: what they may do, and where.

use crate::kit::{Count, OnDrop, is_cancelled, is_closed, occupy};
use crate::watch::{until, watched};
use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering::SeqCst;
use std::sync::Arc;
use std::thread;
use syncline::thread::{Event, Lock, PoolShutdown, ThreadPool};
use syncline::{Job, task};

#[test]
fn jobs_borrow_and_write_to_what_outlives_the_scope() {
    let pool = ThreadPool::new(2);
    watched(&pool, || {
        let mut numbers: Vec<_> = (0..1000).collect();
        let text = String::from("borrowed");
        let length = pool.scope(|scope| {
            for chunk in numbers.chunks_mut(100) {
                scope
                    .submit(|| chunk.iter_mut().for_each(|n| *n += 1))
                    .detach();
            }
            let job = scope.submit(|| text.as_str());
            job.wait().unwrap().len()
        });
        assert_eq!(length, text.len());
        assert!(numbers.into_iter().eq(1..=1000));
    });
}

#[test]
fn the_end_of_a_scope_waits_for_jobs_that_nobody_waits_for() {
    let pool = ThreadPool::new(2);
    watched(&pool, || {
        let done = AtomicUsize::new(0);
        let go = Event::new();
        thread::scope(|threads| {
            let scope = threads.spawn(|| {
                pool.scope(|scope| {
                    for _ in 0..10 {
                        let job = scope.submit(|| {
                            go.wait();
                            done.fetch_add(1, SeqCst)
                        });
                        drop(job);
                    }
                });
                done.load(SeqCst)
            });
            until("two busy threads", || pool.queued() == 8);
            assert!(!scope.is_finished());
            go.set();
            assert_eq!(scope.join().unwrap(), 10);
        });
    });
}

#[test]
fn an_empty_scope_starts_no_thread_and_returns_what_its_body_does() {
    let pool = ThreadPool::builder().on_start(|| unreachable!()).build();
    assert_eq!(pool.scope(|_| 5), 5);
    pool.close();
    assert_eq!(pool.scope(|_| 6), 6);
}

#[test]
fn scopes_nest() {
    let pool = ThreadPool::new(2);
    watched(&pool, || {
        let (mut left, mut right) = (0, 0);
        pool.scope(|outer| {
            outer
                .submit(|| {
                    let half = pool.scope(|inner| inner.submit(|| 21).wait().unwrap());
                    left = half;
                })
                .detach();
            pool.scope(|inner| inner.submit(|| right = 21).wait().unwrap());
        });
        assert_eq!(left + right, 42);
    });
}

#[test]
fn a_job_may_submit_into_its_own_scope() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        let done = AtomicUsize::new(0);
        pool.scope(|scope| {
            let done = &done;
            scope
                .submit(move || {
                    for _ in 0..10 {
                        scope.submit(move || done.fetch_add(1, SeqCst)).detach();
                    }
                })
                .detach();
        });
        assert_eq!(done.load(SeqCst), 10);
    });
}

#[test]
fn a_worker_of_a_pool_of_one_may_open_a_scope() {
    let pool = Arc::new(ThreadPool::new(1));
    watched(&pool, || {
        fn sum(pool: &ThreadPool, numbers: &[u64]) -> u64 {
            if numbers.len() < 4 {
                return numbers.iter().sum();
            }
            let (left, right) = numbers.split_at(numbers.len() / 2);
            let mut sums = (0, 0);
            pool.scope(|scope| {
                scope.submit(|| sums.0 = sum(pool, left)).detach();
                let right = scope.submit(|| sum(pool, right));
                sums.1 = right.wait().unwrap();
            });
            sums.0 + sums.1
        }
        let inner = Arc::clone(&pool);
        let numbers: Vec<_> = (0..2000).collect();
        let job = pool.submit(move || sum(&inner, &numbers));
        assert_eq!(job.wait().unwrap(), 1999 * 2000 / 2);
    });
}

/// The end of a scope on a worker does the jobs of the scope, on the spot, as nobody, and no other.
#[test]
fn the_end_of_a_scope_on_a_worker_does_no_job_of_others() {
    let pool = Arc::new(ThreadPool::builder().workers(1).max_blocked(0).build());
    watched(&pool, || {
        let inner = Arc::clone(&pool);
        let outer = pool.spawn(async move {
            let foreign_below = inner.submit(|| ());
            let here = thread::current().id();
            let places = AtomicUsize::new(0);
            inner.scope(|scope| {
                for _ in 0..3 {
                    let job = scope.submit(|| {
                        assert!(task::current().is_none());
                        assert_eq!(thread::current().id(), here);
                        places.fetch_add(1, SeqCst)
                    });
                    job.detach();
                }
            });
            assert_eq!(places.load(SeqCst), 3);
            assert!(!foreign_below.is_done());
            [foreign_below]
        });
        let [foreign] = outer.wait().unwrap();
        foreign.wait().unwrap();
    });
}

/// Trap C16: the job of others that lies on top may need the lock that is held here.
#[test]
fn the_end_of_a_scope_on_a_worker_waits_for_jobs_below_those_of_others() {
    let pool = Arc::new(ThreadPool::new(1));
    watched(&pool, || {
        let inner = Arc::clone(&pool);
        let outer = pool.submit(move || {
            let here = thread::current().id();
            let lock = Arc::new(Lock::new(()));
            let done = AtomicUsize::new(0);
            let guard = lock.lock();
            let foreign = inner.scope(|scope| {
                scope.submit(|| done.fetch_add(1, SeqCst)).detach();
                let lock = Arc::clone(&lock);
                inner.submit(move || {
                    let locked = lock.try_lock().is_none();
                    locked && thread::current().id() == here
                })
            });
            drop(guard);
            (done.load(SeqCst), foreign)
        });
        let (done, foreign) = outer.wait().unwrap();
        assert_eq!(done, 1);
        assert!(!foreign.wait().unwrap(), "it was done inside another job");
    });
}

#[test]
fn a_scope_of_a_closed_pool_refuses_its_jobs_and_ends() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        let dropped = Count::default();
        let busy = occupy(&pool);
        pool.scope(|scope| {
            let (one, two) = (dropped.token(), dropped.token());
            let before = scope.submit(move || drop(one));
            pool.close();
            let after = scope.submit(move || drop(two));
            assert!(after.is_done() && dropped.get() == 1);
            assert!(is_closed(&after.wait()));
            busy.release();
            before.wait().unwrap();
        });
        assert_eq!(dropped.get(), 2);
    });
}

#[test]
fn jobs_that_are_cancelled_or_that_a_shutdown_cancels_end_the_scope() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        let dropped = Count::default();
        let busy = occupy(&pool);
        let text = String::from("borrowed");
        pool.scope(|scope| {
            let note = OnDrop::new(|| assert_eq!(dropped.add() + text.len(), 8));
            let job = scope.submit(move || drop(note));
            assert!(job.cancel() && job.is_done());
            assert_eq!(dropped.get(), 1);
            assert!(is_cancelled(&job.wait()));
            let token = dropped.token();
            drop(scope.submit(move || drop(token)).cancel_on_drop());
            assert_eq!(dropped.get(), 2);
        });
        let mut busy = Some(busy);
        thread::scope(|threads| {
            let ended = pool.scope(|scope| {
                let jobs: Vec<Job<()>> = (0..5).map(|_| scope.submit(|| unreachable!())).collect();
                threads.spawn(|| pool.shutdown(PoolShutdown::CancelQueued));
                until("the end", || jobs.iter().all(Job::is_done));
                jobs.into_iter().all(|job| is_cancelled(&job.wait()))
            });
            assert!(ended);
            busy.take().unwrap().release();
        });
    });
}

#[test]
fn a_job_of_a_scope_may_be_awaited_and_called_back() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        let called = Count::default();
        let value = pool.scope(|scope| {
            let job = scope.submit(|| 3);
            let count = called.clone();
            job.on_done(move || {
                count.add();
            });
            task::block_on(job).unwrap()
        });
        assert_eq!((value, called.get()), (3, 1));
    });
}
