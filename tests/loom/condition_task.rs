//! Models of `Condition` for tasks: a notify against those who wait, give up, and are dropped.

use core::pin::pin;
use core::sync::atomic::{AtomicBool, Ordering::Relaxed};
use core::task::Poll;
use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use syncline::loom::thread::yield_now;
use syncline::task::block_on;

use crate::condition::{shared, with};
use crate::kit::{Check, CountingWaker, Model, model, poll_once};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("condition/task/notify_against_wait", notify),
    model!("condition/task/notify_all_reaches_both", notify_all)
        .dear()
        .preemptions_at_most(2),
    model!("condition/task/timeout_against_notify", timeout),
    model!("condition/task/deadline_against_notify", deadline),
    model!("condition/task/predicate_timeout", predicate_timeout),
    model!("condition/task/predicate_deadline", predicate_deadline),
    model!("condition/task/predicate_fails", predicate_fails),
    model!("condition/task/drop_against_notify", drop_one),
    model!("condition/task/drop_against_notify_all", drop_all),
    model!("condition/task/passed_on_to_nobody_new", late),
    model!(
        "condition/task/waker_moves_while_the_node_moves",
        waker_moves
    ),
    model!("condition/task/drop_while_relocking", drop_relocking)
        .dear()
        .preemptions_at_most(2),
];

const LONG: Duration = Duration::from_secs(60);

fn notify(check: Check) {
    check.outcomes(&["had to wait", "came later"]).run(|run| {
        let pair = shared();
        let waiter = with(&pair, |pair| {
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
        let reached = block_on(async {
            let mut guard = pair.lock.as_task().lock().await;
            *guard = 1;
            pair.bump();
            drop(guard);
            pair.changed.as_task().notify_one()
        });
        assert_eq!(waiter.join().unwrap(), usize::from(reached));
        run.saw(if reached { "had to wait" } else { "came later" });
        pair.assert_quiet();
    });
}

fn notify_all(check: Check) {
    check.outcomes(&["none", "one", "both"]).run(|run| {
        let pair = shared();
        let waiters = [(); 2].map(|()| {
            with(&pair, |pair| {
                block_on(async {
                    let guard = pair.lock.as_task().lock().await;
                    let guard = (pair.changed.as_task())
                        .wait_for(guard, |value| *value == 1)
                        .await;
                    assert_eq!(pair.value(), 1);
                    drop(guard);
                });
            })
        });
        let mut guard = pair.lock.lock();
        *guard = 1;
        pair.bump();
        let reached = pair.changed.as_task().notify_all();
        drop(guard);
        for waiter in waiters {
            waiter.join().unwrap();
        }
        run.saw(["none", "one", "both"][reached]);
        pair.assert_quiet();
    });
}

fn timeout(check: Check) {
    check
        .outcomes(&["notified", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let pair = shared();
            let waiter = with(&pair, |pair| {
                block_on(async {
                    let guard = pair.lock.as_task().lock().await;
                    if *guard == 1 {
                        return None;
                    }
                    let wait = pair.changed.as_task().wait_timeout(guard, LONG);
                    let (guard, result) = wait.await;
                    if result.is_ok() {
                        assert_eq!((*guard, pair.value()), (1, 1));
                    }
                    Some(result.is_ok())
                })
            });
            let mut guard = pair.lock.lock();
            *guard = 1;
            pair.bump();
            drop(guard);
            let reached = pair.changed.as_task().notify_one();
            assert_eq!(waiter.join().unwrap().unwrap_or(false), reached);
            run.saw(if reached { "notified" } else { "timed out" });
            pair.assert_quiet();
        });
}

fn deadline(check: Check) {
    check
        .outcomes(&["notified", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let pair = shared();
            let waiter = with(&pair, |pair| {
                block_on(async {
                    let guard = pair.lock.as_task().lock().await;
                    if *guard == 1 {
                        return None;
                    }
                    let wait = (pair.changed.as_task()).wait_deadline(guard, Instant::now());
                    let (guard, result) = wait.await;
                    pair.value();
                    drop(guard);
                    Some(result.is_ok())
                })
            });
            let mut guard = pair.lock.lock();
            *guard = 1;
            let reached = pair.changed.as_task().notify_one();
            pair.bump();
            drop(guard);
            assert_eq!(waiter.join().unwrap().unwrap_or(false), reached);
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
                block_on(async {
                    let guard = pair.lock.as_task().lock().await;
                    let wait =
                        (pair.changed.as_task()).wait_for_timeout(guard, LONG, |value| *value == 1);
                    let (guard, result) = wait.await;
                    assert_eq!(result.is_ok(), *guard == 1);
                    result.is_ok()
                })
            });
            let mut guard = pair.lock.lock();
            *guard = 1;
            drop(guard);
            pair.changed.as_task().notify_one();
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
                block_on(async {
                    let guard = pair.lock.as_task().lock().await;
                    let wait = (pair.changed.as_task()).wait_for_deadline(
                        guard,
                        Instant::now(),
                        |value| *value == 1,
                    );
                    let (guard, result) = wait.await;
                    assert_eq!(result.is_ok(), *guard == 1);
                    result.is_ok()
                })
            });
            pair.changed.as_task().notify(1);
            let mut guard = pair.lock.lock();
            *guard = 1;
            drop(guard);
            pair.changed.as_task().notify(1);
            let in_time = waiter.join().unwrap();
            run.saw(if in_time { "in time" } else { "too late" });
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
                block_on(async {
                    let guard = pair.lock.as_task().lock().await;
                    let changed = pair.changed.as_task();
                    let (guard, result) = changed.try_wait_for_timeout(guard, LONG, fails).await;
                    assert_eq!(result.is_ok(), *guard == 1);
                    if let Ok(failed) = result {
                        assert_eq!((failed, pair.value()), (Err(1), 1));
                    }
                    drop(guard);
                    result.is_ok()
                })
            });
            let mut guard = pair.lock.lock();
            *guard = 1;
            pair.bump();
            drop(guard);
            pair.changed.notify_one();
            let failed = waiter.join().unwrap();
            run.saw(if failed { "failed" } else { "too late" });
            block_on(async {
                let changed = pair.changed.as_task();
                let guard = pair.lock.as_task().lock().await;
                let (guard, result) = changed.try_wait_for(guard, fails).await;
                assert_eq!(result, Err(1));
                let wait = changed.try_wait_for_deadline(guard, Instant::now(), fails);
                assert_eq!(wait.await.1, Ok(Err(1)));
            });
            pair.assert_quiet();
        });
}

