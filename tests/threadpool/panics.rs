//! Panics in all that a pool calls, and pools that break.

use crate::kit::{Bomb, Count, Log, fail, is_broken, occupy, panic_of};
use crate::watch::{until, watched};
use core::future::{pending, poll_fn};
use core::panic::AssertUnwindSafe;
use core::task::Poll;
use std::panic::{catch_unwind, resume_unwind};
use std::sync::{Arc, Barrier};
use std::thread;
use syncline::thread::{Event, PoolShutdown, ThreadPool};
use syncline::{Job, JobError};

/// That the only thread of a pool is still the one that it was, and at work.
fn assert_alive(pool: &ThreadPool, started: &Count) {
    pool.submit(|| ()).wait().unwrap();
    assert_eq!(started.get(), 1, "a thread was replaced");
}

fn counted() -> (ThreadPool, Count) {
    let started = Count::default();
    let count = started.clone();
    let pool = ThreadPool::builder().workers(1).on_start(move || {
        count.add();
    });
    (pool.build(), started)
}

/// Trap A29.
#[test]
fn a_job_that_panics_leaves_its_thread_to_the_others() {
    let (pool, started) = counted();
    watched(&pool, || {
        let job = pool.submit(|| fail::<()>("on purpose"));
        assert_eq!(panic_of(job.wait()), "on purpose");
        pool.submit(|| fail::<()>("unseen")).detach();
        let busy = occupy(&pool);
        let jobs: Vec<_> = (0..10)
            .map(|n| pool.submit(move || if n % 2 == 0 { fail("even") } else { n }))
            .collect();
        busy.release();
        for (n, job) in jobs.into_iter().enumerate() {
            assert_eq!(job.wait().ok(), (n % 2 == 1).then_some(n));
        }
        assert_alive(&pool, &started);
    });
}

#[test]
fn a_panic_comes_with_its_payload() {
    let pool = ThreadPool::new(1);
    let job = pool.submit(|| -> () { resume_unwind(Box::new(7)) });
    let Err(JobError::Panicked(panic)) = job.wait() else {
        unreachable!()
    };
    assert_eq!(*panic.into_payload().downcast::<i32>().unwrap(), 7);
}

#[test]
fn destructors_that_panic_leave_the_thread_to_the_others() {
    let (pool, started) = counted();
    watched(&pool, || {
        let dropped = Count::default();
        // In a closure that is called.
        let bomb = Bomb::new(&dropped);
        let job = pool.submit(move || {
            let _bomb = bomb;
        });
        assert_eq!(panic_of(job.wait()), "a destructor");
        // In a result that nobody takes.
        let bomb = Bomb::new(&dropped);
        pool.submit(move || bomb).detach();
        // In a payload that nobody takes.
        let bomb = Bomb::new(&dropped);
        pool.submit(move || -> () { resume_unwind(Box::new(bomb)) })
            .detach();
        until("three drops", || dropped.get() == 3);
        // In a closure that is cancelled.
        let busy = occupy(&pool);
        let bomb = Bomb::new(&dropped);
        let job = pool.submit(move || drop(bomb));
        assert!(job.cancel() && job.is_done());
        assert_eq!(dropped.get(), 4);
        busy.release();
        assert_alive(&pool, &started);
    });
}

#[test]
fn destructors_that_panic_do_not_end_a_shutdown() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        let dropped = Count::default();
        let busy = occupy(&pool);
        let jobs: Vec<_> = (0..3)
            .map(|_| {
                let bomb = Bomb::new(&dropped);
                pool.submit(move || drop(bomb))
            })
            .collect();
        let bomb = Bomb::new(&dropped);
        let later = pool.submit_after(core::time::Duration::MAX, move || drop(bomb));
        let bomb = Bomb::new(&dropped);
        let future = pool.spawn(async move {
            let _bomb = bomb;
            pending::<()>().await;
        });
        thread::scope(|threads| {
            threads.spawn(|| pool.shutdown(PoolShutdown::CancelQueued));
            until("cancelled jobs", || jobs.iter().all(Job::is_done));
            busy.release();
        });
        assert!(later.is_cancelled() && future.is_cancelled() && future.is_done());
        assert_eq!(dropped.get(), 5);
    });
}

