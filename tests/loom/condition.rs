//! Models of `Condition` for threads, and for both faces together.

use core::pin::pin;
use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use syncline::internals::Quiet;
use syncline::loom::thread::{JoinHandle, spawn, yield_now};
use syncline::task::block_on;
use syncline::thread;

use crate::kit::{Check, CountingWaker, Guarded, Model, model, poll_once};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("condition/thread/notify_under_the_lock", notify_held),
    model!("condition/thread/notify_without_the_lock", notify_free),
    model!("condition/thread/notify_all_reaches_both", notify_all)
        .dear()
        .preemptions_at_most(2),
    model!("condition/thread/notify_fewer_than_wait", notify_fewer),
    model!("condition/thread/notify_more_than_wait", notify_more),
    model!("condition/thread/timeout_against_notify", timeout),
    model!("condition/thread/deadline_against_notify", deadline),
    model!("condition/thread/predicate_timeout", predicate_timeout),
    model!("condition/thread/predicate_deadline", predicate_deadline),
    model!("condition/thread/predicate_fails", predicate_fails),
    model!("condition/thread/two_give_up_and_one_notify", two_timeouts)
        .dear()
        .preemptions_at_most(2),
    model!("condition/thread/notified_may_free_the_lock", frees_lock),
    model!("condition/mixed/notify_reaches_both", mixed).dear(),
    model!("condition/mixed/task_notifies_thread", mixed_notifier),
    model!("condition/mixed/notified_task_passes_nobody", passes_nobody),
];

/// A lock around a value, a condition for its changes, and a cell that the lock guards.
pub(crate) struct Pair {
    pub(crate) lock: Arc<thread::Lock<usize>>,
    pub(crate) changed: thread::Condition,
}

/// The pair beside the cell.
pub(crate) type Shared = Guarded<Pair>;

const LONG: Duration = Duration::from_secs(60);

pub(crate) fn shared() -> Arc<Shared> {
    Arc::new(Guarded::new(Pair {
        lock: Arc::new(thread::Lock::new(0)),
        changed: thread::Condition::new(),
    }))
}

impl Pair {
    pub(crate) fn assert_quiet(&self) {
        self.changed.assert_quiet();
        self.lock.assert_quiet();
    }
}

/// A thread that does something with the pair.
pub(crate) fn with<R: 'static>(
    pair: &Arc<Shared>,
    body: impl FnOnce(&Shared) -> R + 'static,
) -> JoinHandle<R> {
    let pair = Arc::clone(pair);
    spawn(move || body(&pair))
}

/// Waits until the value is not zero, and says how often it had to wait.
fn wait_for_change(pair: &Shared) -> usize {
    let mut guard = pair.lock.lock();
    let mut waits = 0;
    while *guard == 0 {
        guard = pair.changed.wait(guard);
        waits += 1;
    }
    assert_eq!(pair.value(), 1);
    drop(guard);
    // It is notified once, after the change.
    assert!(waits <= 1, "it woke for nothing");
    waits
}

/// Changes the value under the lock.
fn change(pair: &Shared) {
    let mut guard = pair.lock.lock();
    *guard = 1;
    pair.bump();
}

fn notify_held(check: Check) {
    check
        .outcomes(&["had to wait", "came later"])
        .overdue(&[false, true])
        .run(|run| {
            let pair = shared();
            let waiter = with(&pair, wait_for_change);
            let mut guard = pair.lock.lock();
            *guard = 1;
            pair.bump();
            let reached = pair.changed.notify_one();
            drop(guard);
            assert_eq!(waiter.join().unwrap(), usize::from(reached));
            run.saw(if reached { "had to wait" } else { "came later" });
            pair.assert_quiet();
        });
}

fn notify_free(check: Check) {
    check
        .outcomes(&["had to wait", "came later"])
        .overdue(&[false, true])
        .run(|run| {
            let pair = shared();
            let waiter = with(&pair, |pair| {
                let mut guard = pair.lock.lock();
                let mut waits = 0;
                while *guard == 0 {
                    guard = pair.changed.wait(guard);
                    waits += 1;
                }
                assert_eq!(pair.value(), 1);
                waits
            });
            change(&pair);
            let reached = pair.changed.notify_one();
            assert_eq!(waiter.join().unwrap(), usize::from(reached));
            run.saw(if reached { "had to wait" } else { "came later" });
            pair.assert_quiet();
        });
}

fn notify_all(check: Check) {
    check.outcomes(&["none", "one", "both"]).run(|run| {
        let pair = shared();
        let waiters = [(); 2].map(|()| with(&pair, wait_for_change));
        change(&pair);
        let reached = pair.changed.notify_all();
        let waits: usize = waiters.map(|waiter| waiter.join().unwrap()).iter().sum();
        assert_eq!(waits, reached);
        run.saw(["none", "one", "both"][reached]);
        pair.assert_quiet();
    });
}

