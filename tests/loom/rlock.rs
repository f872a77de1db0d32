//! Models of `RLock` for threads, and for both faces together.

use core::task::Poll;
use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use syncline::internals::Quiet;
use syncline::loom::thread::{JoinHandle, spawn};
use syncline::task::{self, block_on};
use syncline::thread::{OwnedRLockGuard, RLock, RLockGuard};

use crate::kit::{Check, CountingWaker, Guarded, Model, Unlock, model, poll_once};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("rlock/thread/contention", contention),
    model!("rlock/thread/timeout_against_grant", timeout),
    model!("rlock/thread/owned_timeout_against_grant", owned_timeout),
    model!("rlock/thread/inner_unlock_lets_nobody_in", inner_unlock),
    model!("rlock/thread/fair_unlock_against_barging", fair_unlock),
    model!("rlock/thread/looked_at_by_a_stranger", stranger),
    model!("rlock/mixed/thread_and_task", mixed_pair),
    model!("rlock/mixed/thread_behind_dropped_task", mixed_behind),
    model!("rlock/mixed/thread_after_a_foreign_drop", mixed_foreign),
];

/// A lock around nothing, beside the cell that it is said to guard.
type Shared = Guarded<Arc<RLock<()>>>;

const LONG: Duration = Duration::from_secs(60);
const BOTH_UNLOCKS: &[Unlock] = &[Unlock::Asymmetric, Unlock::Swap];

fn shared() -> Arc<Shared> {
    Arc::new(Guarded::new(Arc::new(RLock::new(()))))
}

/// The lock as tasks see it.
fn for_tasks(lock: &Shared) -> Arc<task::RLock<()>> {
    let lock: &Arc<RLock<()>> = lock;
    Arc::clone(lock).into_task()
}

/// A thread that does something with the lock.
fn with<R: 'static>(
    lock: &Arc<Shared>,
    body: impl FnOnce(&Shared) -> R + 'static,
) -> JoinHandle<R> {
    let lock = Arc::clone(lock);
    spawn(move || body(&lock))
}

/// Each locks twice: whoever comes second sees all that the first one did, on both levels.
fn contention(check: Check) {
    check
        .outcomes(&["rival first", "rival second"])
        .overdue(&[false, true])
        .unlocks(BOTH_UNLOCKS)
        .run(|run| {
            let lock = shared();
            let rival = with(&lock, |lock| {
                let outer = lock.lock_owned();
                let inner = lock.lock();
                lock.bump();
                drop(outer);
                lock.bump();
                drop(inner);
            });
            let outer = lock.lock();
            run.saw(["rival second", "", "rival first"][lock.value()]);
            let inner = lock.lock_owned();
            lock.bump();
            drop(inner);
            lock.bump();
            drop(outer);
            rival.join().unwrap();
            assert_eq!(lock.value(), 4);
            lock.assert_quiet();
        });
}

