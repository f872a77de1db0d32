//! Models of `RwLock` for threads, and for threads beside tasks.

use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use syncline::internals::Quiet;
use syncline::loom::thread::spawn;
use syncline::task::block_on;
use syncline::thread;

use crate::kit::{Check, CountingWaker, Guarded, Model, model, poll_once};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("rwlock/thread/contention", contention),
    model!("rwlock/thread/writers", writers),
    model!("rwlock/thread/readers_together", readers_together).dear(),
    model!("rwlock/thread/read_timeout_against_grant", read_timeout),
    model!("rwlock/thread/write_timeout_against_grant", write_timeout),
    model!(
        "rwlock/thread/upgradable_timeout_against_grant",
        upgradable_timeout
    ),
    model!(
        "rwlock/thread/owned_read_timeout_against_grant",
        owned_read_timeout
    ),
    model!(
        "rwlock/thread/owned_write_timeout_against_grant",
        owned_write_timeout
    ),
    model!(
        "rwlock/thread/owned_upgradable_timeout_against_grant",
        owned_upgradable_timeout
    ),
    model!("rwlock/thread/hand_off_against_barging", hand_off),
    model!(
        "rwlock/thread/read_recursive_under_a_waiting_writer",
        read_recursive
    ),
    model!("rwlock/mixed/thread_and_task", mixed),
    model!("rwlock/mixed/last_reader_lets_a_task_write", last_reader),
    model!("rwlock/mixed/thread_behind_dropped_task", thread_behind),
];

/// A lock around nothing, beside the cell that it is said to guard.
type ThreadLock = Guarded<Arc<thread::RwLock<()>>>;

const LONG: Duration = Duration::from_secs(60);

fn thread_lock() -> Arc<ThreadLock> {
    Arc::new(Guarded::new(Arc::new(thread::RwLock::new(()))))
}

fn contention(check: Check) {
    check
        .outcomes(&["read before the write", "read after it"])
        .overdue(&[false, true])
        .run(|run| {
            let lock = thread_lock();
            let writer = spawn({
                let lock = Arc::clone(&lock);
                move || {
                    let guard = lock.write_owned();
                    lock.bump();
                    drop(guard);
                }
            });
            let guard = lock.read();
            run.saw(["read before the write", "read after it"][lock.value()]);
            drop(guard);
            writer.join().unwrap();
            let guard = lock.read_owned();
            assert_eq!(lock.value(), 1);
            drop(guard);
            lock.assert_quiet();
        });
}

fn writers(check: Check) {
    check
        .outcomes(&["rival first", "rival second"])
        .overdue(&[false, true])
        .run(|run| {
            let lock = thread_lock();
            let rival = spawn({
                let lock = Arc::clone(&lock);
                move || {
                    let guard = lock.write();
                    lock.bump();
                    drop(guard);
                }
            });
            let guard = lock.write();
            run.saw(["rival second", "rival first"][lock.value()]);
            lock.bump();
            drop(guard);
            rival.join().unwrap();
            assert_eq!(lock.value(), 2);
            lock.assert_quiet();
        });
}

/// Two readers who wait are both let in by the writer, beside each other.
fn readers_together(check: Check) {
    check
        .outcomes(&["together", "one after the other"])
        .min_executions(100)
        .run(|run| {
            let lock = thread_lock();
            let guard = lock.write();
            let reader = || {
                let lock = Arc::clone(&lock);
                spawn(move || {
                    let guard = lock.read();
                    assert_eq!(lock.value(), 1);
                    let together = lock.reader_count() == 2;
                    drop(guard);
                    together
                })
            };
            let readers = [reader(), reader()];
            lock.bump();
            drop(guard);
            let together = readers.map(|reader| reader.join().unwrap());
            run.saw(if together == [false; 2] {
                "one after the other"
            } else {
                "together"
            });
            lock.assert_quiet();
        });
}

