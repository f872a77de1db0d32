//! The bounded semaphore, as threads see it.

use crate::watch::{until_waiting, watched};
use core::panic::AssertUnwindSafe;
use core::time::Duration;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::thread;
use std::time::Instant;
use syncline::internals::Quiet;
use syncline::thread::BoundedSemaphore;

const SHORT: Duration = Duration::from_millis(5);

/// A thread that waits for `count` permits and gives them back.
fn takes(semaphore: &Arc<BoundedSemaphore>, count: usize) -> thread::JoinHandle<()> {
    let semaphore = Arc::clone(semaphore);
    thread::spawn(move || drop(semaphore.acquire_many(count)))
}

#[test]
fn free_permits_are_taken_by_every_form() {
    let semaphore = Arc::new(BoundedSemaphore::new(4));
    let zero = Duration::ZERO;
    let at = Instant::now();
    drop(semaphore.acquire());
    drop(semaphore.acquire_many(4));
    drop(semaphore.acquire_owned());
    drop(semaphore.acquire_many_owned(4));
    drop(semaphore.acquire_timeout(zero).unwrap());
    drop(semaphore.acquire_many_timeout(4, zero).unwrap());
    drop(semaphore.acquire_owned_timeout(zero).unwrap());
    drop(semaphore.acquire_many_owned_timeout(4, zero).unwrap());
    drop(semaphore.acquire_deadline(at).unwrap());
    drop(semaphore.acquire_many_deadline(4, at).unwrap());
    drop(semaphore.acquire_owned_deadline(at).unwrap());
    drop(semaphore.acquire_many_owned_deadline(4, at).unwrap());
    drop(semaphore.try_acquire().unwrap());
    drop(semaphore.try_acquire_many(4).unwrap());
    drop(semaphore.try_acquire_owned().unwrap());
    drop(semaphore.try_acquire_many_owned(4).unwrap());
    assert_eq!(4, semaphore.available_permits());
    assert_eq!(1, Arc::strong_count(&semaphore));
    semaphore.assert_quiet();
}

/// Trap A2.
#[test]
fn an_expired_acquire_takes_no_permit() {
    let semaphore = Arc::new(BoundedSemaphore::new(2));
    watched(&semaphore, || {
        let permit = semaphore.acquire();
        let start = Instant::now();
        semaphore.acquire_many_timeout(2, SHORT).unwrap_err();
        assert!(start.elapsed() >= SHORT);
        semaphore.acquire_many_owned_timeout(2, SHORT).unwrap_err();
        semaphore
            .acquire_many_timeout(2, Duration::ZERO)
            .unwrap_err();
        drop(permit);
    });
    assert_eq!(2, semaphore.available_permits());
    assert_eq!(1, Arc::strong_count(&semaphore));
    semaphore.assert_quiet();
}

#[test]
fn only_what_was_forgotten_can_be_released() {
    let semaphore = BoundedSemaphore::new(3);
    let permit = semaphore.acquire();
    semaphore.release(1).unwrap_err();
    permit.forget();
    assert_eq!(1, semaphore.forget(1));
    semaphore.release(3).unwrap_err();
    semaphore.release(2).unwrap();
    semaphore.release(1).unwrap_err();
    assert_eq!(
        (3, 3),
        (semaphore.available_permits(), semaphore.capacity())
    );
}

/// Traps A42, B1, C1.
#[test]
fn two_releases_in_a_row_let_two_waiting_threads_through() {
    let semaphore = Arc::new(BoundedSemaphore::new(2));
    watched(&semaphore, || {
        for _ in 0..100 {
            let permits = (semaphore.acquire(), semaphore.acquire_owned());
            let threads = [takes(&semaphore, 1), takes(&semaphore, 1)];
            until_waiting(&*semaphore, 2);
            drop(permits);
            for thread in threads {
                thread.join().unwrap();
            }
            assert_eq!(2, semaphore.forget(2));
            let threads = [takes(&semaphore, 1), takes(&semaphore, 1)];
            until_waiting(&*semaphore, 2);
            semaphore.release(1).unwrap();
            semaphore.release(1).unwrap();
            for thread in threads {
                thread.join().unwrap();
            }
        }
    });
    assert_eq!(2, semaphore.available_permits());
    semaphore.assert_quiet();
}

