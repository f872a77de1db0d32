//! The bounded semaphore, as tasks see it.

use crate::driver::Driver;
use crate::watch::watched;
use core::panic::AssertUnwindSafe;
use core::time::Duration;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::time::Instant;
use syncline::internals::Quiet;
use syncline::task::BoundedSemaphore;

#[test]
fn free_permits_are_taken_at_the_first_poll() {
    let semaphore = Arc::new(BoundedSemaphore::new(6));
    let one = Driver::new(semaphore.acquire()).ready();
    let two = Driver::new(semaphore.acquire_many(2)).ready();
    let owned = Driver::new(semaphore.acquire_owned()).ready();
    let two_owned = Driver::new(semaphore.acquire_many_owned(2)).ready();
    assert_eq!((1, 2), (one.count(), two.count()));
    assert_eq!((1, 2), (owned.count(), two_owned.count()));
    assert!(semaphore.try_acquire().is_none());
    drop((one, two, owned, two_owned));
    assert_eq!(
        (6, 6),
        (semaphore.available_permits(), semaphore.capacity())
    );
    semaphore.assert_quiet();
}

#[test]
fn only_what_was_forgotten_can_be_released() {
    let semaphore = BoundedSemaphore::new(4);
    semaphore.release(0).unwrap();
    semaphore.release(1).unwrap_err();
    semaphore.try_acquire_many(2).unwrap().forget();
    assert_eq!(1, semaphore.forget(1));
    semaphore.release(4).unwrap_err();
    assert_eq!(1, semaphore.available_permits());
    semaphore.release(2).unwrap();
    semaphore.release(2).unwrap_err();
    semaphore.release(1).unwrap();
    semaphore.release(1).unwrap_err();
    semaphore.release(usize::MAX).unwrap_err();
    assert_eq!(
        (4, 4),
        (semaphore.available_permits(), semaphore.capacity())
    );
}

/// Trap B10: what is out will come back by itself.
#[test]
fn permits_that_are_out_cannot_be_released_by_others() {
    let semaphore = BoundedSemaphore::new(3);
    let mut permit = semaphore.try_acquire_many(3).unwrap();
    semaphore.release(1).unwrap_err();
    permit.split(1).unwrap().forget();
    let waiter = Driver::waiting(semaphore.acquire_many(3));
    semaphore.release(2).unwrap_err();
    semaphore.release(1).unwrap();
    semaphore.release(1).unwrap_err();
    drop(permit);
    // Granted and not claimed is out as well.
    assert!(waiter.is_woken());
    semaphore.release(1).unwrap_err();
    drop(waiter.woken());
    assert_eq!(3, semaphore.available_permits());
    semaphore.assert_quiet();
}

#[test]
fn a_release_of_forgotten_permits_lets_those_who_wait_through() {
    let semaphore = BoundedSemaphore::new(3);
    assert_eq!(3, semaphore.forget(9));
    let one = Driver::waiting(semaphore.acquire());
    let two = Driver::waiting(semaphore.acquire_many(2));
    semaphore.release(1).unwrap();
    semaphore.release(2).unwrap();
    drop((one.woken(), two.woken()));
    assert_eq!(3, semaphore.available_permits());
    semaphore.assert_quiet();
}

/// Trap B8.
#[test]
fn forgetting_permits_does_not_open_the_line_to_others() {
    let semaphore = BoundedSemaphore::new(4);
    let permit = semaphore.try_acquire().unwrap();
    let mut head = Driver::waiting(semaphore.acquire_many(4));
    assert_eq!(1, semaphore.forget(1));
    assert!(semaphore.try_acquire().is_none());
    drop(permit);
    assert!(semaphore.try_acquire().is_none());
    head.pending();
    semaphore.release(1).unwrap();
    assert_eq!(4, head.woken().count());
    semaphore.assert_quiet();
}

#[test]
fn zero_permits_are_had_at_once_even_behind_others() {
    let semaphore = Arc::new(BoundedSemaphore::new(0));
    assert_eq!(0, Driver::new(semaphore.acquire_many(0)).ready().count());
    let semaphore = Arc::new(BoundedSemaphore::new(1));
    let held = semaphore.try_acquire().unwrap();
    let waiter = Driver::waiting(semaphore.acquire());
    let none = Driver::new(semaphore.acquire_many_owned(0)).ready();
    assert_eq!(0, none.count());
    assert_eq!(0, semaphore.try_acquire_many(0).unwrap().count());
    drop((none, held));
    drop(waiter.woken());
    semaphore.assert_quiet();
}

