//! What takes hours by the clock, with one that the tests move. They move the same one: one after the other.

use crate::driver::Driver;
use crate::watch::{until, watched};
use core::time::Duration;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use syncline::clock::{advance, now, sleepers};
use syncline::service::{
    Backoff, Breaker, BreakerState, CancelToken, GaveUp, How, RateLimiter, RetryBudget, Shutdown,
    Trip,
};
use syncline::task::sleep;
use syncline::thread::{self, Event};

pub(crate) const HOUR: Duration = Duration::from_secs(3600);
pub(crate) const TICK: Duration = Duration::from_nanos(1);

/// The clock, for one test.
pub(crate) fn clock() -> MutexGuard<'static, ()> {
    static CLOCK: Mutex<()> = Mutex::new(());
    CLOCK.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Moves the clock until the task has been woken, which the timer does from its own thread.
pub(crate) fn until_woken<F: Future>(driver: &Driver<F>) {
    watched(&"the timer", || until("a wake", || driver.is_woken()));
}

#[test]
fn a_sleep_ends_when_the_clock_says_so_and_not_before() {
    let _clock = clock();
    let sleeps = Driver::waiting(sleep(HOUR));
    advance(HOUR - TICK);
    assert!(!sleeps.is_woken());
    advance(TICK);
    until_woken(&sleeps);
    sleeps.ready();
}

#[test]
fn a_thread_that_waits_until_a_moment_is_woken_by_the_clock() {
    let _clock = clock();
    let event = Arc::new(Event::new());
    let before = sleepers();
    let waits = thread::spawn_named("waits", {
        let event = Arc::clone(&event);
        move || event.wait_timeout(HOUR).is_err()
    });
    watched(&event, || {
        until("it sleeps", || sleepers() > before);
        advance(HOUR);
        assert!(waits.wait().unwrap());
    });
}

#[test]
fn a_limiter_serves_ten_hours_in_order() {
    let _clock = clock();
    let limiter = RateLimiter::every(HOUR).burst(10);
    limiter.acquire_many(10).wait();
    let mut many = Driver::waiting(limiter.acquire_many(10));
    let mut one = Driver::waiting(limiter.acquire());
    advance(HOUR * 10 - TICK);
    many.pending();
    one.pending();
    advance(TICK);
    until_woken(&many);
    many.ready();
    one.pending();
    advance(HOUR);
    until_woken(&one);
    one.ready();
}

#[test]
fn a_head_that_is_not_polled_is_passed_by_those_whose_time_has_come() {
    let _clock = clock();
    let limiter = RateLimiter::every(HOUR);
    limiter.acquire().wait();
    let mut head = Driver::waiting(limiter.acquire());
    let mut second = Driver::waiting(limiter.acquire());
    let third = Driver::waiting(limiter.acquire());
    advance(HOUR);
    until_woken(&head);
    second.pending(); // it is not its turn
    advance(HOUR);
    until_woken(&second);
    second.ready();
    // The head comes late, and stands before the third all the same.
    head.pending();
    advance(HOUR);
    until_woken(&head);
    head.ready();
    drop(third);
    assert_eq!(limiter.stats().waiting, 0);
}

#[test]
fn an_unused_limiter_holds_its_burst_and_no_more_after_years() {
    let _clock = clock();
    let limiter = RateLimiter::per_second(1000).burst(7);
    limiter.acquire_many(7).wait();
    advance(HOUR * 24 * 365);
    assert_eq!(limiter.available(), 7);
    limiter.acquire_many(7).wait();
    assert_eq!(limiter.available(), 0);
}

#[test]
fn an_open_breaker_is_tried_when_its_time_is_over_and_a_hung_probe_loses_its_place() {
    let _clock = clock();
    let breaker = Breaker::builder("api")
        .trip(Trip::consecutive(1))
        .open_for(HOUR)
        .probe_lease(HOUR * 2)
        .build();
    breaker.admit().unwrap().failure();
    advance(HOUR - TICK);
    assert_eq!(breaker.admit().unwrap_err().retry_after(), TICK);
    advance(TICK);
    let hangs = breaker.admit().unwrap();
    assert_eq!(breaker.state(), BreakerState::HalfOpen);
    assert_eq!(breaker.admit().unwrap_err().retry_after(), HOUR * 2);
    advance(HOUR * 2);
    let probe = breaker.admit().unwrap();
    hangs.failure(); // too late: it counts for nothing
    assert_eq!(breaker.state(), BreakerState::HalfOpen);
    probe.success();
    assert_eq!(breaker.state(), BreakerState::Closed);
    assert_eq!(breaker.stats().late, 1);
}

