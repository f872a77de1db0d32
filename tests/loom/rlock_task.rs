//! Models of `RLock` for tasks: who owns it, while guards and requests of one task are anywhere.

use core::future::poll_fn;
use core::panic::AssertUnwindSafe;
use core::pin::pin;
use core::task::Poll;
use core::time::Duration;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::time::Instant;

use syncline::internals::Quiet;
use syncline::loom::thread::{JoinHandle, spawn, yield_now};
use syncline::task::{Condition, RLock, RLockGuard, block_on};

use crate::kit::{Check, CountingWaker, Guarded, Model, Unlock, model, poll_once};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("rlock/task/contention", contention),
    model!("rlock/task/timeout_against_grant", timeout),
    model!("rlock/task/owned_timeout_against_grant", owned_timeout),
    model!("rlock/task/drop_against_grant", drop_against_grant),
    model!("rlock/task/dropped_head_passes_on", dropped_head),
    model!("rlock/task/foreign_drop_against_lock_again", lock_again),
    model!("rlock/task/last_of_two_drops_publishes_both", two_drops),
    model!("rlock/task/depth_tells_that_a_guard_is_gone", depth),
    model!(
        "rlock/task/depth_without_a_guard_tells_the_same",
        depth_alone
    ),
    model!("rlock/task/two_requests_share_the_owner", shared_owner),
    model!("rlock/task/transfer_against_unlock", transfer),
    model!("rlock/task/giving_up_sees_the_other_guards", giving_up),
];

/// A lock around nothing, beside the cell that it is said to guard.
type Shared = Guarded<Arc<RLock<()>>>;

const LONG: Duration = Duration::from_secs(60);
const BOTH_UNLOCKS: &[Unlock] = &[Unlock::Asymmetric, Unlock::Swap];

fn shared() -> Arc<Shared> {
    Arc::new(Guarded::new(Arc::new(RLock::new(()))))
}

/// A thread that does something with the lock.
fn with<R: 'static>(
    lock: &Arc<Shared>,
    body: impl FnOnce(&Shared) -> R + 'static,
) -> JoinHandle<R> {
    let lock = Arc::clone(lock);
    spawn(move || body(&lock))
}

/// Runs something as a task of its own, which never waits.
fn as_task<R>(body: impl FnOnce() -> R) -> R {
    block_on(async { body() })
}

/// Each locks twice: whoever comes second sees all that the first one did, on both levels.
fn contention(check: Check) {
    check
        .outcomes(&["rival first", "rival second"])
        .unlocks(BOTH_UNLOCKS)
        .run(|run| {
            let lock = shared();
            let rival = with(&lock, |lock| {
                block_on(async {
                    let outer = lock.lock_owned().await;
                    let inner = lock.lock().await;
                    lock.bump();
                    drop(outer);
                    lock.bump();
                    drop(inner);
                });
            });
            block_on(async {
                let outer = lock.lock().await;
                run.saw(["rival second", "", "rival first"][lock.value()]);
                let inner = lock.lock_owned().await;
                lock.bump();
                drop(inner);
                lock.bump();
                drop(outer);
            });
            rival.join().unwrap();
            assert_eq!(lock.value(), 4);
            lock.assert_quiet();
        });
}

fn timeout(check: Check) {
    check
        .outcomes(&["granted", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let lock = shared();
            let guard = block_on(lock.lock_owned());
            let rival = with(&lock, |lock| {
                block_on(async {
                    let Ok(guard) = lock.lock_timeout(LONG).await else {
                        return "timed out";
                    };
                    // The limit of a nested lock is never reached.
                    drop(lock.lock_timeout(LONG).await.expect("this task has it"));
                    lock.bump();
                    drop(guard);
                    "granted"
                })
            });
            lock.bump();
            drop(guard);
            run.saw(rival.join().unwrap());
            assert!(block_on(lock.lock_deadline(Instant::now())).is_ok());
            lock.assert_quiet();
        });
}

fn owned_timeout(check: Check) {
    check
        .outcomes(&["granted", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let lock = shared();
            let guard = block_on(lock.lock_owned());
            let rival = with(&lock, |lock| {
                match block_on(lock.lock_owned_timeout(LONG)) {
                    Ok(guard) => {
                        lock.bump();
                        drop(guard);
                        "granted"
                    }
                    Err(_) => "timed out",
                }
            });
            lock.bump();
            drop(guard);
            run.saw(rival.join().unwrap());
            assert!(block_on(lock.lock_owned_deadline(Instant::now())).is_ok());
            lock.assert_quiet();
        });
}

fn drop_against_grant(check: Check) {
    check
        .outcomes(&["granted before the drop", "dropped before the grant"])
        .unlocks(BOTH_UNLOCKS)
        .run(|run| {
            let lock = shared();
            let guard = block_on(lock.lock_owned());
            let holder = with(&lock, |lock| {
                lock.bump();
                drop(guard);
            });
            let waker = CountingWaker::new();
            let mut waiting = Box::pin(lock.lock());
            let early = as_task(|| poll_once(waiting.as_mut(), &waker).is_ready());
            let granted = early || waker.wakes() == 1;
            run.saw(["dropped before the grant", "granted before the drop"][usize::from(granted)]);
            drop(waiting);
            holder.join().unwrap();
            // Whatever happened, the lock is free, and what the holder wrote is seen.
            let guard = as_task(|| lock.try_lock_owned()).expect("nobody has it");
            assert_eq!(lock.value(), 1);
            drop(guard);
            assert_eq!(waker.clones(), 0);
            lock.assert_quiet();
        });
}

