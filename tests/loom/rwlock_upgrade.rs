//! Models of `RwLock`: upgrades and downgrades, on both faces.

use core::pin::pin;
use core::task::Poll;
use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use syncline::internals::Quiet;
use syncline::loom::thread::spawn;
use syncline::task::block_on;
use syncline::{OwnedRwLockWriteGuard, task, thread};

use crate::kit::{Check, CountingWaker, Guarded, Model, model, poll_once};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("rwlock/thread/upgrade_against_readers", thread_readers),
    model!("rwlock/thread/upgrade_against_a_writer", thread_writer).fewer_preemptions(1),
    model!("rwlock/thread/upgrade_timeout_against_grant", thread_timed),
    model!(
        "rwlock/thread/owned_upgrade_timeout_against_grant",
        thread_owned_timed
    ),
    model!("rwlock/thread/downgrade_wakes_readers", thread_downgrade),
    model!("rwlock/task/upgrade_against_readers", task_readers),
    model!("rwlock/task/upgrade_against_a_writer", task_writer).fewer_preemptions(1),
    model!("rwlock/task/upgrade_timeout_against_grant", task_timed),
    model!(
        "rwlock/task/owned_upgrade_timeout_against_grant",
        task_owned_timed
    ),
    model!("rwlock/task/downgrade_wakes_readers", task_downgrade),
    model!("rwlock/task/dropped_upgrade", dropped_upgrade),
    model!("rwlock/task/upgrade_is_taken_over_by_a_read", taken_over),
    model!("rwlock/mixed/upgrade_before_a_task", mixed_upgrade),
];

type ThreadLock = Guarded<Arc<thread::RwLock<()>>>;
type TaskLock = Guarded<Arc<task::RwLock<()>>>;

type ThreadUpgradable<'a> = thread::RwLockUpgradableReadGuard<'a, ()>;
type TaskUpgradable<'a> = task::RwLockUpgradableReadGuard<'a, ()>;

const LONG: Duration = Duration::from_secs(60);

fn thread_lock() -> Arc<ThreadLock> {
    Arc::new(Guarded::new(Arc::new(thread::RwLock::new(()))))
}

fn task_lock() -> Arc<TaskLock> {
    Arc::new(Guarded::new(Arc::new(task::RwLock::new(()))))
}

fn thread_readers(check: Check) {
    check
        .outcomes(&["a reader was there", "no reader was left"])
        .overdue(&[false, true])
        .run(|run| {
            let lock = thread_lock();
            let (read, guard) = (lock.read_owned(), lock.upgradable_read());
            let reader = spawn({
                let lock = Arc::clone(&lock);
                move || {
                    assert_eq!(lock.value(), 0);
                    drop(read);
                }
            });
            run.saw(if lock.reader_count() == 2 {
                "a reader was there"
            } else {
                "no reader was left"
            });
            let guard = ThreadUpgradable::upgrade(guard);
            lock.bump();
            drop(guard);
            reader.join().unwrap();
            lock.assert_quiet();
        });
}

/// An upgrade comes before a writer who waits already, and behind whom a reader waits.
fn thread_writer(check: Check) {
    check
        .outcomes(&["a writer waited", "no writer waited"])
        .overdue(&[false, true])
        .min_executions(20)
        .run(|run| {
            let lock = thread_lock();
            let (read, guard) = (lock.read_owned(), lock.upgradable_read());
            let writer = spawn({
                let lock = Arc::clone(&lock);
                move || {
                    let guard = lock.write();
                    assert_eq!(lock.value(), 1, "the upgrade comes first");
                    lock.bump();
                    drop(guard);
                }
            });
            let reader = spawn({
                let lock = Arc::clone(&lock);
                move || {
                    assert_eq!(lock.value(), 0);
                    drop(read);
                }
            });
            run.saw(if lock.waiting() == 1 {
                "a writer waited"
            } else {
                "no writer waited"
            });
            let guard = ThreadUpgradable::upgrade(guard);
            assert_eq!(lock.value(), 0, "no writer came in between");
            lock.bump();
            drop(guard);
            reader.join().unwrap();
            writer.join().unwrap();
            assert_eq!(lock.value(), 2);
            lock.assert_quiet();
        });
}

