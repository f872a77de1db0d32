//! Closures that are called later.

use crate::kit::{Count, Log, is_cancelled, occupy, wait_for};
use crate::watch::{until, watched};
use core::time::Duration;
use std::time::Instant;
use syncline::thread::{PoolShutdown, ThreadPool};

#[test]
fn a_closure_is_called_no_sooner_than_it_was_to_be() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        let begun = Instant::now();
        let delay = Duration::from_millis(20);
        let at = pool.submit_after(delay, Instant::now).wait().unwrap();
        assert!(at >= begun + delay);
    });
}

#[test]
fn what_is_due_is_done_in_the_order_of_time() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        let log = Log::default();
        let busy = occupy(&pool);
        let base = Duration::from_millis(5);
        let jobs: Vec<_> = [3_u32, 1, 2, 1, 0]
            .iter()
            .enumerate()
            .map(|(number, &place)| {
                let log = log.clone();
                pool.submit_after(base + place * Duration::from_millis(5), move || {
                    log.note(number);
                })
            })
            .collect();
        until("all due", || pool.queued() == jobs.len());
        busy.release();
        wait_for(jobs);
        assert_eq!(log.take(), [4, 1, 3, 2, 0]);
    });
}

#[test]
fn no_delay_is_a_place_in_the_queue_at_once() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        let log = Log::default();
        let busy = occupy(&pool);
        let note = |number| {
            let log = log.clone();
            move || log.note(number)
        };
        let first = pool.submit_after(Duration::ZERO, note(1));
        let second = pool.submit(note(2));
        assert_eq!(pool.queued(), 2);
        busy.release();
        first.wait().unwrap();
        second.wait().unwrap();
        assert_eq!(log.take(), [1, 2]);
    });
}

#[test]
fn a_cancelled_closure_is_dropped_at_once_and_keeps_no_shutdown() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        let dropped = Count::default();
        let jobs = [Duration::MAX, Duration::from_secs(3600)].map(|delay| {
            let token = dropped.token();
            pool.submit_after(delay, move || drop(token))
        });
        for job in &jobs {
            assert!(!job.is_done() && job.cancel() && job.is_done());
        }
        assert_eq!(dropped.get(), 2);
        pool.shutdown(PoolShutdown::Drain);
    });
}

#[test]
fn never_is_ended_by_a_cancellation_that_comes_during_the_drain() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        let never = pool.submit_after(Duration::MAX, || ());
        std::thread::scope(|threads| {
            let drain = threads.spawn(|| pool.shutdown(PoolShutdown::Drain));
            until("a closed pool", || pool.try_submit(|| ()).is_err());
            assert!(!drain.is_finished());
            assert!(never.cancel());
        });
        assert!(is_cancelled(&never.wait()));
    });
}

#[test]
fn the_rest_is_due_although_the_first_was_cancelled() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        let first = pool.submit_after(Duration::from_millis(2), || ());
        let second = pool.submit_after(Duration::from_millis(4), || 2);
        first.cancel();
        assert_eq!(second.wait().unwrap(), 2);
        assert!(is_cancelled(&first.wait()));
    });
}

#[test]
fn a_dropped_handle_that_cancels_does_so_before_the_time() {
    let pool = ThreadPool::new(1);
    let dropped = Count::default();
    let token = dropped.token();
    drop(
        pool.submit_after(Duration::MAX, move || drop(token))
            .cancel_on_drop(),
    );
    assert_eq!(dropped.get(), 1);
}

#[test]
fn ten_thousand_may_be_cancelled_in_no_time() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        let jobs: Vec<_> = (0..10_000)
            .map(|_| pool.submit_after(Duration::MAX, || ()))
            .collect();
        assert!(jobs.iter().all(syncline::Job::cancel));
    });
}
