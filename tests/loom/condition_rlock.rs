//! Models of `Condition` with an `RLock`: the owner and the depth are given up and come back.

use core::panic::AssertUnwindSafe;
use core::sync::atomic::{AtomicBool, Ordering::Relaxed};
use core::task::{Context, Poll, Waker};
use core::time::Duration;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::task::Wake;
use std::time::Instant;

use syncline::internals::Quiet;
use syncline::loom::thread::{JoinHandle, spawn, yield_now};
use syncline::task::{self, block_on};
use syncline::thread;

use crate::kit::{Check, Guarded, Model, model};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("condition/thread/reentrant_lock_is_given_up", one_level),
    model!("condition/thread/all_levels_are_given_up", all_levels),
    model!(
        "condition/thread/nested_timeout_against_notify",
        nested_timeout
    ),
    model!(
        "condition/thread/nested_deadline_against_notify",
        nested_deadline
    ),
    model!("condition/thread/nested_predicate", nested_predicate),
    model!("condition/thread/nested_predicate_fails", nested_failure),
    model!(
        "condition/thread/panicking_waker_leaves_all_levels",
        panicking_waker
    ),
    model!("condition/task/reentrant_lock_is_given_up", task_level),
    model!("condition/mixed/reentrant_lock_changes_hands", mixed),
];

const LONG: Duration = Duration::from_secs(60);

/// A re-entrant lock, a condition, and the cell that the lock guards.
type Shared = Guarded<Pair>;

struct Pair {
    /// The model's own knowledge, read and written under the lock.
    lock: thread::RLock<AtomicBool>,
    changed: thread::Condition,
}

fn shared() -> Arc<Shared> {
    Arc::new(Guarded::new(Pair {
        lock: thread::RLock::new(AtomicBool::new(false)),
        changed: thread::Condition::new(),
    }))
}

fn with<R: 'static>(
    pair: &Arc<Shared>,
    body: impl FnOnce(&Shared) -> R + 'static,
) -> JoinHandle<R> {
    let pair = Arc::clone(pair);
    spawn(move || body(&pair))
}

/// Changes the value at the second level, and notifies there.
fn change(pair: &Shared) -> bool {
    let outer = pair.lock.lock();
    let inner = pair.lock.lock();
    inner.store(true, Relaxed);
    pair.bump();
    drop(outer);
    pair.changed.notify_one()
}

fn assert_quiet(pair: &Shared) {
    pair.changed.assert_quiet();
    pair.lock.assert_quiet();
    assert!(!pair.lock.is_locked());
}

fn one_level(check: Check) {
    check.outcomes(&["had to wait", "came later"]).run(|run| {
        let pair = shared();
        let waiter = with(&pair, |pair| {
            let mut guard = pair.lock.lock();
            let mut waits = 0;
            while !guard.load(Relaxed) {
                guard = pair.changed.wait(guard);
                waits += 1;
                assert_eq!(thread::RLockGuard::depth(&guard), 1);
            }
            assert_eq!(pair.value(), 1);
            drop(guard);
            waits
        });
        let reached = change(&pair);
        assert_eq!(waiter.join().unwrap(), usize::from(reached));
        run.saw(if reached { "had to wait" } else { "came later" });
        assert_quiet(&pair);
    });
}

fn all_levels(check: Check) {
    check.outcomes(&["had to wait", "came later"]).run(|run| {
        let pair = shared();
        let waiter = with(&pair, |pair| {
            let outer = pair.lock.lock();
            let mut inner = pair.lock.lock();
            let mut waits = 0;
            while !inner.load(Relaxed) {
                inner = pair.changed.wait_nested(inner);
                waits += 1;
            }
            assert_eq!(thread::RLockGuard::depth(&outer), 2);
            assert_eq!(pair.value(), 1);
            drop(inner);
            pair.bump();
            drop(outer);
            waits
        });
        let reached = change(&pair);
        assert_eq!(waiter.join().unwrap(), usize::from(reached));
        assert_eq!(pair.value(), 2);
        run.saw(if reached { "had to wait" } else { "came later" });
        assert_quiet(&pair);
    });
}

