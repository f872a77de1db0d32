//! `wait_nested`, and what goes wrong on the way: when it ends, by whatever panic, the outer guards
//! hold the lock again.

use crate::driver::Driver;
use crate::waker::{Call, Probe};
use crate::watch::{until_waiting, watched};
use core::cell::{Cell, RefCell};
use core::panic::AssertUnwindSafe;
use core::time::Duration;
use std::panic::catch_unwind;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;
use syncline::internals::Quiet;
use syncline::task;
use syncline::thread::{Condition, Lock, OwnedRLockGuard, RLock, RLockGuard};

/// Whether somebody else can lock it.
fn is_open(lock: &RLock<usize>) -> bool {
    thread::scope(|threads| threads.spawn(|| lock.try_lock().is_some()).join().unwrap())
}

/// What a panic says.
fn message<T>(body: impl FnOnce() -> T) -> String {
    let panic = catch_unwind(AssertUnwindSafe(body)).map(drop).unwrap_err();
    (panic.downcast_ref::<String>().cloned())
        .or_else(|| panic.downcast_ref::<&str>().map(|&said| said.to_owned()))
        .expect("a message")
}

#[test]
fn a_nested_wait_that_is_refused_has_given_nothing_up() {
    let (lock, other, changed) = (RLock::new(0), Lock::new(()), Condition::new());
    watched(&(&lock, &other), || {
        thread::scope(|threads| {
            threads.spawn(|| drop(changed.wait(other.lock())));
            until_waiting(&changed, 1);
            let (outer, inner) = (lock.lock(), lock.lock());
            let said = message(|| changed.wait_nested(inner));
            assert!(said.contains("two locks"), "{said}");
            assert_eq!(1, RLockGuard::depth(&outer));
            assert!(!is_open(&lock));
            drop(outer);
            assert!(is_open(&lock));
            assert!(changed.notify_one());
        });
    });
    lock.assert_quiet();
    changed.assert_quiet();
}

/// The release wakes a task, whose waker panics. The wait ends with that panic, and with the lock.
#[test]
fn a_waker_that_panics_ends_a_nested_wait_with_its_lock_held() {
    let (lock, changed) = (Arc::new(RLock::new(0)), Condition::new());
    watched(&lock, || {
        let (woken, wakes) = channel();
        let woken = Mutex::new(woken);
        let probe = Probe::on(Call::Wake, move || {
            woken.lock().unwrap().send(()).unwrap();
            panic!("a foreign panic");
        });
        let request = Arc::clone(&lock).into_task().lock_owned();
        let mut stranger = Driver::with(task::identified(request), probe);
        let (outer, inner) = (lock.lock(), lock.lock());
        stranger.pending();
        let helper = thread::spawn(move || {
            wakes.recv().unwrap();
            drop(stranger.woken());
        });
        assert_eq!("a foreign panic", message(|| changed.wait_nested(inner)));
        assert_eq!(1, RLockGuard::depth(&outer));
        assert!(!is_open(&lock));
        helper.join().unwrap();
        drop(outer);
        assert!(is_open(&lock));
    });
    lock.assert_quiet();
    changed.assert_quiet();
}

/// The same with a wait that has been notified when the panic is seen: its notification goes to
/// whoever waits as well.
#[test]
fn a_notification_of_a_wait_that_ends_with_a_panic_goes_to_the_next() {
    let (lock, changed) = (Arc::new(RLock::new(0)), Arc::new(Condition::new()));
    watched(&lock, || {
        let (woken, wakes) = channel();
        let woken = Mutex::new(woken);
        let probe = Probe::on(Call::Wake, {
            let changed = Arc::clone(&changed);
            move || {
                woken.lock().unwrap().send(()).unwrap();
                until_waiting(&*changed, 2);
                assert!(changed.notify_one());
                panic!("a foreign panic");
            }
        });
        let request = Arc::clone(&lock).into_task().lock_owned();
        let mut stranger = Driver::with(task::identified(request), probe);
        let (outer, inner) = (lock.lock(), lock.lock());
        stranger.pending();
        thread::scope(|threads| {
            let next = threads.spawn(|| drop(changed.wait(lock.lock())));
            until_waiting(&*lock, 2);
            threads.spawn(move || {
                wakes.recv().unwrap();
                drop(stranger);
            });
            assert_eq!("a foreign panic", message(|| changed.wait_nested(inner)));
            drop(outer);
            next.join().unwrap();
        });
    });
    lock.assert_quiet();
    changed.assert_quiet();
}

