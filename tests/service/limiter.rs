//! The limiter: the order of arrival, what is taken, what a dropped wait leaves, and misuse. Times are in
//! `stepped`, and in the unit tests of the rules.

use crate::driver::Driver;
use crate::waker::Probe;
use crate::watch::{until, watched};
use core::panic::AssertUnwindSafe;
use core::time::Duration;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::time::Instant;
use syncline::service::RateLimiter;
use syncline::task::{block_on, gather};
use syncline::thread;

const FAR: Duration = Duration::from_secs(3600);

#[test]
fn a_full_bucket_is_ready_at_once_and_an_empty_one_is_not() {
    let limiter = RateLimiter::every(FAR).burst(3);
    Driver::new(limiter.acquire_many(2)).ready();
    limiter.acquire().wait();
    assert_eq!(limiter.available(), 0);
    Driver::waiting(limiter.acquire());
    Driver::new(limiter.acquire_many(0)).ready();
    assert!(limiter.try_acquire_many(0).is_ok());
}

#[test]
fn an_acquire_that_waits_takes_as_long_as_its_token() {
    let limiter = RateLimiter::every(Duration::from_millis(5));
    let start = Instant::now();
    watched(&limiter, || {
        limiter.acquire().wait();
        limiter.acquire().wait();
        block_on(limiter.acquire());
    });
    assert!(start.elapsed() >= Duration::from_millis(10));
    assert_eq!(limiter.stats().taken, 3);
}

#[test]
fn a_hundred_tasks_and_threads_take_no_more_than_the_rate() {
    let limiter = Arc::new(RateLimiter::per(1, Duration::from_micros(100)).burst(5));
    let start = Instant::now();
    watched(&limiter, || {
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let limiter = Arc::clone(&limiter);
                thread::spawn_named("takes", move || {
                    for _ in 0..10 {
                        limiter.acquire().wait();
                    }
                })
            })
            .collect();
        block_on(gather((0..60).map(|_| limiter.acquire())));
        for thread in threads {
            thread.wait().unwrap();
        }
    });
    assert!(start.elapsed() >= Duration::from_micros(95 * 100));
    let stats = limiter.stats();
    assert_eq!((stats.taken, stats.waiting), (100, 0));
}

/// Trap C10.
#[test]
fn the_try_form_fails_while_anybody_waits_and_counts_those_ahead() {
    let limiter = RateLimiter::every(FAR).burst(10);
    limiter.acquire_many(5).wait();
    let many = Driver::waiting(limiter.acquire_many(10));
    let refused = limiter.try_acquire().unwrap_err();
    assert!(
        refused.retry_after() > Some(FAR * 5),
        "five for the one ahead"
    );
    assert!(refused.retry_after() <= Some(FAR * 6));
    assert_eq!(many.cancel().alive(), 0);
    assert!(limiter.try_acquire().is_ok());
    assert_eq!(
        limiter.try_acquire_many(11).unwrap_err().retry_after(),
        None
    );
}

#[test]
fn a_dropped_wait_costs_no_token_and_wakes_whoever_is_next() {
    let limiter = RateLimiter::every(FAR).burst(10);
    limiter.acquire_many(5).wait();
    let head = Driver::waiting(limiter.acquire_many(10));
    let second = Driver::waiting(limiter.acquire_many(2));
    let third = Driver::waiting(limiter.acquire_many(3));
    assert_eq!(head.cancel().alive(), 0);
    second.woken();
    // What is left is enough for the third, who learns of it from the second.
    third.woken();
    assert_eq!((limiter.available(), limiter.stats().waiting), (0, 0));
}

#[test]
fn a_wait_may_be_dropped_anywhere_among_others() {
    for victim in 0..4 {
        let limiter = RateLimiter::every(FAR).burst(4);
        limiter.acquire_many(4).wait();
        let mut waits: Vec<_> = (0..4).map(|_| Driver::waiting(limiter.acquire())).collect();
        assert_eq!(waits.remove(victim).cancel().alive(), 0);
        for wait in waits.iter_mut().filter(|wait| wait.is_woken()) {
            wait.pending();
        }
        assert_eq!(limiter.stats().waiting, 3);
        for wait in waits {
            assert_eq!(wait.cancel().alive(), 0);
        }
        assert_eq!((limiter.stats().waiting, limiter.stats().taken), (0, 4));
    }
}

#[test]
fn a_wait_that_times_out_has_taken_nothing() {
    let limiter = RateLimiter::every(FAR);
    limiter.acquire().wait();
    assert!(limiter.acquire().wait_timeout(Duration::ZERO).is_err());
    assert!(
        limiter
            .acquire()
            .wait_timeout(Duration::from_millis(1))
            .is_err()
    );
    assert!(limiter.acquire().wait_deadline(Instant::now()).is_err());
    assert_eq!((limiter.stats().taken, limiter.stats().waiting), (1, 0));
}

#[test]
fn a_wait_that_moves_to_another_task_wakes_that_task() {
    let limiter = RateLimiter::every(Duration::from_millis(5));
    limiter.acquire().wait();
    let mut waits = Driver::new(limiter.acquire());
    if waits.poll().is_pending() {
        let other = Probe::new();
        if waits.poll_with(&other.waker()).is_pending() {
            watched(&other, || until("a wake", || other.wakes() > 0));
            watched(&limiter, || until("its token", || waits.poll().is_ready()));
        }
    }
    waits.cancel().until_forgotten();
}

#[test]
fn what_can_never_be_granted_is_refused_with_a_reason() {
    let limiter = RateLimiter::per_second(1).burst(3);
    let panic = catch_unwind(AssertUnwindSafe(|| drop(limiter.acquire_many(4)))).unwrap_err();
    let text = panic.downcast_ref::<String>().unwrap();
    assert!(
        text.contains("4 tokens at once, which holds at most 3"),
        "{text}"
    );
    for wrong in [
        || drop(RateLimiter::per_second(0)),
        || drop(RateLimiter::every(Duration::ZERO)),
        || drop(RateLimiter::per_second(1).burst(0)),
    ] {
        catch_unwind(wrong).unwrap_err();
    }
}

#[test]
fn a_waker_that_panics_takes_no_token_with_it() {
    let limiter = RateLimiter::every(FAR).burst(4);
    limiter.acquire_many(2).wait();
    let head = Driver::waiting(limiter.acquire_many(4));
    let mut second = Driver::with(limiter.acquire(), Probe::panicking());
    second.pending();
    drop(head.cancel());
    assert_eq!(second.probe().wakes(), 1);
    second.woken();
    assert_eq!(limiter.available(), 1);
}

#[test]
fn rates_at_the_edges_neither_overflow_nor_stop() {
    let never = RateLimiter::every(Duration::MAX);
    never.acquire().wait();
    assert_eq!(Driver::waiting(never.acquire()).cancel().alive(), 0);
    let always = RateLimiter::per(u64::MAX, Duration::from_nanos(1)).burst(u64::MAX);
    always.acquire_many(u64::MAX).wait();
    watched(&always, || always.acquire_many(u64::MAX).wait());
}
