//! The semaphore, as threads see it.

use crate::watch::{until_waiting, watched};
use core::panic::AssertUnwindSafe;
use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering::SeqCst;
use core::time::Duration;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::thread;
use std::time::Instant;
use syncline::internals::Quiet;
use syncline::thread::Semaphore;

/// A thread that waits for `count` permits and keeps none.
fn takes(semaphore: &Arc<Semaphore>, count: usize) -> thread::JoinHandle<()> {
    let semaphore = Arc::clone(semaphore);
    thread::spawn(move || semaphore.acquire_many(count).forget())
}

#[test]
fn free_permits_are_taken_by_every_form() {
    let semaphore = Arc::new(Semaphore::new(12));
    let one = semaphore.acquire();
    let two = semaphore.acquire_many(2);
    let owned = semaphore.acquire_owned();
    let two_owned = semaphore.acquire_many_owned(2);
    assert_eq!((1, 2), (one.count(), two.count()));
    assert_eq!((1, 2), (owned.count(), two_owned.count()));
    let tried = semaphore.try_acquire().unwrap();
    let tried_many = semaphore.try_acquire_many(2).unwrap();
    let tried_owned = semaphore.try_acquire_owned().unwrap();
    let tried_many_owned = semaphore.try_acquire_many_owned(2).unwrap();
    assert_eq!(0, semaphore.available_permits());
    drop((one, two, tried, tried_many));
    assert_eq!(6, semaphore.available_permits());
    drop((owned, two_owned, tried_owned, tried_many_owned));
    assert_eq!(12, semaphore.available_permits());
    assert_eq!(1, Arc::strong_count(&semaphore));
    semaphore.assert_quiet();
}

#[test]
fn zero_permits_are_had_at_once_even_behind_others() {
    let semaphore = Arc::new(Semaphore::new(0));
    watched(&semaphore, || {
        let waits = takes(&semaphore, 1);
        until_waiting(&*semaphore, 1);
        assert_eq!(0, semaphore.acquire_many(0).count());
        assert_eq!(0, semaphore.acquire_many_owned(0).count());
        assert_eq!(0, semaphore.try_acquire_many(0).unwrap().count());
        let zero = Duration::ZERO;
        assert_eq!(0, semaphore.acquire_many_timeout(0, zero).unwrap().count());
        semaphore.release(1).unwrap();
        waits.join().unwrap();
    });
    assert_eq!(0, semaphore.available_permits());
    semaphore.assert_quiet();
}

#[test]
fn no_more_threads_are_inside_than_there_are_permits() {
    let semaphore = Arc::new(Semaphore::new(3));
    let inside = Arc::new(AtomicUsize::new(0));
    watched(&semaphore, || {
        let enter = |weight| {
            let (semaphore, inside) = (Arc::clone(&semaphore), Arc::clone(&inside));
            thread::spawn(move || {
                for _ in 0..500 {
                    let permit = semaphore.acquire_many(weight);
                    assert!(inside.fetch_add(weight, SeqCst) + weight <= 3);
                    thread::yield_now();
                    inside.fetch_sub(weight, SeqCst);
                    drop(permit);
                }
            })
        };
        let threads: Vec<_> = [1, 1, 2, 3].into_iter().map(enter).collect();
        for thread in threads {
            thread.join().unwrap();
        }
    });
    assert_eq!(3, semaphore.available_permits());
    semaphore.assert_quiet();
}

/// Traps A42, B1, C1: nobody stays asleep beside a free permit.
#[test]
fn two_releases_in_a_row_let_two_waiting_threads_through() {
    let semaphore = Arc::new(Semaphore::new(0));
    watched(&semaphore, || {
        for _ in 0..200 {
            let threads = [takes(&semaphore, 1), takes(&semaphore, 1)];
            until_waiting(&*semaphore, 2);
            semaphore.release(1).unwrap();
            semaphore.release(1).unwrap();
            for thread in threads {
                thread.join().unwrap();
            }
        }
    });
    assert_eq!(0, semaphore.available_permits());
    semaphore.assert_quiet();
}

/// Traps B1, C1.
#[test]
fn one_release_of_n_lets_n_waiting_threads_through() {
    let semaphore = Arc::new(Semaphore::new(0));
    watched(&semaphore, || {
        let threads: Vec<_> = (0..40).map(|_| takes(&semaphore, 1)).collect();
        until_waiting(&*semaphore, 40);
        semaphore.release(40).unwrap();
        for thread in threads {
            thread.join().unwrap();
        }
    });
    assert_eq!(0, semaphore.available_permits());
    semaphore.assert_quiet();
}

/// Traps B1, B9: the drop of one permit for many reaches requests of every size.
#[test]
fn a_permit_of_n_that_is_dropped_serves_waiting_threads_of_n_in_all() {
    let semaphore = Arc::new(Semaphore::new(6));
    watched(&semaphore, || {
        let permit = semaphore.acquire_many(6);
        let threads = [
            takes(&semaphore, 1),
            takes(&semaphore, 2),
            takes(&semaphore, 3),
        ];
        until_waiting(&*semaphore, 3);
        drop(permit);
        for thread in threads {
            thread.join().unwrap();
        }
    });
    assert_eq!(0, semaphore.available_permits());
    semaphore.assert_quiet();
}