/// No endless wait: a panic that says so, and `None` where nobody waits.
#[test]
fn asking_for_more_than_the_capacity_panics_where_it_would_wait_for_ever() {
    let semaphore = Arc::new(BoundedSemaphore::new(2));
    let (limit, at) = (Duration::ZERO, Instant::now());
    let refused = |ask: &dyn Fn()| catch_unwind(AssertUnwindSafe(ask)).unwrap_err();
    for more in [3, usize::MAX] {
        refused(&|| drop(Driver::new(semaphore.acquire_many(more)).poll()));
        refused(&|| drop(Driver::new(semaphore.acquire_many_timeout(more, limit)).poll()));
        refused(&|| drop(Driver::new(semaphore.acquire_many_deadline(more, at)).poll()));
        refused(&|| drop(Driver::new(semaphore.acquire_many_owned(more)).poll()));
        refused(&|| drop(Driver::new(semaphore.acquire_many_owned_timeout(more, limit)).poll()));
        refused(&|| drop(Driver::new(semaphore.acquire_many_owned_deadline(more, at)).poll()));
        assert!(semaphore.try_acquire_many(more).is_none());
        assert!(semaphore.try_acquire_many_owned(more).is_none());
    }
    let none = BoundedSemaphore::new(0);
    refused(&|| drop(Driver::new(none.acquire()).poll()));
    assert!(none.try_acquire().is_none());
    assert_eq!(2, semaphore.available_permits());
    assert_eq!(1, Arc::strong_count(&semaphore));
    semaphore.assert_quiet();
}

#[test]
fn a_capacity_above_the_limit_is_refused() {
    catch_unwind(|| BoundedSemaphore::new(BoundedSemaphore::MAX_PERMITS + 1)).unwrap_err();
    let semaphore = BoundedSemaphore::new(BoundedSemaphore::MAX_PERMITS);
    assert_eq!(BoundedSemaphore::MAX_PERMITS, semaphore.capacity());
    semaphore.release(1).unwrap_err();
}

/// Trap H1.
#[test]
fn a_lowered_capacity_is_reached_although_somebody_waits_at_each_release() {
    let semaphore = BoundedSemaphore::new(3);
    let [one, two, last] = [(); 3].map(|()| semaphore.try_acquire().unwrap());
    let mut head = Driver::waiting(semaphore.acquire());
    let mut next = Driver::waiting(semaphore.acquire());
    semaphore.set_capacity(1);
    drop(one);
    head.pending();
    two.release_fair();
    head.pending();
    drop(last);
    let permit = head.woken();
    next.pending();
    drop(permit);
    drop(next.woken());
    assert_eq!(1, semaphore.available_permits());
    semaphore.assert_quiet();
}

#[test]
fn a_capacity_below_what_is_out_takes_nothing_from_its_holders() {
    let semaphore = BoundedSemaphore::new(4);
    let mut permit = semaphore.try_acquire_many(3).unwrap();
    semaphore.set_capacity(0);
    assert_eq!(
        (0, 0),
        (semaphore.available_permits(), semaphore.capacity())
    );
    assert_eq!(3, permit.count());
    // In debt nothing can be had, and nothing can be forgotten of what is not there.
    assert!(semaphore.try_acquire().is_none());
    assert_eq!(0, semaphore.try_acquire_many(0).unwrap().count());
    assert_eq!(0, Driver::new(semaphore.acquire_many(0)).ready().count());
    assert_eq!(0, semaphore.forget(9));
    semaphore.release(1).unwrap_err();
    // What its holder forgets can be brought back, and pays the debt then.
    permit.split(1).unwrap().forget();
    semaphore.release(2).unwrap_err();
    semaphore.release(1).unwrap();
    drop(permit);
    assert_eq!(0, semaphore.available_permits());
    semaphore.set_capacity(1);
    assert_eq!(1, semaphore.available_permits());
    semaphore.release(1).unwrap_err();
    semaphore.assert_quiet();
}

#[test]
fn a_raised_capacity_pays_a_debt_before_it_lets_anybody_go() {
    let semaphore = BoundedSemaphore::new(3);
    let held = semaphore.try_acquire_many(3).unwrap();
    let mut waiter = Driver::waiting(semaphore.acquire());
    semaphore.set_capacity(1);
    semaphore.set_capacity(3);
    waiter.pending();
    semaphore.set_capacity(4);
    drop(waiter.woken());
    drop(held);
    assert_eq!(4, semaphore.available_permits());
    semaphore.assert_quiet();
}