/// The first of two is dropped while a notify for one is under way: one of them gets it
/// (traps A41, B2).
fn drop_one(check: Check) {
    check
        .outcomes(&["notified, then dropped", "dropped while waiting"])
        .run(|run| {
            let pair = shared();
            let wakers = [(); 2].map(|()| CountingWaker::new());
            // Owned guards: a notify moves their waiters to the lock's line.
            let lock = Arc::clone(&pair.lock).into_task();
            let [first, second] = [(); 2].map(|()| lock.try_lock_owned());
            assert!(second.is_none());
            let mut leaving = Box::pin(pair.changed.as_task().wait(first.unwrap()));
            assert!(poll_once(leaving.as_mut(), &wakers[0]).is_pending());
            let mut staying = pin!(pair.changed.as_task().wait(lock.try_lock_owned().unwrap()));
            assert!(poll_once(staying.as_mut(), &wakers[1]).is_pending());
            let notifier = with(&pair, |pair| {
                let guard = pair.lock.lock();
                pair.bump();
                drop(guard);
                assert_eq!(pair.changed.notify(1), 1);
            });
            drop(leaving);
            let after = wakers[0].wakes() > 0;
            notifier.join().unwrap();
            run.saw(if after {
                "notified, then dropped"
            } else {
                "dropped while waiting"
            });
            assert_eq!(wakers[1].wakes(), 1);
            let Poll::Ready(guard) = poll_once(staying.as_mut(), &wakers[1]) else {
                panic!("the notification is lost");
            };
            assert_eq!(pair.value(), 1);
            drop(guard);
            assert_eq!((wakers[0].clones(), wakers[1].clones()), (0, 0));
            pair.assert_quiet();
        });
}

/// One of two is dropped while all are notified: the other one wakes once, and nothing is passed
/// on to somebody who comes later.
fn drop_all(check: Check) {
    check
        .outcomes(&["notified, then dropped", "dropped while waiting"])
        .run(|run| {
            let pair = shared();
            let waker = CountingWaker::new();
            let lock = pair.lock.as_task();
            let mut leaving = Box::pin(pair.changed.as_task().wait(lock.try_lock().unwrap()));
            assert!(poll_once(leaving.as_mut(), &waker).is_pending());
            let staying = with(&pair, |pair| {
                let guard = pair.lock.lock();
                if *guard == 0 {
                    drop(pair.changed.wait(guard));
                }
            });
            let notifier = with(&pair, |pair| {
                let mut guard = pair.lock.lock();
                *guard = 1;
                drop(guard);
                pair.changed.notify_all()
            });
            drop(leaving);
            let after = waker.wakes() > 0;
            staying.join().unwrap();
            notifier.join().unwrap();
            run.saw(if after {
                "notified, then dropped"
            } else {
                "dropped while waiting"
            });
            pair.assert_quiet();
        });
}

