//! A request that is dropped loses nothing, and whoever is next moves.

use crate::await_points::every_await_point;
use crate::driver::Driver;
use crate::subjects::on_every_form;
use crate::watch::{until_past, until_waiting, watched};
use core::time::Duration;
use std::sync::Arc;
use std::thread;
use std::time::Instant;
use syncline::internals::Quiet;
use syncline::task::{Lock, Semaphore};

/// Traps A60, B25.
#[test]
fn a_future_dropped_at_any_await_point_loses_nothing() {
    on_every_form(every_await_point);
}

#[test]
fn a_future_does_nothing_until_it_is_polled() {
    on_every_form(|form| {
        let subject = (form.make)();
        let future = subject.start();
        assert_eq!(0, subject.waiting());
        drop(future);
        subject.advance(0);
        subject.assert_conserved();
    });
}

/// Traps A36, A41, A43, B2.
#[test]
fn a_grant_that_is_dropped_unclaimed_goes_to_the_next_in_line() {
    on_every_form(|form| {
        let subject = (form.make)();
        let first = Driver::waiting(subject.start());
        let second = Driver::waiting(subject.start());
        subject.advance(0);
        assert!(first.is_woken());
        assert_eq!(subject.is_broadcast(), second.is_woken());
        drop(first);
        drop(second.woken());
        subject.assert_conserved();
    });
}

/// Traps A36, B2.
#[test]
fn a_grant_passes_through_many_dropped_futures() {
    on_every_form(|form| {
        let subject = (form.make)();
        let dropped: Vec<_> = (0..50).map(|_| Driver::waiting(subject.start())).collect();
        let last = Driver::waiting(subject.start());
        subject.advance(0);
        for driver in dropped {
            assert!(driver.is_woken());
            drop(driver);
        }
        drop(last.woken());
        subject.assert_conserved();
    });
}

/// Traps A37, B23.
#[test]
fn a_waiter_dropped_just_before_the_release_gets_nothing() {
    on_every_form(|form| {
        let subject = (form.make)();
        let first = Driver::waiting(subject.start());
        let second = Driver::waiting(subject.start());
        let mut third = Driver::waiting(subject.start());
        drop(first);
        subject.advance(0);
        let held = second.woken();
        assert_eq!(subject.is_broadcast(), third.poll().is_ready());
        drop(held);
        if !subject.is_broadcast() {
            drop(third.woken());
        }
        subject.assert_conserved();
    });
}

/// Trap A40.
#[test]
fn many_waiters_dropped_at_once_release_nothing_they_do_not_have() {
    on_every_form(|form| {
        let subject = (form.make)();
        let mut waiters: Vec<_> = (0..20)
            .map(|_| Some(Driver::waiting(subject.start())))
            .collect();
        // Out of order, so that the line loses its head, its tail and its middle.
        for place in (0..20).map(|turn| turn * 7 % 20) {
            waiters[place] = None;
        }
        assert_eq!(0, subject.waiting());
        let late = Driver::waiting(subject.start());
        subject.advance(0);
        drop(late.woken());
        subject.assert_conserved();
    });
}

/// Trap A37: two orders of one drop and one release between two polls.
#[test]
fn a_drop_and_a_release_in_one_tick_leave_exactly_one_owner() {
    for drop_first in [true, false] {
        let lock = Arc::new(Lock::new(0));
        let held = lock.try_lock().unwrap();
        let dropped = Driver::waiting(lock.lock());
        let next = Driver::waiting(lock.lock());
        let mut last = Driver::waiting(lock.lock());
        if drop_first {
            drop(dropped);
            drop(held);
        } else {
            drop(held);
            drop(dropped);
        }
        let owner = next.woken();
        assert!(lock.try_lock().is_none(), "two owners");
        last.pending();
        drop(owner);
        drop(last.woken());
        lock.assert_quiet();
    }
}

/// Traps A43, B24.
#[test]
fn after_a_cancellation_the_others_are_still_served_in_order() {
    let semaphore = Semaphore::new(0);
    let first = Driver::waiting(semaphore.acquire());
    let second = Driver::waiting(semaphore.acquire());
    let third = Driver::waiting(semaphore.acquire());
    let fourth = Driver::waiting(semaphore.acquire());
    semaphore.release(1).unwrap();
    drop(first);
    drop(third);
    let held = second.woken();
    assert!(!fourth.is_woken());
    drop(held);
    drop(fourth.woken());
    semaphore.assert_quiet();
}

/// Traps B23, C4.
#[test]
fn a_dropped_head_that_wanted_many_lets_the_small_requests_behind_it_go() {
    let semaphore = Semaphore::new(2);
    let head = Driver::waiting(semaphore.acquire_many(5));
    let small = Driver::waiting(semaphore.acquire());
    let next = Driver::waiting(semaphore.acquire());
    let mut large = Driver::waiting(semaphore.acquire_many(2));
    drop(head);
    let permits = (small.woken(), next.woken());
    large.pending();
    drop(permits);
    drop(large.woken());
    semaphore.assert_quiet();
    assert_eq!(2, semaphore.available_permits());
}

/// Trap C4: the head leaves by its deadline, not by being dropped.
#[test]
fn an_expired_head_that_wanted_many_lets_the_small_requests_behind_it_go() {
    let semaphore = Semaphore::new(2);
    let at = Instant::now() + Duration::from_millis(1);
    let mut head = Driver::new(semaphore.acquire_many_deadline(5, at));
    // The deadline may already be over at the first poll; the line must be right either way.
    let early = head.poll();
    let mut small = Driver::new(semaphore.acquire());
    let first = small.poll();
    until_past(at);
    if early.is_pending() {
        head.ready().unwrap_err();
    }
    if first.is_pending() {
        drop(small.woken());
    } else {
        drop(first);
    }
    semaphore.assert_quiet();
    assert_eq!(2, semaphore.available_permits());
}

/// Traps A36, C1, in a line with a thread: the grant of a dropped task wakes the thread.
#[test]
fn a_grant_that_a_task_drops_goes_to_the_thread_behind_it() {
    let lock = Arc::new(Lock::new(0));
    let held = lock.try_lock().unwrap();
    let task = Driver::waiting(lock.lock());
    watched(&lock, || {
        let thread = thread::spawn({
            let lock = Arc::clone(&lock);
            move || *lock.as_thread().lock() += 1
        });
        until_waiting(&*lock, 2);
        drop(held);
        assert!(task.is_woken());
        drop(task);
        thread.join().unwrap();
    });
    assert_eq!(1, *lock.try_lock().unwrap());
    lock.assert_quiet();
}
