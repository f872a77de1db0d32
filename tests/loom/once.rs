//! Models of `OnceCell` for threads, and for both faces together.

use core::pin::pin;
use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use syncline::SetError;
use syncline::internals::Quiet;
use syncline::loom::thread::{JoinHandle, spawn};
use syncline::task::block_on;
use syncline::thread;

use crate::kit::{Check, CountingWaker, Guarded, Model, model, poll_once};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("once/thread/two_initialize", two),
    model!("once/thread/failed_initializer_passes_on", failed),
    model!("once/thread/set_against_initializer", set),
    model!("once/thread/set_against_set", two_sets),
    model!("once/thread/set_against_wait", wait),
    model!("once/thread/timeout_against_set", timeout),
    model!("once/thread/timeout_against_the_turn", turn_timeout),
    model!("once/thread/get_publishes", get),
    model!(
        "once/thread/who_only_waits_is_in_nobodys_way",
        in_nobodys_way
    ),
    model!("once/mixed/thread_and_task_initialize", mixed),
    model!("once/mixed/thread_passes_on_to_a_task", passes_to_a_task),
];

/// A cell beside the data that whoever has the turn writes.
type Shared = Guarded<thread::OnceCell<u8>>;

const LONG: Duration = Duration::from_secs(60);

fn shared() -> Arc<Shared> {
    Arc::new(Guarded::new(thread::OnceCell::new()))
}

/// A thread that does something with the cell.
fn with<R: 'static>(
    cell: &Arc<Shared>,
    body: impl FnOnce(&Shared) -> R + 'static,
) -> JoinHandle<R> {
    let cell = Arc::clone(cell);
    spawn(move || body(&cell))
}

/// One initializer runs, and both see what it did.
fn two(check: Check) {
    check.outcomes(&["the first", "the second"]).run(|run| {
        let cell = shared();
        let make = |number| {
            move |cell: &Shared| {
                let value = *cell.get_or_init(|| {
                    cell.bump();
                    number
                });
                assert_eq!(cell.value(), 1);
                value
            }
        };
        let other = with(&cell, make(2));
        let value = make(1)(&cell);
        assert_eq!(other.join().unwrap(), value);
        run.saw(["the first", "the second"][usize::from(value) - 1]);
        cell.assert_quiet();
    });
}

/// The second runs its own, and sees what the first has done (trap G3).
fn failed(check: Check) {
    let check = check.outcomes(&["after the failure", "before it"]);
    check.run(|run| {
        let cell = shared();
        let fails = with(&cell, |cell| {
            let result = cell.get_or_try_init(|| {
                cell.bump();
                Err(())
            });
            if let Ok(value) = result {
                assert_eq!((*value, cell.value()), (2, 1));
            }
            result.is_err()
        });
        let value = cell.get_or_try_init(|| {
            cell.bump();
            Ok::<_, ()>(2)
        });
        assert_eq!(value, Ok(&2));
        let has_failed = fails.join().unwrap();
        assert_eq!(cell.value(), 1 + usize::from(has_failed));
        run.saw(if has_failed {
            "after the failure"
        } else {
            "before it"
        });
        cell.assert_quiet();
    });
}

/// One of them sets the value; who sets never waits.
fn set(check: Check) {
    check.outcomes(&["set", "busy", "initialized"]).run(|run| {
        let cell = shared();
        let other = with(&cell, |cell| {
            *cell.get_or_init(|| {
                cell.bump();
                1
            })
        });
        let result = cell.set(2);
        run.saw(match result {
            Ok(()) => "set",
            Err(SetError::Busy(value)) => {
                assert_eq!(value, 2);
                "busy"
            }
            Err(SetError::AlreadySet(_)) => {
                assert_eq!((cell.get(), cell.value()), (Some(&1), 1));
                "initialized"
            }
        });
        let value = other.join().unwrap();
        assert_eq!(value, if result.is_ok() { 2 } else { 1 });
        cell.assert_quiet();
    });
}

fn two_sets(check: Check) {
    let check = check.outcomes(&["the first", "the second"]);
    check.min_executions(3).run(|run| {
        let cell = shared();
        let other = with(&cell, |cell| cell.set(2).is_ok());
        let mine = cell.set(1).is_ok();
        assert_ne!(mine, other.join().unwrap());
        assert_eq!(cell.get(), Some(if mine { &1 } else { &2 }));
        run.saw(if mine { "the first" } else { "the second" });
        cell.assert_quiet();
    });
}

