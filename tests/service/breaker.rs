//! The breaker: who gets through, which answers count, hooks, and a naive breaker beside it over random
//! histories. Times are in `stepped`.

use crate::driver::Driver;
use crate::watch::watched;
use core::future::pending;
use core::panic::AssertUnwindSafe;
use core::time::Duration;
use std::panic::catch_unwind;
use std::sync::{Arc, Barrier, Mutex};
use syncline::service::{Breaker, BreakerError, BreakerState, Trip, Verdict};
use syncline::task::block_on;
use syncline::thread::{self, Event};

use BreakerState::{Closed, HalfOpen, Open};

const FAR: Duration = Duration::from_secs(3600);

/// A breaker that opens at once and is half-open at the next call.
fn quick() -> Breaker {
    Breaker::builder("quick")
        .trip(Trip::consecutive(1))
        .open_for(Duration::ZERO)
        .build()
}

fn fail(breaker: &Breaker) {
    breaker.call(|| Err::<(), _>("down")).unwrap_err();
}

#[test]
fn failures_in_a_row_open_it_and_a_success_between_them_does_not() {
    let breaker = Breaker::builder("api")
        .trip(Trip::consecutive(3))
        .open_for(FAR)
        .build();
    for _ in 0..2 {
        fail(&breaker);
    }
    breaker.call(|| Ok::<_, ()>(())).unwrap();
    for _ in 0..2 {
        fail(&breaker);
    }
    assert_eq!(breaker.state(), Closed);
    fail(&breaker);
    assert_eq!(breaker.state(), Open);
    let rejection = breaker.admit().unwrap_err();
    assert!(rejection.retry_after() <= FAR && rejection.retry_after() > FAR / 2);
    let called = breaker.call(|| -> Result<(), ()> { unreachable!("it is open") });
    assert!(called.unwrap_err().is_rejected());
    let stats = breaker.stats();
    assert_eq!((stats.successes, stats.failures, stats.rejected), (1, 5, 2));
    assert_eq!(stats.changes.len(), 1);
}

#[test]
fn a_share_of_failures_opens_it_once_there_are_enough_calls() {
    let trip = Trip::ratio(0.5).of_at_least(10).within(FAR);
    let breaker = Breaker::builder("api").trip(trip).build();
    for _ in 0..4 {
        fail(&breaker);
        breaker.call(|| Ok::<_, ()>(())).unwrap();
    }
    breaker.call(|| Ok::<_, ()>(())).unwrap();
    assert_eq!(breaker.state(), Closed);
    fail(&breaker);
    assert_eq!(breaker.state(), Open, "five of ten");
}

/// Trap C8.
#[test]
fn of_fifty_concurrent_calls_at_a_half_open_breaker_exactly_the_probes_get_through() {
    for probes in [1, 3] {
        let breaker = Arc::new(
            Breaker::builder("api")
                .trip(Trip::consecutive(1))
                .open_for(Duration::ZERO)
                .probes(probes)
                .probe_lease(FAR)
                .close_after(100)
                .build(),
        );
        fail(&breaker);
        let all = Arc::new(Barrier::new(50));
        let (through, rejected) = watched(&breaker, || {
            let callers: Vec<_> = (0..50)
                .map(|_| {
                    let (breaker, all) = (Arc::clone(&breaker), Arc::clone(&all));
                    thread::spawn_named("calls", move || {
                        all.wait();
                        breaker.admit_owned()
                    })
                })
                .collect();
            let (mut through, mut rejected) = (Vec::new(), 0);
            for caller in callers {
                match caller.wait().unwrap() {
                    Ok(admission) => through.push(admission),
                    Err(rejection) => {
                        assert!(rejection.retry_after() <= FAR, "the end of a lease");
                        assert!(rejection.retry_after() > FAR / 2);
                        rejected += 1;
                    }
                }
            }
            (through, rejected)
        });
        assert_eq!((through.len(), rejected), (probes, 50 - probes));
        drop(through);
        assert_eq!(breaker.stats().abandoned, probes as u64);
        assert!(breaker.admit().is_ok(), "places that were given back");
    }
}