#[test]
fn split_merge_and_forget_keep_the_count() {
    let semaphore = Arc::new(Semaphore::new(6));
    let mut permit = semaphore.acquire_many(6);
    let mut part = permit.split(4).unwrap();
    assert!(part.split(5).is_none());
    let rest = part.split(1).unwrap();
    permit.merge(rest);
    assert_eq!((3, 3), (permit.count(), part.count()));
    part.forget();
    assert_eq!(0, semaphore.available_permits());
    permit.release_fair();
    assert_eq!(3, semaphore.available_permits());

    let mut permit = semaphore.acquire_many_owned(3);
    let mut part = permit.split(2).unwrap();
    part.merge(permit);
    assert_eq!(3, part.count());
    part.split(1).unwrap().forget();
    part.release_fair();
    assert_eq!(2, semaphore.available_permits());
    assert_eq!(1, Arc::strong_count(&semaphore));
    semaphore.assert_quiet();
}

#[test]
fn an_owned_permit_may_be_dropped_by_another_thread() {
    let semaphore = Arc::new(Semaphore::new(2));
    watched(&semaphore, || {
        let permit = semaphore.acquire_many_owned(2);
        let waits = takes(&semaphore, 2);
        until_waiting(&*semaphore, 1);
        thread::spawn(move || drop(permit)).join().unwrap();
        waits.join().unwrap();
    });
    semaphore.assert_quiet();
}

/// A plain permit is as free to move as an owned one, within its borrow.
#[test]
fn a_borrowed_permit_may_be_dropped_by_another_thread() {
    let semaphore = Semaphore::new(1);
    let permit = semaphore.acquire();
    thread::scope(|scope| {
        scope.spawn(move || drop(permit));
    });
    assert_eq!(1, semaphore.available_permits());
}

/// Trap A61.
#[test]
fn a_panic_gives_the_permits_back() {
    let semaphore = Arc::new(Semaphore::new(2));
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

/// Trap A9.
#[test]
fn the_thread_that_gets_the_permit_may_free_the_semaphore_under_the_releaser() {
    watched(&"owned permits", || {
        for _ in 0..200 {
            let semaphore = Arc::new(Semaphore::new(1));
            let gone = Arc::downgrade(&semaphore);
            let permit = semaphore.acquire_owned();
            let waits = thread::spawn({
                let semaphore = Arc::clone(&semaphore);
                move || {
                    let permit = semaphore.acquire_owned();
                    drop(semaphore);
                    drop(permit);
                }
            });
            until_waiting(&*semaphore, 1);
            drop(semaphore);
            drop(permit);
            waits.join().unwrap();
            assert_eq!(0, gone.strong_count());
        }
    });
}

/// Trap B10.
#[test]
fn a_release_above_the_limit_is_refused_and_changes_nothing() {
    let semaphore = Semaphore::new(Semaphore::MAX_PERMITS - 1);
    let permit = semaphore.acquire();
    semaphore.release(2).unwrap_err();
    semaphore.release(1).unwrap();
    semaphore.release(1).unwrap_err();
    drop(permit);
    assert_eq!(Semaphore::MAX_PERMITS, semaphore.available_permits());
}

#[test]
fn asking_for_more_than_the_limit_panics_where_it_would_wait_for_ever() {
    let semaphore = Arc::new(Semaphore::new(1));
    let more = Semaphore::MAX_PERMITS + 1;
    let (limit, at) = (Duration::ZERO, Instant::now());
    let refused = |ask: &dyn Fn()| catch_unwind(AssertUnwindSafe(ask)).unwrap_err();
    refused(&|| drop(semaphore.acquire_many(more)));
    refused(&|| drop(semaphore.acquire_many_timeout(more, limit)));
    refused(&|| drop(semaphore.acquire_many_deadline(more, at)));
    refused(&|| drop(semaphore.acquire_many_owned(more)));
    refused(&|| drop(semaphore.acquire_many_owned_timeout(more, limit)));
    refused(&|| drop(semaphore.acquire_many_owned_deadline(more, at)));
    assert!(semaphore.try_acquire_many(more).is_none());
    assert!(semaphore.try_acquire_many_owned(usize::MAX).is_none());
    assert_eq!(1, semaphore.available_permits());
    assert_eq!(1, Arc::strong_count(&semaphore));
    semaphore.assert_quiet();
}

#[test]
fn a_semaphore_can_be_a_static() {
    static SEMAPHORE: Semaphore = Semaphore::new(1);
    drop(SEMAPHORE.acquire());
    assert_eq!(1, SEMAPHORE.available_permits());
}

#[test]
fn debug_output_waits_for_nobody() {
    let semaphore = Arc::new(Semaphore::new(2));
    watched(&"debug output", || {
        let (permit, owned) = (semaphore.acquire(), semaphore.acquire_owned());
        let waits = takes(&semaphore, 1);
        until_waiting(&*semaphore, 1);
        assert!(!format!("{semaphore:?} {permit:?} {owned:?}").is_empty());
        drop(permit);
        waits.join().unwrap();
    });
}
