//! The semaphore, as tasks see it.

use crate::driver::Driver;
use crate::watch::watched;
use core::panic::AssertUnwindSafe;
use core::time::Duration;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::time::Instant;
use syncline::internals::Quiet;
use syncline::task::Semaphore;

#[test]
fn free_permits_are_taken_at_the_first_poll() {
    let semaphore = Arc::new(Semaphore::new(6));
    let one = Driver::new(semaphore.acquire()).ready();
    let two = Driver::new(semaphore.acquire_many(2)).ready();
    let owned = Driver::new(semaphore.acquire_owned()).ready();
    let two_owned = Driver::new(semaphore.acquire_many_owned(2)).ready();
    assert_eq!((1, 2), (one.count(), two.count()));
    assert_eq!((1, 2), (owned.count(), two_owned.count()));
    assert_eq!(0, semaphore.available_permits());
    assert!(semaphore.try_acquire().is_none());
    drop((one, two, owned, two_owned));
    assert_eq!(6, semaphore.available_permits());
    semaphore.assert_quiet();
}

#[test]
fn many_permits_are_all_or_nothing() {
    let semaphore = Arc::new(Semaphore::new(3));
    assert!(semaphore.try_acquire_many(4).is_none());
    assert!(semaphore.try_acquire_many_owned(4).is_none());
    assert_eq!(3, semaphore.available_permits());
    assert_eq!(3, semaphore.try_acquire_many(3).unwrap().count());
    assert_eq!(3, semaphore.try_acquire_many_owned(3).unwrap().count());
}

#[test]
fn zero_permits_are_had_at_once_even_behind_others() {
    let semaphore = Arc::new(Semaphore::new(0));
    let waiter = Driver::waiting(semaphore.acquire());
    let none = Driver::new(semaphore.acquire_many(0)).ready();
    assert_eq!(0, none.count());
    let owned = Driver::new(semaphore.acquire_many_owned(0)).ready();
    assert_eq!(0, owned.count());
    assert_eq!(0, semaphore.try_acquire_many(0).unwrap().count());
    let timed = Driver::new(semaphore.acquire_many_timeout(0, Duration::ZERO)).ready();
    assert_eq!(0, timed.unwrap().count());
    drop((none, owned));
    drop(waiter);
    assert_eq!(0, semaphore.available_permits());
    semaphore.assert_quiet();
}

/// Traps A42, B1, C1.
#[test]
fn n_releases_let_n_waiters_through_whoever_runs_when() {
    let semaphore = Semaphore::new(0);
    let waiters: Vec<_> = (0..5)
        .map(|_| Driver::waiting(semaphore.acquire()))
        .collect();
    for _ in 0..5 {
        semaphore.release(1).unwrap();
    }
    // Nobody ran between the releases; all five are through, in any order of polling.
    let permits: Vec<_> = waiters.into_iter().rev().map(Driver::woken).collect();
    assert_eq!(0, semaphore.available_permits());
    drop(permits);
    assert_eq!(5, semaphore.available_permits());
    semaphore.assert_quiet();
}

/// Traps B1, C1.
#[test]
fn one_release_of_n_lets_n_waiters_through() {
    let semaphore = Semaphore::new(0);
    let waiters: Vec<_> = (0..100)
        .map(|_| Driver::waiting(semaphore.acquire()))
        .collect();
    semaphore.release(99).unwrap();
    let woken = waiters.iter().filter(|waiter| waiter.is_woken()).count();
    assert_eq!(99, woken);
    semaphore.release(1).unwrap();
    let permits: Vec<_> = waiters.into_iter().map(Driver::woken).collect();
    drop(permits);
    assert_eq!(100, semaphore.available_permits());
    semaphore.assert_quiet();
}

/// Trap B1: the dropping of one permit for many reaches as many waiters.
#[test]
fn a_permit_of_n_that_is_dropped_lets_n_waiters_through() {
    let semaphore = Semaphore::new(3);
    let permit = semaphore.try_acquire_many(3).unwrap();
    let waiters: Vec<_> = (0..3)
        .map(|_| Driver::waiting(semaphore.acquire()))
        .collect();
    drop(permit);
    let permits: Vec<_> = waiters.into_iter().map(Driver::woken).collect();
    drop(permits);
    assert_eq!(3, semaphore.available_permits());
}

