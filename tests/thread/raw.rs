//! The locks without guards: whoever unlocks too often, or what is not its own, is told so.

use crate::watch::{until_waiting, watched};
use core::cell::Cell;
use core::panic::AssertUnwindSafe;
use core::time::Duration;
use std::panic::catch_unwind;
use std::thread;
use std::time::Instant;
use syncline::internals::Quiet;
use syncline::thread::{Condition, Lock, RawLock, RawRLock, RawRwLock};

/// As often as one thread can lock.
const FULL: usize = 65_535;

/// What another thread finds without waiting for long.
fn elsewhere<R: Send>(look: impl FnOnce() -> R + Send) -> R {
    thread::scope(|scope| scope.spawn(look).join().unwrap())
}

#[test]
fn a_raw_lock_is_locked_in_every_form_and_unlocked_once_for_each() {
    let lock = RawLock::default();
    let forms: [&dyn Fn() -> bool; 4] = [
        &|| lock.try_lock(),
        &|| lock.lock_timeout(Duration::ZERO).is_ok(),
        &|| lock.lock_timeout(Duration::MAX).is_ok(),
        &|| lock.lock_deadline(Instant::now()).is_ok(),
    ];
    for form in forms {
        assert!(form());
        assert!(lock.is_locked());
        assert!(!lock.try_lock());
        assert!(lock.lock_timeout(Duration::ZERO).is_err());
        assert!(lock.lock_deadline(Instant::now()).is_err());
        assert!(lock.try_unlock().is_ok());
        assert!(lock.try_unlock().is_err());
        assert!(!lock.is_locked());
    }
    lock.lock();
    assert!(elsewhere(|| lock.try_unlock().is_ok()));
    lock.assert_quiet();
}

#[test]
fn a_raw_lock_that_is_unlocked_too_often_is_still_a_lock() {
    let lock = RawLock::new();
    watched(&lock, || {
        lock.lock();
        thread::scope(|scope| {
            let waiters = [(); 3].map(|()| {
                scope.spawn(|| {
                    lock.lock();
                    // Nobody else can have it: all unlocks but one have failed.
                    lock.try_unlock().unwrap();
                })
            });
            until_waiting(&lock, 3);
            assert!(lock.try_unlock().is_ok());
            for waiter in waiters {
                waiter.join().unwrap();
            }
        });
        for _ in 0..3 {
            assert!(lock.try_unlock().is_err());
        }
        assert!(lock.try_lock());
        assert!(!lock.try_lock());
        assert!(lock.try_unlock().is_ok());
    });
    lock.assert_quiet();
}

#[test]
fn a_guard_is_lent_only_of_a_lock_that_is_locked() {
    let (lock, changed) = (RawLock::new(), Condition::new());
    let never: Result<(), _> = lock.with_guard(|_| unreachable!("it is not locked"));
    never.unwrap_err();
    lock.lock();
    let inside = lock
        .with_guard(|guard| {
            // It is the guard's now.
            assert!(lock.try_unlock().is_err());
            let (guard, notified) = changed.wait_timeout(guard, Duration::ZERO);
            assert!(lock.is_locked());
            (guard, notified)
        })
        .unwrap();
    assert!(inside.is_err());
    assert!(lock.try_unlock().is_ok());
    lock.assert_quiet();
}

#[test]
fn a_raw_lock_whose_guard_is_lost_is_unlocked() {
    let (lock, other) = (RawLock::new(), Box::leak(Box::new(Lock::new(()))));
    lock.lock();
    let panics = || lock.with_guard(|_guard| -> (_, ()) { panic!("inside") });
    catch_unwind(AssertUnwindSafe(panics)).unwrap_err();
    assert!(!lock.is_locked());
    lock.lock();
    let swaps = || lock.with_guard(|_guard| (other.lock(), ()));
    catch_unwind(AssertUnwindSafe(swaps)).unwrap_err();
    assert!(!lock.is_locked() && !other.is_locked());
    assert!(lock.try_unlock().is_err());
    lock.assert_quiet();
}

#[test]
fn a_raw_re_entrant_lock_is_unlocked_by_its_thread_as_often_as_it_was_locked() {
    let lock = RawRLock::default();
    lock.lock();
    assert!(lock.try_lock());
    assert!(lock.lock_timeout(Duration::ZERO).is_ok());
    assert!(lock.lock_deadline(Instant::now()).is_ok());
    assert_eq!((true, 4), (lock.is_owned(), lock.depth()));
    assert_eq!((false, 0), elsewhere(|| (lock.is_owned(), lock.depth())));
    assert!(elsewhere(|| lock.try_unlock().is_err()));
    assert!(elsewhere(|| !lock.try_lock()));
    for left in (0..4).rev() {
        assert!(lock.is_locked());
        assert!(lock.try_unlock().is_ok());
        assert_eq!(left, lock.depth());
    }
    assert!(lock.try_unlock().is_err());
    assert!(elsewhere(|| lock.try_lock() && lock.try_unlock().is_ok()));
    lock.assert_quiet();
}

