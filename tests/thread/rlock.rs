//! The re-entrant lock, as threads see it.

use crate::watch::{until_waiting, watched};
use core::cell::{Cell, RefCell};
use core::fmt::Debug;
use core::panic::AssertUnwindSafe;
use core::time::Duration;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::thread;
use std::time::Instant;
use syncline::internals::Quiet;
use syncline::thread::{Condition, MappedRLockGuard, OwnedRLockGuard, RLock, RLockGuard};

/// As often as one thread can lock.
const FULL: usize = 65_535;

/// A thread that waits for `lock` and then adds one.
fn adds_one(lock: &Arc<RLock<Cell<u64>>>) -> thread::JoinHandle<()> {
    let lock = Arc::clone(lock);
    thread::spawn(move || add(&lock.lock()))
}

fn add(count: &Cell<u64>) {
    count.set(count.get() + 1);
}

/// What another thread finds without waiting for long.
fn elsewhere<R: Send>(look: impl FnOnce() -> R + Send) -> R {
    thread::scope(|scope| scope.spawn(look).join().unwrap())
}

#[test]
fn a_thread_may_lock_again_in_every_form() {
    let lock = Arc::new(RLock::new(7));
    let guards = (
        lock.lock(),
        lock.try_lock().unwrap(),
        lock.lock_timeout(Duration::ZERO).unwrap(),
        lock.lock_timeout(Duration::MAX).unwrap(),
        lock.lock_deadline(Instant::now()).unwrap(),
    );
    let owned = (
        lock.lock_owned(),
        lock.try_lock_owned().unwrap(),
        lock.lock_owned_timeout(Duration::ZERO).unwrap(),
        lock.lock_owned_deadline(Instant::now()).unwrap(),
    );
    assert_eq!(9, RLockGuard::depth(&guards.0));
    assert_eq!(9, OwnedRLockGuard::depth(&owned.3));
    assert_eq!((7, 7), (*guards.4, *owned.0));
    drop(guards);
    assert!(lock.is_locked());
    drop(owned);
    assert!(!lock.is_locked());
    assert_eq!(1, Arc::strong_count(&lock));
    lock.assert_quiet();
}

#[test]
fn guards_go_in_any_order_and_the_last_one_unlocks() {
    let lock = RLock::new(0);
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [1, 0, 2]] {
        let mut guards = [(); 3].map(|()| Some(lock.lock()));
        for (gone, place) in order.into_iter().enumerate() {
            assert!(elsewhere(|| lock.try_lock().is_none()));
            let guard = guards[place].take().unwrap();
            assert_eq!(3 - gone, RLockGuard::depth(&guard));
            drop(guard);
        }
        assert!(elsewhere(|| lock.try_lock().is_some()));
    }
    lock.assert_quiet();
}

#[test]
fn another_thread_gets_in_exactly_while_nobody_is_there() {
    let lock = Arc::new(RLock::new(()));
    let outer = lock.lock();
    let inner = lock.lock_owned();
    let kept_out = || {
        assert!(lock.try_lock().is_none());
        assert!(lock.try_lock_owned().is_none());
        assert!(lock.lock_timeout(Duration::ZERO).is_err());
        assert!(lock.lock_timeout(Duration::from_micros(100)).is_err());
        assert!(lock.lock_owned_deadline(Instant::now()).is_err());
    };
    elsewhere(kept_out);
    drop(outer);
    elsewhere(kept_out);
    drop(inner);
    elsewhere(|| assert!(lock.try_lock().is_some()));
    lock.assert_quiet();
}

#[test]
fn a_lock_excludes_threads_on_every_level() {
    let lock = Arc::new(RLock::new(Cell::new(0)));
    watched(&lock, || {
        let adds = |_| {
            let lock = Arc::clone(&lock);
            thread::spawn(move || {
                for _ in 0..1000 {
                    let outer = lock.lock();
                    add(&lock.lock());
                    add(&outer);
                }
            })
        };
        let threads: Vec<_> = (0..4).map(adds).collect();
        for thread in threads {
            thread.join().unwrap();
        }
    });
    assert_eq!(4 * 2 * 1000, lock.lock().get());
    lock.assert_quiet();
}

