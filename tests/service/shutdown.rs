//! An orderly end: phases in order, a drain that waits, and a report of what would not end.

use crate::driver::Driver;
use crate::watch::{until, watched};
use core::future::{pending, poll_fn, ready};
use core::panic::AssertUnwindSafe;
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use core::task::Poll;
use core::time::Duration;
use std::panic::catch_unwind;
use std::sync::{Arc, Mutex};
use syncline::service::{How, Report, Shutdown, ShutdownBuilder};
use syncline::task::{self, block_on};
use syncline::thread::{self, Barrier};

const MOMENT: Duration = Duration::from_millis(1);

fn phases() -> ShutdownBuilder {
    Shutdown::builder()
        .phase("stop accepting")
        .drain("drain")
        .phase("close")
}

/// How the steps of a phase ended.
fn how(report: &Report, phase: usize) -> Vec<How> {
    let steps = &report.phases[phase].steps;
    steps.iter().map(|step| step.how).collect()
}

#[track_caller]
fn run(shutdown: &Shutdown) -> Arc<Report> {
    watched(shutdown, || shutdown.run().wait())
}

#[test]
fn phases_come_in_order_and_the_steps_of_one_together() {
    let (shutdown, log) = (phases().build(), Arc::new(Mutex::new(Vec::new())));
    let both = Arc::new(Barrier::new(3));
    for phase in ["close", "drain", "stop accepting"] {
        for name in ["one", "other"] {
            let (log, both) = (Arc::clone(&log), Arc::clone(&both));
            shutdown.on(phase, name, move || {
                both.wait().unwrap(); // for the rest of the phase
                log.lock().unwrap().push(phase);
            });
        }
        let both = Arc::clone(&both);
        shutdown.on_async(phase, "task", async move {
            both.as_task().wait().await.unwrap();
        });
    }
    shutdown.request();
    let report = run(&shutdown);
    let names: Vec<_> = report.phases.iter().map(|phase| &*phase.name).collect();
    assert_eq!(names, ["stop accepting", "drain", "close"]);
    let wanted = ["stop accepting", "drain", "close"].map(|phase| [phase; 2]);
    assert_eq!(*log.lock().unwrap(), wanted.concat());
    assert!(report.in_time && report.stragglers.is_empty());
    assert_eq!(how(&report, 0), [How::Done; 3]);
}

#[test]
fn a_run_waits_for_the_request() {
    let (shutdown, closed) = (phases().build(), Arc::new(AtomicBool::new(false)));
    let inside = Arc::clone(&closed);
    shutdown.on_async("stop accepting", "listener", async move {
        inside.store(true, SeqCst);
    });
    let run = Driver::waiting(shutdown.run());
    let requested = Driver::waiting(shutdown.requested());
    assert!(!closed.load(SeqCst) && !shutdown.is_requested());
    assert!(shutdown.run().wait_timeout(MOMENT).is_err());
    shutdown.request();
    requested.woken();
    assert!(run.woken().in_time && closed.load(SeqCst));
    shutdown.request(); // again: nothing
    shutdown.requested().wait();
    assert!(shutdown.run().wait().in_time);
}

/// Trap E3.
#[test]
fn a_drain_waits_for_what_is_in_flight_and_lets_nothing_in() {
    let shutdown = phases().build();
    let [one, other] = ["one", "other"].map(|name| shutdown.track(name).unwrap());
    let mut run = Driver::waiting(shutdown.run());
    shutdown.request();
    assert!(shutdown.track("late").is_err());
    run.pending();
    drop(one);
    assert!(!run.is_woken());
    assert_eq!((shutdown.in_flight(), shutdown.stragglers().len()), (1, 1));
    assert!(format!("{other:?}").contains("other"), "{other:?}");
    drop(other);
    assert!(run.woken().in_time);
    assert!(!shutdown.force_token().is_cancelled());
    assert!(shutdown.track("later").is_err());
}

/// Threads begin and end work while another one requests the shutdown. Behind the drain there is none. Trap E3.
#[test]
fn nobody_is_at_work_behind_the_drain() {
    for _ in 0..20 {
        let (shutdown, working) = (phases().build(), Arc::new(AtomicUsize::new(0)));
        let inside = Arc::clone(&working);
        shutdown.on("close", "database", move || {
            assert_eq!(inside.load(SeqCst), 0);
        });
        let workers = [(); 4].map(|()| {
            let (shutdown, working) = (shutdown.clone(), Arc::clone(&working));
            thread::spawn(move || {
                let mut done = 0;
                while let Ok(work) = shutdown.track("work") {
                    working.fetch_add(1, SeqCst);
                    done += 1;
                    if done % 2 == 0 {
                        // It ends on another thread.
                        let working = Arc::clone(&working);
                        std::thread::spawn(move || {
                            working.fetch_sub(1, SeqCst);
                            drop(work);
                        });
                    } else {
                        working.fetch_sub(1, SeqCst);
                    }
                }
                assert!(shutdown.is_requested());
            })
        });
        until("somebody works", || working.load(SeqCst) > 0);
        shutdown.request();
        let report = run(&shutdown);
        assert_eq!(how(&report, 2), [How::Done]);
        assert_eq!(shutdown.in_flight(), 0);
        for worker in workers {
            worker.wait().unwrap();
        }
    }
}