thread_local! {
    static OUTER: RefCell<Option<OwnedRLockGuard<usize>>> = const { RefCell::new(None) };
}

/// A guard whose lock its thread has given up cannot give it up once more: it is somebody else's.
#[test]
fn a_guard_does_not_give_up_a_lock_that_its_thread_has_given_up() {
    let (lock, changed, second) = (
        Arc::new(RLock::new(0)),
        Condition::new(),
        Arc::new(Condition::new()),
    );
    watched(&lock, || {
        let (woken, wakes) = channel();
        let woken = Mutex::new(woken);
        let probe = Probe::on(Call::Wake, {
            let second = Arc::clone(&second);
            move || {
                woken.lock().unwrap().send(()).unwrap();
                // On the thread that is about to wait.
                if let Some(outer) = OUTER.take() {
                    drop(second.wait(outer));
                }
            }
        });
        let request = Arc::clone(&lock).into_task().lock_owned();
        let mut stranger = Driver::with(task::identified(request), probe);
        OUTER.set(Some(lock.lock_owned()));
        let inner = lock.lock();
        stranger.pending();
        let helper = thread::spawn(move || {
            wakes.recv().unwrap();
            drop(stranger.woken());
        });
        let said = message(|| changed.wait_nested(inner));
        assert!(said.contains("released the lock"), "{said}");
        helper.join().unwrap();
        assert_eq!(0, second.waiting());
        // The level of the guard that is gone stays.
        assert!(!is_open(&lock));
    });
    changed.assert_quiet();
}

#[test]
fn a_predicate_that_fails_ends_the_wait_with_the_lock_held_at_all_levels() {
    let (lock, changed) = (RLock::new(Cell::new(0)), Condition::new());
    let asked = Cell::new(0);
    let outer = lock.lock();
    let fails = |_: &Cell<i32>| {
        asked.set(asked.get() + 1);
        Err::<bool, _>("no such attribute")
    };
    let text = RLock::new(0);
    let outside = text.lock();
    let (inner, result) = changed.try_wait_nested_for(text.lock(), |_| fails(&Cell::new(0)));
    assert_eq!((Err("no such attribute"), 1), (result, asked.get()));
    assert_eq!(2, RLockGuard::depth(&inner));
    drop((inner, outside));
    // Without a second level, and around data that is not shared between threads.
    let (guard, result) = changed.try_wait_for(outer, fails);
    assert_eq!((Err("no such attribute"), 2), (result, asked.get()));
    assert_eq!(1, RLockGuard::depth(&guard));
    let soon = Duration::from_millis(1);
    let (guard, result) = changed.try_wait_for_timeout(guard, soon, |_| {
        asked.set(asked.get() + 1);
        Ok::<_, ()>(false)
    });
    // At once, and when the time was over.
    assert_eq!((true, 4), (result.is_err(), asked.get()));
    drop(guard);
    assert!(!lock.is_locked() && !text.is_locked());
    changed.assert_quiet();
}

#[test]
fn a_predicate_that_panics_in_a_nested_wait_leaves_the_outer_levels() {
    let (lock, changed) = (RLock::new(0), Condition::new());
    let outer = lock.lock();
    let said = message(|| changed.wait_nested_for(lock.lock(), |_| panic!("a foreign panic")));
    assert!(said.contains("foreign"), "{said}");
    assert_eq!(1, RLockGuard::depth(&outer));
    assert!(!is_open(&lock));
    drop(outer);
    lock.assert_quiet();
}

/// One deadline for all rounds, however often it is notified in between.
#[test]
fn a_nested_wait_for_a_predicate_has_one_deadline() {
    let (lock, changed) = (RLock::new(0), Condition::new());
    watched(&lock, || {
        let begun = Instant::now();
        let limit = Duration::from_millis(30);
        thread::scope(|threads| {
            let waiter = threads.spawn(|| {
                let outer = lock.lock();
                let (inner, result) =
                    changed.wait_nested_for_timeout(lock.lock(), limit, |_| false);
                assert_eq!(2, RLockGuard::depth(&inner));
                drop((inner, outer));
                result
            });
            while !waiter.is_finished() {
                changed.notify_all();
                thread::yield_now();
            }
            assert!(waiter.join().unwrap().is_err());
        });
        assert!(begun.elapsed() >= limit);
    });
    lock.assert_quiet();
}