#[test]
fn destructors_that_panic_do_so_in_no_submit() {
    let pool = ThreadPool::new(1);
    pool.close();
    let dropped = Count::default();
    let bomb = Bomb::new(&dropped);
    let job = pool.submit(move || drop(bomb));
    let bomb = Bomb::new(&dropped);
    let future = pool.spawn(async move {
        let _bomb = bomb;
    });
    let bomb = Bomb::new(&dropped);
    let later = pool.submit_after(core::time::Duration::from_secs(1), move || drop(bomb));
    assert!(job.is_done() && future.is_done() && later.is_done());
    assert_eq!(dropped.get(), 3);
}

#[test]
fn a_future_and_its_output_may_panic_anywhere() {
    let (pool, started) = counted();
    watched(&pool, || {
        let dropped = Count::default();
        // When it is polled.
        let job = pool.spawn(async { fail::<()>("in a poll") });
        assert_eq!(panic_of(job.wait()), "in a poll");
        // When it is dropped, after its end.
        let bomb = Bomb::new(&dropped);
        let mut bomb = Some(bomb);
        let job = pool.spawn(poll_fn(move |_| {
            let _kept = &mut bomb;
            Poll::Ready(5)
        }));
        assert_eq!(job.wait().unwrap(), 5);
        // When it is dropped, cancelled.
        let bomb = Bomb::new(&dropped);
        let job = pool.spawn(async move {
            let _bomb = bomb;
            pending::<()>().await;
        });
        assert!(job.cancel());
        assert!(matches!(job.wait(), Err(JobError::Cancelled)));
        assert_eq!(dropped.get(), 2);
        // In an output that nobody takes.
        let bomb = Bomb::new(&dropped);
        pool.spawn(async move { bomb }).detach();
        until("the drop of the output", || dropped.get() == 3);
        // In a payload that nobody takes.
        let mut bomb = Some(Bomb::new(&dropped));
        pool.spawn(poll_fn(move |_| -> Poll<()> {
            resume_unwind(Box::new(bomb.take()))
        }))
        .detach();
        until("the drop of the payload", || dropped.get() == 4);
        assert_alive(&pool, &started);
    });
}

#[test]
fn a_callback_that_panics_stops_neither_the_others_nor_the_thread() {
    let (pool, started) = counted();
    watched(&pool, || {
        let busy = occupy(&pool);
        let log = Log::default();
        let job = pool.submit(|| 1);
        for number in 0..3 {
            let log = log.clone();
            job.on_done(move || {
                log.note(number);
                if number == 1 {
                    fail::<()>("a callback");
                }
            });
        }
        busy.release();
        assert_eq!(job.wait().unwrap(), 1);
        assert_alive(&pool, &started);
        assert_eq!(log.take(), [0, 1, 2]);
    });
}

#[test]
fn a_panic_at_the_end_of_a_thread_does_nothing_else() {
    let exits = Count::default();
    let count = exits.clone();
    let pool = ThreadPool::builder().workers(2).on_exit(move || {
        count.add();
        fail::<()>("on exit");
    });
    let pool = pool.build();
    watched(&pool, || {
        let (one, two) = (occupy(&pool), occupy(&pool));
        one.release();
        two.release();
        pool.shutdown(PoolShutdown::Drain);
        assert_eq!(exits.get(), 2);
    });
}

/// A pool whose first thread panics when the test says so.
fn breaking() -> (Arc<ThreadPool>, Arc<Event>) {
    let breaks = Arc::new(Event::new());
    let when = Arc::clone(&breaks);
    let pool = ThreadPool::builder().workers(2).on_start(move || {
        when.wait();
        fail::<()>("on start");
    });
    (Arc::new(pool.build()), breaks)
}

