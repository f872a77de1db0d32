//! The re-entrant lock.

use crate::driver::Driver;
use crate::watch::until_waiting;
use core::cell::{Cell, RefCell};
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::Arc;
use std::thread;
use syncline::internals::Quiet;
use syncline::task::{self, block_on};
use syncline::thread::{MappedRLockGuard, RLock, RLockGuard};

#[test]
fn threads_write_to_a_cell_on_every_level() {
    let lock = Arc::new(RLock::new(Cell::new(0)));
    let adds = || {
        let lock = Arc::clone(&lock);
        move || {
            for _ in 0..3 {
                let outer = lock.lock();
                outer.set(outer.get() + 1);
                let inner = lock.lock_owned();
                drop(outer);
                inner.set(inner.get() + 1);
            }
        }
    };
    let other = thread::spawn(adds());
    adds()();
    other.join().unwrap();
    assert_eq!(12, lock.lock().get());
    assert_eq!(12, Arc::into_inner(lock).unwrap().into_inner().get());
}

/// Trap A9.
#[test]
fn the_waiter_frees_the_lock_under_the_releaser() {
    let lock = Arc::new(RLock::new(RefCell::new(Box::new(0))));
    let (outer, inner) = (lock.lock_owned(), lock.lock_owned());
    let waits = thread::spawn({
        let lock = Arc::clone(&lock);
        move || {
            let guard = lock.lock_owned();
            drop(lock);
            **guard.borrow_mut() += 1;
        }
    });
    until_waiting(&*lock, 1);
    drop(lock);
    drop(inner);
    drop(outer);
    waits.join().unwrap();
}

/// The last guard of a task goes on one of two threads, and frees the lock there.
#[test]
fn guards_of_one_task_are_dropped_by_two_threads() {
    let lock = Arc::new(task::RLock::new((AtomicU32::new(0), Box::new(7))));
    let (one, other) = block_on(async { (lock.lock_owned().await, lock.lock_owned().await) });
    drop(lock);
    let drops = thread::spawn(move || {
        one.0.fetch_add(1, Relaxed);
        drop(one);
    });
    assert_eq!(7, *other.1);
    other.0.fetch_add(1, Relaxed);
    drop(other);
    drops.join().unwrap();
}

#[test]
fn the_last_guard_goes_elsewhere_while_its_task_locks_again() {
    for _ in 0..3 {
        let lock = Arc::new(task::RLock::new(Box::new(7)));
        block_on(async {
            let sent = lock.lock_owned().await;
            let drops = thread::spawn(move || drop(sent));
            let again = lock.lock().await;
            assert_eq!(7, **again);
            drops.join().unwrap();
            assert_eq!(1, task::RLockGuard::depth(&again));
        });
        lock.assert_quiet();
    }
}

#[test]
fn a_request_leaves_the_line_because_its_task_has_come_in() {
    let lock = Arc::new(task::RLock::new(0));
    let held = block_on(lock.lock_owned());
    block_on(async {
        let mut first = Driver::waiting(lock.lock_owned());
        let mut second = Driver::waiting(lock.lock_owned());
        thread::spawn(move || drop(held)).join().unwrap();
        let guards = (first.poll(), second.poll());
        assert!(guards.0.is_ready() && guards.1.is_ready());
        assert_eq!(0, lock.waiting());
        drop((first, guards, second));
    });
    assert_eq!(1, Arc::strong_count(&lock));
    lock.assert_quiet();
}

#[test]
fn guards_are_mapped_and_handed_over() {
    let lock = Arc::new(RLock::new((Cell::new(0), Cell::new(0))));
    let outer = lock.lock();
    let part = RLockGuard::map(lock.lock(), |pair| &pair.1);
    let part = MappedRLockGuard::map(part, |cell| {
        outer.1.set(1);
        cell
    });
    let other = thread::spawn({
        let lock = Arc::clone(&lock);
        move || lock.lock().0.set(2)
    });
    until_waiting(&*lock, 1);
    part.set(part.get() + 1);
    RLockGuard::unlock_fair(outer);
    MappedRLockGuard::unlock_fair(part);
    other.join().unwrap();
    assert_eq!(
        (Cell::new(2), Cell::new(2)),
        Arc::into_inner(lock).unwrap().into_inner()
    );
}

#[test]
fn a_lock_without_a_size_is_shared_and_cast() {
    let lock: Arc<RLock<[i32]>> = Arc::new(RLock::new([1, 2]));
    let whole = lock.lock_owned();
    let part = RLockGuard::map(lock.lock(), |all| &all[1]);
    assert_eq!((&[1, 2][..], 2), (&*whole, *part));
    drop((whole, part));
    let lock = lock.into_task();
    assert_eq!([1, 2], *block_on(lock.lock_owned()));
    assert_eq!([1, 2], *lock.into_thread().lock());
}