#[test]
fn a_lapsed_lease_makes_an_answer_late_also_when_nobody_took_its_place() {
    let _clock = clock();
    let breaker = Breaker::builder("api")
        .trip(Trip::consecutive(1))
        .open_for(Duration::ZERO)
        .probe_lease(HOUR)
        .build();
    breaker.admit().unwrap().failure();
    let probe = breaker.admit().unwrap();
    advance(HOUR);
    probe.success();
    assert_eq!(
        (breaker.state(), breaker.stats().late),
        (BreakerState::HalfOpen, 1)
    );
}

#[test]
fn failures_that_are_too_old_do_not_trip() {
    let _clock = clock();
    let trip = Trip::ratio(0.5).of_at_least(2).within(HOUR);
    let breaker = Breaker::builder("api").trip(trip).build();
    breaker.admit().unwrap().failure();
    advance(HOUR * 2);
    breaker.admit().unwrap().failure();
    assert_eq!(breaker.state(), BreakerState::Closed);
    breaker.admit().unwrap().failure();
    assert_eq!(breaker.state(), BreakerState::Open);
}

#[test]
fn a_token_with_a_deadline_is_cancelled_by_the_clock() {
    let _clock = clock();
    let token = CancelToken::new();
    let request = token.child_deadline(now() + HOUR);
    let waits = Driver::waiting(request.cancelled());
    advance(HOUR - TICK);
    assert!(!request.is_cancelled());
    advance(TICK);
    until_woken(&waits);
    assert!(request.check().unwrap_err().is_deadline());
    waits.ready();
}

#[test]
fn pauses_of_a_retry_take_as_long_as_they_say_and_count_for_the_deadline() {
    let _clock = clock();
    let start = now();
    let backoff = Backoff::fixed(HOUR).attempts(10);
    let mut tried = Driver::new(
        syncline::task::retry(|_| core::future::ready(Err::<(), _>(())))
            .with(backoff)
            .deadline(start + HOUR * 2),
    );
    tried.pending();
    for _ in 0..2 {
        advance(HOUR - TICK);
        tried.pending();
        advance(TICK);
        until_woken(&tried);
        let core::task::Poll::Ready(result) = tried.poll() else {
            continue;
        };
        let error = result.unwrap_err();
        assert_eq!((error.attempts, error.why), (3, GaveUp::Deadline));
        assert_eq!(error.elapsed, HOUR * 2);
        return;
    }
    panic!("a third pause was begun");
}

#[test]
fn what_a_retry_says_it_took_counts_from_the_beginning_of_its_first_attempt() {
    let _clock = clock();
    let backoff = Backoff::fixed(Duration::ZERO).attempts(3);
    let takes_an_hour = |_| {
        advance(HOUR);
        Err::<(), _>(())
    };
    let error = thread::retry(takes_an_hour).with(backoff).wait();
    assert_eq!(error.unwrap_err().elapsed, HOUR * 3);
    let once = thread::retry(takes_an_hour).when(|()| false).wait();
    assert_eq!(once.unwrap_err().elapsed, HOUR);
}

#[test]
fn a_budget_forgets_calls_after_ten_seconds() {
    let _clock = clock();
    let budget = RetryBudget::new(1.0, 0);
    let call = |attempts| {
        let backoff = Backoff::fixed(Duration::ZERO).attempts(attempts);
        let error = thread::retry(|_| Err::<(), _>(()))
            .with(backoff)
            .budget(&budget)
            .wait();
        error.unwrap_err().why
    };
    for _ in 0..5 {
        assert_eq!(call(1), GaveUp::Exhausted);
    }
    advance(Duration::from_secs(20));
    assert_eq!(call(3), GaveUp::NoBudget, "one call, one retry");
}

/// Trap E1.
#[test]
fn a_hung_request_does_not_eat_the_time_of_what_comes_after_the_drain() {
    let _clock = clock();
    let shutdown = Shutdown::builder()
        .phase("stop accepting")
        .drain("drain")
        .phase("close")
        .phase("clean up")
        .limit("close", HOUR * 2)
        .limit("clean up", HOUR)
        .deadline(HOUR * 10)
        .build();
    let hangs = shutdown.track("GET /slow").unwrap();
    advance(HOUR);
    let quick = shutdown.track("GET /quick").unwrap();
    shutdown.on_async("close", "database", core::future::pending());
    shutdown.on_async("clean up", "lock file", async {});
    let mut run = Driver::waiting(shutdown.run());
    shutdown.request();
    run.pending();
    drop(quick);
    advance(HOUR * 7 - TICK);
    run.pending();
    assert!(!shutdown.force_token().is_cancelled());
    advance(TICK);
    until_woken(&run);
    run.pending(); // in "close", which has its two hours
    assert!(shutdown.force_token().is_cancelled());
    advance(HOUR * 2 - TICK);
    run.pending();
    advance(TICK);
    until_woken(&run);
    let report = run.ready();
    let took: Vec<_> = report.phases.iter().map(|phase| phase.took).collect();
    assert_eq!(took, [Duration::ZERO, HOUR * 7, HOUR * 2, Duration::ZERO]);
    assert_eq!(report.phases[2].steps[0].how, How::TimedOut);
    assert_eq!(report.phases[3].steps[0].how, How::Done);
    let straggler = &report.stragglers[0];
    assert_eq!((&*straggler.name, straggler.age), ("GET /slow", HOUR * 8));
    assert_eq!(report.stragglers.len(), 1);
    assert!(!report.in_time);
    drop(hangs);
}