/// Trap C8.
#[test]
fn an_answer_from_before_a_change_changes_nothing_after_it() {
    let breaker = Breaker::builder("api")
        .trip(Trip::consecutive(1))
        .open_for(FAR)
        .build();
    let (good, bad, other) = (
        breaker.admit().unwrap(),
        breaker.admit().unwrap(),
        breaker.admit().unwrap(),
    );
    bad.failure();
    assert_eq!(breaker.state(), Open);
    good.success();
    assert_eq!(breaker.state(), Open);
    breaker.reset();
    other.failure();
    assert_eq!(breaker.state(), Closed);
    let stats = breaker.stats();
    assert_eq!((stats.late, stats.successes, stats.failures), (2, 0, 1));
}

#[test]
fn probes_that_succeed_close_it_and_one_that_fails_opens_it_again() {
    let breaker = Breaker::builder("api")
        .trip(Trip::consecutive(1))
        .open_for(Duration::ZERO)
        .probes(2)
        .close_after(3)
        .build();
    fail(&breaker);
    for _ in 0..2 {
        breaker.call(|| Ok::<_, ()>(())).unwrap();
        assert_eq!(breaker.state(), HalfOpen);
    }
    let (one, other) = (breaker.admit().unwrap(), breaker.admit().unwrap());
    one.failure();
    assert_eq!(breaker.state(), Open);
    other.success();
    assert_eq!(breaker.state(), Open);
    for _ in 0..3 {
        breaker.call(|| Ok::<_, ()>(())).unwrap();
    }
    assert_eq!(breaker.state(), Closed);
    let changes: Vec<_> = breaker
        .stats()
        .changes
        .iter()
        .map(|change| change.to)
        .collect();
    assert_eq!(changes, [Open, HalfOpen, Open, HalfOpen, Closed]);
}

#[test]
fn what_is_ignored_or_abandoned_counts_as_nothing_and_frees_its_probe() {
    let breaker = quick();
    fail(&breaker);
    breaker.admit().unwrap().ignore();
    drop(breaker.admit().unwrap());
    assert_eq!(breaker.state(), HalfOpen);
    breaker.admit().unwrap().success();
    assert_eq!(breaker.state(), Closed);
    let stats = breaker.stats();
    assert_eq!((stats.ignored, stats.abandoned, stats.late), (1, 1, 0));
}

/// Is admitted when it is dropped, and then abandons the call.
struct Asks<'a>(&'a Breaker);

impl Drop for Asks<'_> {
    fn drop(&mut self) {
        drop(self.0.admit().unwrap());
    }
}

#[test]
fn a_panic_in_the_call_is_a_failure_and_an_admission_dropped_in_a_panic_before_it_is_not() {
    let breaker = Breaker::builder("api").trip(Trip::consecutive(5)).build();
    let call = || breaker.call(|| -> Result<(), ()> { panic!("on purpose") });
    catch_unwind(AssertUnwindSafe(call)).unwrap_err();
    assert_eq!(breaker.stats().failures, 1);
    let call = breaker.call_async(async { panic!("on purpose") });
    let future =
        AssertUnwindSafe(|| block_on::<_>(async { call.await as Result<(), BreakerError<()>> }));
    catch_unwind(future).unwrap_err();
    assert_eq!(breaker.stats().failures, 2);
    let unwinds = || {
        let _asks = Asks(&breaker);
        panic!("on purpose");
    };
    catch_unwind(AssertUnwindSafe(unwinds)).unwrap_err();
    assert_eq!(
        (breaker.stats().failures, breaker.stats().abandoned),
        (2, 1)
    );
}