/// A task and perhaps a thread wait, one is notified: the first. The thread sleeps on until it is
/// its turn.
fn notify_fewer(check: Check) {
    check.outcomes(&["one of two", "one of one"]).run(|run| {
        let pair = shared();
        let waker = CountingWaker::new();
        let guard = pair.lock.as_task().try_lock().unwrap();
        let mut first = pin!(pair.changed.as_task().wait(guard));
        assert!(poll_once(first.as_mut(), &waker).is_pending());
        let second = with(&pair, wait_for_change);
        yield_now();
        let waiting = pair.changed.waiting();
        assert_eq!(pair.changed.notify(1), 1);
        run.saw(["one of one", "one of two"][waiting - 1]);
        let mut guard = block_on(first);
        *guard = 1;
        pair.bump();
        let reached = pair.changed.notify(1);
        drop(guard);
        assert_eq!(second.join().unwrap(), reached);
        pair.assert_quiet();
    });
}

fn notify_more(check: Check) {
    check.outcomes(&["none", "one"]).run(|run| {
        let pair = shared();
        let waiter = with(&pair, wait_for_change);
        change(&pair);
        let reached = pair.changed.notify(7);
        assert_eq!(waiter.join().unwrap(), reached);
        run.saw(["none", "one"][reached]);
        // What nobody has got is not kept.
        let (guard, notified) = (pair.changed).wait_timeout(pair.lock.lock(), Duration::ZERO);
        assert!(notified.is_err());
        drop(guard);
        pair.assert_quiet();
    });
}

/// The notifier's count and the waiter's result say the same, whoever was first.
fn timeout(check: Check) {
    check
        .outcomes(&["notified", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let pair = shared();
            let waiter = with(&pair, |pair| {
                let guard = pair.lock.lock();
                if *guard == 1 {
                    return None;
                }
                let (guard, result) = pair.changed.wait_timeout(guard, LONG);
                if result.is_ok() {
                    assert_eq!((*guard, pair.value()), (1, 1));
                }
                Some(result.is_ok())
            });
            change(&pair);
            let reached = pair.changed.notify_one();
            let notified = waiter.join().unwrap();
            assert_eq!(notified.unwrap_or(false), reached);
            run.saw(if reached { "notified" } else { "timed out" });
            pair.assert_quiet();
        });
}

/// The same where the lock is held at the notify, and the deadline passes before the unlock.
fn deadline(check: Check) {
    check
        .outcomes(&["notified", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let pair = shared();
            let waiter = with(&pair, |pair| {
                let guard = pair.lock.lock();
                if *guard == 1 {
                    return None;
                }
                let (guard, result) = (pair.changed).wait_deadline(guard, Instant::now());
                pair.value();
                drop(guard);
                Some(result.is_ok())
            });
            let mut guard = pair.lock.lock();
            *guard = 1;
            let reached = pair.changed.notify_one();
            pair.bump();
            drop(guard);
            let notified = waiter.join().unwrap();
            assert_eq!(notified.unwrap_or(false), reached);
            run.saw(if reached { "notified" } else { "timed out" });
            pair.assert_quiet();
        });
}

fn predicate_timeout(check: Check) {
    check
        .outcomes(&["in time", "too late"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let pair = shared();
            let waiter = with(&pair, |pair| {
                let (guard, result) =
                    (pair.changed).wait_for_timeout(pair.lock.lock(), LONG, |value| *value == 1);
                assert_eq!(result.is_ok(), *guard == 1);
                result.is_ok()
            });
            change(&pair);
            pair.changed.notify_one();
            let in_time = waiter.join().unwrap();
            run.saw(if in_time { "in time" } else { "too late" });
            pair.assert_quiet();
        });
}

/// Two notifies, the first of which comes too early for the predicate.
fn predicate_deadline(check: Check) {
    check
        .outcomes(&["in time", "too late"])
        .expiries(&[Some(0), Some(2), None])
        .run(|run| {
            let pair = shared();
            let waiter = with(&pair, |pair| {
                let now = Instant::now();
                let (guard, result) =
                    (pair.changed).wait_for_deadline(pair.lock.lock(), now, |value| *value == 1);
                assert_eq!(result.is_ok(), *guard == 1);
                drop(guard);
                result.is_ok()
            });
            pair.changed.notify_one();
            change(&pair);
            pair.changed.notify_one();
            let in_time = waiter.join().unwrap();
            run.saw(if in_time { "in time" } else { "too late" });
            let guard = pair.changed.wait_for(pair.lock.lock(), |value| *value == 1);
            drop(guard);
            pair.assert_quiet();
        });
}

/// The predicate fails when the value has been changed: the wait ends with that, and with the lock held.
fn predicate_fails(check: Check) {
    check
        .outcomes(&["failed", "too late"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let pair = shared();
            let fails = |value: &mut usize| match *value {
                0 => Ok(false),
                changed => Err(changed),
            };
            let waiter = with(&pair, move |pair| {
                let (guard, result) =
                    (pair.changed).try_wait_for_timeout(pair.lock.lock(), LONG, fails);
                assert_eq!(result.is_ok(), *guard == 1);
                if let Ok(failed) = result {
                    assert_eq!((failed, pair.value()), (Err(1), 1));
                }
                drop(guard);
                result.is_ok()
            });
            change(&pair);
            pair.changed.notify_one();
            let failed = waiter.join().unwrap();
            run.saw(if failed { "failed" } else { "too late" });
            let (guard, result) = pair.changed.try_wait_for(pair.lock.lock(), fails);
            assert_eq!(result, Err(1));
            let (guard, result) =
                (pair.changed).try_wait_for_deadline(guard, Instant::now(), fails);
            assert_eq!(result, Ok(Err(1)));
            drop(guard);
            pair.assert_quiet();
        });
}