fn dropped_head(check: Check) {
    check
        .outcomes(&["head was granted", "head was not granted"])
        .run(|run| {
            let lock = shared();
            let guard = block_on(lock.lock_owned());
            let waker = CountingWaker::new();
            let mut head = Box::pin(lock.lock());
            as_task(|| assert!(poll_once(head.as_mut(), &waker).is_pending()));
            let next = with(&lock, |lock| {
                block_on(async {
                    let guard = lock.lock().await;
                    lock.bump();
                    drop(guard);
                });
            });
            let holder = with(&lock, |lock| {
                lock.bump();
                drop(guard);
            });
            drop(head);
            run.saw(["head was not granted", "head was granted"][waker.wakes()]);
            next.join().unwrap();
            holder.join().unwrap();
            assert_eq!(lock.value(), 2);
            lock.assert_quiet();
        });
}

/// The last guard of a task is dropped elsewhere while the task locks again, and another task is
/// in line: either the task keeps the lock or the other one gets it, never both and never none.
fn lock_again(check: Check) {
    check
        .outcomes(&["locked again", "handed over"])
        .unlocks(BOTH_UNLOCKS)
        .run(|run| {
            let lock = shared();
            block_on(async {
                let foreign = lock.lock_owned().await;
                let (mine, other) = (CountingWaker::new(), CountingWaker::new());
                let mut waiting = Box::pin(lock.lock());
                as_task(|| assert!(poll_once(waiting.as_mut(), &other).is_pending()));
                let holder = with(&lock, |lock| {
                    lock.bump();
                    drop(foreign);
                });
                let mut again = Box::pin(lock.lock());
                let guard = poll_once(again.as_mut(), &mine);
                holder.join().unwrap();
                assert_eq!(guard.is_ready(), other.wakes() == 0);
                match guard {
                    Poll::Ready(guard) => {
                        run.saw("locked again");
                        assert_eq!(RLockGuard::depth(&guard), 1);
                        assert_eq!(lock.value(), 1);
                        drop(guard);
                        assert_eq!(other.wakes(), 1);
                    }
                    Poll::Pending => run.saw("handed over"),
                }
                let Poll::Ready(guard) = as_task(|| poll_once(waiting.as_mut(), &other)) else {
                    panic!("the lock is its own");
                };
                assert_eq!(lock.value(), 1);
                drop(guard);
                drop(again);
            });
            assert!(!lock.is_locked());
            lock.assert_quiet();
        });
}

/// Two guards of one task are dropped on two threads: the next owner sees what was done under
/// either of them.
fn two_drops(check: Check) {
    check
        .outcomes(&["in line", "not in line"])
        .min_executions(50)
        .run(|run| {
            let lock = shared();
            let other = Arc::new(Guarded::new(()));
            let (mine, foreign) = as_task(|| {
                let guards = (lock.try_lock_owned(), lock.try_lock_owned());
                (guards.0.expect("free"), guards.1.expect("mine"))
            });
            let holder = spawn({
                let other = Arc::clone(&other);
                move || {
                    other.bump();
                    drop(foreign);
                }
            });
            let next = with(&lock, {
                let other = Arc::clone(&other);
                move |lock| {
                    block_on(async {
                        let guard = lock.lock().await;
                        assert_eq!((lock.value(), other.value()), (1, 1));
                        drop(guard);
                    });
                }
            });
            run.saw(["not in line", "in line"][lock.waiting()]);
            lock.bump();
            drop(mine);
            holder.join().unwrap();
            next.join().unwrap();
            lock.assert_quiet();
        });
}

/// A task that sees by the depth that its other guard is gone sees what was done under it.
fn depth(check: Check) {
    depth_told_by(check, |_, mine| RLockGuard::depth(mine));
}

/// The same where it is the lock that is asked.
fn depth_alone(check: Check) {
    depth_told_by(check, |lock, _| lock.depth());
}

