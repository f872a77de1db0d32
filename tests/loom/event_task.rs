//! Models of `Event` for tasks: a set against those who wait, those who come, and those who leave.

use core::pin::pin;
use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use syncline::internals::Quiet;
use syncline::loom::thread::{JoinHandle, spawn, yield_now};
use syncline::task::{self, block_on};

use crate::kit::{Check, CountingWaker, Guarded, Model, model, poll_once};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("event/task/set_against_wait", set),
    model!("event/task/set_and_clear_release_who_waits", set_clear),
    model!("event/task/clear_against_set_against_wait", clear),
    model!("event/task/timeout_against_set", timeout),
    model!("event/task/drop_against_set", drop_against_set),
    model!("event/task/late_waiter_is_not_released", late),
    model!("event/task/set_against_second_waker", waker_moves),
];

/// An event beside the cell that its setter writes.
type Shared = Guarded<task::Event>;

const LONG: Duration = Duration::from_secs(60);

fn shared() -> Arc<Shared> {
    Arc::new(Guarded::new(task::Event::new()))
}

/// A thread that does something with the event.
fn with<R: 'static>(
    event: &Arc<Shared>,
    body: impl FnOnce(&Shared) -> R + 'static,
) -> JoinHandle<R> {
    let event = Arc::clone(event);
    spawn(move || body(&event))
}

fn set(check: Check) {
    check
        .outcomes(&["both wait", "one waits", "none waits"])
        .run(|run| {
            let event = shared();
            let waiters = [(); 2].map(|()| {
                with(&event, |event| {
                    block_on(event.wait());
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

/// Those in line are released by the set although it is taken back before they look.
fn set_clear(check: Check) {
    check
        .outcomes(&["polled before", "polled after"])
        .min_executions(4)
        .run(|run| {
            let event = shared();
            let waker = CountingWaker::new();
            let (mut first, mut second) = (pin!(event.wait()), pin!(event.wait()));
            assert!(poll_once(first.as_mut(), &waker).is_pending());
            assert!(poll_once(second.as_mut(), &waker).is_pending());
            let setter = with(&event, |event| {
                event.bump();
                event.set();
                event.clear();
            });
            let early = poll_once(first.as_mut(), &waker).is_ready();
            run.saw(if early {
                "polled after"
            } else {
                "polled before"
            });
            if early {
                assert_eq!(event.value(), 1);
            }
            setter.join().unwrap();
            assert!(early || poll_once(first.as_mut(), &waker).is_ready());
            assert!(poll_once(second.as_mut(), &waker).is_ready());
            assert_eq!(waker.clones(), 0);
            event.assert_quiet();
        });
}

fn clear(check: Check) {
    check.outcomes(&["set", "cleared"]).run(|run| {
        let event = shared();
        let waiter = with(&event, |event| {
            block_on(event.wait());
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
                let released = block_on(event.wait_timeout(LONG)).is_ok();
                if released {
                    assert_eq!(event.value(), 1);
                }
                released
            });
            event.bump();
            event.set();
            let released = waiter.join().unwrap();
            run.saw(if released { "released" } else { "timed out" });
            assert!(block_on(event.wait_deadline(Instant::now())).is_ok());
            event.assert_quiet();
        });
}

fn drop_against_set(check: Check) {
    check
        .outcomes(&["released, then dropped", "dropped while waiting"])
        .min_executions(4)
        .run(|run| {
            let event = shared();
            let wakers = [(); 2].map(|()| CountingWaker::new());
            let (mut leaving, mut staying) = (Box::pin(event.wait()), pin!(event.wait()));
            assert!(poll_once(leaving.as_mut(), &wakers[0]).is_pending());
            assert!(poll_once(staying.as_mut(), &wakers[1]).is_pending());
            let setter = with(&event, |event| {
                event.bump();
                event.set();
            });
            drop(leaving);
            run.saw(["dropped while waiting", "released, then dropped"][wakers[0].wakes()]);
            setter.join().unwrap();
            assert_eq!(wakers[1].wakes(), 1);
            assert!(poll_once(staying.as_mut(), &wakers[1]).is_ready());
            assert_eq!(event.value(), 1);
            assert_eq!(wakers.each_ref().map(CountingWaker::clones), [0, 0]);
            event.assert_quiet();
        });
}

/// One set does not release somebody twice who waits again after it was cleared (trap B4).
fn late(check: Check) {
    check
        .outcomes(&["before the clear", "after the clear"])
        .run(|run| {
            let event = shared();
            let waker = CountingWaker::new();
            let mut first = pin!(event.wait());
            assert!(poll_once(first.as_mut(), &waker).is_pending());
            let setter = with(&event, |event| {
                event.bump();
                event.set();
                event.clear();
            });
            block_on(first);
            assert_eq!(event.value(), 1);
            let mut second = pin!(event.wait());
            let late = CountingWaker::new();
            let released = poll_once(second.as_mut(), &late).is_ready();
            run.saw(if released {
                "before the clear"
            } else {
                "after the clear"
            });
            setter.join().unwrap();
            if !released {
                assert_eq!(late.wakes(), 0);
                assert!(poll_once(second.as_mut(), &late).is_pending());
                event.set();
                assert_eq!(late.wakes(), 1);
                assert!(poll_once(second.as_mut(), &late).is_ready());
            }
            event.assert_quiet();
        });
}

/// A future that is polled with another waker wakes that one alone.
fn waker_moves(check: Check) {
    check
        .outcomes(&["released at the second poll", "released after it"])
        .min_executions(4)
        .run(|run| {
            let event = shared();
            let (old, new) = (CountingWaker::new(), CountingWaker::new());
            let mut waiting = pin!(event.wait());
            assert!(poll_once(waiting.as_mut(), &old).is_pending());
            let setter = with(&event, |event| {
                event.bump();
                event.set();
            });
            let early = poll_once(waiting.as_mut(), &new).is_ready();
            setter.join().unwrap();
            if early {
                run.saw("released at the second poll");
                assert_eq!(new.wakes(), 0);
            } else {
                run.saw("released after it");
                assert_eq!((old.wakes(), new.wakes()), (0, 1));
                assert!(poll_once(waiting.as_mut(), &new).is_ready());
            }
            assert_eq!((event.value(), old.clones(), new.clones()), (1, 0, 0));
            event.assert_quiet();
        });
}