#[test]
fn a_split_permit_gives_its_parts_back_one_by_one() {
    let semaphore = Arc::new(Semaphore::new(5));
    let mut permit = semaphore.try_acquire_many(5).unwrap();
    let part = permit.split(2).unwrap();
    assert_eq!((3, 2), (permit.count(), part.count()));
    assert!(permit.split(4).is_none(), "a part larger than the whole");
    assert_eq!(3, permit.count());
    drop(part);
    assert_eq!(2, semaphore.available_permits());
    let all = permit.split(3).unwrap();
    assert_eq!((0, 3), (permit.count(), all.count()));
    drop(permit);
    assert_eq!(2, semaphore.available_permits());
    drop(all);

    let mut permit = semaphore.try_acquire_many_owned(5).unwrap();
    let part = permit.split(2).unwrap();
    assert!(permit.split(4).is_none(), "a part larger than the whole");
    drop(permit);
    assert_eq!(3, semaphore.available_permits());
    drop(part);
    assert_eq!(5, semaphore.available_permits());
    assert_eq!(1, Arc::strong_count(&semaphore));
}

/// Traps B10, B19.
#[test]
fn merged_permits_are_given_back_together_and_leak_no_reference() {
    let semaphore = Arc::new(Semaphore::new(5));
    let mut permit = semaphore.try_acquire_many(2).unwrap();
    permit.merge(semaphore.try_acquire_many(3).unwrap());
    assert_eq!((5, 0), (permit.count(), semaphore.available_permits()));
    drop(permit);
    assert_eq!(5, semaphore.available_permits());

    let mut permit = semaphore.try_acquire_many_owned(2).unwrap();
    permit.merge(semaphore.try_acquire_many_owned(3).unwrap());
    assert_eq!((5, 0), (permit.count(), semaphore.available_permits()));
    drop(permit);
    assert_eq!(5, semaphore.available_permits());
    assert_eq!(1, Arc::strong_count(&semaphore));
}

/// Trap B10: nothing is lost by the misuse either.
#[test]
fn permits_of_two_semaphores_cannot_be_merged() {
    let (one, other) = (Semaphore::new(1), Semaphore::new(1));
    let mut permit = one.try_acquire().unwrap();
    let foreign = other.try_acquire().unwrap();
    catch_unwind(AssertUnwindSafe(|| permit.merge(foreign))).unwrap_err();
    drop(permit);
    assert_eq!((1, 1), (one.available_permits(), other.available_permits()));
}

/// Trap B19.
#[test]
fn a_forgotten_permit_is_gone_for_good_but_its_semaphore_is_not_leaked() {
    let semaphore = Arc::new(Semaphore::new(4));
    semaphore.try_acquire().unwrap().forget();
    assert_eq!(3, semaphore.available_permits());
    semaphore.try_acquire_many_owned(2).unwrap().forget();
    assert_eq!(1, semaphore.available_permits());
    semaphore.try_acquire_owned().unwrap().release_fair();
    assert_eq!(1, semaphore.available_permits());
    assert_eq!(1, Arc::strong_count(&semaphore));
}

#[test]
fn forget_takes_out_what_is_free_and_says_how_much() {
    let semaphore = Semaphore::new(3);
    assert_eq!(0, semaphore.forget(0));
    assert_eq!(2, semaphore.forget(2));
    assert_eq!(1, semaphore.forget(2));
    assert_eq!(0, semaphore.forget(usize::MAX));
    assert_eq!(0, semaphore.available_permits());
}

/// Trap B8: what the line has marked in the word survives a `forget`.
#[test]
fn forgetting_permits_does_not_open_the_line_to_others() {
    let semaphore = Semaphore::new(3);
    let mut head = Driver::waiting(semaphore.acquire_many(4));
    assert_eq!(1, semaphore.forget(1));
    assert!(semaphore.try_acquire().is_none());
    assert_eq!(2, semaphore.forget(9));
    semaphore.release(3).unwrap();
    assert!(semaphore.try_acquire().is_none());
    head.pending();
    semaphore.release(1).unwrap();
    assert_eq!(4, head.woken().count());
    semaphore.assert_quiet();
}

/// Trap B10.
#[test]
fn a_release_above_the_limit_is_refused_and_changes_nothing() {
    let max = Semaphore::MAX_PERMITS;
    let semaphore = Semaphore::new(max);
    semaphore.release(0).unwrap();
    for extra in [1, max, usize::MAX] {
        semaphore.release(extra).unwrap_err();
        assert_eq!(max, semaphore.available_permits());
    }
    assert_eq!(1, semaphore.forget(1));
    semaphore.release(2).unwrap_err();
    semaphore.release(1).unwrap();
    assert_eq!(max, semaphore.available_permits());
}

