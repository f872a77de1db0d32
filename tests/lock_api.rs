//! The raw locks inside of those of the crate `lock_api`: data, guards, and what can be done with them.
#![cfg(not(syncline_loom))]
#![expect(
    clippy::significant_drop_tightening,
    reason = "each guard is held for as long as it is to be"
)]

use core::time::Duration;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use lock_api::{MutexGuard, RwLockUpgradableReadGuard, RwLockWriteGuard};
use syncline::thread::{RawLock, RawRwLock};

type Mutex<T> = lock_api::Mutex<RawLock, T>;
type RwLock<T> = lock_api::RwLock<RawRwLock, T>;

const SOON: Duration = Duration::from_millis(1);

#[test]
fn threads_add_to_a_number_in_a_mutex_of_lock_api_one_at_a_time() {
    static TOTAL: Mutex<u64> = Mutex::new(0);
    thread::scope(|scope| {
        for n in 0..4 {
            scope.spawn(move || {
                for _ in 0..1000 {
                    let mut total = TOTAL.lock();
                    *total += n;
                    if *total % 7 == 0 {
                        MutexGuard::unlock_fair(total);
                    }
                }
            });
        }
    });
    assert_eq!(6000, *TOTAL.lock());
}

#[test]
fn a_mutex_of_lock_api_has_all_its_forms() {
    let mutex = Mutex::new(1);
    let guard = mutex.try_lock_for(SOON).unwrap();
    assert!(mutex.is_locked());
    assert!(mutex.try_lock().is_none());
    assert!(mutex.try_lock_for(SOON).is_none());
    assert!(mutex.try_lock_until(Instant::now()).is_none());
    drop(guard);
    let mut guard = mutex.try_lock_until(Instant::now()).unwrap();
    MutexGuard::unlocked(&mut guard, || *mutex.lock() = 2);
    MutexGuard::bump(&mut guard);
    assert_eq!(2, *guard);
    // A guard may be dropped by another thread.
    thread::scope(|scope| drop(scope.spawn(move || drop(guard))));
    assert!(!mutex.is_locked());
    assert_eq!(2, mutex.into_inner());
}

#[test]
fn what_a_panic_leaves_locked_a_mutex_of_lock_api_unlocks() {
    let mutex = Arc::new(Mutex::new(0));
    let inside = Arc::clone(&mutex);
    let panics = thread::spawn(move || {
        let _guard = inside.lock();
        panic!("inside");
    });
    panics.join().unwrap_err();
    assert!(!mutex.is_locked());
}

#[test]
fn a_lock_of_lock_api_lets_readers_in_together_and_can_be_up_and_downgraded() {
    let lock = RwLock::new(1);
    let (one, other) = (lock.read(), lock.try_read_for(SOON).unwrap());
    let again = lock.read_recursive();
    assert!(lock.is_locked() && !lock.is_locked_exclusive());
    assert!(lock.try_write().is_none() && lock.try_write_for(SOON).is_none());
    let upgradable = lock.upgradable_read();
    assert!(lock.try_upgradable_read().is_none());
    let upgradable = RwLockUpgradableReadGuard::try_upgrade(upgradable)
        .map(drop)
        .unwrap_err();
    drop((one, other, again));
    let mut writer = RwLockUpgradableReadGuard::upgrade(upgradable);
    *writer += 1;
    assert!(lock.is_locked_exclusive());
    assert!(lock.try_read().is_none() && lock.try_read_until(Instant::now()).is_none());
    let upgradable = RwLockWriteGuard::downgrade_to_upgradable(writer);
    assert_eq!(2, *lock.read());
    let Ok(writer) = RwLockUpgradableReadGuard::try_upgrade_for(upgradable, SOON) else {
        panic!("nobody else reads")
    };
    let upgradable = RwLockWriteGuard::downgrade_to_upgradable(writer);
    let reader = RwLockUpgradableReadGuard::downgrade(upgradable);
    assert!(lock.try_upgradable_read_for(SOON).is_some());
    drop(reader);
    let reader = RwLockWriteGuard::downgrade(lock.try_write_until(Instant::now()).unwrap());
    assert_eq!(2, *reader);
    drop(reader);
    assert!(!lock.is_locked());
    assert_eq!(2, lock.into_inner());
}

/// What one writes beside the other reads would be seen by the sum.
#[test]
fn readers_of_a_lock_of_lock_api_see_whole_writes() {
    let lock = RwLock::new((0_u64, 0_u64));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for n in 0..1000 {
                    let mut both = lock.write();
                    both.0 += n;
                    both.1 += n;
                }
            });
            scope.spawn(|| {
                for _ in 0..1000 {
                    let both = lock.read();
                    assert_eq!(both.0, both.1);
                }
            });
        }
    });
    assert_eq!((999_000, 999_000), lock.into_inner());
}

#[test]
fn guards_of_lock_api_may_be_sent() {
    fn send<T: Send>() {}
    send::<MutexGuard<'_, RawLock, u8>>();
    send::<RwLockWriteGuard<'_, RawRwLock, u8>>();
}
