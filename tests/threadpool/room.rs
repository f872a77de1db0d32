//! A pool whose queue has an end.

use crate::kit::{Count, is_cancelled, is_closed, occupy};
use crate::watch::{until, watched};
use core::panic::AssertUnwindSafe;
use core::time::Duration;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::thread;
use std::time::Instant;
use syncline::internals::waiting_for_room;
use syncline::task::block_on;
use syncline::thread::{PoolShutdown, Promise, ThreadPool};
use syncline::{JobError, OutcomeKind};

const SHORT: Duration = Duration::from_millis(5);

/// One worker, and room for so many closures that it has not begun with.
fn pool(max_queued: usize) -> ThreadPool {
    let builder = ThreadPool::builder().workers(1).max_blocked(0);
    builder.max_queued(max_queued).build()
}

fn is_full<T>(outcome: &Result<T, JobError>) -> bool {
    matches!(outcome, Err(JobError::Full))
}

#[test]
fn what_comes_beyond_the_limit_is_refused_at_once_and_dropped_or_given_back() {
    let pool = pool(2);
    let dropped = Count::default();
    let busy = occupy(&pool);
    let queued: Vec<_> = (0..2).map(|n| pool.submit(move || n)).collect();
    let token = dropped.token();
    let refused = pool.submit(move || drop(token));
    assert!(refused.is_done());
    assert_eq!(1, dropped.get(), "its closure is kept");
    assert_eq!(Some(OutcomeKind::Full), refused.outcome_kind());
    assert_eq!(
        refused.wait().unwrap_err().to_string(),
        "the pool's queue is full"
    );
    assert!(is_full(&pool.submit_named("named", || ()).wait()));
    let rejected = pool.try_submit(|| 7).unwrap_err();
    assert!(rejected.is_full() && !rejected.is_broken());
    assert_eq!("the pool's queue is full", rejected.to_string());
    assert_eq!(7, rejected.into_inner()());
    assert_eq!(2, pool.queued());
    busy.release();
    for (n, job) in queued.into_iter().enumerate() {
        assert_eq!(n, job.wait().unwrap());
    }
    assert_eq!(8, pool.submit(|| 8).wait().unwrap());
}

#[test]
fn whoever_waits_for_room_is_served_when_a_closure_begins_in_order_of_arrival() {
    let pool = Arc::new(pool(1));
    let order = Count::default();
    watched(&pool, || {
        let busy = occupy(&pool);
        pool.submit(|| ()).detach();
        let submitters: Vec<_> = (0..3)
            .map(|turn| {
                let (begins, submits) = (Arc::new(()), Arc::clone(&pool));
                let (order, begun) = (order.clone(), Arc::clone(&begins));
                let thread = thread::spawn(move || {
                    drop(begun);
                    let job = submits.submit_wait(move || assert_eq!(turn, order.add()));
                    job.wait().unwrap();
                });
                until("the submitter waits", || {
                    Arc::strong_count(&begins) == 1 && waiting_for_room(&pool) > turn
                });
                thread
            })
            .collect();
        assert_eq!(1, pool.queued());
        busy.release();
        for submitter in submitters {
            submitter.join().unwrap();
        }
    });
    assert_eq!(3, order.get());
}

#[test]
fn a_submit_that_gives_up_has_its_closure_back_and_takes_no_room() {
    let pool = pool(1);
    watched(&pool, || {
        let busy = occupy(&pool);
        let queued = pool.submit(|| ());
        let start = Instant::now();
        let rejected = pool.submit_wait_timeout(|| 1, SHORT).unwrap_err();
        assert!(rejected.is_full() && start.elapsed() >= SHORT);
        let rejected = pool.submit_wait_deadline(|| 2, Instant::now()).unwrap_err();
        assert_eq!((true, 2), (rejected.is_full(), rejected.into_inner()()));
        busy.release();
        queued.wait().unwrap();
        let job = pool.submit_wait_timeout(|| 3, Duration::ZERO).unwrap();
        assert_eq!(3, job.wait().unwrap());
    });
}

#[test]
fn a_cancelled_closure_makes_room_at_once() {
    let pool = pool(1);
    let busy = occupy(&pool);
    let queued = pool.submit(|| ());
    assert!(pool.try_submit(|| ()).is_err());
    assert!(queued.cancel());
    let next = pool.try_submit(|| 1).unwrap();
    assert!(is_cancelled(&queued.wait()));
    busy.release();
    assert_eq!(1, next.wait().unwrap());
}

/// Trap H7.
#[test]
fn the_pools_own_jobs_submit_beyond_the_limit() {
    let pool = Arc::new(pool(1));
    watched(&pool, || {
        let inner = Arc::clone(&pool);
        let ((begins, begun), (promise, goes_on)) = (Promise::new(), Promise::new());
        let job = pool.submit(move || {
            begins.set(()).unwrap();
            goes_on.wait().unwrap();
            // The queue is full of what only this thread will do.
            let own: Vec<_> = (0..9).map(|n| inner.submit(move || n)).collect();
            let waited = inner.submit_wait(|| 9).wait().unwrap();
            let tried = inner.try_submit(|| 10).unwrap().wait().unwrap();
            let sum: i32 = own.into_iter().map(|job| job.wait().unwrap()).sum();
            sum + waited + tried
        });
        // Only then has it left its room: a closure that is running may still be about to.
        begun.wait().unwrap();
        let queued = pool.submit(|| ());
        assert!(pool.try_submit(|| ()).is_err());
        promise.set(()).unwrap();
        assert_eq!(55, job.wait().unwrap());
        queued.wait().unwrap();
    });
}

