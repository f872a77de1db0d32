//! Two requests of one task: the grant of the one that the task does not poll
//! must not lock out the one that it does poll.
//!
//! Requests belong to one task if they are polled with the same waker, so all
//! requests here are polled with the waker of one probe, unless said otherwise.

use crate::driver::Driver;
use crate::waker::Probe;
use core::task::{Poll, Waker};
use syncline::internals::Quiet;
use syncline::task::{BoundedSemaphore, Lock, Semaphore};

/// Polls a request as a part of the task whose waker this is.
fn poll<F: Future>(driver: &mut Driver<F>, task: &Waker) -> Poll<F::Output> {
    driver.poll_with(task)
}

/// What a poll has returned; it must have been done.
#[track_caller]
fn done<T>(poll: Poll<T>) -> T {
    match poll {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the task waits for itself"),
    }
}

/// Traps C3, B26.
#[test]
fn a_grant_that_its_task_does_not_poll_for_serves_the_request_that_it_polls() {
    let lock = Lock::new(0);
    let task = Probe::new();
    let held = lock.try_lock().unwrap();
    let mut unpolled = Driver::new(lock.lock());
    assert!(poll(&mut unpolled, &task.waker()).is_pending());
    drop(held);
    assert_eq!(1, task.wakes());
    // The task has turned to something else, which needs the lock.
    let mut polled = Driver::new(lock.lock());
    let guard = done(poll(&mut polled, &task.waker()));
    assert!(poll(&mut unpolled, &task.waker()).is_pending());
    drop(guard);
    assert_eq!(2, task.wakes(), "the task that lost is woken again");
    drop(done(poll(&mut unpolled, &task.waker())));
    assert!(!lock.is_locked());
    lock.assert_quiet();
}

/// Traps C3, B26: the second request waits already when the first is granted the lock.
#[test]
fn a_request_that_waits_already_is_served_at_its_next_poll() {
    let lock = Lock::new(0);
    let task = Probe::new();
    let held = lock.try_lock().unwrap();
    let mut unpolled = Driver::new(lock.lock());
    let mut polled = Driver::new(lock.lock());
    assert!(poll(&mut unpolled, &task.waker()).is_pending());
    assert!(poll(&mut polled, &task.waker()).is_pending());
    drop(held);
    drop(done(poll(&mut polled, &task.waker())));
    drop(done(poll(&mut unpolled, &task.waker())));
    lock.assert_quiet();
}

/// The one that lost stands where the one that won stood: nobody of another task is passed, and
/// the task is woken for it when its turn comes.
#[test]
fn the_request_that_lost_its_grant_takes_the_place_of_the_one_that_won() {
    let lock = Lock::new(0);
    let task = Probe::new();
    let held = lock.try_lock().unwrap();
    let mut unpolled = Driver::new(lock.lock());
    assert!(poll(&mut unpolled, &task.waker()).is_pending());
    let other = Driver::waiting(lock.lock());
    drop(held);
    let mut polled = Driver::new(lock.lock());
    let guard = done(poll(&mut polled, &task.waker()));
    drop(guard);
    assert_eq!(1, task.wakes(), "another task was passed");
    drop(other.woken());
    // The task need not look at what lost for it to be woken for it.
    assert_eq!(2, task.wakes());
    drop(done(poll(&mut unpolled, &task.waker())));
    lock.assert_quiet();
}

/// The same, but the request that lost is dropped and not polled.
#[test]
fn the_request_that_lost_its_grant_may_be_dropped() {
    let lock = Lock::new(0);
    let task = Probe::new();
    let held = lock.try_lock().unwrap();
    let mut unpolled = Driver::new(lock.lock());
    assert!(poll(&mut unpolled, &task.waker()).is_pending());
    let other = Driver::waiting(lock.lock());
    drop(held);
    let mut polled = Driver::new(lock.lock());
    let guard = done(poll(&mut polled, &task.waker()));
    drop(unpolled);
    drop(guard);
    drop(other.woken());
    drop(polled);
    assert_eq!(0, task.alive(), "a waker leaked");
    lock.assert_quiet();
}

/// What is more in the grant than the request wants is free, for the line first.
#[test]
fn the_rest_of_a_transferred_grant_is_released() {
    let semaphore = Semaphore::new(0);
    let task = Probe::new();
    let mut unpolled = Driver::new(semaphore.acquire_many(3));
    assert!(poll(&mut unpolled, &task.waker()).is_pending());
    semaphore.release(3).unwrap();
    let mut polled = Driver::new(semaphore.acquire());
    let permit = done(poll(&mut polled, &task.waker()));
    assert_eq!((1, 2), (permit.count(), semaphore.available_permits()));
    assert!(semaphore.try_acquire().is_none(), "the line was passed");
    drop(permit);
    assert_eq!(3, done(poll(&mut unpolled, &task.waker())).count());
    assert_eq!(3, semaphore.available_permits());
    semaphore.assert_quiet();
}

#[test]
fn a_grant_that_does_not_cover_the_request_stays_where_it_is() {
    let semaphore = Semaphore::new(0);
    let task = Probe::new();
    let mut unpolled = Driver::new(semaphore.acquire());
    assert!(poll(&mut unpolled, &task.waker()).is_pending());
    semaphore.release(1).unwrap();
    let mut polled = Driver::new(semaphore.acquire_many(2));
    assert!(poll(&mut polled, &task.waker()).is_pending());
    drop(done(poll(&mut unpolled, &task.waker())));
    semaphore.release(1).unwrap();
    assert_eq!(2, done(poll(&mut polled, &task.waker())).count());
    semaphore.assert_quiet();
}

/// A grant is a grant for everybody else.
#[test]
fn another_task_is_not_given_the_grant() {
    let semaphore = BoundedSemaphore::new(1);
    let held = semaphore.try_acquire().unwrap();
    let granted = Driver::waiting(semaphore.acquire());
    drop(held);
    let mut other = Driver::waiting(semaphore.acquire());
    other.pending();
    drop(granted.woken());
    drop(other.woken());
    semaphore.assert_quiet();
}

/// Trap C3, with a deadline on both requests.
#[test]
fn timed_requests_of_one_task_do_not_lock_each_other_out() {
    let semaphore = BoundedSemaphore::new(1);
    let hour = core::time::Duration::from_hours(1);
    let task = Probe::new();
    let held = semaphore.try_acquire().unwrap();
    let mut unpolled = Driver::new(semaphore.acquire_timeout(hour));
    assert!(poll(&mut unpolled, &task.waker()).is_pending());
    drop(held);
    let mut polled = Driver::new(semaphore.acquire_timeout(hour));
    drop(done(poll(&mut polled, &task.waker())).unwrap());
    drop(done(poll(&mut unpolled, &task.waker())).unwrap());
    drop((polled, unpolled));
    assert_eq!(0, task.alive(), "a waker leaked");
    semaphore.assert_quiet();
}