fn thread_timed(check: Check) {
    check
        .outcomes(&["granted", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let lock = thread_lock();
            let (read, guard) = (lock.read_owned(), lock.upgradable_read());
            let reader = spawn({
                let lock = Arc::clone(&lock);
                move || {
                    assert_eq!(lock.value(), 0);
                    drop(read);
                }
            });
            let guard = match ThreadUpgradable::upgrade_timeout(guard, LONG) {
                Ok(guard) => {
                    run.saw("granted");
                    lock.bump();
                    thread::RwLockWriteGuard::downgrade_to_upgradable(guard)
                }
                Err(guard) => {
                    run.saw("timed out");
                    assert_eq!(lock.value(), 0);
                    guard
                }
            };
            reader.join().unwrap();
            assert_eq!(lock.reader_count(), 1);
            assert!(ThreadUpgradable::upgrade_deadline(guard, Instant::now()).is_ok());
            lock.assert_quiet();
        });
}

fn thread_owned_timed(check: Check) {
    check
        .outcomes(&["granted", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let lock = thread_lock();
            let (read, guard) = (lock.read_owned(), lock.upgradable_read_owned());
            let reader = spawn({
                let lock = Arc::clone(&lock);
                move || {
                    assert_eq!(lock.value(), 0);
                    drop(read);
                }
            });
            let guard = match thread::RwLock::upgrade_owned_timeout(guard, LONG) {
                Ok(guard) => {
                    run.saw("granted");
                    lock.bump();
                    OwnedRwLockWriteGuard::downgrade_to_upgradable(guard)
                }
                Err(guard) => {
                    run.saw("timed out");
                    guard
                }
            };
            reader.join().unwrap();
            let guard = thread::RwLock::upgrade_owned_deadline(guard, Instant::now());
            let guard = OwnedRwLockWriteGuard::downgrade_to_upgradable(guard.unwrap());
            drop(thread::RwLock::upgrade_owned(guard));
            lock.assert_quiet();
        });
}

/// A reader who waits for a writer is let in by its downgrade, and a writer is not.
fn thread_downgrade(check: Check) {
    check
        .outcomes(&["a reader waited", "no reader waited"])
        .overdue(&[false, true])
        .run(|run| {
            let lock = thread_lock();
            let guard = lock.write();
            let reader = spawn({
                let lock = Arc::clone(&lock);
                move || {
                    let guard = lock.read();
                    assert_eq!(lock.value(), 1);
                    drop(guard);
                }
            });
            run.saw(if lock.waiting() == 1 {
                "a reader waited"
            } else {
                "no reader waited"
            });
            lock.bump();
            let guard = thread::RwLockWriteGuard::downgrade(guard);
            // It does not wait for this one.
            reader.join().unwrap();
            assert_eq!(lock.value(), 1);
            drop(guard);
            lock.assert_quiet();
        });
}

fn task_readers(check: Check) {
    check
        .outcomes(&["a reader was there", "no reader was left"])
        .run(|run| {
            let lock = task_lock();
            let read = lock.try_read_owned().unwrap();
            let reader = spawn({
                let lock = Arc::clone(&lock);
                move || {
                    assert_eq!(lock.value(), 0);
                    drop(read);
                }
            });
            block_on(async {
                let guard = lock.upgradable_read().await;
                run.saw(if lock.reader_count() == 2 {
                    "a reader was there"
                } else {
                    "no reader was left"
                });
                let guard = TaskUpgradable::upgrade(guard).await;
                lock.bump();
                drop(guard);
            });
            reader.join().unwrap();
            lock.assert_quiet();
        });
}

