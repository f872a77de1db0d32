//! The lock, as threads see it.

use crate::watch::{until, until_waiting, watched};
use core::fmt::Debug;
use core::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::thread;
use syncline::internals::Quiet;
use syncline::thread::{Lock, LockGuard, MappedLockGuard};

/// A thread that waits for `lock` and then adds one.
fn adds_one(lock: &Arc<Lock<u64>>) -> thread::JoinHandle<()> {
    let lock = Arc::clone(lock);
    thread::spawn(move || *lock.lock() += 1)
}

#[test]
fn a_free_lock_is_taken_by_every_form() {
    let lock = Arc::new(Lock::new(0));
    *lock.lock() += 1;
    *lock.try_lock().unwrap() += 1;
    *lock.lock_owned() += 1;
    *lock.try_lock_owned().unwrap() += 1;
    assert_eq!(4, *lock.lock());
    assert!(!lock.is_locked());
    lock.assert_quiet();
}

#[test]
fn try_lock_is_none_exactly_while_the_lock_is_held() {
    let lock = Arc::new(Lock::new(()));
    let guard = lock.lock();
    assert!(lock.try_lock().is_none());
    assert!(lock.try_lock_owned().is_none());
    drop(guard);
    let guard = lock.lock_owned();
    assert!(lock.try_lock().is_none());
    drop(guard);
    assert!(lock.try_lock().is_some());
}

#[test]
fn a_lock_excludes_threads() {
    let lock = Arc::new(Lock::new(0));
    watched(&lock, || {
        let add = |_| {
            let lock = Arc::clone(&lock);
            thread::spawn(move || (0..2000).for_each(|_| *lock.lock() += 1))
        };
        let threads: Vec<_> = (0..4).map(add).collect();
        for thread in threads {
            thread.join().unwrap();
        }
    });
    assert_eq!(4 * 2000, *lock.lock());
    lock.assert_quiet();
}

#[test]
fn waiting_threads_get_the_lock_one_after_the_other() {
    let lock = Arc::new(Lock::new(0));
    let guard = lock.lock();
    watched(&"waiting threads", || {
        let threads: Vec<_> = (0..4).map(|_| adds_one(&lock)).collect();
        until_waiting(&*lock, 4);
        drop(guard);
        for thread in threads {
            thread.join().unwrap();
        }
    });
    assert_eq!(4, *lock.lock());
    lock.assert_quiet();
}

/// Traps A10, A11.
#[test]
fn every_thread_sees_whether_the_lock_is_held() {
    let lock = Arc::new(Lock::new(()));
    let guard = lock.lock();
    watched(&"a look at the lock", || {
        let sees = |locked: bool| {
            let lock = Arc::clone(&lock);
            move || assert_eq!(locked, lock.is_locked())
        };
        thread::spawn(sees(true)).join().unwrap();
        drop(guard);
        thread::spawn(sees(false)).join().unwrap();
        let owned = lock.lock_owned();
        thread::spawn(sees(true)).join().unwrap();
        drop(owned);
        assert!(!lock.is_locked());
    });
}

/// Trap A61: no poisoning.
#[test]
fn a_panic_while_locked_unlocks() {
    let lock = Arc::new(Lock::new(0));
    watched(&lock, || {
        let panics = thread::spawn({
            let lock = Arc::clone(&lock);
            move || {
                let mut guard = lock.lock();
                *guard = 1;
                panic!("while locked");
            }
        });
        panics.join().unwrap_err();
        assert_eq!(1, *lock.lock());
        let panics = thread::spawn({
            let lock = Arc::clone(&lock);
            move || {
                let _guard = lock.lock_owned();
                panic!("while locked");
            }
        });
        panics.join().unwrap_err();
    });
    assert_eq!(1, *lock.try_lock().unwrap());
    assert_eq!(1, Arc::strong_count(&lock));
    lock.assert_quiet();
}

/// Trap A61.
#[test]
fn a_panic_while_locked_lets_the_waiting_thread_in() {
    let lock = Arc::new(Lock::new(0));
    let guard = lock.lock();
    watched(&"a waiting thread", || {
        let thread = adds_one(&lock);
        until_waiting(&*lock, 1);
        catch_unwind(AssertUnwindSafe(move || {
            let _guard = guard;
            panic!("while locked");
        }))
        .unwrap_err();
        thread.join().unwrap();
    });
    assert_eq!(1, *lock.lock());
}

#[test]
fn an_owned_guard_may_be_dropped_by_another_thread() {
    let lock = Arc::new(Lock::new(0));
    let guard = lock.lock_owned();
    watched(&"two threads", || {
        let waits = adds_one(&lock);
        until_waiting(&*lock, 1);
        thread::spawn(move || drop(guard)).join().unwrap();
        waits.join().unwrap();
    });
    assert_eq!(1, *lock.lock());
}