#[test]
fn asking_for_more_than_the_capacity_panics_where_it_would_wait_for_ever() {
    let semaphore = Arc::new(BoundedSemaphore::new(2));
    let (limit, at) = (Duration::ZERO, Instant::now());
    let refused = |ask: &dyn Fn()| catch_unwind(AssertUnwindSafe(ask)).unwrap_err();
    for more in [3, usize::MAX] {
        refused(&|| drop(semaphore.acquire_many(more)));
        refused(&|| drop(semaphore.acquire_many_timeout(more, limit)));
        refused(&|| drop(semaphore.acquire_many_deadline(more, at)));
        refused(&|| drop(semaphore.acquire_many_owned(more)));
        refused(&|| drop(semaphore.acquire_many_owned_timeout(more, limit)));
        refused(&|| drop(semaphore.acquire_many_owned_deadline(more, at)));
        assert!(semaphore.try_acquire_many(more).is_none());
        assert!(semaphore.try_acquire_many_owned(more).is_none());
    }
    assert_eq!(2, semaphore.available_permits());
    assert_eq!(1, Arc::strong_count(&semaphore));
    semaphore.assert_quiet();
}

/// Trap A61.
#[test]
fn a_panic_gives_the_permits_back() {
    let semaphore = Arc::new(BoundedSemaphore::new(2));
    watched(&semaphore, || {
        let panics = thread::spawn({
            let semaphore = Arc::clone(&semaphore);
            move || {
                let _permits = (semaphore.acquire(), semaphore.acquire_owned());
                panic!("while holding");
            }
        });
        panics.join().unwrap_err();
    });
    assert_eq!(2, semaphore.available_permits());
    assert_eq!(1, Arc::strong_count(&semaphore));
}

#[test]
fn release_fair_hands_the_permits_to_the_thread_at_the_head() {
    let semaphore = Arc::new(BoundedSemaphore::new(1));
    watched(&semaphore, || {
        for _ in 0..50 {
            let permit = semaphore.acquire();
            let head = thread::spawn({
                let semaphore = Arc::clone(&semaphore);
                move || semaphore.acquire_owned()
            });
            until_waiting(&*semaphore, 1);
            permit.release_fair();
            assert!(semaphore.try_acquire().is_none(), "somebody got past");
            drop(head.join().unwrap());
        }
    });
    assert_eq!(1, semaphore.available_permits());
    semaphore.assert_quiet();
}

/// Trap H1.
#[test]
fn a_lowered_capacity_is_reached_although_somebody_waits_at_each_release() {
    let semaphore = Arc::new(BoundedSemaphore::new(3));
    watched(&semaphore, || {
        let held = [(); 3].map(|()| semaphore.acquire());
        let waiters = [takes(&semaphore, 1), takes(&semaphore, 1)];
        until_waiting(&*semaphore, 2);
        semaphore.set_capacity(1);
        let [one, two, last] = held;
        one.release_fair();
        drop(two);
        assert_eq!(0, semaphore.available_permits());
        assert_eq!(2, semaphore.waiting(), "more are out than may be");
        drop(last);
        for waiter in waiters {
            waiter.join().unwrap();
        }
    });
    assert_eq!(
        (1, 1),
        (semaphore.available_permits(), semaphore.capacity())
    );
    semaphore.assert_quiet();
}

#[test]
fn a_raised_capacity_lets_waiting_threads_go() {
    let semaphore = Arc::new(BoundedSemaphore::new(1));
    watched(&semaphore, || {
        let held = semaphore.acquire();
        let waiters = [takes(&semaphore, 1), takes(&semaphore, 1)];
        until_waiting(&*semaphore, 2);
        semaphore.set_capacity(3);
        for waiter in waiters {
            waiter.join().unwrap();
        }
        drop(held);
    });
    assert_eq!(3, semaphore.available_permits());
    semaphore.assert_quiet();
}

#[test]
fn a_thread_that_waits_for_more_than_the_capacity_is_served_when_it_is_raised_again() {
    let semaphore = Arc::new(BoundedSemaphore::new(2));
    watched(&semaphore, || {
        let held = semaphore.acquire();
        let large = takes(&semaphore, 2);
        until_waiting(&*semaphore, 1);
        semaphore.set_capacity(1);
        drop(held);
        assert_eq!(1, semaphore.waiting());
        semaphore.acquire_many_timeout(1, SHORT).ok();
        semaphore.set_capacity(2);
        large.join().unwrap();
    });
    assert_eq!(2, semaphore.available_permits());
    semaphore.assert_quiet();
}
