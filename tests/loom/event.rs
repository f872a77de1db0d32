//! Models of `Event` for threads, and for both faces together.

use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use syncline::internals::Quiet;
use syncline::loom::sync::atomic::AtomicUsize as LoomUsize;
use syncline::loom::thread::{JoinHandle, spawn, yield_now};
use syncline::task::block_on;
use syncline::thread;

use crate::kit::{Check, Guarded, Model, model};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("event/thread/set_against_wait", set),
    model!("event/thread/set_and_clear_release_who_waits", set_clear),
    model!("event/thread/clear_against_set_against_wait", clear),
    model!("event/thread/timeout_against_set", timeout),
    model!("event/thread/second_setter_publishes", setters),
    model!("event/thread/set_again_and_wait_again", again),
    model!("event/thread/is_set_publishes", is_set),
    model!("event/thread/clear_publishes", clear_publishes),
    model!("event/thread/clear_sees_the_set_it_takes_away", clear_sees),
    model!("event/mixed/set_releases_both", mixed),
];

/// An event beside the cell that its setter writes.
type Shared = Guarded<thread::Event>;

const LONG: Duration = Duration::from_secs(60);

fn shared() -> Arc<Shared> {
    Arc::new(Guarded::new(thread::Event::new()))
}

/// A thread that does something with the event.
fn with<R: 'static>(
    event: &Arc<Shared>,
    body: impl FnOnce(&Shared) -> R + 'static,
) -> JoinHandle<R> {
    let event = Arc::clone(event);
    spawn(move || body(&event))
}

/// Two wait; the set is seen by both, whether they are in line already or come later.
fn set(check: Check) {
    check
        .outcomes(&["both wait", "one waits", "none waits"])
        .run(|run| {
            let event = shared();
            let waiters = [(); 2].map(|()| {
                with(&event, |event| {
                    event.wait();
                    assert_eq!(event.value(), 1);
                })
            });
            yield_now();
            run.saw(["none waits", "one waits", "both wait"][event.waiting()]);
            event.bump();
            event.set();
            for waiter in waiters {
                waiter.join().unwrap();
            }
            assert!(event.is_set());
            event.assert_quiet();
        });
}

/// A set that is taken back at once still releases whoever was in line (trap A1).
fn set_clear(check: Check) {
    check.outcomes(&["in line", "not in line"]).run(|run| {
        let event = shared();
        let waiter = with(&event, |event| {
            event.wait();
            assert_eq!(event.value(), 1);
        });
        yield_now();
        let in_line = event.waiting() == 1;
        run.saw(if in_line { "in line" } else { "not in line" });
        event.bump();
        event.set();
        event.clear();
        if !in_line {
            // It may have come after the clear.
            event.set();
        }
        waiter.join().unwrap();
        event.assert_quiet();
    });
}

/// Whoever clears while others set and wait, the last set releases everybody.
fn clear(check: Check) {
    check.outcomes(&["set", "cleared"]).run(|run| {
        let event = shared();
        let waiter = with(&event, |event| {
            event.wait();
            assert_eq!(event.value(), 1);
        });
        let clearer = with(&event, |event| event.clear());
        event.bump();
        event.set();
        clearer.join().unwrap();
        let is_set = event.is_set();
        run.saw(if is_set { "set" } else { "cleared" });
        if !is_set {
            event.set();
        }
        waiter.join().unwrap();
        event.assert_quiet();
    });
}

fn timeout(check: Check) {
    check
        .outcomes(&["released", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let event = shared();
            let waiter = with(&event, |event| {
                let released = event.wait_timeout(LONG).is_ok();
                if released {
                    assert_eq!(event.value(), 1);
                }
                released
            });
            event.bump();
            event.set();
            let released = waiter.join().unwrap();
            run.saw(if released { "released" } else { "timed out" });
            assert!(event.wait_deadline(Instant::now()).is_ok());
            event.assert_quiet();
        });
}

