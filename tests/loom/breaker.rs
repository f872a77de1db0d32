//! Models of `Breaker`: who gets through, and which answers count.

use core::pin::pin;
use core::task::Poll;
use core::time::Duration;
use std::sync::Arc;

use syncline::Rejection;
use syncline::internals::script;
use syncline::loom::thread::{spawn, yield_now};
use syncline::service::{Breaker, BreakerState, Trip, Verdict};

use crate::kit::{Check, CountingWaker, Model, model, poll_once};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("breaker/service/callers_of_a_half_open_one", callers),
    model!("breaker/service/late_success_against_trip", late),
    model!("breaker/service/failures_against_success", failures),
    model!("breaker/service/probe_against_its_lease", lease),
    model!("breaker/service/call_against_reset", call),
    model!("breaker/service/rejection_against_the_clock", rejection),
];

const HOUR: Duration = Duration::from_secs(3600);

fn breaker(failures: u32, open_for: Duration) -> Arc<Breaker> {
    let builder = Breaker::builder("model").trip(Trip::consecutive(failures));
    Arc::new(builder.open_for(open_for).probe_lease(HOUR).build())
}

/// An open breaker whose time is over, and three who call: one gets through, and its place is free again when it is
/// dropped.
fn callers(check: Check) {
    check.outcomes(&["the first", "another"]).run(|run| {
        let breaker = breaker(1, Duration::ZERO);
        breaker.admit().unwrap().failure();
        let others = [(); 2].map(|()| {
            let breaker = Arc::clone(&breaker);
            spawn(move || breaker.admit_owned().ok())
        });
        let mine = breaker.admit_owned().ok();
        run.saw(if mine.is_some() {
            "the first"
        } else {
            "another"
        });
        let others = others.map(|other| other.join().unwrap());
        let through: Vec<_> = others.into_iter().chain([mine]).flatten().collect();
        assert_eq!(through.len(), 1);
        assert_eq!(breaker.stats().rejected, 2);
        drop(through);
        assert!(breaker.admit().is_ok());
    });
}

/// Two calls are under way; one fails and opens the breaker, the other one succeeds, before or after that.
fn late(check: Check) {
    let check = check.outcomes(&["in time", "too late"]);
    check.min_executions(3).run(|run| {
        let breaker = breaker(1, HOUR);
        let (good, bad) = (
            breaker.admit_owned().unwrap(),
            breaker.admit_owned().unwrap(),
        );
        let fails = spawn(move || bad.failure());
        yield_now();
        good.success();
        fails.join().unwrap();
        assert_eq!(breaker.state(), BreakerState::Open);
        let stats = breaker.stats();
        assert_eq!(
            (
                stats.successes + stats.late,
                stats.failures,
                stats.generation
            ),
            (1, 1, 1)
        );
        run.saw(if stats.late == 0 {
            "in time"
        } else {
            "too late"
        });
    });
}

/// Two failures and a success: it opens exactly if the success was not between the two.
fn failures(check: Check) {
    check.outcomes(&["open", "closed"]).run(|run| {
        let breaker = breaker(2, HOUR);
        let [first, second, good] = [(); 3].map(|()| breaker.admit_owned().unwrap());
        let threads = [
            spawn(move || first.failure()),
            spawn(move || {
                yield_now();
                good.success();
            }),
        ];
        yield_now();
        second.failure();
        for thread in threads {
            thread.join().unwrap();
        }
        let stats = breaker.stats();
        assert_eq!((stats.failures, stats.successes + stats.late), (2, 1));
        let open = breaker.state() == BreakerState::Open;
        assert_eq!(stats.changes.len(), usize::from(open));
        if !open {
            // One failure counts: the next one is the second.
            breaker.admit().unwrap().failure();
            assert_eq!(breaker.state(), BreakerState::Open);
        }
        run.saw(if open { "open" } else { "closed" });
    });
}

/// A probe answers while its lease runs out: it closes the breaker, or it counts for nothing.
fn lease(check: Check) {
    check.outcomes(&["in time", "too late"]).run(|run| {
        let breaker = breaker(1, Duration::ZERO);
        breaker.admit().unwrap().failure();
        let probe = breaker.admit_owned().unwrap();
        let answers = spawn(move || probe.success());
        script::advance(HOUR);
        let other = breaker.admit_owned().ok();
        answers.join().unwrap();
        let stats = breaker.stats();
        let in_time = stats.late == 0;
        assert_eq!(in_time, stats.state == BreakerState::Closed);
        // Its place was free, in one way or the other.
        assert!(other.is_some());
        run.saw(if in_time { "in time" } else { "too late" });
    });
}

/// Two call at a half-open breaker, one of them half a lease later by the clock: whoever is rejected is told to wait
/// for what is left of the other's lease, and never for more than one.
fn rejection(check: Check) {
    check.outcomes(&["the first", "the second"]).run(|run| {
        let breaker = breaker(1, Duration::ZERO);
        breaker.admit().unwrap().failure();
        let calls = |breaker: &Arc<Breaker>| breaker.admit_owned().map_err(Rejection::retry_after);
        let first = spawn({
            let breaker = Arc::clone(&breaker);
            move || calls(&breaker)
        });
        script::advance(HOUR / 2);
        let second = calls(&breaker);
        let first = first.join().unwrap();
        run.saw(if first.is_ok() {
            "the first"
        } else {
            "the second"
        });
        assert_ne!(first.is_ok(), second.is_ok());
        let wait = first.err().or(second.err()).unwrap();
        assert!(wait >= HOUR / 2 && wait <= HOUR, "{wait:?}");
    });
}

/// A future waits inside of a call while somebody resets the breaker.
fn call(check: Check) {
    let check = check.outcomes(&["counts", "too late"]);
    check.min_executions(4).run(|run| {
        let breaker = breaker(1, HOUR);
        let waker = CountingWaker::new();
        let mut ready = false;
        let mut calls = pin!(breaker.call_async(core::future::poll_fn(|_| {
            if core::mem::replace(&mut ready, true) {
                Poll::Ready(Err::<(), _>("down"))
            } else {
                Poll::Pending
            }
        })));
        assert!(poll_once(calls.as_mut(), &waker).is_pending());
        let resets = spawn({
            let breaker = Arc::clone(&breaker);
            move || breaker.reset()
        });
        yield_now();
        assert!(poll_once(calls.as_mut(), &waker).is_ready());
        resets.join().unwrap();
        let stats = breaker.stats();
        assert_eq!(
            (stats.state, stats.failures + stats.late, stats.abandoned),
            (BreakerState::Closed, 1, 0)
        );
        let judge = |_: &Result<(), ()>| Verdict::Ignore;
        let ignored = breaker.call_async_with(judge, core::future::ready(Ok(())));
        assert!(poll_once(pin!(ignored), &waker).is_ready());
        run.saw(if stats.late == 0 {
            "counts"
        } else {
            "too late"
        });
    });
}