#[test]
fn a_call_that_a_panic_beside_it_drops_has_failed_and_one_that_is_dropped_after_it_is_abandoned() {
    let breaker = Breaker::builder("api").trip(Trip::consecutive(5)).build();
    let waiting = || Driver::waiting(breaker.call_async(pending::<Result<(), ()>>()));
    let unwinds = || {
        let _call = waiting();
        panic!("on purpose");
    };
    catch_unwind(AssertUnwindSafe(unwinds)).unwrap_err();
    let stats = breaker.stats();
    assert_eq!((stats.failures, stats.abandoned), (1, 0));
    let outlives = waiting();
    let panics = || panic!("on purpose");
    let result: Result<(), _> = catch_unwind(panics);
    result.unwrap_err();
    drop(outlives);
    let stats = breaker.stats();
    assert_eq!((stats.failures, stats.abandoned), (1, 1));
}

#[test]
fn a_future_that_is_dropped_is_abandoned_and_one_that_is_rejected_never_polled() {
    let breaker = quick();
    fail(&breaker);
    let waits = Driver::waiting(breaker.call_async(async {
        pending::<()>().await;
        Ok::<_, ()>(())
    }));
    let rejected = breaker.call_async(async { unreachable!("there is one probe") });
    let rejected: Result<(), BreakerError<()>> = Driver::new(rejected).ready();
    assert!(rejected.unwrap_err().is_rejected());
    drop(waits);
    assert_eq!(breaker.stats().abandoned, 1);
    let unpolled = breaker.call_async(async { Ok::<_, ()>(()) });
    drop(unpolled);
    assert_eq!(breaker.stats().abandoned, 1);
    block_on(breaker.call_async(async { Ok::<_, ()>(()) })).unwrap();
    assert_eq!(breaker.state(), Closed);
}

#[test]
fn a_judge_decides_what_an_error_says() {
    let breaker = Breaker::builder("api").trip(Trip::consecutive(1)).build();
    let judge = |result: &Result<(), u16>| match result {
        Err(429) => Verdict::Ignore,
        Err(status) if *status >= 500 => Verdict::Failure,
        _ => Verdict::Success,
    };
    for status in [404, 429] {
        breaker.call_with(judge, || Err(status)).unwrap_err();
        block_on(breaker.call_async_with(judge, async { Err(status) })).unwrap_err();
    }
    let stats = breaker.stats();
    assert_eq!((stats.successes, stats.ignored, stats.failures), (2, 2, 0));
    breaker.call_with(judge, || Err(503)).unwrap_err();
    assert_eq!(breaker.state(), Open);
}

#[test]
fn a_hook_may_use_the_breaker_and_its_panics_stop_nobody() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let cell: Arc<Mutex<Option<Arc<Breaker>>>> = Arc::default();
    let (log, own) = (Arc::clone(&seen), Arc::clone(&cell));
    let breaker = Arc::new(
        Breaker::builder("api")
            .trip(Trip::consecutive(1))
            .on_change(move |from, to, generation| {
                log.lock().unwrap().push((from, to, generation));
                let own = own.lock().unwrap().clone();
                if let Some(own) = own
                    && to == Open
                {
                    own.reset();
                }
                panic!("on purpose");
            })
            .build(),
    );
    *cell.lock().unwrap() = Some(Arc::clone(&breaker));
    watched(&breaker, || fail(&breaker));
    assert_eq!(breaker.state(), Closed);
    assert_eq!(
        *seen.lock().unwrap(),
        [(Closed, Open, 1), (Open, Closed, 2)]
    );
    *cell.lock().unwrap() = None;
}

#[test]
fn a_hook_that_hangs_holds_up_nobody_but_its_own_caller() {
    let (hangs, goes_on) = (Arc::new(Event::new()), Arc::new(Event::new()));
    let breaker = Arc::new(
        Breaker::builder("api")
            .trip(Trip::consecutive(1))
            .open_for(FAR)
            .on_change({
                let (hangs, goes_on) = (Arc::clone(&hangs), Arc::clone(&goes_on));
                move |_, to, _| {
                    if to == Open {
                        hangs.set();
                        goes_on.wait();
                    }
                }
            })
            .build(),
    );
    watched(&breaker, || {
        let fails = thread::spawn_named("fails", {
            let breaker = Arc::clone(&breaker);
            move || fail(&breaker)
        });
        hangs.wait();
        assert!(breaker.admit().is_err());
        assert_eq!(breaker.stats().rejected, 1);
        breaker.reset();
        breaker.call(|| Ok::<_, ()>(())).unwrap();
        assert_eq!(breaker.state(), Closed);
        goes_on.set();
        fails.wait().unwrap();
    });
}