/// How a wait ended, which the notifier's count must agree with.
fn said(notified: Option<bool>, reached: bool) -> &'static str {
    assert_eq!(notified.unwrap_or(false), reached);
    match notified {
        None => "came later",
        Some(true) => "notified",
        Some(false) => "timed out",
    }
}

/// Whoever gives up in time has all levels again.
fn nested_timeout(check: Check) {
    check
        .outcomes(&["notified", "timed out", "came later"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let pair = shared();
            let waiter = with(&pair, |pair| {
                let outer = pair.lock.lock();
                let inner = pair.lock.lock();
                if inner.load(Relaxed) {
                    return None;
                }
                let (inner, notified) = pair.changed.wait_nested_timeout(inner, LONG);
                assert_eq!(thread::RLockGuard::depth(&outer), 2);
                if notified.is_ok() {
                    assert_eq!(pair.value(), 1);
                }
                drop(inner);
                Some(notified.is_ok())
            });
            let reached = change(&pair);
            run.saw(said(waiter.join().unwrap(), reached));
            assert_quiet(&pair);
        });
}

fn nested_deadline(check: Check) {
    check
        .outcomes(&["notified", "timed out", "came later"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let pair = shared();
            let waiter = with(&pair, |pair| {
                let outer = pair.lock.lock();
                let inner = pair.lock.lock();
                if inner.load(Relaxed) {
                    return None;
                }
                let (inner, notified) = pair.changed.wait_nested_deadline(inner, Instant::now());
                assert_eq!(thread::RLockGuard::depth(&outer), 2);
                if notified.is_ok() {
                    assert_eq!(pair.value(), 1);
                }
                drop(inner);
                Some(notified.is_ok())
            });
            let reached = change(&pair);
            run.saw(said(waiter.join().unwrap(), reached));
            assert_quiet(&pair);
        });
}

fn nested_predicate(check: Check) {
    check
        .outcomes(&["in time", "too late"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let pair = shared();
            let waiter = with(&pair, |pair| {
                let outer = pair.lock.lock();
                let holds = |value: &AtomicBool| value.load(Relaxed);
                let inner = pair.lock.lock();
                let (inner, result) = pair.changed.wait_nested_for_timeout(inner, LONG, holds);
                assert_eq!(result.is_ok(), inner.load(Relaxed));
                assert_eq!(thread::RLockGuard::depth(&outer), 2);
                result.is_ok()
            });
            change(&pair);
            let in_time = waiter.join().unwrap();
            run.saw(if in_time { "in time" } else { "too late" });
            let (outer, now) = (pair.lock.lock(), Instant::now());
            let holds = |value: &AtomicBool| value.load(Relaxed);
            let inner = pair.changed.wait_nested_for(pair.lock.lock(), holds);
            drop(pair.changed.wait_nested_for_deadline(inner, now, holds));
            drop(outer);
            assert_quiet(&pair);
        });
}

/// The predicate fails when the value has been changed: the wait ends with that, at all levels.
fn nested_failure(check: Check) {
    check
        .outcomes(&["failed", "too late"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let pair = shared();
            let fails = |value: &AtomicBool| {
                if value.load(Relaxed) {
                    Err("changed")
                } else {
                    Ok(false)
                }
            };
            let waiter = with(&pair, move |pair| {
                let outer = pair.lock.lock();
                let inner = pair.lock.lock();
                let (inner, result) = pair.changed.try_wait_nested_for_timeout(inner, LONG, fails);
                assert_eq!(thread::RLockGuard::depth(&outer), 2);
                assert_eq!(result.is_ok(), inner.load(Relaxed));
                assert_eq!(result.unwrap_or(Err("changed")), Err("changed"));
                result.is_ok()
            });
            change(&pair);
            let failed = waiter.join().unwrap();
            run.saw(if failed { "failed" } else { "too late" });
            let (outer, now) = (pair.lock.lock(), Instant::now());
            let (inner, result) = pair.changed.try_wait_nested_for(pair.lock.lock(), fails);
            assert_eq!(result, Err("changed"));
            let (inner, result) = pair.changed.try_wait_nested_for_deadline(inner, now, fails);
            assert_eq!(result, Ok(Err("changed")));
            drop((inner, outer));
            assert_quiet(&pair);
        });
}