#[test]
fn a_request_for_more_than_a_lowered_capacity_keeps_its_place_and_a_later_one_panics() {
    let semaphore = BoundedSemaphore::new(2);
    let held = semaphore.try_acquire().unwrap();
    let mut large = Driver::waiting(semaphore.acquire_many(2));
    let mut small = Driver::waiting(semaphore.acquire());
    semaphore.set_capacity(1);
    drop(held);
    large.pending();
    small.pending();
    let late = || drop(Driver::new(semaphore.acquire_many(2)).poll());
    catch_unwind(AssertUnwindSafe(late)).unwrap_err();
    assert!(semaphore.try_acquire_many(2).is_none());
    semaphore.set_capacity(2);
    drop(large.woken());
    drop(small.woken());
    semaphore.assert_quiet();
}

#[test]
fn a_request_for_more_than_a_lowered_capacity_lets_the_others_go_when_it_is_dropped() {
    let semaphore = BoundedSemaphore::new(2);
    let held = semaphore.try_acquire().unwrap();
    let large = Driver::waiting(semaphore.acquire_many(2));
    let small = Driver::waiting(semaphore.acquire());
    semaphore.set_capacity(1);
    drop(held);
    drop(large);
    drop(small.woken());
    assert_eq!(1, semaphore.available_permits());
    semaphore.assert_quiet();
}

/// Trap H2.
#[test]
fn the_largest_debt_does_not_overflow() {
    const MAX: usize = BoundedSemaphore::MAX_PERMITS;
    let semaphore = BoundedSemaphore::new(MAX);
    let held = semaphore.try_acquire_many(MAX).unwrap();
    for capacity in [0, MAX, 1, 0, MAX - 1] {
        semaphore.set_capacity(capacity);
        assert_eq!(
            (0, capacity),
            (semaphore.available_permits(), semaphore.capacity())
        );
    }
    semaphore.set_capacity(0);
    drop(held);
    assert_eq!(0, semaphore.available_permits());
    semaphore.set_capacity(MAX);
    assert_eq!(MAX, semaphore.available_permits());
    semaphore.release(1).unwrap_err();
    let above = || semaphore.set_capacity(MAX + 1);
    catch_unwind(AssertUnwindSafe(above)).unwrap_err();
    catch_unwind(AssertUnwindSafe(|| semaphore.set_capacity(usize::MAX))).unwrap_err();
    assert_eq!(MAX, semaphore.capacity());
    for more in [MAX + 1, usize::MAX] {
        assert!(semaphore.try_acquire_many(more).is_none());
        assert!(semaphore.as_thread().try_acquire_many(more).is_none());
    }
}

/// Trap B19.
#[test]
fn owned_permits_keep_the_semaphore_alive_and_no_longer() {
    let semaphore = Arc::new(BoundedSemaphore::new(4));
    let gone = Arc::downgrade(&semaphore);
    let mut permit = semaphore.try_acquire_many_owned(4).unwrap();
    let mut part = permit.split(2).unwrap();
    part.split(1).unwrap().forget();
    permit.merge(part);
    assert_eq!(3, permit.count());
    drop(semaphore);
    assert_eq!(1, gone.strong_count());
    permit.release_fair();
    assert_eq!(0, gone.strong_count());
}

/// Trap B10: the two kinds of semaphores share their permits' type, not their permits.
#[test]
fn permits_of_two_semaphores_cannot_be_merged() {
    let bounded = Arc::new(BoundedSemaphore::new(1));
    let plain = Arc::new(syncline::task::Semaphore::new(1));
    let mut permit = bounded.try_acquire_owned().unwrap();
    let foreign = plain.try_acquire_owned().unwrap();
    catch_unwind(AssertUnwindSafe(|| permit.merge(foreign))).unwrap_err();
    drop(permit);
    assert_eq!(
        (1, 1),
        (bounded.available_permits(), plain.available_permits())
    );
    assert_eq!(
        (1, 1),
        (Arc::strong_count(&bounded), Arc::strong_count(&plain))
    );
}

#[test]
fn a_cast_there_and_back_is_the_same_semaphore() {
    let semaphore = Arc::new(BoundedSemaphore::new(1));
    let permit = semaphore.as_thread().acquire();
    assert!(semaphore.as_thread().as_task().try_acquire().is_none());
    drop(permit);
    let address = Arc::as_ptr(&semaphore).addr();
    let semaphore = semaphore.into_thread().into_task();
    assert_eq!(address, Arc::as_ptr(&semaphore).addr());
}

#[test]
fn debug_output_waits_for_nobody() {
    let semaphore = Arc::new(BoundedSemaphore::new(2));
    watched(&"debug output", || {
        let permit = semaphore.try_acquire().unwrap();
        let owned = semaphore.try_acquire_owned().unwrap();
        let future = semaphore.acquire();
        assert!(!format!("{semaphore:?} {permit:?} {owned:?} {future:?}").is_empty());
        let waiter = Driver::waiting(future);
        assert!(!format!("{semaphore:?} {waiter:?}").is_empty());
    });
}
