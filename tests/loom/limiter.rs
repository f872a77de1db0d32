//! Models of `RateLimiter`: the head of the line against its cancellation, and one that does not come.
//!
//! The clock moves when the model says so, which is a step like any other; alarms ring when the model fires the
//! timer.

use core::pin::pin;
use core::task::Poll;
use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use syncline::internals::{fire_timers, script};
use syncline::loom::thread::spawn;
use syncline::service::RateLimiter;

use crate::kit::{Check, CountingWaker, Model, model, poll_once};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!(
        "limiter/service/head_against_its_cancellation",
        cancellation
    ),
    model!("limiter/service/head_that_does_not_come", absent),
    model!("limiter/service/two_in_line_against_the_clock", two_in_line),
    model!("limiter/service/three_take_two", two),
    model!("limiter/service/wait_against_the_clock", waits),
    model!("limiter/service/try_against_the_clock", tries),
];

const HOUR: Duration = Duration::from_secs(3600);

/// An empty limiter of a token an hour, with room for `burst`.
fn empty(burst: u64) -> Arc<RateLimiter> {
    let limiter = Arc::new(RateLimiter::every(HOUR).burst(burst));
    limiter.try_acquire_many(burst).unwrap();
    limiter
}

/// The head, which wants much, is dropped while the clock moves to where the one behind it could go: that one is
/// woken, by the drop or by its alarm, and not left asleep with a token there.
fn cancellation(check: Check) {
    check
        .outcomes(&["before the hour", "after the hour"])
        .expiries(&[Some(0)])
        .min_executions(4)
        .run(|run| {
            let limiter = empty(3);
            let (first, second) = (CountingWaker::new(), CountingWaker::new());
            let mut head = Box::pin(limiter.acquire_many(3));
            let mut next = pin!(limiter.acquire());
            assert!(poll_once(head.as_mut(), &first).is_pending());
            assert!(poll_once(next.as_mut(), &second).is_pending());
            let clock = spawn(|| script::advance(HOUR));
            drop(head);
            assert_eq!(second.wakes(), 1);
            let early = poll_once(next.as_mut(), &second).is_pending();
            clock.join().unwrap();
            if early {
                fire_timers();
                assert_eq!(second.wakes(), 2);
                assert!(poll_once(next.as_mut(), &second).is_ready());
            }
            run.saw(if early {
                "before the hour"
            } else {
                "after the hour"
            });
            assert_eq!((first.clones(), second.clones()), (0, 0));
            assert_eq!((limiter.available(), limiter.stats().waiting), (0, 0));
        });
}

/// The head is not polled any more, and goes while the one behind it, whose time has come, passes it: that one has its
/// token in any case, and there is no second one.
fn absent(check: Check) {
    check.outcomes(&["served"]).expiries(&[Some(0)]).run(|run| {
        let limiter = empty(1);
        let waker = CountingWaker::new();
        let mut stuck = Box::pin(limiter.acquire());
        assert!(poll_once(stuck.as_mut(), &waker).is_pending());
        let passes = spawn({
            let limiter = Arc::clone(&limiter);
            move || {
                let waker = CountingWaker::new();
                let mut next = pin!(limiter.acquire());
                assert!(poll_once(next.as_mut(), &waker).is_pending());
                script::advance(2 * HOUR);
                assert!(poll_once(next.as_mut(), &waker).is_ready());
                assert_eq!(waker.clones(), 0);
                // Who has been passed stands in nobody's way.
                script::advance(HOUR);
                assert!(limiter.try_acquire().is_ok());
            }
        });
        drop(stuck);
        passes.join().unwrap();
        assert_eq!(waker.clones(), 0);
        let stats = limiter.stats();
        assert_eq!((stats.taken, stats.waiting, limiter.available()), (3, 0, 0));
        run.saw("served");
    });
}

/// Two threads stand in one line, and each moves the clock by an hour: nobody takes more than there is, and who is left
/// is woken by the timer.
fn two_in_line(check: Check) {
    check
        .outcomes(&["one", "both"])
        .expiries(&[Some(0)])
        .run(|run| {
            let limiter = empty(1);
            let takers = [(); 2].map(|()| {
                let limiter = Arc::clone(&limiter);
                spawn(move || {
                    let waker = CountingWaker::new();
                    let mut waits = pin!(limiter.acquire());
                    let mut taken = poll_once(waits.as_mut(), &waker).is_ready();
                    script::advance(HOUR);
                    taken = taken || poll_once(waits.as_mut(), &waker).is_ready();
                    taken
                })
            });
            let taken = takers.map(|taker| taker.join().unwrap());
            let count = taken.into_iter().filter(|taken| *taken).count();
            run.saw(["none", "one", "both"][count]);
            // Whoever gave up has left nothing behind.
            let stats = limiter.stats();
            assert_eq!((stats.taken, stats.waiting), (1 + count as u64, 0));
            assert!(limiter.available() <= 2 - count as u64);
        });
}

/// Three ask at once for the two tokens that there are.
fn two(check: Check) {
    check.outcomes(&["two"]).run(|run| {
        let limiter = Arc::new(RateLimiter::every(HOUR).burst(2));
        let takers = [(); 2].map(|()| {
            let limiter = Arc::clone(&limiter);
            spawn(move || limiter.try_acquire().is_ok())
        });
        let mine = limiter.try_acquire().is_ok();
        let all = takers.map(|taker| taker.join().unwrap());
        let taken = all.into_iter().chain([mine]).filter(|taken| *taken).count();
        assert_eq!(taken, 2);
        assert_eq!(limiter.stats().taken, 2);
        run.saw("two");
    });
}

/// A token comes while somebody tries to take one: it is taken, or is said to come later; nobody is refused and told
/// that it is there.
fn tries(check: Check) {
    let check = check.outcomes(&["before the hour", "after the hour"]);
    check.min_executions(8).run(|run| {
        let limiter = empty(1);
        let clock = spawn(|| script::advance(HOUR));
        let refused = limiter.try_acquire().err();
        clock.join().unwrap();
        run.saw(if let Some(limited) = refused {
            assert_eq!(limited.retry_after(), Some(HOUR));
            assert!(limiter.try_acquire().is_ok());
            "before the hour"
        } else {
            "after the hour"
        });
        let stats = limiter.stats();
        assert_eq!(
            (stats.taken, stats.refused),
            (2, refused.iter().count() as u64)
        );
    });
}

/// A thread waits, with a limit or without, while the clock moves and the timer fires.
fn waits(check: Check) {
    check
        .outcomes(&["taken", "timed out"])
        .expiries(&[Some(0)])
        .min_executions(4)
        .run(|run| {
            let limiter = empty(2);
            let thread = spawn({
                let limiter = Arc::clone(&limiter);
                move || limiter.acquire_many(2).wait_timeout(HOUR).is_ok()
            });
            script::advance(2 * HOUR);
            fire_timers();
            let taken = thread.join().unwrap();
            run.saw(if taken { "taken" } else { "timed out" });
            assert_eq!(limiter.stats().waiting, 0);
            script::advance(2 * HOUR);
            assert!(limiter.acquire().wait_deadline(Instant::now()).is_ok());
            limiter.acquire().wait();
            assert_eq!(limiter.available(), 0);
            let waker = CountingWaker::new();
            let mut waits = pin!(limiter.acquire());
            assert!(poll_once(waits.as_mut(), &waker) == Poll::Pending);
        });
}