fn wait(check: Check) {
    check.outcomes(&["waits", "comes later"]).run(|run| {
        let cell = shared();
        let waiter = with(&cell, |cell| {
            assert_eq!(cell.wait(), &7);
            assert_eq!(cell.value(), 1);
        });
        let waits = cell.waiting() == 1;
        run.saw(if waits { "waits" } else { "comes later" });
        cell.get_or_init(|| {
            cell.bump();
            7
        });
        waiter.join().unwrap();
        cell.assert_quiet();
    });
}

fn timeout(check: Check) {
    check
        .outcomes(&["set", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let cell = shared();
            let waiter = with(&cell, |cell| {
                let set = cell.wait_timeout(LONG).is_ok();
                if set {
                    assert_eq!(cell.value(), 1);
                }
                set
            });
            cell.bump();
            cell.set(7).unwrap();
            let set = waiter.join().unwrap();
            run.saw(if set { "set" } else { "timed out" });
            assert_eq!(cell.wait_deadline(Instant::now()), Ok(&7));
            cell.assert_quiet();
        });
}

/// A turn that is granted is granted, and one that is not goes to nobody who has left.
fn turn_timeout(check: Check) {
    check
        .outcomes(&["has its turn", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let cell = shared();
            let fails = with(&cell, |cell| {
                let result = cell.get_or_try_init(|| {
                    cell.bump();
                    Err(())
                });
                assert!(result.is_err() || cell.value() == 1);
            });
            let make = || {
                cell.bump();
                7
            };
            let value = cell.get_or_init_timeout(LONG, make);
            run.saw(if value.is_ok() {
                "has its turn"
            } else {
                "timed out"
            });
            let value = value.copied();
            fails.join().unwrap();
            assert_eq!(cell.get().copied(), value.ok());
            assert!(cell.get_or_init_deadline(Instant::now(), || 8).is_ok());
            cell.assert_quiet();
        });
}

fn get(check: Check) {
    let check = check.outcomes(&["seen", "not seen"]);
    check.min_executions(3).run(|run| {
        let cell = shared();
        let reader = with(&cell, move |cell| {
            if cell.get().is_some() {
                assert_eq!(cell.value(), 1);
                run.saw("seen");
            } else {
                run.saw("not seen");
            }
        });
        cell.bump();
        cell.set(7).unwrap();
        reader.join().unwrap();
        cell.assert_quiet();
    });
}

/// One waits, then one comes who would make the value: it gets its turn.
fn in_nobodys_way(check: Check) {
    let check = check.outcomes(&["after the failure", "before it"]);
    check.run(|run| {
        let cell = shared();
        let waker = CountingWaker::new();
        let mut waiter = pin!(cell.as_task().wait());
        assert!(poll_once(waiter.as_mut(), &waker).is_pending());
        let fails = with(&cell, |cell| cell.get_or_try_init(|| Err(())).is_err());
        assert_eq!(cell.get_or_init(|| 7), &7);
        assert_eq!(waker.wakes(), 1);
        assert!(poll_once(waiter.as_mut(), &waker).is_ready());
        run.saw(if fails.join().unwrap() {
            "after the failure"
        } else {
            "before it"
        });
        cell.assert_quiet();
    });
}

fn mixed(check: Check) {
    check.outcomes(&["the thread", "the task"]).run(|run| {
        let cell = shared();
        let thread = with(&cell, |cell| {
            let value = *cell.get_or_init(|| {
                cell.bump();
                1
            });
            assert_eq!(cell.value(), 1);
            value
        });
        let value = *block_on(cell.as_task().get_or_init(async || {
            cell.bump();
            2
        }));
        assert_eq!(cell.value(), 1);
        assert_eq!(thread.join().unwrap(), value);
        run.saw(["the thread", "the task"][usize::from(value) - 1]);
        cell.assert_quiet();
    });
}

/// A thread's initializer fails while a task is in line, and another task behind it.
fn passes_to_a_task(check: Check) {
    check
        .outcomes(&["after the failure", "before it"])
        .run(|run| {
            let cell = shared();
            let fails = with(&cell, |cell| {
                let result = cell.get_or_try_init(|| {
                    cell.bump();
                    Err(())
                });
                result.is_err()
            });
            let value = block_on(cell.as_task().get_or_try_init(async || {
                cell.bump();
                Ok::<_, ()>(7)
            }));
            assert_eq!(value, Ok(&7));
            let has_failed = fails.join().unwrap();
            assert_eq!(cell.value(), 1 + usize::from(has_failed));
            run.saw(if has_failed {
                "after the failure"
            } else {
                "before it"
            });
            cell.assert_quiet();
        });
}