#[test]
fn to_lock_again_waits_for_nobody_in_line() {
    let lock = Arc::new(RLock::new(Cell::new(0)));
    let outer = lock.lock();
    watched(&"a thread and a task in line", || {
        let waits = adds_one(&lock);
        until_waiting(&*lock, 1);
        let inner = (lock.lock(), lock.try_lock().unwrap());
        assert_eq!(0, inner.0.get());
        drop(inner);
        assert_eq!(1, lock.waiting());
        drop(outer);
        waits.join().unwrap();
    });
    assert_eq!(1, lock.lock().get());
    lock.assert_quiet();
}

/// Traps A10, A11.
#[test]
fn every_thread_sees_whether_the_lock_is_held_however_deep() {
    let lock = Arc::new(RLock::new(()));
    let sees = |locked: bool| elsewhere(|| assert_eq!(locked, lock.is_locked()));
    sees(false);
    let outer = lock.lock();
    sees(true);
    let inner = lock.lock_owned();
    sees(true);
    drop(outer);
    sees(true);
    drop(inner);
    sees(false);
}

/// Trap A10: the owner's own view while others contend.
#[test]
fn the_owner_counts_right_while_others_try() {
    let lock = Arc::new(RLock::new(()));
    watched(&lock, || {
        let tries = |_| {
            let lock = Arc::clone(&lock);
            thread::spawn(move || {
                for _ in 0..500 {
                    if let Some(guard) = lock.try_lock() {
                        assert_eq!(1, RLockGuard::depth(&guard));
                        let again = lock.lock();
                        assert_eq!(2, RLockGuard::depth(&again));
                    }
                    thread::yield_now();
                }
            })
        };
        let threads: Vec<_> = (0..4).map(tries).collect();
        for thread in threads {
            thread.join().unwrap();
        }
    });
    assert!(!lock.is_locked());
    lock.assert_quiet();
}

#[test]
fn one_lock_too_many_is_a_panic_that_changes_nothing() {
    let lock = Arc::new(RLock::new(7));
    let mut guards: Vec<_> = (0..FULL).map(|_| lock.lock()).collect();
    let refused = [
        catch_unwind(AssertUnwindSafe(|| drop(lock.lock()))),
        catch_unwind(AssertUnwindSafe(|| drop(lock.try_lock()))),
        catch_unwind(AssertUnwindSafe(|| drop(lock.lock_timeout(Duration::ZERO)))),
        catch_unwind(AssertUnwindSafe(|| drop(lock.lock_owned()))),
        catch_unwind(AssertUnwindSafe(|| drop(lock.try_lock_owned()))),
        catch_unwind(AssertUnwindSafe(|| {
            drop(lock.lock_owned_deadline(Instant::now()));
        })),
    ];
    for panic in refused {
        let panic = panic.unwrap_err();
        let message = panic.downcast_ref::<String>().expect("a message");
        assert!(message.contains("more than 65535 times"), "{message}");
    }
    assert_eq!(FULL, RLockGuard::depth(&guards[0]));
    assert_eq!("RLock { data: <locked> }", format!("{lock:?}"));
    assert_eq!(1, Arc::strong_count(&lock));
    guards.pop();
    assert_eq!(FULL, RLockGuard::depth(&lock.lock()));
    drop(guards);
    assert!(!lock.is_locked());
    lock.assert_quiet();
}

/// Trap A61: no poisoning.
#[test]
fn a_panic_while_locked_drops_every_guard_it_meets() {
    let lock = Arc::new(RLock::new(Cell::new(0)));
    let outer = lock.lock();
    let panics = || {
        let _two = (lock.lock(), lock.lock_owned());
        panic!("while locked");
    };
    catch_unwind(AssertUnwindSafe(panics)).unwrap_err();
    assert_eq!(1, RLockGuard::depth(&outer));
    watched(&"a waiting thread", || {
        let waits = adds_one(&lock);
        until_waiting(&*lock, 1);
        catch_unwind(AssertUnwindSafe(move || {
            let _outer = outer;
            panic!("while locked");
        }))
        .unwrap_err();
        waits.join().unwrap();
    });
    assert_eq!(1, lock.lock().get());
    lock.assert_quiet();
}

