//! The lock, as tasks see it.

use crate::driver::Driver;
use crate::watch::watched;
use core::fmt::Debug;
use core::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::thread;
use syncline::OwnedLockGuard;
use syncline::internals::Quiet;
use syncline::task::{Lock, LockGuard};

#[test]
fn a_free_lock_is_taken_at_the_first_poll() {
    let lock = Arc::new(Lock::new(1));
    *Driver::new(lock.lock()).ready() += 1;
    *Driver::new(lock.lock_owned()).ready() += 1;
    assert_eq!(3, *lock.try_lock().unwrap());
    assert_eq!(3, *lock.try_lock_owned().unwrap());
    lock.assert_quiet();
}

#[test]
fn try_lock_is_none_exactly_while_the_lock_is_held() {
    let lock = Arc::new(Lock::new(()));
    let guard = lock.try_lock().unwrap();
    assert!(lock.try_lock().is_none());
    assert!(lock.try_lock_owned().is_none());
    drop(guard);
    let guard = lock.try_lock_owned().unwrap();
    assert!(lock.try_lock().is_none());
    drop(guard);
    assert!(lock.try_lock().is_some());
}

#[test]
fn a_waiting_task_is_woken_once_and_finds_what_the_holder_wrote() {
    let lock = Lock::new(0);
    let mut guard = lock.try_lock().unwrap();
    let waiter = Driver::waiting(lock.lock());
    *guard = 7;
    assert!(!waiter.is_woken());
    drop(guard);
    assert_eq!(1, waiter.probe().wakes());
    assert_eq!(7, *waiter.woken());
    lock.assert_quiet();
}

#[test]
fn a_granted_lock_counts_as_locked_before_it_is_claimed() {
    let lock = Lock::new(());
    let guard = lock.try_lock().unwrap();
    let waiter = Driver::waiting(lock.lock());
    drop(guard);
    assert!(lock.is_locked());
    assert!(lock.try_lock().is_none());
    drop(waiter.woken());
    assert!(!lock.is_locked());
}

#[test]
fn unlock_fair_hands_the_lock_to_the_waiting_task() {
    let lock = Lock::new(0);
    let guard = lock.try_lock().unwrap();
    let waiter = Driver::waiting(lock.lock());
    LockGuard::unlock_fair(guard);
    assert!(lock.try_lock().is_none());
    drop(waiter.woken());
    let guard = lock.try_lock().unwrap();
    LockGuard::unlock_fair(guard);
    assert!(!lock.is_locked());
    lock.assert_quiet();
}

#[test]
fn a_mapped_guard_shows_a_part_and_unlocks_the_whole() {
    let lock = Lock::new((1, String::from("two")));
    let waiter = {
        let mut part = LockGuard::map(lock.try_lock().unwrap(), |pair| &mut pair.1);
        part.push('!');
        assert_eq!("two!", *part);
        let waiter = Driver::waiting(lock.lock());
        assert!(!waiter.is_woken());
        waiter
    };
    assert_eq!((1, String::from("two!")), *waiter.woken());
    lock.assert_quiet();
}

#[test]
fn a_panic_while_a_guard_is_mapped_unlocks() {
    let lock = Lock::new(0);
    let map = || {
        LockGuard::map(lock.try_lock().unwrap(), |_| -> &mut i32 {
            panic!("no part")
        })
    };
    catch_unwind(AssertUnwindSafe(|| drop(map()))).unwrap_err();
    assert!(lock.try_lock().is_some());
}

/// Trap A61: no poisoning.
#[test]
fn a_panic_while_locked_unlocks_for_the_next_in_line() {
    let lock = Lock::new(0);
    let guard = lock.try_lock().unwrap();
    let waiter = Driver::waiting(lock.lock());
    catch_unwind(AssertUnwindSafe(move || {
        let _guard = guard;
        panic!("while locked");
    }))
    .unwrap_err();
    assert_eq!(0, *waiter.woken());
    assert!(lock.try_lock().is_some());
    lock.assert_quiet();
}

#[test]
fn an_owned_guard_may_be_dropped_by_another_thread() {
    let lock = Arc::new(Lock::new(0));
    let guard = Driver::new(lock.lock_owned()).ready();
    let waiter = Driver::waiting(lock.lock());
    watched(&lock, || thread::spawn(move || drop(guard)).join().unwrap());
    drop(waiter.woken());
    lock.assert_quiet();
}

/// Traps A9, B19.
#[test]
fn an_owned_guard_keeps_its_lock_alive_and_no_longer() {
    let lock = Arc::new(Lock::new(String::from("data")));
    let watch = Arc::downgrade(&lock);
    let mut guard = lock.try_lock_owned().unwrap();
    drop(lock);
    guard.push('!');
    assert_eq!("data!", *guard);
    drop(guard);
    assert_eq!(0, watch.strong_count());
}

/// Traps A9, B19, B25.
#[test]
fn an_owned_wait_that_is_the_last_to_know_its_lock_frees_it() {
    let lock = Arc::new(Lock::new(0));
    let watch = Arc::downgrade(&lock);
    let guard = lock.try_lock_owned().unwrap();
    let first = Driver::waiting(lock.lock_owned());
    let second = Driver::waiting(lock.lock_owned());
    drop(lock);
    drop(guard);
    drop(first.woken());
    drop(second);
    assert_eq!(0, watch.strong_count());
}

#[test]
fn get_mut_and_into_inner_need_no_waiting() {
    let mut lock = Lock::new(1);
    *lock.get_mut() += 1;
    assert_eq!(2, lock.into_inner());
}

#[test]
fn a_lock_can_hold_what_has_no_size() {
    let lock: Arc<Lock<[i32]>> = Arc::new(Lock::new([1, 2, 3]));
    lock.try_lock().unwrap()[0] = 4;
    assert_eq!([4, 2, 3], Driver::new(lock.lock_owned()).ready()[..]);
    let lock: Box<Lock<dyn Debug>> = Box::new(Lock::new(5));
    assert_eq!("5", format!("{:?}", &*Driver::new(lock.lock()).ready()));
}

/// Trap C6: `Debug` must not wait for what the caller holds.
#[test]
fn debug_output_waits_for_nobody() {
    let lock = Arc::new(Lock::new(41));
    watched(&"debug output", || {
        assert!(!format!("{lock:?}").is_empty());
        let guard = lock.try_lock().unwrap();
        let future = lock.lock();
        assert!(!format!("{lock:?} {guard:?} {future:?}").is_empty());
        drop(future);
        let waiter = Driver::waiting(lock.lock());
        assert!(!format!("{lock:?}").is_empty());
        drop(guard);
        let guard = waiter.woken();
        assert!(format!("{guard:?}").contains("41"), "{guard:?}");
        drop(guard);
        let guard: OwnedLockGuard<_> = lock.try_lock_owned().unwrap();
        assert!(!format!("{lock:?} {guard:?}").is_empty());
    });
    lock.assert_quiet();
}

#[test]
fn a_finished_future_panics_when_it_is_polled_again_and_keeps_the_lock_whole() {
    let lock = Lock::new(0);
    let mut driver = Driver::new(lock.lock());
    drop(driver.poll());
    catch_unwind(AssertUnwindSafe(|| drop(driver.poll()))).unwrap_err();
    drop(driver);
    assert!(lock.try_lock().is_some());
    lock.assert_quiet();
}