/// Two may give up and one notify comes: it reaches one of those who still wait, and is not
/// lost to one that has given up but has not locked again yet (trap A3).
fn two_timeouts(check: Check) {
    check
        .outcomes(&["notified", "both gave up"])
        .expiries(&[Some(0)])
        .run(|run| {
            let pair = shared();
            let waiters = [(); 2].map(|()| {
                with(&pair, |pair| {
                    let guard = pair.lock.lock();
                    let (guard, result) = pair.changed.wait_timeout(guard, LONG);
                    pair.bump();
                    drop(guard);
                    usize::from(result.is_ok())
                })
            });
            let guard = pair.lock.lock();
            let reached = pair.changed.notify_one();
            drop(guard);
            let notified: usize = waiters.map(|waiter| waiter.join().unwrap()).iter().sum();
            assert_eq!(notified, usize::from(reached));
            run.saw(if reached { "notified" } else { "both gave up" });
            pair.assert_quiet();
        });
}

/// The notifier knows the lock only through the waiter, which frees it as soon as it can
/// (trap A9).
fn frees_lock(check: Check) {
    check
        .outcomes(&["notified", "gave up"])
        .expiries(&[Some(0)])
        .overdue(&[false, true])
        .run(|run| {
            let changed = Arc::new(thread::Condition::new());
            let waiter = spawn({
                let changed = Arc::clone(&changed);
                move || {
                    let lock = Arc::new(thread::Lock::new(()));
                    let guard = lock.lock_owned();
                    drop(lock);
                    let (guard, result) = changed.wait_timeout(guard, LONG);
                    // With it goes the last reference to the lock.
                    drop(guard);
                    result.is_ok()
                }
            });
            let reached = changed.notify_one();
            assert_eq!(waiter.join().unwrap(), reached);
            run.saw(if reached { "notified" } else { "gave up" });
            changed.assert_quiet();
        });
}

fn mixed(check: Check) {
    check.outcomes(&["none", "one", "both"]).run(|run| {
        let pair = shared();
        let waiting_thread = with(&pair, wait_for_change);
        let waiting_task = with(&pair, |pair| {
            block_on(async {
                let mut guard = pair.lock.as_task().lock().await;
                let mut waits = 0;
                while *guard == 0 {
                    guard = pair.changed.as_task().wait(guard).await;
                    waits += 1;
                }
                assert_eq!(pair.value(), 1);
                drop(guard);
                waits
            })
        });
        change(&pair);
        let reached = pair.changed.notify(2);
        assert_eq!(
            waiting_thread.join().unwrap() + waiting_task.join().unwrap(),
            reached
        );
        run.saw(["none", "one", "both"][reached]);
        pair.assert_quiet();
    });
}

/// A task changes and notifies, a thread waits.
fn mixed_notifier(check: Check) {
    check.outcomes(&["had to wait", "came later"]).run(|run| {
        let pair = shared();
        let waiter = with(&pair, wait_for_change);
        let reached = block_on(async {
            let mut guard = pair.lock.as_task().lock().await;
            *guard = 1;
            pair.bump();
            pair.changed.as_task().notify_one()
        });
        assert_eq!(waiter.join().unwrap(), usize::from(reached));
        run.saw(if reached { "had to wait" } else { "came later" });
        pair.assert_quiet();
    });
}

/// A task is notified while the lock is free, and a thread, which has been woken, is about to take it:
/// the thread came first.
fn passes_nobody(check: Check) {
    check
        .outcomes(&["behind the thread", "thread not in line"])
        .run(|run| {
            let pair = shared();
            let waker = CountingWaker::new();
            let task_lock = Arc::clone(&pair.lock).into_task();
            let guard = task_lock.try_lock_owned().unwrap();
            let mut waits = Box::pin(pair.changed.as_task().wait(guard));
            assert!(poll_once(waits.as_mut(), &waker).is_pending());
            let held = pair.lock.lock();
            let thread = with(&pair, |pair| {
                let guard = pair.lock.lock();
                pair.bump();
                drop(guard);
            });
            // Lets the thread go first, at no cost to the search.
            yield_now();
            let in_line = pair.lock.waiting() == 1;
            drop(held);
            assert!(pair.changed.notify_one());
            let early = poll_once(waits.as_mut(), &waker);
            if in_line {
                run.saw("behind the thread");
                if early.is_ready() {
                    assert_eq!(pair.value(), 1);
                }
            } else {
                run.saw("thread not in line");
            }
            drop(early);
            thread.join().unwrap();
            drop(waits);
            assert_eq!(pair.value(), 1);
            pair.assert_quiet();
        });
}