#[test]
fn a_mapped_guard_is_one_of_its_owners_guards() {
    let lock = RLock::new((1, String::from("two")));
    let outer = lock.lock();
    let part = RLockGuard::map(lock.lock(), |pair| &pair.1);
    assert_eq!(("two", 2), (&**part, MappedRLockGuard::depth(&part)));
    let letters = MappedRLockGuard::map(part, |text| &text[1..]);
    drop(outer);
    assert!(elsewhere(|| lock.try_lock().is_none()));
    assert_eq!(("wo", 1), (&*letters, MappedRLockGuard::depth(&letters)));
    drop(letters);
    assert!(!lock.is_locked());
    let panics = || -> MappedRLockGuard<'_, i32> { RLockGuard::map(lock.lock(), |_| panic!("no")) };
    catch_unwind(AssertUnwindSafe(|| drop(panics()))).unwrap_err();
    let part = RLockGuard::map(lock.lock(), |pair| &pair.0);
    let panics = || -> MappedRLockGuard<'_, i32> { MappedRLockGuard::map(part, |_| panic!("no")) };
    catch_unwind(AssertUnwindSafe(|| drop(panics()))).unwrap_err();
    assert!(!lock.is_locked());
    lock.assert_quiet();
}

/// The closure that maps may use the lock: it is locked, and by this thread.
#[test]
fn a_guard_may_be_mapped_by_somebody_who_locks_again() {
    let lock = RLock::new((1, 2));
    let part = RLockGuard::map(lock.lock(), |pair| {
        assert_eq!(2, RLockGuard::depth(&lock.lock()));
        &pair.1
    });
    assert_eq!((2, 1), (*part, MappedRLockGuard::depth(&part)));
}

#[test]
fn the_last_guard_hands_over_and_the_others_do_not() {
    let lock = Arc::new(RLock::new(Cell::new(0)));
    let (outer, inner) = (lock.lock_owned(), lock.lock());
    let part = RLockGuard::map(lock.lock(), |count| count);
    watched(&"a waiting thread", || {
        let waits = adds_one(&lock);
        until_waiting(&*lock, 1);
        MappedRLockGuard::unlock_fair(part);
        RLockGuard::unlock_fair(inner);
        assert_eq!((1, 0), (OwnedRLockGuard::depth(&outer), outer.get()));
        OwnedRLockGuard::unlock_fair(outer);
        // Whoever was in line has had it before whoever comes now.
        assert_eq!(1, lock.lock().get());
        waits.join().unwrap();
    });
    lock.assert_quiet();
}

/// Trap A9.
#[test]
fn the_thread_that_gets_the_lock_may_free_it_under_the_releaser() {
    watched(&"owned guards", || {
        for _ in 0..100 {
            let lock = Arc::new(RLock::new(RefCell::new(vec![1])));
            let gone = Arc::downgrade(&lock);
            let (outer, inner) = (lock.lock_owned(), lock.lock_owned());
            let waits = thread::spawn({
                let lock = Arc::clone(&lock);
                move || {
                    let guard = lock.lock_owned();
                    drop(lock);
                    guard.borrow_mut().push(2);
                }
            });
            until_waiting(&*lock, 1);
            drop(lock);
            drop(outer);
            drop(inner);
            waits.join().unwrap();
            assert_eq!(0, gone.strong_count());
        }
    });
}