/// Trap E1.
#[test]
fn what_hangs_is_named_and_told_and_the_rest_goes_on() {
    let shutdown = phases().limit("drain", MOMENT).build();
    let (slow, force) = (shutdown.track("GET /slow").unwrap(), shutdown.force_token());
    let slower = shutdown.track(String::from("GET /slower")).unwrap();
    let inside = force.clone();
    shutdown.on("close", "database", move || assert!(inside.is_cancelled()));
    assert!(!force.is_cancelled());
    shutdown.request();
    let report = run(&shutdown);
    let names: Vec<_> = report.stragglers.iter().map(|one| &*one.name).collect();
    assert_eq!(names, ["GET /slow", "GET /slower"]);
    assert!(report.stragglers[0].age >= report.stragglers[1].age);
    assert!(report.stragglers[1].age >= MOMENT);
    assert!(!report.in_time && report.phases[1].took >= MOMENT);
    assert_eq!(how(&report, 2), [How::Done]);
    assert!(
        report
            .to_string()
            .contains("still in flight: GET /slow for ")
    );
    drop((slow, slower));
}

#[test]
fn steps_that_panic_are_reported_and_stop_nobody() {
    struct PanicsWhenDropped;
    impl Drop for PanicsWhenDropped {
        fn drop(&mut self) {
            panic!("on purpose");
        }
    }
    let shutdown = phases().build();
    shutdown.on("stop accepting", "closure", || panic!("on purpose"));
    shutdown.on_async("stop accepting", "future", async { panic!("on purpose") });
    let bomb = PanicsWhenDropped;
    shutdown.on_async(
        "stop accepting",
        "bomb",
        poll_fn(move |_| {
            let _armed = &bomb;
            Poll::Ready(())
        }),
    );
    shutdown.on("stop accepting", "well", || {});
    shutdown.on_async("close", "database", ready(()));
    shutdown.request();
    let report = run(&shutdown);
    let first = [How::Panicked, How::Panicked, How::Done, How::Done];
    assert_eq!(how(&report, 0), first);
    assert_eq!(how(&report, 2), [How::Done]);
    assert!(report.in_time);

    // And nobody notices those that are never begun.
    let bomb = PanicsWhenDropped;
    let unused = phases().build();
    unused.on("close", "bomb", move || drop(bomb));
    drop(unused);
}

/// Trap E1.
#[test]
fn futures_that_hang_are_dropped_and_the_rest_goes_on() {
    let (shutdown, dropped) = (phases().build(), Arc::new(()));
    let kept = Arc::clone(&dropped);
    let hangs = shutdown.on_async("stop accepting", "hangs", async move {
        pending::<()>().await;
        drop(kept);
    });
    hangs.timeout(MOMENT);
    let none = shutdown.on("stop accepting", "none", || unreachable!());
    none.timeout(Duration::ZERO);
    shutdown.on("close", "database", || {});
    shutdown.request();
    let report = run(&shutdown);
    assert_eq!(how(&report, 0), [How::TimedOut, How::NotBegun]);
    assert_eq!(Arc::strong_count(&dropped), 1, "a future is dropped");
    assert!(report.phases[0].steps[0].took >= MOMENT);
    assert_eq!((how(&report, 2), report.in_time), (vec![How::Done], false));
}

#[test]
fn steps_may_use_the_shutdown_that_runs_them() {
    let shutdown = phases().build();
    let inside = shutdown.clone();
    shutdown.on("stop accepting", "uses it", move || {
        inside.request();
        assert!(inside.is_requested() && inside.track("late").is_err());
        assert!(inside.token().is_cancelled());
        inside.on("close", "added", || {});
        inside.on("stop accepting", "too late", || unreachable!());
    });
    let inside = shutdown.clone();
    let waits = shutdown.on_async("drain", "waits for itself", async move {
        inside.run().await;
    });
    waits.timeout(MOMENT);
    shutdown.request();
    let report = run(&shutdown);
    assert_eq!(how(&report, 0), [How::Done, How::NotBegun]);
    assert_eq!(how(&report, 1), [How::TimedOut]);
    assert_eq!(how(&report, 2), [How::Done]);
}