/// Traps A9, B19: the waiter frees the lock while the releaser may still be in its unlock.
#[test]
fn the_thread_that_gets_the_lock_may_free_it_under_the_releaser() {
    watched(&"owned guards", || {
        for _ in 0..200 {
            let lock = Arc::new(Lock::new(vec![1]));
            let gone = Arc::downgrade(&lock);
            let guard = lock.lock_owned();
            let waits = thread::spawn({
                let lock = Arc::clone(&lock);
                move || {
                    let mut guard = lock.lock_owned();
                    drop(lock);
                    guard.push(2);
                    assert_eq!([1, 2], guard[..]);
                }
            });
            until_waiting(&*lock, 1);
            drop(lock);
            drop(guard);
            waits.join().unwrap();
            assert_eq!(0, gone.strong_count());
        }
    });
}

#[test]
fn unlocked_lets_others_in_and_locks_again() {
    let lock = Arc::new(Lock::new(0));
    let mut guard = lock.lock();
    watched(&"unlocked", || {
        let thread = adds_one(&lock);
        until_waiting(&*lock, 1);
        let result = LockGuard::unlocked(&mut guard, || {
            thread.join().unwrap();
            *lock.try_lock().unwrap() += 10;
            "result"
        });
        assert_eq!("result", result);
        assert!(lock.try_lock().is_none());
        assert_eq!(11, *guard);
    });
    drop(guard);
    assert!(!lock.is_locked());
    lock.assert_quiet();
}

#[test]
fn unlocked_waits_for_whoever_has_come_in() {
    let lock = Arc::new(Lock::new(0));
    let mut guard = lock.lock();
    watched(&"unlocked", || {
        let mut thread = None;
        LockGuard::unlocked(&mut guard, || {
            let mut held = lock.lock_owned();
            let line = Arc::clone(&lock);
            let unlocks = move || {
                until_waiting(&*line, 1);
                *held += 1;
                drop(held);
            };
            thread = Some(thread::spawn(unlocks));
        });
        assert_eq!(1, *guard);
        thread.unwrap().join().unwrap();
    });
}

#[test]
fn unlocked_locks_again_when_its_closure_panics() {
    let lock = Lock::new(0);
    let mut guard = lock.lock();
    let unlocked = || LockGuard::unlocked(&mut guard, || panic!("while unlocked"));
    catch_unwind(AssertUnwindSafe(unlocked)).unwrap_err();
    assert!(lock.try_lock().is_none());
    *guard += 1;
    drop(guard);
    assert_eq!(1, *lock.try_lock().unwrap());
    lock.assert_quiet();
}

#[test]
fn a_mapped_guard_shows_a_part_and_unlocks_the_whole() {
    let lock = Lock::new((1, String::from("two")));
    let mut part = LockGuard::map(lock.lock(), |pair| &mut pair.1);
    part.push('!');
    assert!(lock.try_lock().is_none());
    drop(part);
    assert_eq!((1, String::from("two!")), *lock.try_lock().unwrap());
    let panics = || -> MappedLockGuard<'_, i32> { LockGuard::map(lock.lock(), |_| panic!("no")) };
    catch_unwind(AssertUnwindSafe(|| drop(panics()))).unwrap_err();
    assert!(lock.try_lock().is_some());
    lock.assert_quiet();
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
    lock.lock()[0] = 4;
    assert_eq!([4, 2, 3], lock.lock_owned()[..]);
    let lock: Box<Lock<dyn Debug>> = Box::new(Lock::new(5));
    assert_eq!("5", format!("{:?}", &*lock.lock()));
}

#[test]
fn a_lock_can_be_a_static() {
    static LOCK: Lock<Vec<i32>> = Lock::new(Vec::new());
    watched(&LOCK, || {
        thread::spawn(|| LOCK.lock().push(1)).join().unwrap();
        LOCK.lock().push(2);
    });
    assert_eq!([1, 2], LOCK.lock()[..]);
}

#[test]
fn debug_output_waits_for_nobody() {
    let lock = Arc::new(Lock::new(41));
    watched(&"debug output", || {
        assert!(!format!("{lock:?}").is_empty());
        let guard = lock.lock();
        let waits = adds_one(&lock);
        until_waiting(&*lock, 1);
        assert!(!format!("{lock:?}").is_empty());
        assert!(format!("{guard:?}").contains("41"), "{guard:?}");
        drop(guard);
        waits.join().unwrap();
        let guard = LockGuard::map(lock.lock(), |value| value);
        assert!(format!("{guard:?}").contains("42"), "{guard:?}");
        drop(guard);
        let guard = lock.lock_owned();
        assert!(!format!("{lock:?} {guard:?}").is_empty());
    });
    assert!(lock.try_lock().is_some(), "looking at it has locked it");
    lock.assert_quiet();
}

/// A value whose own output uses the lock again would deadlock if output waited.
#[test]
fn debug_output_of_a_value_that_looks_at_its_lock_ends() {
    struct Curious(Option<Arc<Lock<Self>>>);
    impl Debug for Curious {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            let seen = self.0.as_ref().map(|lock| lock.try_lock().is_none());
            write!(f, "locked while shown: {seen:?}")
        }
    }
    let lock = Arc::new(Lock::new(Curious(None)));
    lock.lock().0 = Some(Arc::clone(&lock));
    let shown = watched(&"debug output", || format!("{lock:?}"));
    assert!(!shown.is_empty());
    assert!(lock.lock().0.take().is_some());
    until("the last reference", || Arc::strong_count(&lock) == 1);
    lock.assert_quiet();
}
