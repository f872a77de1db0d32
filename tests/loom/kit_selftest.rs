//! Models of the kit itself: it must explore what it says, and refuse whatever proves nothing.
//!
//! A refused model is one that fails for the reason named beside it; a kit that lets it pass fails the run.

use core::pin::pin;
use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use core::task::{Context, Poll};
use std::sync::Arc;

use syncline::loom::sync::Notify;
use syncline::loom::sync::atomic::{AtomicBool, AtomicUsize};
use syncline::loom::thread;

use crate::kit::{Check, CountingWaker, Guarded, Model, Starts, Unlock, model, poll_once};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("kit/check/release_publishes", release_publishes),
    model!("kit/check/every_combination_runs", every_combination_runs),
    model!("kit/poll/waker_is_kept_and_woken", waker_is_kept_and_woken),
    model!("kit/check/lost_outcome", lost_outcome).refused("the outcome `early` never occurred"),
    model!("kit/check/undeclared_outcome", undeclared_outcome)
        .refused("the undeclared outcome `late` occurred"),
    model!("kit/check/no_outcome", no_outcome).refused("declares no outcome"),
    model!("kit/check/too_few_executions", too_few_executions)
        .refused("1 executions, fewer than the 10 it must have"),
    model!("kit/check/no_run", no_run).refused("ended without a report"),
    model!("kit/check/panic_in_a_thread", panic_in_a_thread)
        .refused("counted over all combinations"),
    model!(
        "kit/guarded/relaxed_publishes_nothing",
        relaxed_publishes_nothing
    )
    .refused("Causality violation"),
    model!("kit/guarded/one_too_many", one_too_many).refused("2 are inside, where only 1 may be"),
    model!("kit/process/deadlock", deadlock).refused("deadlock; threads"),
    model!("kit/process/endless_loop", endless_loop)
        .refused("killed at the time limit of 1 s of processor time")
        .limit(1),
    model!("kit/process/sleep", sleep).refused("hangs: it sleeps"),
];

/// A flag raised by one thread after its write, and seen or not by another before its read.
fn flag_model(check: Check, raise: core::sync::atomic::Ordering) {
    check
        .outcomes(&["seen", "not seen"])
        .min_executions(2)
        .run(move |run| {
            let flag = Arc::new(Guarded::new(AtomicBool::new(false)));
            let writer = thread::spawn({
                let flag = Arc::clone(&flag);
                move || {
                    flag.bump();
                    flag.store(true, raise);
                }
            });
            if flag.load(Acquire) {
                assert_eq!(1, flag.value());
                run.saw("seen");
            } else {
                run.saw("not seen");
            }
            writer.join().unwrap();
        });
}

fn release_publishes(check: Check) {
    flag_model(check, Release);
}

fn relaxed_publishes_nothing(check: Check) {
    flag_model(check, Relaxed);
}

fn every_combination_runs(check: Check) {
    check
        .outcomes(&[
            "at once",
            "later",
            "never",
            "overdue",
            "on time",
            "asymmetric",
            "swap",
            "mixed",
            "all start",
            "some do not start",
        ])
        .expiries(&[Some(0), Some(1), None])
        .overdue(&[false, true])
        .unlocks(&[Unlock::Asymmetric, Unlock::Swap, Unlock::Mixed])
        .starts(&[Starts::All, Starts::Without(1), Starts::Before(0)])
        .batches(&[0, 1])
        .min_executions(108)
        .max_branches(100)
        .run(|run| {
            run.saw(match run.expiry() {
                Some(0) => "at once",
                Some(_) => "later",
                None => "never",
            });
            run.saw(if run.overdue() { "overdue" } else { "on time" });
            run.saw(match run.unlock() {
                Unlock::Asymmetric => "asymmetric",
                Unlock::Swap => "swap",
                Unlock::Mixed => "mixed",
            });
            run.saw(match run.starts() {
                Starts::All => "all start",
                Starts::Without(_) | Starts::Before(_) => "some do not start",
            });
        });
}

fn waker_is_kept_and_woken(check: Check) {
    check
        .outcomes(&["at once", "woken"])
        .min_executions(2)
        .run(|run| {
            let ready = Arc::new(AtomicBool::new(false));
            let setter = thread::spawn({
                let ready = Arc::clone(&ready);
                move || ready.store(true, Release)
            });
            let waker = CountingWaker::new();
            let mut kept = None;
            let mut future = pin!(core::future::poll_fn(|context: &mut Context<'_>| {
                if ready.load(Acquire) {
                    return Poll::Ready(());
                }
                kept = Some(context.waker().clone());
                Poll::Pending
            }));
            let first = poll_once(future.as_mut(), &waker);
            setter.join().unwrap();
            if first.is_ready() {
                assert_eq!((0, 0), (waker.clones(), waker.wakes()));
                run.saw("at once");
            } else {
                assert_eq!(Poll::Ready(()), poll_once(future.as_mut(), &waker));
                assert_eq!((1, 0), (waker.clones(), waker.wakes()));
                kept.unwrap().wake();
                assert_eq!((0, 1), (waker.clones(), waker.wakes()));
                run.saw("woken");
            }
        });
}

/// A model that could not tell a broken primitive from a good one.
fn vacuous(check: Check, declared: &'static [&'static str]) {
    check
        .outcomes(declared)
        .min_executions(1)
        .run(|run| run.saw("late"));
}

fn lost_outcome(check: Check) {
    vacuous(check, &["late", "early"]);
}

fn undeclared_outcome(check: Check) {
    vacuous(check, &["early"]);
}

fn no_outcome(check: Check) {
    vacuous(check, &[]);
}

fn too_few_executions(check: Check) {
    check.outcomes(&["late"]).run(|run| run.saw("late"));
}

fn no_run(check: Check) {
    drop(check);
}

fn panic_in_a_thread(check: Check) {
    check.outcomes(&["late"]).run(|run| {
        run.saw("late");
        thread::spawn(|| panic!("as it should")).join().unwrap();
    });
}

fn one_too_many(check: Check) {
    check.outcomes(&["both"]).run(|run| {
        let open = Arc::new(Guarded::new(()));
        let rival = thread::spawn({
            let open = Arc::clone(&open);
            move || drop(open.enter(1))
        });
        drop(open.enter(1));
        rival.join().unwrap();
        run.saw("both");
    });
}

fn deadlock(check: Check) {
    check.outcomes(&["awake"]).run(|run| {
        // A `Notify` wakes once without cause.
        let nobody = Notify::new();
        nobody.wait();
        nobody.wait();
        run.saw("awake");
    });
}

fn endless_loop(check: Check) {
    check.outcomes(&["end"]).run(|run| {
        let number = AtomicUsize::new(0);
        while run.expiry().is_none() {
            core::hint::spin_loop();
        }
        number.store(1, Relaxed);
        run.saw("end");
    });
}

fn sleep(check: Check) {
    check.outcomes(&["awake"]).run(|run| {
        let (_open, letters) = std::sync::mpsc::channel::<()>();
        assert!(letters.recv().is_ok(), "nobody writes");
        run.saw("awake");
    });
}
