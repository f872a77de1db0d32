//! Waits for a condition that are dropped: nothing is locked, and no notification is lost.

use crate::condition::Pair;
use crate::driver::Driver;
use crate::waker::Probe;
use crate::watch::until_past;
use core::task::Poll;
use core::time::Duration;
use std::time::Instant;

#[test]
fn a_wait_that_is_dropped_before_its_first_poll_unlocks() {
    let pair = Pair::new();
    drop(pair.changed.wait(pair.hold()));
    drop(pair.changed.wait_for(pair.hold(), |_| false));
    pair.assert_quiet();
}

#[test]
fn a_wait_that_is_dropped_leaves_the_others_in_order() {
    let pair = Pair::new();
    let mut waiters: Vec<_> = pair.many(5).into_iter().map(Some).collect();
    for place in [2, 0, 4] {
        waiters[place] = None;
    }
    assert_eq!(2, pair.changed.waiting());
    for waiter in waiters.into_iter().flatten() {
        assert!(pair.changed.notify_one());
        drop(waiter.woken());
    }
    pair.assert_quiet();
}

/// Trap A40.
#[test]
fn many_waits_that_are_dropped_at_once_unlock_nothing() {
    for notified in [0, 7, 20] {
        let pair = Pair::new();
        let mut waiters: Vec<_> = pair.many(20).into_iter().map(Some).collect();
        let held = pair.hold();
        assert_eq!(notified, pair.changed.notify(notified));
        for place in (0..20).map(|turn| turn * 7 % 20) {
            waiters[place] = None;
            assert!(pair.lock.try_lock().is_none(), "unlocked by a stranger");
        }
        drop(held);
        pair.assert_quiet();
    }
}

/// Traps A36, A41, B2, B18: with the lock free, and with the lock held.
#[test]
fn a_notification_of_a_dropped_wait_goes_to_whoever_has_waited_longest() {
    for held in [false, true] {
        let pair = Pair::new();
        let first = pair.waits();
        let second = pair.waits();
        let third = pair.waits();
        let held = held.then(|| pair.hold());
        assert!(pair.changed.notify_one());
        drop(first);
        drop(held);
        assert!(!third.is_woken());
        drop(second.woken());
        assert_eq!(1, pair.changed.waiting());
        drop(third);
        pair.assert_quiet();
    }
}

/// Traps A36, A42: all of them are passed on, and each one over many drops.
#[test]
fn notifications_pass_through_many_dropped_waits() {
    let pair = Pair::new();
    let mut dropped = pair.many(30);
    let last = pair.many(2);
    assert_eq!(2, pair.changed.notify(2));
    dropped.drain(..).for_each(drop);
    for waiter in last {
        drop(waiter.woken());
    }
    pair.assert_quiet();
}

/// Trap B2, and its other side: nobody who came later is notified.
#[test]
fn a_notification_is_not_passed_on_to_who_came_after_it() {
    let pair = Pair::new();
    let first = pair.waits();
    let held = pair.hold();
    assert!(pair.changed.notify_one());
    let mut late = Driver::new(pair.changed.wait(held));
    late.pending();
    drop(first);
    late.pending();
    assert_eq!(1, pair.changed.waiting());
    drop(late);
    pair.assert_quiet();
}

/// Trap B5.
#[test]
fn a_notification_for_all_is_not_passed_on() {
    let pair = Pair::new();
    let first = pair.waits();
    let second = pair.waits();
    let held = pair.hold();
    assert_eq!(2, pair.changed.notify_all());
    let mut late = Driver::new(pair.changed.wait(held));
    late.pending();
    drop(first);
    drop(second.woken());
    late.pending();
    drop(late);
    pair.assert_quiet();
}

