//! The lock for readers and writers.

use crate::driver::Driver;
use crate::watch::until_waiting;
use std::sync::Arc;
use std::thread;
use syncline::internals::Quiet;
use syncline::task::{self, block_on};
use syncline::thread::{
    OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock, RwLockReadGuard,
    RwLockUpgradableReadGuard, RwLockWriteGuard,
};

#[test]
fn threads_and_tasks_read_and_write_what_the_lock_guards() {
    let lock = Arc::new(RwLock::new(Vec::new()));
    let blocking = thread::spawn({
        let lock = Arc::clone(&lock);
        move || {
            for value in 0..3 {
                let reader = lock.upgradable_read();
                let count = reader.len();
                let mut writer = RwLockUpgradableReadGuard::upgrade(reader);
                assert_eq!(count, writer.len());
                writer.push(value);
                let reader = RwLockWriteGuard::downgrade(writer);
                assert_eq!(Some(&value), reader.last());
            }
        }
    });
    let polling = thread::spawn({
        let lock = Arc::clone(&lock).into_task();
        move || {
            block_on(async {
                for value in 0..3 {
                    lock.write().await.push(value);
                    assert!(!lock.read_owned().await.is_empty());
                }
            });
        }
    });
    for _ in 0..3 {
        let reader = lock.read();
        let again = lock.read_recursive();
        assert_eq!(reader.len(), again.len());
    }
    blocking.join().unwrap();
    polling.join().unwrap();
    assert_eq!(6, lock.read().len());
    lock.assert_quiet();
}

#[test]
fn parts_are_read_and_written_while_others_read_parts() {
    let lock = Arc::new(RwLock::new((Box::new(1), Box::new([2, 3]))));
    let first = RwLockReadGuard::map(lock.read(), |pair| &*pair.0);
    let second = OwnedRwLockReadGuard::map(lock.read_owned(), |pair| &pair.1[..]);
    let third = lock.upgradable_read();
    assert_eq!((1, 3, 2), (*first, second[1], third.1[0]));
    drop((first, second));
    drop(RwLockUpgradableReadGuard::try_upgrade(third).unwrap());
    let mut part = RwLockWriteGuard::map(lock.write(), |pair| &mut pair.1[1]);
    *part += 1;
    drop(part);
    let mut part = OwnedRwLockWriteGuard::map(lock.write_owned(), |pair| &mut *pair.0);
    let gone = Arc::downgrade(&lock);
    drop(lock);
    *part += 1;
    assert_eq!(2, *part);
    drop(part);
    assert_eq!(0, gone.strong_count());
}

/// Trap A9.
#[test]
fn the_waiter_frees_the_lock_under_the_releaser() {
    let lock = Arc::new(RwLock::new(Box::new(0)));
    let guard = lock.read_owned();
    let waits = thread::spawn({
        let lock = Arc::clone(&lock);
        move || {
            let mut guard = lock.write_owned();
            drop(lock);
            **guard += 1;
        }
    });
    until_waiting(&*lock, 1);
    drop(lock);
    drop(guard);
    waits.join().unwrap();
}

#[test]
fn an_upgrade_that_is_dropped_at_any_point_leaves_nothing_behind() {
    let lock = Arc::new(task::RwLock::new(Box::new(0)));
    for polled in [false, true] {
        for granted in [false, true] {
            let reader = lock.try_read_owned().unwrap();
            let guard = lock.try_upgradable_read_owned().unwrap();
            let mut upgrade = Driver::new(task::RwLock::upgrade_owned(guard));
            if polled {
                upgrade.pending();
            }
            if granted {
                drop(reader);
                drop(upgrade);
            } else {
                drop(upgrade);
                drop(reader);
            }
            assert!(!lock.is_locked());
            lock.assert_quiet();
        }
    }
    assert_eq!(1, Arc::strong_count(&lock));
}
