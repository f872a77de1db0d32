//! The fairness policy where only threads wait: barging, with bounded bypass.
//!
//! What a parked thread is owed depends on how long it has been at the head.
//! That time can be made longer at will, never shorter: where it must be short,
//! the test tries again.

use crate::watch::{until_past, until_waiting, watched};
use core::time::Duration;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Instant;
use syncline::internals::Quiet;
use syncline::thread::{Lock, LockGuard, Semaphore};

/// Ten times what a head waits before it is overdue.
const OVERDUE: Duration = Duration::from_millis(5);

/// Lets the head of a line that was just seen become overdue.
fn until_overdue() {
    until_past(Instant::now() + OVERDUE);
}

/// A thread that waits for something, says that it has it, and keeps it until it is told.
struct Holder {
    thread: JoinHandle<()>,
    has: Receiver<()>,
    give_back: Sender<()>,
}

impl Holder {
    fn start<T>(take: impl FnOnce() -> T + Send + 'static) -> Self {
        let (say, has) = channel();
        let (give_back, told) = channel();
        let hold = move || {
            let held = take();
            say.send(()).unwrap();
            told.recv().unwrap();
            drop(held);
        };
        let thread = thread::spawn(hold);
        Self {
            thread,
            has,
            give_back,
        }
    }

    fn of_lock(lock: &Arc<Lock<()>>) -> Self {
        let lock = Arc::clone(lock);
        Self::start(move || lock.lock_owned())
    }

    fn of_permits(semaphore: &Arc<Semaphore>, count: usize) -> Self {
        let semaphore = Arc::clone(semaphore);
        Self::start(move || semaphore.acquire_many_owned(count))
    }

    /// Waits until it has what it waits for.
    fn until_it_has(&self) {
        self.has.recv().unwrap();
    }

    fn has(&self) -> bool {
        self.has.try_recv().is_ok()
    }

    fn end(self) {
        self.give_back.send(()).unwrap();
        self.thread.join().unwrap();
    }
}

#[test]
fn unlock_fair_hands_the_lock_to_the_thread_at_the_head() {
    let lock = Arc::new(Lock::new(()));
    watched(&lock, || {
        for _ in 0..100 {
            let guard = lock.lock();
            let head = Holder::of_lock(&lock);
            until_waiting(&*lock, 1);
            LockGuard::unlock_fair(guard);
            assert!(lock.try_lock().is_none(), "somebody got past the head");
            head.until_it_has();
            head.end();
        }
    });
    lock.assert_quiet();
}

#[test]
fn unlock_fair_of_a_lock_nobody_waits_for_just_unlocks() {
    let lock = Arc::new(Lock::new(()));
    LockGuard::unlock_fair(lock.lock());
    assert!(!lock.is_locked());
    lock.assert_quiet();
}

#[test]
fn release_fair_hands_the_permits_to_the_thread_at_the_head() {
    let semaphore = Arc::new(Semaphore::new(2));
    watched(&semaphore, || {
        for round in 0..100 {
            let head;
            if round % 2 == 0 {
                let permits = semaphore.acquire_many(2);
                head = Holder::of_permits(&semaphore, 2);
                until_waiting(&*semaphore, 1);
                permits.release_fair();
            } else {
                let permits = semaphore.acquire_many_owned(2);
                head = Holder::of_permits(&semaphore, 2);
                until_waiting(&*semaphore, 1);
                permits.release_fair();
            }
            assert!(semaphore.try_acquire().is_none(), "somebody got past");
            head.until_it_has();
            head.end();
        }
    });
    assert_eq!(2, semaphore.available_permits());
    semaphore.assert_quiet();
}

/// What is too little for the head is kept for it all the same.
#[test]
fn what_release_fair_releases_is_kept_for_a_head_that_wants_more() {
    let semaphore = Arc::new(Semaphore::new(1));
    watched(&semaphore, || {
        let permit = semaphore.acquire();
        let head = Holder::of_permits(&semaphore, 2);
        until_waiting(&*semaphore, 1);
        permit.release_fair();
        assert_eq!(1, semaphore.available_permits());
        assert!(semaphore.try_acquire().is_none(), "somebody got past");
        semaphore.release(1).unwrap();
        head.until_it_has();
        head.end();
    });
    assert_eq!(2, semaphore.available_permits());
    semaphore.assert_quiet();
}

/// Bounded bypass: who has been at the head for long is handed the lock.
#[test]
fn an_overdue_head_is_handed_the_lock() {
    let lock = Arc::new(Lock::new(()));
    watched(&lock, || {
        for _ in 0..10 {
            let guard = lock.lock();
            let head = Holder::of_lock(&lock);
            until_waiting(&*lock, 1);
            until_overdue();
            drop(guard);
            assert!(lock.try_lock().is_none(), "somebody got past the head");
            head.until_it_has();
            head.end();
        }
    });
    lock.assert_quiet();
}

/// Bounded bypass, for the drop of an owned guard and of a permit.
#[test]
fn an_overdue_head_is_handed_the_permits() {
    let semaphore = Arc::new(Semaphore::new(1));
    watched(&semaphore, || {
        for _ in 0..10 {
            let permit = semaphore.acquire_owned();
            let head = Holder::of_permits(&semaphore, 1);
            until_waiting(&*semaphore, 1);
            until_overdue();
            drop(permit);
            assert!(semaphore.try_acquire().is_none(), "somebody got past");
            head.until_it_has();
            head.end();
        }
    });
    assert_eq!(1, semaphore.available_permits());
    semaphore.assert_quiet();
}