/// Trap B10: a permit that is out counts, so that its drop always finds room.
#[test]
fn a_release_leaves_room_for_the_permits_that_are_out() {
    let max = Semaphore::MAX_PERMITS;
    let semaphore = Semaphore::new(max);
    let permit = semaphore.try_acquire_many(max).unwrap();
    assert_eq!(0, semaphore.available_permits());
    semaphore.release(1).unwrap_err();
    drop(permit);
    assert_eq!(max, semaphore.available_permits());

    let mut permit = semaphore.try_acquire_many(2).unwrap();
    permit.split(1).unwrap().forget();
    semaphore.release(2).unwrap_err();
    semaphore.release(1).unwrap();
    semaphore.release(1).unwrap_err();
    drop(permit);
    assert_eq!(max, semaphore.available_permits());
}

/// Trap B10: a grant that is not claimed yet is out, too.
#[test]
fn a_release_leaves_room_for_grants_that_are_not_claimed() {
    let max = Semaphore::MAX_PERMITS;
    let semaphore = Semaphore::new(max);
    let permit = semaphore.try_acquire_many(max).unwrap();
    let waiter = Driver::waiting(semaphore.acquire_many(max));
    drop(permit);
    assert!(waiter.is_woken());
    semaphore.release(1).unwrap_err();
    drop(waiter);
    assert_eq!(max, semaphore.available_permits());
    semaphore.assert_quiet();
}

#[test]
fn a_semaphore_of_more_than_the_limit_is_refused() {
    catch_unwind(|| Semaphore::new(Semaphore::MAX_PERMITS + 1)).unwrap_err();
    catch_unwind(|| Semaphore::new(usize::MAX)).unwrap_err();
}

/// More than can ever exist: no endless wait, a panic that says so.
#[test]
fn asking_for_more_than_the_limit_panics_where_it_would_wait_for_ever() {
    let semaphore = Arc::new(Semaphore::new(Semaphore::MAX_PERMITS));
    let more = Semaphore::MAX_PERMITS + 1;
    let (limit, at) = (Duration::ZERO, Instant::now());
    let refused = |ask: &dyn Fn()| catch_unwind(AssertUnwindSafe(ask)).unwrap_err();
    refused(&|| drop(Driver::new(semaphore.acquire_many(more)).poll()));
    refused(&|| drop(Driver::new(semaphore.acquire_many_timeout(more, limit)).poll()));
    refused(&|| drop(Driver::new(semaphore.acquire_many_deadline(more, at)).poll()));
    refused(&|| drop(Driver::new(semaphore.acquire_many_owned(more)).poll()));
    refused(&|| drop(Driver::new(semaphore.acquire_many_owned_timeout(more, limit)).poll()));
    refused(&|| drop(Driver::new(semaphore.acquire_many_owned_deadline(more, at)).poll()));
    assert!(semaphore.try_acquire_many(more).is_none());
    assert!(semaphore.try_acquire_many_owned(usize::MAX).is_none());
    assert_eq!(Semaphore::MAX_PERMITS, semaphore.available_permits());
    assert_eq!(1, Arc::strong_count(&semaphore));
    semaphore.assert_quiet();
}

/// Trap A61.
#[test]
fn a_panic_gives_the_permits_back() {
    let semaphore = Semaphore::new(2);
    let permit = semaphore.try_acquire_many(2).unwrap();
    let waiter = Driver::waiting(semaphore.acquire());
    catch_unwind(AssertUnwindSafe(move || {
        let _permit = permit;
        panic!("while holding");
    }))
    .unwrap_err();
    drop(waiter.woken());
    assert_eq!(2, semaphore.available_permits());
}

#[test]
fn debug_output_waits_for_nobody() {
    let semaphore = Arc::new(Semaphore::new(2));
    watched(&"debug output", || {
        let permit = semaphore.try_acquire().unwrap();
        let owned = semaphore.try_acquire_owned().unwrap();
        let future = semaphore.acquire();
        assert!(!format!("{semaphore:?} {permit:?} {owned:?} {future:?}").is_empty());
        let waiter = Driver::waiting(future);
        assert!(!format!("{semaphore:?} {waiter:?}").is_empty());
    });
}
