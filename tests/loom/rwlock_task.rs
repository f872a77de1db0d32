//! Models of `RwLock` for tasks.

use core::pin::pin;
use core::task::Poll;
use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use syncline::internals::Quiet;
use syncline::loom::thread::spawn;
use syncline::task::{self, RwLockWriteGuard, block_on};

use crate::kit::{Check, CountingWaker, Guarded, Model, model, poll_once};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("rwlock/task/contention", contention),
    model!("rwlock/task/writers", writers),
    model!("rwlock/task/readers_together", readers_together).dear(),
    model!("rwlock/task/read_timeout_against_grant", read_timeout),
    model!("rwlock/task/write_timeout_against_grant", write_timeout),
    model!(
        "rwlock/task/upgradable_timeout_against_grant",
        upgradable_timeout
    ),
    model!(
        "rwlock/task/owned_read_timeout_against_grant",
        owned_read_timeout
    ),
    model!(
        "rwlock/task/owned_write_timeout_against_grant",
        owned_write_timeout
    ),
    model!(
        "rwlock/task/owned_upgradable_timeout_against_grant",
        owned_upgradable_timeout
    ),
    model!("rwlock/task/drop_against_grant", drop_against_grant),
    model!("rwlock/task/dropped_writer_lets_readers_in", dropped_writer),
    model!("rwlock/task/write_is_taken_over_by_a_read", taken_over),
];

/// A lock around nothing, beside the cell that it is said to guard.
type TaskLock = Guarded<Arc<task::RwLock<()>>>;

const LONG: Duration = Duration::from_secs(60);

fn task_lock() -> Arc<TaskLock> {
    Arc::new(Guarded::new(Arc::new(task::RwLock::new(()))))
}

fn contention(check: Check) {
    check
        .outcomes(&["read before the write", "read after it"])
        .run(|run| {
            let lock = task_lock();
            let writer = spawn({
                let lock = Arc::clone(&lock);
                move || {
                    block_on(async {
                        let guard = lock.write_owned().await;
                        lock.bump();
                        drop(guard);
                    });
                }
            });
            block_on(async {
                let guard = lock.read().await;
                run.saw(["read before the write", "read after it"][lock.value()]);
                drop(guard);
            });
            writer.join().unwrap();
            block_on(async {
                let guard = lock.read_owned().await;
                assert_eq!(lock.value(), 1);
                drop(guard);
            });
            lock.assert_quiet();
        });
}

fn writers(check: Check) {
    check.outcomes(&["rival first", "rival second"]).run(|run| {
        let lock = task_lock();
        let rival = spawn({
            let lock = Arc::clone(&lock);
            move || {
                block_on(async {
                    let guard = lock.write().await;
                    lock.bump();
                    drop(guard);
                });
            }
        });
        block_on(async {
            let guard = lock.write().await;
            run.saw(["rival second", "rival first"][lock.value()]);
            lock.bump();
            drop(guard);
        });
        rival.join().unwrap();
        assert_eq!(lock.value(), 2);
        lock.assert_quiet();
    });
}

/// Two readers who wait are both let in by the writer, beside each other.
fn readers_together(check: Check) {
    check
        .outcomes(&["both waited", "not both waited"])
        .min_executions(50)
        .run(|run| {
            let lock = task_lock();
            let guard = lock.try_write().unwrap();
            let reader = || {
                let lock = Arc::clone(&lock);
                spawn(move || {
                    block_on(async {
                        let guard = lock.read().await;
                        assert_eq!(lock.value(), 1);
                        drop(guard);
                    });
                })
            };
            let readers = [reader(), reader()];
            let both = lock.waiting() == 2;
            run.saw(if both {
                "both waited"
            } else {
                "not both waited"
            });
            lock.bump();
            // Who waits is let in by this, before the first of them runs.
            let guard = RwLockWriteGuard::downgrade(guard);
            assert!(!both || lock.reader_count() <= 3 && lock.waiting() == 0);
            drop(guard);
            for reader in readers {
                reader.join().unwrap();
            }
            lock.assert_quiet();
        });
}

fn read_timeout(check: Check) {
    check
        .outcomes(&["granted", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let lock = task_lock();
            let guard = lock.try_write().unwrap();
            let reader = spawn({
                let lock = Arc::clone(&lock);
                move || match block_on(lock.read_timeout(LONG)) {
                    Ok(guard) => {
                        assert_eq!(lock.value(), 1);
                        drop(guard);
                        "granted"
                    }
                    Err(_) => "timed out",
                }
            });
            lock.bump();
            drop(guard);
            run.saw(reader.join().unwrap());
            assert!(block_on(lock.read_deadline(Instant::now())).is_ok());
            lock.assert_quiet();
        });
}

fn write_timeout(check: Check) {
    check
        .outcomes(&["granted", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let lock = task_lock();
            let guard = lock.try_read().unwrap();
            let writer = spawn({
                let lock = Arc::clone(&lock);
                move || match block_on(lock.write_timeout(LONG)) {
                    Ok(guard) => {
                        lock.bump();
                        drop(guard);
                        "granted"
                    }
                    Err(_) => "timed out",
                }
            });
            assert_eq!(lock.value(), 0);
            drop(guard);
            run.saw(writer.join().unwrap());
            assert!(block_on(lock.write_deadline(Instant::now())).is_ok());
            lock.assert_quiet();
        });
}