fn depth_told_by(check: Check, depth: fn(&RLock<()>, &RLockGuard<'_, ()>) -> usize) {
    check
        .outcomes(&["gone", "still there"])
        .min_executions(2)
        .run(move |run| {
            let lock = shared();
            block_on(async {
                let mine = lock.lock().await;
                let foreign = lock.lock_owned().await;
                let holder = with(&lock, |lock| {
                    lock.bump();
                    drop(foreign);
                });
                // The holder first, so that loom finds the two orders from there (loom #166).
                yield_now();
                let gone = depth(&lock, &mine) == 1;
                run.saw(if gone { "gone" } else { "still there" });
                if gone {
                    lock.bump();
                }
                holder.join().unwrap();
                assert_eq!(lock.value(), 1 + usize::from(gone));
            });
            lock.assert_quiet();
        });
}

/// Two requests of one task, polled in turn: both are through as soon as one of them is granted,
/// and nothing of the other is left in line.
fn shared_owner(check: Check) {
    check
        .outcomes(&["both at the first poll", "both at a later one"])
        .run(|run| {
            let lock = shared();
            let guard = block_on(lock.lock_owned());
            let holder = with(&lock, |lock| {
                lock.bump();
                drop(guard);
            });
            block_on(async {
                let (mut first, mut second) = (pin!(lock.lock()), pin!(lock.lock()));
                let mut guards = (None, None);
                let mut polls = 0;
                poll_fn(|context| {
                    polls += 1;
                    let waits = (guards.0.is_none(), guards.1.is_none());
                    if waits.0
                        && let Poll::Ready(guard) = first.as_mut().poll(context)
                    {
                        guards.0 = Some(guard);
                    }
                    if waits.1
                        && let Poll::Ready(guard) = second.as_mut().poll(context)
                    {
                        guards.1 = Some(guard);
                    }
                    match (guards.0.is_some(), guards.1.is_some()) {
                        (true, true) if polls == 1 => run.saw("both at the first poll"),
                        (true, true) => run.saw("both at a later one"),
                        (true, false) => panic!("its task has the lock"),
                        (false, true) => panic!("it has taken what its task polled for"),
                        (false, false) => {}
                    }
                    if guards.0.is_some() && guards.1.is_some() {
                        return Poll::Ready(());
                    }
                    Poll::Pending
                })
                .await;
                assert_eq!(lock.waiting(), 0);
                let (one, other) = (guards.0.expect("through"), guards.1.expect("through"));
                assert_eq!(RLockGuard::depth(&one), 2);
                assert_eq!(lock.value(), 1);
                drop(one);
                assert_eq!(RLockGuard::depth(&other), 1);
                lock.bump();
            });
            holder.join().unwrap();
            assert!(!lock.is_locked());
            lock.assert_quiet();
        });
}

/// A request takes over the grant of another one of its task, which then locks once more.
fn transfer(check: Check) {
    check
        .outcomes(&["seen before the unlock was over", "seen after it"])
        .min_executions(4)
        .run(|run| {
            let lock = shared();
            let guard = block_on(lock.lock_owned());
            block_on(async {
                let waker = CountingWaker::new();
                let mut first = pin!(lock.lock());
                assert!(poll_once(first.as_mut(), &waker).is_pending());
                let holder = with(&lock, |lock| {
                    lock.bump();
                    drop(guard);
                });
                let mut second = pin!(lock.lock());
                assert!(
                    poll_once(second.as_mut(), &waker).is_pending(),
                    "a first poll takes nothing"
                );
                holder.join().unwrap();
                let early = poll_once(second.as_mut(), &waker);
                run.saw(match early {
                    Poll::Ready(_) => "seen before the unlock was over",
                    Poll::Pending => "seen after it",
                });
                let got = match early {
                    Poll::Ready(guard) => guard,
                    Poll::Pending => match poll_once(second.as_mut(), &waker) {
                        Poll::Ready(guard) => guard,
                        Poll::Pending => unreachable!("the first request's grant is ours"),
                    },
                };
                lock.bump();
                // The other request of this task is back in line, and need not wait there.
                let Poll::Ready(again) = poll_once(first.as_mut(), &waker) else {
                    unreachable!("its task has the lock")
                };
                assert_eq!(lock.waiting(), 0);
                assert_eq!(RLockGuard::depth(&again), 2);
                drop((got, again));
                assert_eq!(waker.clones(), 0);
            });
            assert_eq!(lock.value(), 2);
            lock.assert_quiet();
        });
}

/// A task that gives the lock up for a condition has seen what was done under its other guard, which
/// was dropped elsewhere.
fn giving_up(check: Check) {
    check
        .outcomes(&["waits", "refused"])
        .unlocks(BOTH_UNLOCKS)
        .run(|run| {
            let lock = shared();
            let changed = Condition::new();
            let (mine, foreign) = as_task(|| {
                let guards = (lock.try_lock_owned(), lock.try_lock_owned());
                (guards.0.expect("free"), guards.1.expect("mine"))
            });
            let holder = with(&lock, |lock| {
                lock.bump();
                drop(foreign);
            });
            let waker = CountingWaker::new();
            let mut wait = Box::pin(changed.wait(mine));
            // The holder first, so that loom finds the two orders from there (loom #166).
            yield_now();
            let given_up = catch_unwind(AssertUnwindSafe(|| {
                assert!(poll_once(wait.as_mut(), &waker).is_pending());
            }))
            .is_ok();
            if given_up {
                let guard = as_task(|| lock.try_lock_owned()).expect("it has been given up");
                assert_eq!(lock.value(), 1);
                lock.bump();
                drop(guard);
            }
            run.saw(if given_up { "waits" } else { "refused" });
            drop(wait);
            holder.join().unwrap();
            assert!(!lock.is_locked());
            changed.assert_quiet();
            lock.assert_quiet();
        });
}