/// A notification that is passed on does not reach somebody who came after the notify.
fn late(check: Check) {
    check
        .outcomes(&["came during the drop", "came later"])
        .expiries(&[Some(0)])
        .run(|run| {
            let pair = shared();
            let waker = CountingWaker::new();
            let lock = pair.lock.as_task();
            let mut notified = Box::pin(pair.changed.as_task().wait(lock.try_lock().unwrap()));
            assert!(poll_once(notified.as_mut(), &waker).is_pending());
            assert!(pair.changed.notify_one());
            assert_eq!(waker.wakes(), 1);
            // The model's own knowledge, of which loom and the condition know nothing.
            let dropped = Arc::new(AtomicBool::new(false));
            let late = with(&pair, {
                let dropped = Arc::clone(&dropped);
                move |pair| {
                    let guard = block_on(pair.lock.as_task().lock());
                    run.saw(if dropped.load(Relaxed) {
                        "came later"
                    } else {
                        "came during the drop"
                    });
                    let wait = pair.changed.as_task().wait_timeout(guard, LONG);
                    block_on(wait).1.is_err()
                }
            });
            drop(notified);
            dropped.store(true, Relaxed);
            assert!(late.join().unwrap(), "it was notified before it came");
            pair.assert_quiet();
        });
}

/// The future is polled with another waker while a notify moves it to the lock's line.
fn waker_moves(check: Check) {
    check
        .outcomes(&["first is woken", "second is woken"])
        .run(|run| {
            let pair = shared();
            let wakers = [(); 2].map(|()| CountingWaker::new());
            // Owned guards: a notify moves their waiters to the lock's line.
            let lock = Arc::clone(&pair.lock).into_task();
            let mut wait = pin!(pair.changed.as_task().wait(lock.try_lock_owned().unwrap()));
            assert!(poll_once(wait.as_mut(), &wakers[0]).is_pending());
            let notifier = with(&pair, |pair| {
                let guard = pair.lock.lock();
                pair.bump();
                assert!(pair.changed.notify_one());
                drop(guard);
            });
            let early = poll_once(wait.as_mut(), &wakers[1]);
            notifier.join().unwrap();
            let counts = [wakers[0].wakes(), wakers[1].wakes()];
            let ready = if let Poll::Ready(guard) = early {
                assert_eq!(counts, [1, 0]);
                guard
            } else {
                assert_eq!(
                    counts,
                    [0, 1],
                    "the waker of the last poll is the one to wake"
                );
                match poll_once(wait.as_mut(), &wakers[1]) {
                    Poll::Ready(guard) => guard,
                    Poll::Pending => panic!("the notification is lost"),
                }
            };
            assert_eq!(pair.value(), 1);
            drop(ready);
            run.saw(if counts[0] == 1 {
                "first is woken"
            } else {
                "second is woken"
            });
            assert_eq!((wakers[0].clones(), wakers[1].clones()), (0, 0));
            pair.assert_quiet();
        });
}

/// A notified task is dropped while it waits for the lock, or after it was granted it: the lock
/// goes to whoever is next (traps A38 to A40).
fn drop_relocking(check: Check) {
    check.outcomes(&["had the lock", "had not"]).run(|run| {
        let pair = shared();
        let waker = CountingWaker::new();
        // Owned guards: a notify moves their waiters to the lock's line.
        let lock = Arc::clone(&pair.lock).into_task();
        let mut wait = Box::pin(pair.changed.as_task().wait(lock.try_lock_owned().unwrap()));
        assert!(poll_once(wait.as_mut(), &waker).is_pending());
        let others = [(); 2].map(|()| {
            with(&pair, |pair| {
                let guard = pair.lock.lock();
                pair.changed.notify_one();
                pair.bump();
                drop(guard);
            })
        });
        yield_now();
        let granted = waker.wakes() == 1;
        drop(wait);
        for other in others {
            other.join().unwrap();
        }
        run.saw(if granted { "had the lock" } else { "had not" });
        assert_eq!(pair.value(), 2);
        assert_eq!(waker.clones(), 0);
        pair.assert_quiet();
    });
}