fn task_level(check: Check) {
    check.outcomes(&["had to wait", "came later"]).run(|run| {
        let pair = shared();
        let waiter = with(&pair, |pair| {
            block_on(async {
                let mut guard = pair.lock.as_task().lock().await;
                let mut waits = 0;
                while !guard.load(Relaxed) {
                    guard = pair.changed.as_task().wait(guard).await;
                    waits += 1;
                    // The task owns it again.
                    let again = pair.lock.as_task().try_lock().unwrap();
                    assert_eq!(task::RLockGuard::depth(&again), 2);
                }
                assert_eq!(pair.value(), 1);
                drop(guard);
                waits
            })
        });
        let reached = block_on(async {
            let guard = pair.lock.as_task().lock().await;
            guard.store(true, Relaxed);
            pair.bump();
            pair.changed.as_task().notify_one()
        });
        assert_eq!(waiter.join().unwrap(), usize::from(reached));
        run.saw(if reached { "had to wait" } else { "came later" });
        assert_quiet(&pair);
    });
}

/// A task waits, a thread changes: the owner is a thread in between.
fn mixed(check: Check) {
    check.outcomes(&["had to wait", "came later"]).run(|run| {
        let pair = shared();
        let waiter = with(&pair, |pair| {
            block_on(async {
                let guard = pair.lock.as_task().lock().await;
                let guard = (pair.changed.as_task())
                    .wait_for(guard, |value| value.load(Relaxed))
                    .await;
                assert_eq!(task::RLockGuard::depth(&guard), 1);
                assert_eq!(pair.value(), 1);
            });
        });
        let reached = change(&pair);
        waiter.join().unwrap();
        run.saw(if reached { "had to wait" } else { "came later" });
        assert_quiet(&pair);
    });
}

/// A waker that panics when it is woken.
struct Panics(AtomicBool);

impl Wake for Panics {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Relaxed);
        panic!("a waker panics");
    }
}

/// The release of a nested wait wakes a task whose waker panics: the panic goes on, and at all levels
/// the lock is held again.
fn panicking_waker(check: Check) {
    check
        .outcomes(&["panicked", "notified"])
        .min_executions(4)
        .run(|run| {
            let pair = shared();
            let (outer, inner) = (pair.lock.lock(), pair.lock.lock());
            let panics = Arc::new(Panics(AtomicBool::new(false)));
            let waker = Waker::from(Arc::clone(&panics));
            let other = with(&pair, move |pair| {
                block_on(async {
                    let mut request = Box::pin(pair.lock.as_task().lock());
                    let mut context = Context::from_waker(&waker);
                    let early = request.as_mut().poll(&mut context);
                    // Lets the release come first, at no cost to the search.
                    yield_now();
                    let guard = match early {
                        Poll::Ready(guard) => guard,
                        Poll::Pending => request.await,
                    };
                    pair.bump();
                    drop(guard);
                });
                pair.changed.notify_one();
            });
            // Lets the other one join the line, at no cost to the search.
            yield_now();
            let waits = AssertUnwindSafe(|| {
                let inner = pair.changed.wait_nested(inner);
                drop(inner);
            });
            let result = catch_unwind(waits);
            assert_eq!(result.is_err(), panics.0.load(Relaxed));
            run.saw(if result.is_err() {
                "panicked"
            } else {
                "notified"
            });
            assert_eq!(thread::RLockGuard::depth(&outer), 1);
            assert_eq!(pair.value(), 1);
            pair.bump();
            drop(outer);
            other.join().unwrap();
            assert_eq!(pair.value(), 2);
            assert_quiet(&pair);
        });
}