/// Two set it, each after a write of its own: whoever comes after both sees both writes.
fn setters(check: Check) {
    check.outcomes(&["after both", "between them"]).run(|run| {
        let event = shared();
        let cells = [(); 2].map(|()| Arc::new(Guarded::new(())));
        // The model's own knowledge of who has set, of which loom and the event know nothing.
        let done = Arc::new(AtomicUsize::new(0));
        let setters = cells.each_ref().map(|cell| {
            let (cell, done) = (Arc::clone(cell), Arc::clone(&done));
            with(&event, move |event| {
                cell.bump();
                event.set();
                done.fetch_add(1, Relaxed);
            })
        });
        event.wait();
        let after_both = done.load(Relaxed) == 2;
        // Reads the latest value, so that it comes after all sets that are done.
        event.clear();
        if after_both {
            assert_eq!(cells.each_ref().map(|cell| cell.value()), [1, 1]);
        }
        run.saw(if after_both {
            "after both"
        } else {
            "between them"
        });
        for setter in setters {
            setter.join().unwrap();
        }
        event.assert_quiet();
    });
}

/// One waits twice: the first set, which may still be on its way, disturbs no later wait.
fn again(check: Check) {
    check
        .outcomes(&["first set is through", "first set is on its way"])
        .run(|run| {
            let event = shared();
            // The model's own knowledge, of which loom and the event know nothing.
            let done = Arc::new(AtomicUsize::new(0));
            let setter = with(&event, {
                let done = Arc::clone(&done);
                move |event| {
                    event.set();
                    done.store(1, Relaxed);
                }
            });
            event.wait();
            event.clear();
            run.saw(["first set is on its way", "first set is through"][done.load(Relaxed)]);
            let second = with(&event, |event| {
                event.bump();
                event.set();
            });
            event.wait();
            assert_eq!(event.value(), 1);
            setter.join().unwrap();
            second.join().unwrap();
            event.assert_quiet();
        });
}

fn is_set(check: Check) {
    check
        .outcomes(&["seen", "not seen"])
        .min_executions(2)
        .run(|run| {
            let event = shared();
            let reader = with(&event, move |event| {
                if event.is_set() {
                    assert_eq!(event.value(), 1);
                    run.saw("seen");
                } else {
                    run.saw("not seen");
                }
            });
            event.bump();
            event.set();
            reader.join().unwrap();
            event.assert_quiet();
        });
}

fn mixed(check: Check) {
    check
        .outcomes(&["both wait", "one waits", "none waits"])
        .run(|run| {
            let event = shared();
            let thread = with(&event, |event| {
                event.wait();
                assert_eq!(event.value(), 1);
            });
            let task = with(&event, |event| {
                block_on(event.as_task().wait());
                assert_eq!(event.value(), 1);
            });
            yield_now();
            run.saw(["none waits", "one waits", "both wait"][event.waiting()]);
            event.bump();
            event.set();
            thread.join().unwrap();
            task.join().unwrap();
            event.assert_quiet();
        });
}

/// Whoever sees that the event has been cleared sees what was done before.
fn clear_publishes(check: Check) {
    check
        .outcomes(&["cleared", "still set"])
        .min_executions(2)
        .run(|run| {
            let event = shared();
            event.set();
            let reader = with(&event, move |event| {
                if event.is_set() {
                    run.saw("still set");
                } else {
                    assert_eq!(event.value(), 1);
                    run.saw("cleared");
                }
            });
            event.bump();
            event.clear();
            reader.join().unwrap();
            event.assert_quiet();
        });
}

/// Whoever clears the event and then looks for work misses nothing: a set that it takes away shows
/// what its setter did.
fn clear_sees(check: Check) {
    check
        .outcomes(&["taken away", "waited for", "set afterwards"])
        .run(|run| {
            let event = shared();
            let work = Arc::new(LoomUsize::new(0));
            let setter = with(&event, {
                let work = Arc::clone(&work);
                move |event| {
                    event.bump();
                    work.store(1, Relaxed);
                    event.set();
                }
            });
            event.clear();
            let waits = work.load(Relaxed) == 0;
            if waits {
                event.wait();
                assert_eq!(event.value(), 1);
            }
            setter.join().unwrap();
            run.saw(match (waits, event.is_set()) {
                (true, _) => "waited for",
                (false, true) => "set afterwards",
                (false, false) => "taken away",
            });
            event.assert_quiet();
        });
}