/// An upgrade comes before a writer who waits already.
fn task_writer(check: Check) {
    check
        .outcomes(&["a writer waited", "no writer waited"])
        .min_executions(20)
        .run(|run| {
            let lock = task_lock();
            let read = lock.try_read_owned().unwrap();
            let guard = lock.try_upgradable_read().unwrap();
            let writer = spawn({
                let lock = Arc::clone(&lock);
                move || {
                    block_on(async {
                        let guard = lock.write().await;
                        assert_eq!(lock.value(), 1, "the upgrade comes first");
                        lock.bump();
                        drop(guard);
                    });
                }
            });
            let reader = spawn({
                let lock = Arc::clone(&lock);
                move || {
                    assert_eq!(lock.value(), 0);
                    drop(read);
                }
            });
            run.saw(if lock.waiting() == 1 {
                "a writer waited"
            } else {
                "no writer waited"
            });
            block_on(async {
                let guard = TaskUpgradable::upgrade(guard).await;
                assert_eq!(lock.value(), 0, "no writer came in between");
                lock.bump();
                drop(guard);
            });
            reader.join().unwrap();
            writer.join().unwrap();
            assert_eq!(lock.value(), 2);
            lock.assert_quiet();
        });
}

fn task_timed(check: Check) {
    check
        .outcomes(&["granted", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let lock = task_lock();
            let read = lock.try_read_owned().unwrap();
            let guard = lock.try_upgradable_read().unwrap();
            let reader = spawn({
                let lock = Arc::clone(&lock);
                move || {
                    assert_eq!(lock.value(), 0);
                    drop(read);
                }
            });
            let guard = match block_on(TaskUpgradable::upgrade_timeout(guard, LONG)) {
                Ok(guard) => {
                    run.saw("granted");
                    lock.bump();
                    task::RwLockWriteGuard::downgrade_to_upgradable(guard)
                }
                Err(guard) => {
                    run.saw("timed out");
                    assert_eq!(lock.value(), 0);
                    guard
                }
            };
            reader.join().unwrap();
            assert_eq!(lock.reader_count(), 1);
            let last = TaskUpgradable::upgrade_deadline(guard, Instant::now());
            assert!(block_on(last).is_ok());
            lock.assert_quiet();
        });
}

fn task_owned_timed(check: Check) {
    check
        .outcomes(&["granted", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let lock = task_lock();
            let read = lock.try_read_owned().unwrap();
            let guard = lock.try_upgradable_read_owned().unwrap();
            let reader = spawn({
                let lock = Arc::clone(&lock);
                move || {
                    assert_eq!(lock.value(), 0);
                    drop(read);
                }
            });
            let guard = match block_on(task::RwLock::upgrade_owned_timeout(guard, LONG)) {
                Ok(guard) => {
                    run.saw("granted");
                    lock.bump();
                    OwnedRwLockWriteGuard::downgrade_to_upgradable(guard)
                }
                Err(guard) => {
                    run.saw("timed out");
                    guard
                }
            };
            reader.join().unwrap();
            let guard = block_on(task::RwLock::upgrade_owned_deadline(guard, Instant::now()));
            let guard = OwnedRwLockWriteGuard::downgrade_to_upgradable(guard.unwrap());
            drop(block_on(task::RwLock::upgrade_owned(guard)));
            lock.assert_quiet();
        });
}

fn task_downgrade(check: Check) {
    check
        .outcomes(&["a reader waited", "no reader waited"])
        .run(|run| {
            let lock = task_lock();
            let guard = lock.try_write().unwrap();
            let reader = spawn({
                let lock = Arc::clone(&lock);
                move || {
                    block_on(async {
                        let guard = lock.read().await;
                        assert_eq!(lock.value(), 1);
                        drop(guard);
                    });
                }
            });
            run.saw(if lock.waiting() == 1 {
                "a reader waited"
            } else {
                "no reader waited"
            });
            lock.bump();
            let guard = task::RwLockWriteGuard::downgrade_to_upgradable(guard);
            // It does not wait for this one.
            reader.join().unwrap();
            assert_eq!(lock.value(), 1);
            drop(guard);
            lock.assert_quiet();
        });
}