/// A thread's identity as an owner outlives its other locals.
#[test]
fn a_destructor_of_a_thread_local_locks_again_what_another_one_holds() {
    static LOCK: RLock<Cell<u32>> = RLock::new(Cell::new(0));

    struct Late(RefCell<Option<RLockGuard<'static, Cell<u32>>>>);
    impl Drop for Late {
        fn drop(&mut self) {
            let guard = LOCK.lock();
            assert_eq!(2, RLockGuard::depth(&guard));
            guard.set(guard.get() + 1);
        }
    }
    thread_local! {
        static LATE: Late = const { Late(RefCell::new(None)) };
    }

    watched(&LOCK, || {
        thread::spawn(|| {
            LATE.with(|late| late.0.replace(Some(LOCK.lock())));
        })
        .join()
        .unwrap();
    });
    assert_eq!(1, LOCK.lock().get());
    LOCK.assert_quiet();
}

#[test]
fn get_mut_and_into_inner_need_no_waiting() {
    let mut lock = RLock::from(1);
    *lock.get_mut() += 1;
    assert_eq!(2, lock.into_inner());
    assert_eq!(0, RLock::<i32>::default().into_inner());
}

#[test]
fn a_lock_can_hold_what_has_no_size() {
    let lock: Arc<RLock<[i32]>> = Arc::new(RLock::new([1, 2, 3]));
    assert_eq!([1, 2, 3], lock.lock_owned()[..]);
    let guard = RLockGuard::map(lock.lock(), |all| &all[1..]);
    assert_eq!([2, 3], *guard);
    let lock: Box<RLock<dyn Debug>> = Box::new(RLock::new(5));
    assert_eq!("5", format!("{:?}", &*lock.lock()));
}

#[test]
fn debug_output_shows_the_data_to_its_owner_and_to_others_only_if_it_is_free() {
    let lock = Arc::new(RLock::new(41));
    let shown = || format!("{lock:?}");
    assert_eq!("RLock { data: 41 }", elsewhere(shown));
    let guard = lock.lock();
    assert_eq!("RLock { data: 41 }", shown());
    assert_eq!("RLock { data: <locked> }", elsewhere(shown));
    assert_eq!("41 41", format!("{guard:?} {guard}"));
    drop(guard);
    let guard = RLockGuard::map(lock.lock(), |value| value);
    assert_eq!("41 41", format!("{guard:?} {guard}"));
    drop(guard);
    assert_eq!("41 41", format!("{:?} {}", lock.lock_owned(), lock.lock()));
    assert!(!lock.is_locked(), "looking at it has locked it");
    lock.assert_quiet();
}

/// A value whose own output uses the lock again.
#[test]
fn debug_output_of_a_value_that_looks_at_its_lock_ends() {
    struct Curious(RefCell<Option<Arc<RLock<Self>>>>);
    impl Debug for Curious {
        fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            let depth = (self.0.borrow().as_ref()).map(|lock| RLockGuard::depth(&lock.lock()));
            write!(f, "{depth:?}")
        }
    }
    let lock = Arc::new(RLock::new(Curious(RefCell::new(None))));
    lock.lock().0.replace(Some(Arc::clone(&lock)));
    let shown = watched(&"debug output", || format!("{lock:?}"));
    assert_eq!("RLock { data: Some(2) }", shown);
    drop(lock.lock().0.take());
    lock.assert_quiet();
}

#[test]
fn the_depth_is_told_without_a_guard_to_each_thread_for_itself() {
    let lock = Arc::new(RLock::new(0));
    let told = || (lock.is_owned(), lock.depth());
    assert_eq!((false, 0), told());
    let guards = (lock.lock(), lock.lock_owned());
    assert_eq!((true, 2), told());
    assert_eq!((false, 0), elsewhere(told));
    let (first, second) = guards;
    drop(first);
    assert_eq!((true, 1), told());
    drop(second);
    assert_eq!((false, 0), told());
}

/// Another thread has it meanwhile, and asks for itself, too.
#[test]
fn a_thread_that_has_given_the_lock_up_does_not_own_it() {
    let (lock, changed) = (RLock::new(Cell::new(false)), Condition::new());
    watched(&changed, || {
        thread::scope(|scope| {
            scope.spawn(|| {
                let guard = changed.wait_for(lock.lock(), Cell::get);
                assert_eq!((true, 1), (lock.is_owned(), lock.depth()));
                drop(guard);
            });
            until_waiting(&changed, 1);
            assert_eq!((false, 0), (lock.is_owned(), lock.depth()));
            let both = (lock.lock(), lock.lock());
            assert_eq!((true, 2), (lock.is_owned(), lock.depth()));
            both.0.set(true);
            assert!(changed.notify_one());
        });
    });
}