/// A request for many is not overtaken for ever by requests for one.
#[test]
fn permits_accumulate_for_an_overdue_head_that_wants_many() {
    let semaphore = Arc::new(Semaphore::new(0));
    watched(&semaphore, || {
        let head = Holder::of_permits(&semaphore, 3);
        until_waiting(&*semaphore, 1);
        until_overdue();
        for free in 1..3 {
            semaphore.release(1).unwrap();
            assert_eq!(free, semaphore.available_permits());
            assert!(semaphore.try_acquire().is_none(), "somebody got past");
            assert!(semaphore.acquire_timeout(Duration::ZERO).is_err());
            assert!(!head.has());
        }
        semaphore.release(1).unwrap();
        head.until_it_has();
        head.end();
    });
    assert_eq!(3, semaphore.available_permits());
    semaphore.assert_quiet();
}

/// Trap B8: the mark of the overdue head survives a `forget`.
#[test]
fn forgetting_permits_does_not_let_others_past_an_overdue_head() {
    let semaphore = Arc::new(Semaphore::new(0));
    watched(&semaphore, || {
        let head = Holder::of_permits(&semaphore, 2);
        until_waiting(&*semaphore, 1);
        until_overdue();
        semaphore.release(1).unwrap();
        assert_eq!(1, semaphore.forget(5));
        semaphore.release(1).unwrap();
        assert!(semaphore.try_acquire().is_none(), "somebody got past");
        semaphore.release(1).unwrap();
        head.until_it_has();
        head.end();
    });
    assert_eq!(2, semaphore.available_permits());
    semaphore.assert_quiet();
}

/// Trap C7: hand-off to a thread that must first wake up is what makes locks slow.
#[test]
fn a_running_thread_may_pass_one_that_has_not_waited_long() {
    let semaphore = Arc::new(Semaphore::new(1));
    watched(&semaphore, || {
        let passed = (0..10_000).any(|_| {
            let permit = semaphore.acquire();
            let head = Holder::of_permits(&semaphore, 1);
            until_waiting(&*semaphore, 1);
            drop(permit);
            let passed = semaphore.try_acquire().is_some();
            head.until_it_has();
            head.end();
            passed
        });
        assert!(passed, "every release was handed over");
    });
    semaphore.assert_quiet();
}

/// The time of a head runs from when it became the head: else, under load, all would be overdue.
#[test]
fn a_new_head_is_not_overdue_because_it_has_waited_long_behind_another() {
    let semaphore = Arc::new(Semaphore::new(1));
    watched(&semaphore, || {
        let passed = (0..1000).any(|_| {
            let permit = semaphore.acquire();
            let (send, receive) = channel();
            let first = thread::spawn({
                let semaphore = Arc::clone(&semaphore);
                move || send.send(semaphore.acquire_owned()).unwrap()
            });
            until_waiting(&*semaphore, 1);
            let second = Holder::of_permits(&semaphore, 1);
            until_waiting(&*semaphore, 2);
            until_overdue();
            drop(permit);
            // The second is the head since the first was granted the permit.
            drop(receive.recv().unwrap());
            let passed = semaphore.try_acquire().is_some();
            first.join().unwrap();
            second.until_it_has();
            second.end();
            passed
        });
        assert!(passed, "the second head was overdue at once");
    });
    semaphore.assert_quiet();
}

/// Trap C7, for a request that takes what the head cannot use yet.
#[test]
fn a_small_request_may_pass_a_large_one_that_has_not_waited_long() {
    let semaphore = Arc::new(Semaphore::new(0));
    watched(&semaphore, || {
        let passed = (0..10_000).any(|_| {
            let head = Holder::of_permits(&semaphore, 2);
            until_waiting(&*semaphore, 1);
            semaphore.release(1).unwrap();
            let passed = semaphore.try_acquire().is_some();
            semaphore.release(1).unwrap();
            head.until_it_has();
            head.end();
            assert_eq!(2, semaphore.forget(2));
            passed
        });
        assert!(passed, "the head was never passed");
    });
    semaphore.assert_quiet();
}

/// A thread that was passed is still at the head, and the next release is its own.
#[test]
fn a_thread_that_was_passed_keeps_its_place() {
    let lock = Arc::new(Lock::new(()));
    watched(&lock, || {
        for _ in 0..20 {
            let mut guard = Some(lock.lock());
            let first = Holder::of_lock(&lock);
            until_waiting(&*lock, 1);
            let second = Holder::of_lock(&lock);
            until_waiting(&*lock, 2);
            // Passed again and again, until the head happens to win or is overdue.
            for _ in 0..3 {
                drop(guard.take());
                guard = lock.try_lock();
                if guard.is_none() {
                    break;
                }
            }
            if let Some(guard) = guard {
                LockGuard::unlock_fair(guard);
            }
            first.until_it_has();
            assert!(!second.has());
            first.end();
            second.until_it_has();
            second.end();
        }
    });
    lock.assert_quiet();
}

/// Deadlines and hand-off: an overdue head that gives up closes the line for nobody.
#[test]
fn the_line_opens_again_when_an_overdue_head_gives_up() {
    let semaphore = Arc::new(Semaphore::new(0));
    watched(&semaphore, || {
        let gives_up = thread::spawn({
            let semaphore = Arc::clone(&semaphore);
            move || semaphore.acquire_many_timeout(2, 4 * OVERDUE).is_err()
        });
        while !gives_up.is_finished() && semaphore.waiting() == 0 {
            thread::yield_now();
        }
        until_overdue();
        semaphore.release(1).unwrap();
        assert!(gives_up.join().unwrap());
        assert!(semaphore.try_acquire().is_some());
    });
    semaphore.assert_quiet();
}
