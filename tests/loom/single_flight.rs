//! Models of `SingleFlight`: who comes, against a call that ends, fails, is dropped or forgotten.

use core::future::pending;
use core::task::Poll;
use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use syncline::internals::Quiet;
use syncline::loom::thread::{JoinHandle, spawn};
use syncline::task::block_on;
use syncline::thread;

use crate::kit::{Check, CountingWaker, Guarded, Model, model, poll_once};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("single_flight/thread/two_come", two),
    model!("single_flight/thread/failed_call_passes_on", failed),
    model!("single_flight/thread/timeout_against_the_turn", timeout),
    model!("single_flight/thread/forget_against_the_end", forget),
    model!("single_flight/task/two_come", two_tasks),
    model!("single_flight/task/failed_call_passes_on", failed_task),
    model!("single_flight/task/dropped_call_passes_on", dropped),
    model!(
        "single_flight/task/last_leaves_against_who_comes",
        last_leaves
    ),
    model!(
        "single_flight/task/one_of_two_leaves_against_who_comes",
        one_of_two_leaves
    ),
    model!("single_flight/mixed/thread_and_task_come", mixed),
    model!(
        "single_flight/mixed/who_comes_after_a_call_begins_anew",
        anew
    ),
];

/// Calls beside the data that whoever makes one writes.
type Shared = Guarded<thread::SingleFlight<u8, u8>>;

const LONG: Duration = Duration::from_secs(60);
const KEY: u8 = 1;

fn shared() -> Arc<Shared> {
    Arc::new(Guarded::new(thread::SingleFlight::new()))
}

/// A thread that does something with the calls.
fn with<R: 'static>(
    calls: &Arc<Shared>,
    body: impl FnOnce(&Shared) -> R + 'static,
) -> JoinHandle<R> {
    let calls = Arc::clone(calls);
    spawn(move || body(&calls))
}

/// One call for both, or one call each; then nothing is left.
fn two(check: Check) {
    check.outcomes(&["one call", "two calls"]).run(|run| {
        let calls = shared();
        let ask = |number| {
            move |calls: &Shared| {
                calls.work(KEY, || {
                    calls.bump();
                    number
                })
            }
        };
        let other = with(&calls, ask(2));
        let mine = ask(1)(&calls);
        let theirs = other.join().unwrap();
        let made = calls.value();
        assert_eq!(made == 1, mine == theirs);
        run.saw(["one call", "two calls"][made - 1]);
        calls.assert_quiet();
    });
}

/// Whoever waits makes the call itself, and sees what the other one has done.
fn failed(check: Check) {
    let check = check.outcomes(&["both make one", "one makes one"]);
    check.run(|run| {
        let calls = shared();
        let fails = with(&calls, |calls| {
            let result = calls.try_work(KEY, || {
                calls.bump();
                Err(())
            });
            result.is_err()
        });
        let value = calls.try_work(KEY, || {
            calls.bump();
            Ok::<_, ()>(7)
        });
        assert_eq!(value, Ok(7));
        let has_failed = fails.join().unwrap();
        assert_eq!(calls.value(), 1 + usize::from(has_failed));
        run.saw(if has_failed {
            "both make one"
        } else {
            "one makes one"
        });
        calls.assert_quiet();
    });
}

fn timeout(check: Check) {
    check
        .outcomes(&["has a value", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let calls = shared();
            let fails = with(&calls, |calls| {
                calls
                    .try_work(KEY, || {
                        calls.bump();
                        Err(())
                    })
                    .ok();
            });
            let make = || {
                calls.bump();
                7
            };
            let value = calls.work_timeout(KEY, LONG, make);
            run.saw(if value.is_ok() {
                "has a value"
            } else {
                "timed out"
            });
            fails.join().unwrap();
            assert_eq!(calls.work_deadline(KEY, Instant::now(), || 8), Ok(8));
            calls.assert_quiet();
        });
}

/// Who comes after `forget` gets a result that was made after it.
fn forget(check: Check) {
    let check = check.outcomes(&["during the call", "not during it"]);
    check.run(|run| {
        let calls = shared();
        let other = with(&calls, |calls| calls.work(KEY, || 1));
        let forgotten = calls.forget(&KEY);
        let mine = calls.work(KEY, || 2);
        assert!(!forgotten || mine == 2);
        run.saw(if forgotten {
            "during the call"
        } else {
            "not during it"
        });
        other.join().unwrap();
        calls.assert_quiet();
    });
}

fn two_tasks(check: Check) {
    check.outcomes(&["one call", "two calls"]).run(|run| {
        let calls = shared();
        let ask = |number| {
            move |calls: &Shared| {
                block_on(calls.as_task().work(KEY, async || {
                    calls.bump();
                    number
                }))
            }
        };
        let other = with(&calls, ask(2));
        let mine = ask(1)(&calls);
        let theirs = other.join().unwrap();
        let made = calls.value();
        assert_eq!(made == 1, mine == theirs);
        run.saw(["one call", "two calls"][made - 1]);
        calls.assert_quiet();
    });
}