/// Traps A38, A39: after the drop the lock is not held, and whoever waits for it gets it.
#[test]
fn a_wait_that_is_dropped_while_it_locks_again_gives_the_lock_to_the_next() {
    for granted in [false, true] {
        let pair = Pair::new();
        let waiter = pair.waits();
        let mut held = Some(pair.hold());
        assert!(pair.changed.notify_one());
        let next = Driver::waiting(pair.lock.lock());
        if granted {
            held = None;
            assert!(waiter.is_woken());
        }
        assert_eq!(0, waiter.cancel().alive(), "a waker leaked");
        drop(held);
        drop(next.woken());
        pair.assert_quiet();
    }
}

/// Traps A37, A43.
#[test]
fn a_drop_and_a_notify_in_one_tick_leave_exactly_one_owner() {
    for drop_first in [true, false] {
        let pair = Pair::new();
        let first = pair.waits();
        let second = pair.waits();
        let mut third = pair.waits();
        if drop_first {
            drop(first);
            assert!(pair.changed.notify_one());
        } else {
            assert!(pair.changed.notify_one());
            drop(first);
        }
        let owner = second.woken();
        assert!(pair.lock.try_lock().is_none(), "two owners");
        third.pending();
        drop(owner);
        drop(third);
        pair.assert_quiet();
    }
}

/// Traps B26, C3: the task's own queued request has the lock that its notified wait needs.
#[test]
fn a_queued_request_does_not_keep_its_own_task_from_locking_again() {
    let pair = Pair::new();
    let task = Probe::new();
    let mut wait = Driver::new(pair.changed.wait(pair.hold()));
    assert!(wait.poll_with(&task.waker()).is_pending());
    let held = pair.hold();
    let mut queued = Driver::new(pair.lock.lock());
    assert!(queued.poll_with(&task.waker()).is_pending());
    assert!(pair.changed.notify_one());
    drop(held);
    assert_eq!(1, task.wakes());
    assert!(wait.poll_with(&task.waker()).is_pending(), "at first sight");
    assert_eq!(2, task.wakes());
    let Poll::Ready(guard) = wait.poll_with(&task.waker()) else {
        panic!("the task waits for itself");
    };
    drop(guard);
    let Poll::Ready(guard) = queued.poll_with(&task.waker()) else {
        panic!("the request is lost");
    };
    drop(guard);
    drop((wait, queued));
    assert_eq!(0, task.alive(), "a waker leaked");
    pair.assert_quiet();
}

/// Traps B26, C3, the other way round: the wait has the lock, and the task polls a request.
#[test]
fn a_notified_wait_does_not_keep_its_own_task_from_locking() {
    let pair = Pair::new();
    let task = Probe::new();
    let mut wait = Driver::new(pair.changed.wait(pair.hold()));
    assert!(wait.poll_with(&task.waker()).is_pending());
    let behind = pair.waits();
    assert!(pair.changed.notify_one());
    let mut request = Driver::new(pair.lock.lock());
    assert!(
        request.poll_with(&task.waker()).is_pending(),
        "at first sight"
    );
    let Poll::Ready(guard) = request.poll_with(&task.waker()) else {
        panic!("the task waits for itself");
    };
    // The wait lost its grant, not its notification: dropped, it passes that on.
    drop(wait);
    drop(guard);
    drop(behind.woken());
    drop(request);
    pair.assert_quiet();
}

/// Whoever gave up at its deadline has no notification that somebody else should have.
#[test]
fn a_wait_that_has_given_up_notifies_nobody_when_it_is_dropped() {
    let pair = Pair::new();
    let mut other = pair.waits();
    let (soon, mut gives_up) = loop {
        let soon = Instant::now() + Duration::from_millis(10);
        let mut gives_up = Driver::new(pair.changed.wait_deadline(pair.hold(), soon));
        if gives_up.poll().is_pending() {
            break (soon, gives_up);
        }
    };
    let held = pair.hold();
    until_past(soon);
    // It has left the set, and waits for the lock.
    gives_up.pending();
    assert_eq!((1, 1), (pair.changed.waiting(), pair.lock.waiting()));
    drop(gives_up);
    drop(held);
    assert!(!other.is_woken());
    other.pending();
    drop(other);
    pair.assert_quiet();
}