fn read_timeout(check: Check) {
    check
        .outcomes(&["granted", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let lock = thread_lock();
            let guard = lock.write();
            let reader = spawn({
                let lock = Arc::clone(&lock);
                move || match lock.read_timeout(LONG) {
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
            assert!(lock.read_deadline(Instant::now()).is_ok());
            lock.assert_quiet();
        });
}

fn write_timeout(check: Check) {
    check
        .outcomes(&["granted", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let lock = thread_lock();
            let guard = lock.read();
            let writer = spawn({
                let lock = Arc::clone(&lock);
                move || match lock.write_timeout(LONG) {
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
            assert!(lock.write_deadline(Instant::now()).is_ok());
            lock.assert_quiet();
        });
}

fn upgradable_timeout(check: Check) {
    check
        .outcomes(&["granted", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let lock = thread_lock();
            let guard = lock.upgradable_read();
            let rival = spawn({
                let lock = Arc::clone(&lock);
                move || match lock.upgradable_read_timeout(LONG) {
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
            assert!(lock.upgradable_read_deadline(Instant::now()).is_ok());
            lock.assert_quiet();
        });
}

fn owned_read_timeout(check: Check) {
    check
        .outcomes(&["granted", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let lock = thread_lock();
            let guard = lock.write_owned();
            let reader = spawn({
                let lock = Arc::clone(&lock);
                move || match lock.read_owned_timeout(LONG) {
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
            assert!(lock.read_owned_deadline(Instant::now()).is_ok());
            lock.assert_quiet();
        });
}

fn owned_write_timeout(check: Check) {
    check
        .outcomes(&["granted", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let lock = thread_lock();
            let guard = lock.read_owned();
            let writer = spawn({
                let lock = Arc::clone(&lock);
                move || match lock.write_owned_timeout(LONG) {
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
            assert!(lock.write_owned_deadline(Instant::now()).is_ok());
            lock.assert_quiet();
        });
}

fn owned_upgradable_timeout(check: Check) {
    check
        .outcomes(&["granted", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let lock = thread_lock();
            let guard = lock.upgradable_read_owned();
            let rival = spawn({
                let lock = Arc::clone(&lock);
                move || match lock.upgradable_read_owned_timeout(LONG) {
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
            assert!(lock.upgradable_read_owned_deadline(Instant::now()).is_ok());
            lock.assert_quiet();
        });
}

/// A writer who is overdue gets the lock from the last reader; one who is not may be passed by another reader.
fn hand_off(check: Check) {
    check
        .outcomes(&["writer first", "barger first"])
        .overdue(&[false, true])
        .run(|run| {
            let lock = thread_lock();
            let guard = lock.read();
            let writer = spawn({
                let lock = Arc::clone(&lock);
                move || {
                    let guard = lock.write();
                    lock.bump();
                    drop(guard);
                }
            });
            assert_eq!(lock.value(), 0);
            drop(guard);
            let guard = lock.read();
            run.saw(["barger first", "writer first"][lock.value()]);
            drop(guard);
            writer.join().unwrap();
            lock.assert_quiet();
        });
}

/// Who reads may read again, whether a writer waits or not, and the writer has the lock after both.
fn read_recursive(check: Check) {
    check
        .outcomes(&["a writer waited", "no writer waited"])
        .overdue(&[false, true])
        .run(|run| {
            let lock = thread_lock();
            let (outer, other) = (lock.read(), lock.read());
            let writer = spawn({
                let lock = Arc::clone(&lock);
                move || {
                    let guard = lock.write();
                    lock.bump();
                    drop(guard);
                }
            });
            run.saw(if lock.waiting() == 1 {
                "a writer waited"
            } else {
                "no writer waited"
            });
            // The line hands over to a writer who is overdue then.
            drop(other);
            let inner = lock.read_recursive();
            drop(outer);
            assert_eq!(lock.value(), 0);
            drop(inner);
            writer.join().unwrap();
            assert_eq!(lock.value(), 1);
            lock.assert_quiet();
        });
}

fn mixed(check: Check) {
    check
        .outcomes(&["thread first", "task first"])
        .overdue(&[false, true])
        .run(|run| {
            let lock = thread_lock();
            let guard = lock.write();
            let task = spawn({
                let lock = Arc::clone(&lock);
                move || {
                    block_on(async {
                        let guard = lock.as_task().write().await;
                        lock.bump();
                        drop(guard);
                    });
                }
            });
            drop(guard);
            let guard = lock.read();
            run.saw(["thread first", "task first"][lock.value()]);
            drop(guard);
            task.join().unwrap();
            assert_eq!(lock.value(), 1);
            lock.assert_quiet();
        });
}

/// A task that waits to write is let in by whichever reader is the last, though the others leave without a word.
fn last_reader(check: Check) {
    check
        .outcomes(&["the task waited", "the task had not to wait"])
        .min_executions(20)
        .run(|run| {
            let lock = thread_lock();
            let (mine, others) = (lock.read(), lock.read_owned());
            let writer = spawn({
                let lock = Arc::clone(&lock);
                move || {
                    block_on(async {
                        let guard = lock.as_task().write().await;
                        lock.bump();
                        drop(guard);
                    });
                }
            });
            let reader = spawn({
                let lock = Arc::clone(&lock);
                move || {
                    assert_eq!(lock.value(), 0);
                    drop(others);
                }
            });
            run.saw(if lock.waiting() == 1 {
                "the task waited"
            } else {
                "the task had not to wait"
            });
            assert_eq!(lock.value(), 0);
            drop(mine);
            reader.join().unwrap();
            writer.join().unwrap();
            assert_eq!(lock.value(), 1);
            lock.assert_quiet();
        });
}

/// A writer's task that goes away lets the reader behind it in, beside the one who reads already.
fn thread_behind(check: Check) {
    check
        .outcomes(&["waited behind the task", "came after it"])
        .overdue(&[false, true])
        .run(|run| {
            let lock = thread_lock();
            let guard = lock.write();
            lock.bump();
            let guard = thread::RwLockWriteGuard::downgrade(guard);
            let waker = CountingWaker::new();
            let mut head = Box::pin(lock.as_task().write());
            assert!(poll_once(head.as_mut(), &waker).is_pending());
            let reader = spawn({
                let lock = Arc::clone(&lock);
                move || {
                    let guard = lock.read();
                    assert_eq!(lock.value(), 1);
                    drop(guard);
                }
            });
            run.saw(if lock.waiting() == 2 {
                "waited behind the task"
            } else {
                "came after it"
            });
            drop(head);
            reader.join().unwrap();
            drop(guard);
            assert_eq!((waker.wakes(), waker.clones()), (0, 0));
            lock.assert_quiet();
        });
}