fn timeout(check: Check) {
    check
        .outcomes(&["granted", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .unlocks(BOTH_UNLOCKS)
        .run(|run| {
            let lock = shared();
            let guard = lock.lock();
            let rival = with(&lock, |lock| match lock.lock_timeout(LONG) {
                Ok(guard) => {
                    // The limit of a nested lock is never reached.
                    drop(lock.lock_timeout(LONG).expect("this thread has it"));
                    lock.bump();
                    drop(guard);
                    "granted"
                }
                Err(_) => "timed out",
            });
            lock.bump();
            drop(guard);
            run.saw(rival.join().unwrap());
            assert!(lock.lock_deadline(Instant::now()).is_ok());
            lock.assert_quiet();
        });
}

fn owned_timeout(check: Check) {
    check
        .outcomes(&["granted", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let lock = shared();
            let guard = lock.lock_owned();
            let rival = with(&lock, |lock| match lock.lock_owned_timeout(LONG) {
                Ok(guard) => {
                    lock.bump();
                    drop(guard);
                    "granted"
                }
                Err(_) => "timed out",
            });
            lock.bump();
            drop(guard);
            run.saw(rival.join().unwrap());
            assert!(lock.lock_owned_deadline(Instant::now()).is_ok());
            lock.assert_quiet();
        });
}

/// While one guard is left, nobody else gets in, in whatever order the guards go.
fn inner_unlock(check: Check) {
    check
        .outcomes(&["kept out", "let in"])
        .unlocks(BOTH_UNLOCKS)
        .run(|run| {
            let lock = shared();
            let (outer, inner) = (lock.lock(), lock.lock());
            let rival = with(&lock, |lock| {
                lock.try_lock().map_or("kept out", |guard| {
                    assert_eq!(lock.value(), 1);
                    drop(guard);
                    "let in"
                })
            });
            drop(outer);
            assert_eq!(RLockGuard::depth(&inner), 1);
            lock.bump();
            drop(inner);
            run.saw(rival.join().unwrap());
            lock.assert_quiet();
        });
}

/// The last guard hands over, and only the last.
fn fair_unlock(check: Check) {
    check
        .outcomes(&["handed over", "nobody waited"])
        .unlocks(BOTH_UNLOCKS)
        .run(|run| {
            let lock = shared();
            let (outer, inner) = (lock.lock_owned(), lock.lock());
            let waiter = with(&lock, |lock| {
                let guard = lock.lock();
                lock.bump();
                drop(guard);
            });
            let waits = lock.waiting() == 1;
            RLockGuard::unlock_fair(inner);
            assert_eq!(lock.value(), 0);
            OwnedRLockGuard::unlock_fair(outer);
            let guard = lock.lock();
            run.saw(if waits {
                "handed over"
            } else {
                "nobody waited"
            });
            assert!(!waits || lock.value() == 1);
            drop(guard);
            waiter.join().unwrap();
            lock.assert_quiet();
        });
}

/// Traps A10, A11: who does not own the lock may look at it at any moment.
fn stranger(check: Check) {
    check
        .outcomes(&["locked", "unlocked"])
        .min_executions(4)
        .run(|run| {
            let lock = shared();
            let looks = with(&lock, |lock| {
                let locked = lock.is_locked();
                // It shows what is inside, or that it is locked; it never gets in beside the owner.
                let shown = format!("{:?}", &***lock);
                assert!(["RLock { data: () }", "RLock { data: <locked> }"].contains(&&*shown));
                locked
            });
            let outer = lock.lock();
            let inner = lock.lock();
            lock.bump();
            drop(inner);
            drop(outer);
            let locked = looks.join().unwrap();
            run.saw(if locked { "locked" } else { "unlocked" });
            assert!(!lock.is_locked());
            lock.assert_quiet();
        });
}

/// A thread and a task, each of which locks twice.
fn mixed_pair(check: Check) {
    check
        .outcomes(&["thread first", "task first"])
        .overdue(&[false, true])
        .unlocks(BOTH_UNLOCKS)
        .run(|run| {
            let lock = shared();
            let guard = lock.lock();
            let task = with(&lock, |lock| {
                block_on(async {
                    let outer = lock.as_task().lock().await;
                    let inner = lock.as_task().lock().await;
                    lock.bump();
                    drop((outer, inner));
                });
            });
            drop(guard);
            let guard = lock.lock();
            run.saw(["thread first", "task first"][lock.value()]);
            drop(lock.lock());
            lock.bump();
            drop(guard);
            task.join().unwrap();
            assert_eq!(lock.value(), 2);
            lock.assert_quiet();
        });
}

fn mixed_behind(check: Check) {
    check
        .outcomes(&["task was granted", "task was not granted"])
        .overdue(&[false, true])
        .run(|run| {
            let lock = shared();
            let task_lock = for_tasks(&lock);
            // The first owner is a task, so that its guard may be dropped by another thread.
            let guard = block_on(task_lock.lock_owned());
            let waker = CountingWaker::new();
            let mut head = Box::pin(task_lock.lock());
            block_on(async { assert!(poll_once(head.as_mut(), &waker).is_pending()) });
            let next = with(&lock, |lock| {
                let guard = lock.lock();
                lock.bump();
                drop(guard);
            });
            let holder = spawn(move || drop(guard));
            drop(head);
            let granted = waker.wakes() == 1;
            run.saw(if granted {
                "task was granted"
            } else {
                "task was not granted"
            });
            next.join().unwrap();
            holder.join().unwrap();
            assert_eq!(lock.value(), 1);
            lock.assert_quiet();
        });
}

/// A thread drops the last guard of a task and takes the lock, by plain stores, while that task
/// tries to lock again, by an exchange.
fn mixed_foreign(check: Check) {
    check
        .outcomes(&["task kept it", "thread came first"])
        .unlocks(BOTH_UNLOCKS)
        .run(|run| {
            let lock = shared();
            let task_lock = for_tasks(&lock);
            block_on(async {
                let guard = task_lock.lock().await;
                let foreign = task_lock.try_lock_owned().expect("this task has it");
                drop(guard);
                let thread = with(&lock, |lock| {
                    lock.bump();
                    drop(foreign);
                    let guard = lock.lock();
                    drop(lock.lock());
                    lock.bump();
                    drop(guard);
                });
                let waker = CountingWaker::new();
                let mut again = Box::pin(task_lock.lock());
                match poll_once(again.as_mut(), &waker) {
                    Poll::Ready(guard) => {
                        run.saw("task kept it");
                        drop(guard);
                    }
                    Poll::Pending => {
                        run.saw("thread came first");
                        drop(again.await);
                    }
                }
                thread.join().unwrap();
            });
            assert_eq!(lock.value(), 2);
            lock.assert_quiet();
        });
}