fn upgradable_timeout(check: Check) {
    check
        .outcomes(&["granted", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let lock = task_lock();
            let guard = block_on(lock.upgradable_read());
            let rival = spawn({
                let lock = Arc::clone(&lock);
                move || match block_on(lock.upgradable_read_timeout(LONG)) {
                    Ok(guard) => {
                        // Nobody else may do this beside readers.
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
            assert!(block_on(lock.upgradable_read_deadline(Instant::now())).is_ok());
            lock.assert_quiet();
        });
}

fn owned_read_timeout(check: Check) {
    check
        .outcomes(&["granted", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let lock = task_lock();
            let guard = block_on(lock.write_owned());
            let reader = spawn({
                let lock = Arc::clone(&lock);
                move || match block_on(lock.read_owned_timeout(LONG)) {
                    Ok(guard) => {
                        assert_eq!(lock.value(), 1);
                        drop(guard);
                        "granted"
                    }
                    Err(_) => "timed out",
                }
            });
            lock.bump();
            drop(guard);
            run.saw(reader.join().unwrap());
            assert!(block_on(lock.read_owned_deadline(Instant::now())).is_ok());
            lock.assert_quiet();
        });
}

fn owned_write_timeout(check: Check) {
    check
        .outcomes(&["granted", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let lock = task_lock();
            let guard = block_on(lock.read_owned());
            let writer = spawn({
                let lock = Arc::clone(&lock);
                move || match block_on(lock.write_owned_timeout(LONG)) {
                    Ok(guard) => {
                        lock.bump();
                        drop(guard);
                        "granted"
                    }
                    Err(_) => "timed out",
                }
            });
            assert_eq!(lock.value(), 0);
            drop(guard);
            run.saw(writer.join().unwrap());
            assert!(block_on(lock.write_owned_deadline(Instant::now())).is_ok());
            lock.assert_quiet();
        });
}

fn owned_upgradable_timeout(check: Check) {
    check
        .outcomes(&["granted", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let lock = task_lock();
            let guard = block_on(lock.upgradable_read_owned());
            let rival = spawn({
                let lock = Arc::clone(&lock);
                move || match block_on(lock.upgradable_read_owned_timeout(LONG)) {
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
            let last = lock.upgradable_read_owned_deadline(Instant::now());
            assert!(block_on(last).is_ok());
            lock.assert_quiet();
        });
}

fn drop_against_grant(check: Check) {
    check
        .outcomes(&["granted before the drop", "dropped before the grant"])
        .run(|run| {
            let lock = task_lock();
            let guard = lock.try_write_owned().unwrap();
            let holder = spawn({
                let lock = Arc::clone(&lock);
                move || {
                    lock.bump();
                    drop(guard);
                }
            });
            let waker = CountingWaker::new();
            {
                let mut waiting = pin!(lock.read());
                let ready = poll_once(waiting.as_mut(), &waker).is_ready();
                run.saw(if ready || waker.wakes() == 1 {
                    "granted before the drop"
                } else {
                    "dropped before the grant"
                });
            }
            holder.join().unwrap();
            let guard = lock.try_write().expect("nobody has it");
            assert_eq!(lock.value(), 1);
            drop(guard);
            assert_eq!(waker.clones(), 0);
            lock.assert_quiet();
        });
}

/// A writer who is dropped lets the reader behind it in, granted or not.
fn dropped_writer(check: Check) {
    check
        .outcomes(&["writer was granted", "writer was not granted"])
        .run(|run| {
            let lock = task_lock();
            let guard = lock.try_read_owned().unwrap();
            let waker = CountingWaker::new();
            let mut head = Box::pin(lock.write());
            assert!(poll_once(head.as_mut(), &waker).is_pending());
            let next = spawn({
                let lock = Arc::clone(&lock);
                move || {
                    block_on(async {
                        let guard = lock.read().await;
                        assert_eq!(lock.value(), 0);
                        drop(guard);
                    });
                }
            });
            let holder = spawn({
                let lock = Arc::clone(&lock);
                move || {
                    assert_eq!(lock.value(), 0);
                    drop(guard);
                }
            });
            drop(head);
            run.saw(if waker.wakes() == 1 {
                "writer was granted"
            } else {
                "writer was not granted"
            });
            next.join().unwrap();
            holder.join().unwrap();
            lock.assert_quiet();
        });
}

/// A read takes over what the same task was granted to write with, and lets others read beside it.
fn taken_over(check: Check) {
    check
        .outcomes(&["granted to the write", "not granted yet"])
        .run(|run| {
            let lock = task_lock();
            let guard = lock.try_write_owned().unwrap();
            let waker = CountingWaker::new();
            let mut first = pin!(lock.write());
            assert!(poll_once(first.as_mut(), &waker).is_pending());
            let holder = spawn({
                let lock = Arc::clone(&lock);
                move || {
                    lock.bump();
                    drop(guard);
                }
            });
            let mut second = pin!(lock.read());
            assert!(poll_once(second.as_mut(), &waker).is_pending());
            run.saw(if waker.wakes() > 0 {
                "granted to the write"
            } else {
                "not granted yet"
            });
            holder.join().unwrap();
            let mut got = poll_once(second.as_mut(), &waker);
            if got.is_pending() {
                got = poll_once(second.as_mut(), &waker);
            }
            assert!(got.is_ready(), "the grant of this task is taken over");
            assert_eq!((lock.value(), lock.reader_count()), (1, 1));
            assert!(!lock.is_write_locked());
            assert!(poll_once(first.as_mut(), &waker).is_pending());
            drop(got);
            match poll_once(first.as_mut(), &waker) {
                Poll::Ready(guard) => drop(guard),
                Poll::Pending => unreachable!("it is the only one in line"),
            }
            lock.assert_quiet();
        });
}