#[test]
fn a_future_of_the_pool_submits_beyond_the_limit() {
    let pool = Arc::new(pool(1));
    watched(&pool, || {
        let inner = Arc::clone(&pool);
        let future = pool.spawn(async move {
            let jobs: Vec<_> = (0..9).map(|n| inner.submit(move || n)).collect();
            let mut sum = 0;
            for job in jobs {
                sum += job.await.unwrap();
            }
            sum
        });
        assert_eq!(36, block_on(future).unwrap());
    });
}

#[test]
fn futures_maps_scopes_and_what_comes_later_are_not_counted() {
    let pool = pool(1);
    watched(&pool, || {
        let busy = occupy(&pool);
        let queued = pool.submit(|| ());
        let futures: Vec<_> = (0..9).map(|n| pool.spawn(async move { n })).collect();
        let later = pool.submit_after(Duration::from_micros(1), || 1);
        assert!(is_full(&pool.submit_after(Duration::ZERO, || ()).wait()));
        busy.release();
        assert_eq!(1, later.wait().unwrap());
        for (n, future) in futures.into_iter().enumerate() {
            assert_eq!(n, future.wait().unwrap());
        }
        queued.wait().unwrap();
        let squares: Vec<i32> = pool.map(0..20, |n| n * n).map(Result::unwrap).collect();
        assert_eq!(20, squares.len());
        let sum: i32 = pool.scope(|scope| {
            let jobs: Vec<_> = (0..9).map(|n| scope.submit(move || n)).collect();
            jobs.into_iter().map(|job| job.wait().unwrap()).sum()
        });
        assert_eq!(36, sum);
    });
}

#[test]
fn a_close_lets_everybody_go_who_waits_for_room() {
    let pool = Arc::new(pool(1));
    watched(&pool, || {
        let busy = occupy(&pool);
        let queued = pool.submit(|| ());
        let waits = thread::spawn({
            let pool = Arc::clone(&pool);
            move || pool.submit_wait(|| ()).wait()
        });
        let tries = thread::spawn({
            let pool = Arc::clone(&pool);
            move || pool.submit_wait_timeout(|| 7, Duration::MAX)
        });
        until("both wait", || waiting_for_room(&pool) == 2);
        pool.close();
        assert!(is_closed(&waits.join().unwrap()));
        let rejected = tries.join().unwrap().unwrap_err();
        assert_eq!((false, 7), (rejected.is_full(), rejected.into_inner()()));
        // What comes now is refused for that reason, and not for want of room.
        assert!(is_closed(&pool.submit(|| ()).wait()));
        assert!(!pool.try_submit(|| ()).unwrap_err().is_full());
        assert!(is_closed(&pool.submit_wait(|| ()).wait()));
        busy.release();
        queued.wait().unwrap();
        pool.shutdown(PoolShutdown::Drain);
    });
}

#[test]
fn a_shutdown_that_cancels_gives_all_room_back_and_refuses_who_waits() {
    let pool = Arc::new(pool(3));
    watched(&pool, || {
        let busy = occupy(&pool);
        let queued: Vec<_> = (0..3).map(|_| pool.submit(|| ())).collect();
        let waits = thread::spawn({
            let pool = Arc::clone(&pool);
            move || pool.submit_wait(|| ()).wait()
        });
        until("it waits", || waiting_for_room(&pool) == 1);
        let ends = thread::spawn({
            let pool = Arc::clone(&pool);
            move || pool.shutdown(PoolShutdown::CancelQueued)
        });
        for job in queued {
            assert!(is_cancelled(&job.wait()));
        }
        assert!(is_closed(&waits.join().unwrap()));
        busy.release();
        ends.join().unwrap();
    });
}

#[test]
fn a_closure_that_panics_and_one_whose_destructor_panics_give_their_room_back() {
    let pool = pool(1);
    watched(&pool, || {
        for _ in 0..3 {
            let job = pool.submit_wait(|| crate::kit::fail::<()>("on purpose"));
            assert!(matches!(job.wait(), Err(JobError::Panicked(_))));
        }
        let dropped = Count::default();
        let bomb = crate::kit::Bomb::new(&dropped);
        let busy = occupy(&pool);
        let job = pool.submit(move || drop(bomb));
        assert!(job.cancel());
        assert_eq!(1, dropped.get());
        let next = pool.try_submit(|| ()).unwrap();
        busy.release();
        next.wait().unwrap();
    });
}

#[test]
fn many_submitters_never_queue_more_than_the_limit_and_lose_nothing() {
    const LIMIT: usize = 3;
    let pool = Arc::new(ThreadPool::builder().workers(2).max_queued(LIMIT).build());
    let done = Count::default();
    watched(&pool, || {
        thread::scope(|threads| {
            for _ in 0..4 {
                threads.spawn(|| {
                    for _ in 0..250 {
                        let done = done.clone();
                        pool.submit_wait(move || done.add()).detach();
                        assert!(pool.queued() <= LIMIT + 2);
                    }
                });
            }
        });
        pool.shutdown(PoolShutdown::Drain);
    });
    assert_eq!(1000, done.get());
}

#[test]
fn a_limit_of_zero_is_refused_and_a_huge_one_is_none() {
    let zero = || drop(ThreadPool::builder().max_queued(0));
    catch_unwind(AssertUnwindSafe(zero)).unwrap_err();
    let pool = pool(usize::MAX);
    assert_eq!(1, pool.submit_wait(|| 1).wait().unwrap());
}