#[test]
fn the_time_of_a_shutdown_counts_from_the_request_and_the_last_phases_keep_theirs() {
    let _clock = clock();
    let shutdown = Shutdown::builder()
        .drain("drain")
        .phase("close")
        .phase("clean up")
        .limit("drain", HOUR * 5)
        .limit("clean up", HOUR)
        .deadline(HOUR * 10)
        .build();
    for phase in ["close", "clean up"] {
        shutdown.on_async(phase, "hangs", core::future::pending());
    }
    shutdown.request();
    advance(HOUR * 8); // and nobody ran it
    let mut run = Driver::waiting(shutdown.run());
    advance(HOUR);
    until_woken(&run);
    run.pending();
    advance(HOUR);
    until_woken(&run);
    let report = run.ready();
    assert_eq!(report.phases[1].took + report.phases[2].took, HOUR * 2);
    assert_eq!(report.phases[2].took, HOUR);
    advance(HOUR * 8);

    let late = Shutdown::builder().phase("close").deadline(HOUR).build();
    late.on("close", "database", || {
        unreachable!("there is no time left")
    });
    late.request();
    advance(HOUR);
    let report = Driver::new(late.run()).ready();
    assert_eq!(report.phases[0].steps[0].how, How::NotBegun);
}

#[test]
fn a_step_ends_with_its_own_limit_or_with_that_of_its_phase() {
    let _clock = clock();
    let shutdown = Shutdown::builder()
        .phase("close")
        .limit("close", HOUR * 3)
        .build();
    let hangs = |name| shutdown.on_async("close", name, core::future::pending());
    hangs("short").timeout(HOUR);
    hangs("long").timeout(HOUR * 9);
    shutdown.request();
    let mut run = Driver::waiting(shutdown.run());
    advance(HOUR);
    until_woken(&run);
    run.pending();
    advance(HOUR * 2);
    until_woken(&run);
    let report = run.ready();
    let took: Vec<_> = report.phases[0]
        .steps
        .iter()
        .map(|step| step.took)
        .collect();
    assert_eq!(took, [HOUR, HOUR * 3]);
}

#[test]
fn a_closure_that_hangs_runs_on_unseen_and_one_that_waits_for_the_run_ends_with_it() {
    let _clock = clock();
    let shutdown = Shutdown::builder().phase("close").phase("clean up").build();
    let begun = Arc::new(thread::Barrier::new(3));
    let (goes_on, over) = (Arc::new(Event::new()), Arc::new(Event::new()));
    let (begins, waits, ends) = (Arc::clone(&begun), Arc::clone(&goes_on), Arc::clone(&over));
    let hangs = shutdown.on("close", "hangs", move || {
        begins.wait().unwrap();
        waits.wait();
        ends.set();
    });
    hangs.timeout(HOUR);
    let (begins, inside, told) = (Arc::clone(&begun), shutdown.clone(), Arc::new(Event::new()));
    let tells = Arc::clone(&told);
    let waits = shutdown.on("close", "waits", move || {
        begins.wait().unwrap();
        assert!(!inside.run().wait().in_time);
        tells.set();
    });
    waits.timeout(HOUR);
    shutdown.on_async("clean up", "lock file", async {});
    shutdown.request();
    let mut run = Driver::waiting(shutdown.run());
    watched(&shutdown, || {
        begun.wait().unwrap();
        run.pending();
        advance(HOUR);
        until_woken(&run);
        let report = run.ready();
        let how = |phase: usize| report.phases[phase].steps.iter().map(|step| step.how);
        assert_eq!(how(0).collect::<Vec<_>>(), [How::TimedOut; 2]);
        assert_eq!(how(1).collect::<Vec<_>>(), [How::Done]);
        told.wait();
        goes_on.set();
        over.wait();
    });
}