#[test]
fn a_raw_re_entrant_lock_that_is_full_says_so_and_loses_no_level() {
    let lock = RawRLock::new();
    for _ in 0..FULL {
        lock.lock();
    }
    catch_unwind(AssertUnwindSafe(|| lock.lock())).unwrap_err();
    assert_eq!(FULL, lock.depth());
    for _ in 0..FULL {
        lock.try_unlock().unwrap();
    }
    assert!(!lock.is_locked());
    lock.assert_quiet();
}

#[test]
fn a_wait_with_a_raw_re_entrant_lock_gives_up_all_levels_and_restores_them() {
    let (lock, changed) = (RawRLock::new(), Condition::new());
    watched(&lock, || {
        thread::scope(|scope| {
            scope.spawn(|| {
                let none: Result<(), _> =
                    lock.with_guard(|_| unreachable!("it is not this thread's"));
                none.unwrap_err();
                for _ in 0..3 {
                    lock.lock();
                }
                lock.with_guard(|guard| (changed.wait_nested(guard), ()))
                    .unwrap();
                assert_eq!(3, lock.depth());
                for _ in 0..3 {
                    lock.try_unlock().unwrap();
                }
            });
            until_waiting(&changed, 1);
            lock.lock();
            assert!(changed.notify_one());
            lock.try_unlock().unwrap();
        });
    });
    lock.assert_quiet();
}

/// Documented: the guard has no level left then.
#[test]
fn whoever_unlocks_the_level_of_a_guard_that_was_lent_is_told_by_a_panic() {
    let lock = RawRLock::new();
    lock.lock();
    let unlocks = || {
        lock.with_guard(|guard| {
            lock.try_unlock().unwrap();
            lock.try_unlock().unwrap();
            assert!(lock.try_unlock().is_err());
            (guard, ())
        })
    };
    catch_unwind(AssertUnwindSafe(unlocks)).unwrap_err();
    assert!(!lock.is_locked());
    assert!(elsewhere(|| lock.try_lock() && lock.try_unlock().is_ok()));
    lock.assert_quiet();
}

#[test]
fn a_raw_lock_for_readers_and_writers_knows_what_there_is_to_unlock() {
    let lock = RawRwLock::default();
    assert!(lock.try_unlock_read().is_err() && lock.try_unlock_write().is_err());
    lock.read();
    assert!(lock.try_read());
    assert!(lock.read_timeout(Duration::ZERO).is_ok());
    assert!(lock.read_deadline(Instant::now()).is_ok());
    assert_eq!(4, lock.reader_count());
    assert!(lock.try_unlock_write().is_err());
    assert!(!lock.try_write());
    assert!(lock.write_timeout(Duration::ZERO).is_err());
    for _ in 0..4 {
        assert!(elsewhere(|| lock.try_unlock_read().is_ok()));
    }
    assert!(lock.try_unlock_read().is_err());
    let forms: [&dyn Fn() -> bool; 3] = [
        &|| lock.try_write(),
        &|| lock.write_timeout(Duration::MAX).is_ok(),
        &|| lock.write_deadline(Instant::now()).is_ok(),
    ];
    for form in forms {
        assert!(form());
        assert!(lock.is_write_locked());
        assert!(!lock.try_read());
        assert!(lock.try_unlock_read().is_err());
        assert!(lock.try_unlock_write().is_ok());
        assert!(lock.try_unlock_write().is_err());
        assert!(!lock.is_locked());
    }
    lock.assert_quiet();
}

#[test]
fn who_waits_for_a_raw_lock_is_let_in_by_whoever_unlocks() {
    let lock = RawRwLock::new();
    watched(&lock, || {
        let writes = Cell::new(0);
        lock.write();
        thread::scope(|scope| {
            let readers = [(); 2].map(|()| {
                scope.spawn(|| {
                    lock.read();
                    lock.try_unlock_read().unwrap();
                })
            });
            until_waiting(&lock, 2);
            writes.set(writes.get() + 1);
            lock.try_unlock_write().unwrap();
            for reader in readers {
                reader.join().unwrap();
            }
        });
        assert_eq!((1, false), (writes.get(), lock.is_locked()));
    });
    lock.assert_quiet();
}