#[test]
fn who_comes_second_goes_on_where_the_first_was_dropped() {
    let (shutdown, polls) = (phases().build(), Arc::new(AtomicUsize::new(0)));
    let (event, counts) = (Arc::new(task::Event::new()), Arc::clone(&polls));
    let waits = Arc::clone(&event);
    shutdown.on_async("close", "database", async move {
        counts.fetch_add(1, SeqCst);
        waits.wait().await;
    });
    shutdown.request();
    let first = Driver::waiting(shutdown.run());
    let mut second = Driver::waiting(shutdown.run());
    let third = Driver::waiting(shutdown.run());
    drop(first);
    assert!(second.is_woken());
    second.pending();
    event.set();
    let (second, third) = (second.woken(), third.woken());
    assert!(Arc::ptr_eq(&second, &third) && second.in_time);
    assert_eq!(polls.load(SeqCst), 1, "the step began once");
    assert!(Arc::ptr_eq(&second, &block_on(shutdown.run())));
}

#[test]
fn a_run_that_everybody_gave_up_goes_on_with_the_next() {
    let shutdown = phases().build();
    let work = shutdown.track("work").unwrap();
    shutdown.request();
    assert!(shutdown.run().wait_timeout(MOMENT).is_err());
    drop(work);
    assert!(run(&shutdown).in_time);
}

#[test]
fn a_future_in_flight_is_dropped_before_it_counts_as_ended() {
    struct Looks(Shutdown);
    impl Drop for Looks {
        fn drop(&mut self) {
            assert_eq!(self.0.in_flight(), 1);
        }
    }
    let shutdown = phases().build();
    let tracked = |waits: bool| {
        let looks = Looks(shutdown.clone());
        // It keeps what it has until it is dropped, also when it has ended.
        let future = poll_fn(move |_| {
            let _kept = &looks;
            if waits { Poll::Pending } else { Poll::Ready(7) }
        });
        shutdown.track("request").unwrap().run(future)
    };
    assert_eq!(block_on(tracked(false)), 7);
    assert_eq!(shutdown.in_flight(), 0);
    drop(Driver::waiting(tracked(true)));
    assert_eq!(shutdown.in_flight(), 0);
    drop(tracked(true));
    assert_eq!(shutdown.in_flight(), 0);
}

#[test]
fn a_cancelled_token_requests_nothing() {
    let shutdown = phases().build();
    shutdown.token().cancel();
    shutdown.force_token().cancel();
    assert!(!shutdown.is_requested());
    assert!(!shutdown.token().is_cancelled() && !shutdown.force_token().is_cancelled());
    let token = shutdown.token();
    let (called, inside) = (Arc::new(AtomicBool::new(false)), shutdown.clone());
    let tells = Arc::clone(&called);
    let hook = token.on_cancel(move || tells.store(inside.track("late").is_err(), SeqCst));
    shutdown.request();
    assert!(token.is_cancelled() && called.load(SeqCst));
    drop(hook);
}

#[test]
fn a_shutdown_without_phases_is_over_at_the_request() {
    let shutdown = Shutdown::builder().deadline(Duration::MAX).build();
    let kept = shutdown.track("unseen").unwrap();
    let run = Driver::waiting(shutdown.run());
    shutdown.request();
    let report = run.woken();
    assert_eq!(
        (report.phases.len(), report.to_string().as_str()),
        (0, "in time")
    );
    drop(kept);
}

/// What a call panics with.
#[track_caller]
fn refusal(body: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(body)).expect_err("it is refused");
    *panic.downcast::<String>().expect("a message")
}

#[test]
fn a_phase_that_is_not_there_is_refused_where_it_is_named() {
    let shutdown = phases().build();
    let unknown = "this shutdown has no phase `closing`; its phases are [\"stop accepting\", \"drain\", \"close\"]";
    assert_eq!(
        refusal(|| {
            shutdown.on("closing", "x", || {});
        }),
        unknown
    );
    assert_eq!(
        refusal(|| {
            shutdown.on_async("closing", "x", ready(()));
        }),
        unknown
    );
    assert_eq!(refusal(|| drop(phases().limit("closing", MOMENT))), unknown);
    let twice = refusal(|| drop(phases().drain("close")));
    assert!(twice.contains("`close` is there already"), "{twice}");
}

#[test]
fn limits_that_leave_nothing_for_a_phase_are_refused() {
    let limited = || phases().limit("drain", MOMENT * 2);
    let nothing = refusal(|| drop(limited().deadline(MOMENT * 2).build()));
    assert!(
        nothing.contains("leaves nothing for the others"),
        "{nothing}"
    );
    drop(limited().deadline(MOMENT * 3).build());
    let exact = || {
        Shutdown::builder()
            .drain("drain")
            .limit("drain", MOMENT * 2)
    };
    drop(exact().deadline(MOMENT * 2).build());
    refusal(|| drop(exact().deadline(MOMENT).build()));
}