#[test]
fn a_judge_that_panics_makes_the_call_a_failure_and_frees_its_probe() {
    let breaker = quick();
    breaker.trip();
    let judge = |_: &Result<(), ()>| -> Verdict { panic!("on purpose") };
    let call = AssertUnwindSafe(|| breaker.call_with(judge, || Ok(())));
    catch_unwind(call).unwrap_err();
    assert_eq!((breaker.state(), breaker.stats().failures), (Open, 1));
    let call = AssertUnwindSafe(|| block_on(breaker.call_async_with(judge, async { Ok(()) })));
    catch_unwind(call).unwrap_err();
    assert_eq!((breaker.state(), breaker.stats().failures), (Open, 2));
    breaker.admit().expect("a probe is free").success();
    assert_eq!(breaker.state(), Closed);
}

#[test]
fn only_the_last_sixteen_changes_are_kept() {
    let breaker = quick();
    for _ in 0..20 {
        breaker.trip();
        breaker.reset();
    }
    let changes = breaker.stats().changes;
    assert_eq!((changes.len(), changes[15].generation), (16, 40));
}

/// What a breaker is said to do, in the slowest way: without time, for it is open for no time at all.
struct Naive {
    state: BreakerState,
    generation: u32,
    in_a_row: u32,
    good: u32,
    probes: Vec<usize>,
}

#[test]
fn any_history_goes_as_in_the_naive_breaker() {
    for seed in 0..300 {
        let mut random = fastrand::Rng::with_seed(seed);
        let (limit, probes, needed) = (random.u32(1..4), random.usize(1..4), random.u32(1..4));
        let breaker = Breaker::builder("api")
            .trip(Trip::consecutive(limit))
            .open_for(Duration::ZERO)
            .probes(probes)
            .close_after(needed)
            .probe_lease(FAR)
            .build();
        let mut naive = Naive {
            state: Closed,
            generation: 0,
            in_a_row: 0,
            good: 0,
            probes: Vec::new(),
        };
        let (mut under_way, mut number) = (Vec::new(), 0);
        for _ in 0..80 {
            if random.bool() {
                if naive.state == Open {
                    naive.change(HalfOpen);
                }
                let expected = naive.state == Closed || naive.probes.len() < probes;
                match breaker.admit() {
                    Ok(admission) => {
                        assert!(expected, "seed {seed}");
                        if naive.state == HalfOpen {
                            naive.probes.push(number);
                        }
                        under_way.push((number, naive.generation, admission));
                    }
                    Err(_) => assert!(!expected, "seed {seed}"),
                }
                number += 1;
            } else if !under_way.is_empty() {
                let place = random.usize(..under_way.len());
                let (number, generation, admission) = under_way.swap_remove(place);
                let how = random.u8(..4);
                match how {
                    0 | 1 => admission.success(),
                    2 => admission.failure(),
                    _ => drop(admission),
                }
                if generation == naive.generation {
                    naive.probes.retain(|probe| *probe != number);
                    match (naive.state, how) {
                        (Closed, 0 | 1) => naive.in_a_row = 0,
                        (Closed, 2) => {
                            naive.in_a_row += 1;
                            if naive.in_a_row == limit {
                                naive.change(Open);
                            }
                        }
                        (HalfOpen, 0 | 1) => {
                            naive.good += 1;
                            if naive.good == needed {
                                naive.change(Closed);
                            }
                        }
                        (HalfOpen, 2) => naive.change(Open),
                        _ => {}
                    }
                }
            }
            let stats = breaker.stats();
            assert_eq!(
                (stats.state, stats.generation),
                (naive.state, naive.generation),
                "seed {seed}"
            );
        }
    }
}

impl Naive {
    fn change(&mut self, to: BreakerState) {
        (self.state, self.in_a_row, self.good) = (to, 0, 0);
        self.generation += 1;
        self.probes.clear();
    }
}