fn failed_task(check: Check) {
    let check = check.outcomes(&["both make one", "one makes one"]);
    check.run(|run| {
        let calls = shared();
        let fails = with(&calls, |calls| {
            let result = block_on(calls.as_task().try_work(KEY, async || {
                calls.bump();
                Err(())
            }));
            result.is_err()
        });
        let value = block_on(calls.as_task().try_work(KEY, async || {
            calls.bump();
            Ok::<_, ()>(7)
        }));
        assert_eq!(value, Ok(7));
        let has_failed = fails.join().unwrap();
        assert_eq!(calls.value(), 1 + usize::from(has_failed));
        run.saw(if has_failed {
            "both make one"
        } else {
            "one makes one"
        });
        calls.assert_quiet();
    });
}

/// A call that never ends is dropped while another one comes, or waits.
fn dropped(check: Check) {
    let check = check.outcomes(&["in line", "comes later"]);
    check.run(|run| {
        let calls = shared();
        let waker = CountingWaker::new();
        let mut first = Box::pin(calls.as_task().work(KEY, async || {
            calls.bump();
            pending().await
        }));
        assert!(poll_once(first.as_mut(), &waker).is_pending());
        let next = with(&calls, |calls| {
            let value = block_on(calls.as_task().work(KEY, async || {
                calls.bump();
                7
            }));
            assert_eq!((value, calls.value()), (7, 2));
        });
        run.saw(if calls.waiting() == 1 {
            "in line"
        } else {
            "comes later"
        });
        drop(first);
        next.join().unwrap();
        calls.assert_quiet();
    });
}

/// The only caller leaves while another one comes: it joins a call that goes on, or makes a new one.
fn last_leaves(check: Check) {
    let check = check.outcomes(&["joins", "begins"]);
    check.min_executions(4).run(|run| {
        let calls = shared();
        let waker = CountingWaker::new();
        let mut first = Box::pin({
            let calls = Arc::clone(&calls);
            async move { calls.as_task().work(KEY, async || pending().await).await }
        });
        assert!(poll_once(first.as_mut(), &waker).is_pending());
        let leaves = spawn(move || drop(first));
        let mut next = Box::pin(calls.as_task().work(KEY, async || 7));
        let other = CountingWaker::new();
        let begins = poll_once(next.as_mut(), &other).is_ready();
        leaves.join().unwrap();
        run.saw(if begins { "begins" } else { "joins" });
        if !begins {
            assert_eq!(other.wakes(), 1);
            assert!(poll_once(next.as_mut(), &other).is_ready());
        }
        drop(next);
        calls.assert_quiet();
    });
}

/// One who waits leaves while another one comes. The call goes on all the time, so that one joins it.
fn one_of_two_leaves(check: Check) {
    let check = check.outcomes(&["still there", "gone"]);
    check.run(|run| {
        let calls = shared();
        let wakers = [(); 3].map(|()| CountingWaker::new());
        let mut first = Box::pin(calls.as_task().work(KEY, async || pending().await));
        assert!(poll_once(first.as_mut(), &wakers[0]).is_pending());
        let mut second = Box::pin({
            let calls = Arc::clone(&calls);
            async move { calls.as_task().work(KEY, async || 2).await }
        });
        assert!(poll_once(second.as_mut(), &wakers[1]).is_pending());
        let leaves = spawn(move || drop(second));
        let mut third = Box::pin(calls.as_task().work(KEY, async || 3));
        assert!(
            poll_once(third.as_mut(), &wakers[2]).is_pending(),
            "a call goes on, and is found no more"
        );
        run.saw(if calls.waiting() == 2 {
            "still there"
        } else {
            "gone"
        });
        leaves.join().unwrap();
        assert_eq!(
            calls.as_task().len(),
            1,
            "a call goes on, and is found no more"
        );
        drop(first);
        assert_eq!(poll_once(third.as_mut(), &wakers[2]), Poll::Ready(3));
        drop(third);
        calls.assert_quiet();
    });
}

fn mixed(check: Check) {
    check.outcomes(&["one call", "two calls"]).run(|run| {
        let calls = shared();
        let other = with(&calls, |calls| {
            calls.work(KEY, || {
                calls.bump();
                1
            })
        });
        let mine = block_on(calls.as_task().work(KEY, async || {
            calls.bump();
            2
        }));
        let theirs = other.join().unwrap();
        let made = calls.value();
        assert_eq!(made == 1, mine == theirs);
        run.saw(["one call", "two calls"][made - 1]);
        calls.assert_quiet();
    });
}

/// Somebody has its result, and another one has not come for it: whoever comes now gets nothing old.
fn anew(check: Check) {
    let check = check.outcomes(&["has not come", "is through"]);
    check.run(|run| {
        let calls = shared();
        let first = with(&calls, |calls| calls.work(KEY, || 1));
        let waker = CountingWaker::new();
        let mut slow = Box::pin(calls.as_task().work(KEY, async || 2));
        let through = poll_once(slow.as_mut(), &waker).is_ready();
        first.join().unwrap();
        assert_eq!(calls.work(KEY, || 3), 3);
        run.saw(if through {
            "is through"
        } else {
            "has not come"
        });
        drop(slow);
        calls.assert_quiet();
    });
}