/// Traps A8, A26, A27, C14.
#[test]
fn a_broken_pool_ends_every_job_also_if_the_first_was_cancelled() {
    let (pool, breaks) = breaking();
    watched(&pool, || {
        let dropped = Count::default();
        let closure = || {
            let token = dropped.token();
            move || drop(token)
        };
        let first = pool.submit(closure());
        assert!(first.cancel());
        let queued: Vec<_> = (0..5).map(|_| pool.submit(closure())).collect();
        let later = pool.submit_after(core::time::Duration::MAX, closure());
        let token = dropped.token();
        let future = pool.spawn(async move {
            let _token = token;
            pending::<()>().await;
        });
        breaks.set();
        assert!(matches!(first.wait(), Err(JobError::Cancelled)));
        assert!(queued.into_iter().all(|job| is_broken(&job.wait())));
        assert!(is_broken(&later.wait()) && is_broken(&future.wait()));
        assert_eq!(dropped.get(), 8);
        // And all that come.
        assert!(is_broken(&pool.submit(closure()).wait()));
        assert!(is_broken(&pool.spawn(async {}).wait()));
        assert!(is_broken(
            &pool
                .submit_after(core::time::Duration::MAX, closure())
                .wait()
        ));
        let rejected = pool.try_submit(closure()).unwrap_err();
        assert!(rejected.is_broken());
        assert_eq!(rejected.to_string(), "the pool is broken");
        drop(rejected);
        assert_eq!(dropped.get(), 11);
        assert!(is_broken(&pool.map([1], |n| n).next().unwrap()));
        pool.scope(|scope| assert!(is_broken(&scope.submit(|| ()).wait())));
        pool.shutdown(PoolShutdown::Drain);
    });
}

#[test]
fn a_pool_that_breaks_later_ends_what_is_queued_and_lets_go_on_what_runs() {
    let starts = Count::default();
    let pool = ThreadPool::builder().workers(2).on_start(move || {
        if starts.add() == 1 {
            fail::<()>("the second");
        }
    });
    let pool = pool.build();
    watched(&pool, || {
        let busy = occupy(&pool);
        let job = pool.submit(|| ());
        assert!(is_broken(&job.wait()));
        assert!(is_broken(&pool.submit(|| ()).wait()));
        busy.release();
        pool.shutdown(PoolShutdown::Drain);
    });
}

/// No job is ever done by a thread that could not be made.
#[test]
fn a_pool_that_breaks_does_nothing_that_comes_meanwhile() {
    for _ in 0..300 {
        let (pool, breaks) = breaking();
        watched(&pool, || {
            let together = Barrier::new(3);
            thread::scope(|threads| {
                for _ in 0..2 {
                    threads.spawn(|| {
                        together.wait();
                        for _ in 0..20 {
                            assert!(is_broken(&pool.submit(|| ()).wait()));
                        }
                    });
                }
                together.wait();
                breaks.set();
            });
        });
    }
}

#[test]
fn a_map_whose_items_panic_in_their_destructors_goes_on() {
    let (pool, started) = counted();
    watched(&pool, || {
        let dropped = Count::default();
        let bombs: Vec<_> = (0..3).map(|_| Bomb::new(&dropped)).collect();
        let outcomes: Vec<_> = pool.map(bombs, |_bomb| ()).collect();
        assert_eq!(outcomes.len(), 3);
        assert!(
            outcomes
                .into_iter()
                .all(|one| panic_of(one) == "a destructor")
        );
        assert_alive(&pool, &started);
        catch_unwind(AssertUnwindSafe(|| pool.scope(|_| fail::<()>("a body")))).unwrap_err();
        assert_alive(&pool, &started);
    });
}
