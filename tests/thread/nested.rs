//! Waits in places where a thread has more than one of them, or hardly is a thread any more.

use crate::watch::{until_waiting, watched};
use core::cell::RefCell;
use std::sync::Arc;
use std::thread;
use syncline::internals::Quiet;
use syncline::thread::{Lock, Semaphore};

/// What a thread leaves behind when it ends: it waits for the lock once more.
struct Late(Arc<Lock<Vec<&'static str>>>);

impl Drop for Late {
    fn drop(&mut self) {
        self.0.lock().push("late");
    }
}

thread_local! {
    static LATE: RefCell<Option<Late>> = const { RefCell::new(None) };
}

/// Runs a thread that really waits, and waits again while its thread-locals are destroyed.
fn waits_in_a_destructor(late_is_set_first: bool) {
    let lock = Arc::new(Lock::new(Vec::new()));
    let first = Arc::new(Semaphore::new(0));
    watched(&(&lock, &first), || {
        let guard = lock.lock();
        let thread = thread::spawn({
            let (lock, first) = (Arc::clone(&lock), Arc::clone(&first));
            move || {
                let set = || LATE.set(Some(Late(Arc::clone(&lock))));
                if late_is_set_first {
                    set();
                }
                first.acquire().forget();
                if !late_is_set_first {
                    set();
                }
            }
        });
        until_waiting(&*first, 1);
        first.release(1).unwrap();
        // The closure is through; now the destructor waits.
        until_waiting(&*lock, 1);
        drop(guard);
        thread.join().unwrap();
    });
    assert_eq!(["late"], lock.lock()[..]);
    assert_eq!(1, Arc::strong_count(&lock));
    lock.assert_quiet();
    first.assert_quiet();
}

/// The two orders in which a thread's own locals may be destroyed.
#[test]
fn a_thread_may_wait_while_its_locals_are_destroyed() {
    waits_in_a_destructor(true);
    waits_in_a_destructor(false);
}

/// A thread that has never waited before does so in a destructor only.
#[test]
fn the_first_wait_of_a_thread_may_be_in_a_destructor() {
    let lock = Arc::new(Lock::new(Vec::new()));
    watched(&lock, || {
        let guard = lock.lock();
        let thread = thread::spawn({
            let lock = Arc::clone(&lock);
            move || LATE.set(Some(Late(lock)))
        });
        until_waiting(&*lock, 1);
        drop(guard);
        thread.join().unwrap();
    });
    assert_eq!(["late"], lock.lock()[..]);
    lock.assert_quiet();
}

/// The token of `std::thread::park` belongs to the user.
#[test]
fn a_wait_leaves_the_park_token_of_the_thread_alone() {
    let semaphore = Arc::new(Semaphore::new(0));
    watched(&semaphore, || {
        let waits = thread::spawn({
            let semaphore = Arc::clone(&semaphore);
            move || {
                // A token for later: no wait may be ended by it, and none may use it up.
                thread::current().unpark();
                semaphore.acquire().forget();
                thread::park();
            }
        });
        until_waiting(&*semaphore, 1);
        semaphore.release(1).unwrap();
        waits.join().unwrap();
    });
    semaphore.assert_quiet();
}

/// A wake meant for a wait that is over does not end the next one.
#[test]
fn stray_unparks_do_not_end_a_wait() {
    let semaphore = Arc::new(Semaphore::new(0));
    watched(&semaphore, || {
        let waits = thread::spawn({
            let semaphore = Arc::clone(&semaphore);
            move || semaphore.acquire().forget()
        });
        until_waiting(&*semaphore, 1);
        for _ in 0..100 {
            waits.thread().unpark();
            thread::yield_now();
        }
        assert!(!waits.is_finished());
        assert_eq!(1, semaphore.waiting());
        semaphore.release(1).unwrap();
        waits.join().unwrap();
    });
    semaphore.assert_quiet();
}

/// Many waits, one after another and in turn on several primitives, by the same two threads.
#[test]
fn two_threads_may_pass_permits_back_and_forth_for_ever() {
    let there = Arc::new(Semaphore::new(0));
    let back = Arc::new(Semaphore::new(0));
    watched(&(&there, &back), || {
        let other = thread::spawn({
            let (there, back) = (Arc::clone(&there), Arc::clone(&back));
            move || {
                for _ in 0..2000 {
                    there.acquire().forget();
                    back.release(1).unwrap();
                }
            }
        });
        for _ in 0..2000 {
            there.release(1).unwrap();
            back.acquire().forget();
        }
        other.join().unwrap();
    });
    there.assert_quiet();
    back.assert_quiet();
}
