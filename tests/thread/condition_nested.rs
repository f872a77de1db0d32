//! `wait_nested`, and what goes wrong on the way: when it ends, by whatever panic, the outer guards
//! hold the lock again.

use crate::driver::Driver;
use crate::waker::{Call, Probe};
use crate::watch::{until_waiting, watched};
use core::cell::RefCell;
use core::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;
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
        assert!(said.contains("given the lock up"), "{said}");
        helper.join().unwrap();
        assert_eq!(0, second.waiting());
        // The level of the guard that is gone stays.
        assert!(!is_open(&lock));
    });
    changed.assert_quiet();
}