/// An upgrade that is dropped unlocks, granted or not, and lets in whoever stood behind it.
fn dropped_upgrade(check: Check) {
    check
        .outcomes(&["granted before the drop", "dropped before the grant"])
        .min_executions(20)
        .run(|run| {
            let lock = task_lock();
            let read = lock.try_read_owned().unwrap();
            let guard = lock.try_upgradable_read().unwrap();
            let waker = CountingWaker::new();
            let mut upgrade = Box::pin(TaskUpgradable::upgrade(guard));
            assert!(poll_once(upgrade.as_mut(), &waker).is_pending());
            let reader = spawn({
                let lock = Arc::clone(&lock);
                move || {
                    assert_eq!(lock.value(), 0);
                    drop(read);
                }
            });
            let behind = spawn({
                let lock = Arc::clone(&lock);
                move || {
                    block_on(async {
                        let guard = lock.write().await;
                        lock.bump();
                        drop(guard);
                    });
                }
            });
            drop(upgrade);
            run.saw(if waker.wakes() == 1 {
                "granted before the drop"
            } else {
                "dropped before the grant"
            });
            reader.join().unwrap();
            behind.join().unwrap();
            assert_eq!(lock.value(), 1);
            assert_eq!(waker.clones(), 0);
            lock.assert_quiet();
        });
}

/// A read takes over what an upgrade of the same task was granted: that one is the first again, before a
/// writer who waits.
fn taken_over(check: Check) {
    check
        .outcomes(&["granted to the upgrade", "not granted yet"])
        .run(|run| {
            let lock = task_lock();
            let read = lock.try_read_owned().unwrap();
            let guard = lock.try_upgradable_read().unwrap();
            let (waker, other) = (CountingWaker::new(), CountingWaker::new());
            let mut upgrade = pin!(TaskUpgradable::upgrade(guard));
            assert!(poll_once(upgrade.as_mut(), &waker).is_pending());
            let mut writer = pin!(lock.write());
            assert!(poll_once(writer.as_mut(), &other).is_pending());
            let reader = spawn({
                let lock = Arc::clone(&lock);
                move || {
                    assert_eq!(lock.value(), 0);
                    drop(read);
                }
            });
            let mut second = pin!(lock.read());
            assert!(poll_once(second.as_mut(), &waker).is_pending());
            run.saw(if waker.wakes() > 0 {
                "granted to the upgrade"
            } else {
                "not granted yet"
            });
            reader.join().unwrap();
            let mut got = poll_once(second.as_mut(), &waker);
            if got.is_pending() {
                got = poll_once(second.as_mut(), &waker);
            }
            assert!(got.is_ready(), "the grant of this task is taken over");
            assert!(poll_once(upgrade.as_mut(), &waker).is_pending());
            drop(got);
            let Poll::Ready(guard) = poll_once(upgrade.as_mut(), &waker) else {
                unreachable!("nobody else reads, and it stands before the writer")
            };
            lock.bump();
            drop(guard);
            assert!(poll_once(writer.as_mut(), &other).is_ready());
            lock.assert_quiet();
        });
}

/// A thread's upgrade comes before a task that waits to write, and before a reader behind that.
fn mixed_upgrade(check: Check) {
    check
        .outcomes(&["a reader was there", "no reader was left"])
        .overdue(&[false, true])
        .run(|run| {
            let lock = thread_lock();
            let (read, guard) = (lock.read_owned(), lock.upgradable_read());
            let waker = CountingWaker::new();
            let mut head = pin!(lock.as_task().write());
            assert!(poll_once(head.as_mut(), &waker).is_pending());
            let reader = spawn({
                let lock = Arc::clone(&lock);
                move || {
                    assert_eq!(lock.value(), 0);
                    drop(read);
                }
            });
            run.saw(if lock.reader_count() == 2 {
                "a reader was there"
            } else {
                "no reader was left"
            });
            let guard = ThreadUpgradable::upgrade(guard);
            lock.bump();
            assert_eq!(waker.wakes(), 0);
            drop(guard);
            assert_eq!(waker.wakes(), 1);
            assert!(poll_once(head.as_mut(), &waker).is_ready());
            reader.join().unwrap();
            lock.assert_quiet();
        });
}
