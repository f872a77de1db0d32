//! Two requests of one task: the grant of the one that the task does not poll
//! must not lock out the one that it does poll.
//!
//! A grant moves at the second poll that finds it unclaimed. No task has an id
//! here, so requests belong to one task if they are polled with the same waker:
//! that of one probe, unless said otherwise. What ids change is in
//! `futurelock_ids`.

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

/// Polls a request that finds a grant of its task, which it has not seen before: it wakes its task,
/// and has the grant at the next poll if that is still unclaimed.
#[track_caller]
fn second_poll<F: Future>(driver: &mut Driver<F>, task: &Probe) -> F::Output {
    let before = task.wakes();
    assert!(
        poll(driver, &task.waker()).is_pending(),
        "taken at first sight"
    );
    assert_eq!(before + 1, task.wakes(), "the task comes back by itself");
    let output = done(poll(driver, &task.waker()));
    assert_eq!(before + 1, task.wakes());
    output
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
    let guard = second_poll(&mut polled, &task);
    assert!(poll(&mut unpolled, &task.waker()).is_pending());
    drop(guard);
    assert_eq!(3, task.wakes(), "the task that lost is woken again");
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
    drop(second_poll(&mut polled, &task));
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
    let guard = second_poll(&mut polled, &task);
    drop(guard);
    assert_eq!(2, task.wakes(), "another task was passed");
    drop(other.woken());
    // The task need not look at what lost for it to be woken for it.
    assert_eq!(3, task.wakes());
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
    let guard = second_poll(&mut polled, &task);
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
    let permit = second_poll(&mut polled, &task);
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
    let hour = core::time::Duration::from_secs(3600);
    let task = Probe::new();
    let held = semaphore.try_acquire().unwrap();
    let mut unpolled = Driver::new(semaphore.acquire_timeout(hour));
    assert!(poll(&mut unpolled, &task.waker()).is_pending());
    drop(held);
    let mut polled = Driver::new(semaphore.acquire_timeout(hour));
    drop(second_poll(&mut polled, &task).unwrap());
    drop(done(poll(&mut unpolled, &task.waker())).unwrap());
    drop((polled, unpolled));
    assert_eq!(0, task.alive(), "a waker leaked");
    semaphore.assert_quiet();
}

/// The loser takes the place of the winner also where another task stands behind both.
#[test]
fn a_grant_that_moves_passes_nobody_who_stands_behind_both_requests() {
    let lock = Lock::new(0);
    let task = Probe::new();
    let held = lock.try_lock().unwrap();
    let mut unpolled = Driver::new(lock.lock());
    assert!(poll(&mut unpolled, &task.waker()).is_pending());
    let mut polled = Driver::new(lock.lock());
    assert!(poll(&mut polled, &task.waker()).is_pending());
    let other = Driver::waiting(lock.lock());
    drop(held);
    drop(second_poll(&mut polled, &task));
    assert!(!other.is_woken(), "the loser stood before it");
    drop(done(poll(&mut unpolled, &task.waker())));
    drop(other.woken());
    lock.assert_quiet();
}

/// A first poll takes nothing, so that polling once and dropping takes nothing either.
#[test]
fn a_request_that_is_polled_once_takes_no_grant() {
    let lock = Lock::new(0);
    let task = Probe::new();
    let held = lock.try_lock().unwrap();
    let mut granted = Driver::new(lock.lock());
    assert!(poll(&mut granted, &task.waker()).is_pending());
    drop(held);
    for _ in 0..3 {
        let mut once = Driver::new(lock.lock());
        assert!(poll(&mut once, &task.waker()).is_pending());
    }
    drop(done(poll(&mut granted, &task.waker())));
    lock.assert_quiet();
}

/// What was seen was one grant. The next one has not been seen before, and its request is polled
/// between the two polls of the one that waits for it.
#[test]
fn a_grant_that_was_not_there_at_the_previous_poll_is_not_taken() {
    let lock = Lock::new(0);
    let task = Probe::new();
    let held = lock.try_lock().unwrap();
    let mut arms = [(); 3].map(|()| Driver::new(lock.lock()));
    for arm in &mut arms {
        assert!(poll(arm, &task.waker()).is_pending());
    }
    drop(held);
    let [first, second, third] = &mut arms;
    for (granted, wakes) in [(first, 2), (second, 4)] {
        assert!(
            poll(third, &task.waker()).is_pending(),
            "taken at first sight"
        );
        assert_eq!(wakes, task.wakes());
        drop(done(poll(granted, &task.waker())));
    }
    drop(done(poll(third, &task.waker())));
    lock.assert_quiet();
}

/// A waker that is given away by the wake is not all that was kept of it: nobody's can lie at its
/// address while the grant has not been claimed.
#[test]
fn a_request_keeps_its_tasks_waker_alive_until_it_claims_its_grant() {
    let lock = Lock::new(0);
    let task = Probe::new();
    let held = lock.try_lock().unwrap();
    let mut granted = Driver::new(lock.lock());
    assert!(poll(&mut granted, &task.waker()).is_pending());
    drop(held);
    assert_eq!((1, 1), (task.wakes(), task.alive()));
    drop(done(poll(&mut granted, &task.waker())));
    assert_eq!(
        0,
        task.alive(),
        "nothing is kept of it when the wait is over"
    );
    lock.assert_quiet();
}

/// The same at the other ends that a wait may have.
#[test]
fn a_wait_that_is_over_keeps_nothing_of_its_task() {
    let lock = std::sync::Arc::new(Lock::new(0));
    let changed = syncline::task::Condition::new();
    let task = Probe::new();
    let moment = core::time::Duration::from_nanos(1);
    let held = lock.try_lock().unwrap();
    let mut expires = Driver::new(lock.lock_timeout(moment));
    while poll(&mut expires, &task.waker()).is_pending() {
        std::thread::yield_now();
    }
    drop(held);
    task.until_forgotten();
    for notified_while_locked in [true, false] {
        let guard = lock.try_lock_owned().unwrap();
        let mut waits = Driver::new(changed.wait(guard));
        assert!(poll(&mut waits, &task.waker()).is_pending());
        let held = notified_while_locked.then(|| lock.try_lock_owned().unwrap());
        assert!(changed.notify_one());
        drop(held);
        drop(done(poll(&mut waits, &task.waker())));
        assert_eq!(0, task.alive(), "a wait for a condition");
    }
    lock.assert_quiet();
}

/// Everybody who has no waker uses that one.
#[test]
fn a_waker_without_data_is_nobodys() {
    let lock = Lock::new(0);
    let held = lock.try_lock().unwrap();
    let mut mine = Driver::new(lock.lock());
    assert!(poll(&mut mine, Waker::noop()).is_pending());
    drop(held);
    let mut theirs = Driver::new(lock.lock());
    for _ in 0..3 {
        assert!(poll(&mut theirs, Waker::noop()).is_pending());
    }
    drop(done(poll(&mut mine, Waker::noop())));
    drop(done(poll(&mut theirs, Waker::noop())));
    lock.assert_quiet();
}

/// As executors do that make a waker for each poll: none of them is known again.
#[test]
fn a_waker_for_each_poll_is_another_task_each_time() {
    let lock = Lock::new(0);
    let held = lock.try_lock().unwrap();
    let mut mine = Driver::new(lock.lock());
    assert!(poll(&mut mine, &Probe::new().waker()).is_pending());
    drop(held);
    let mut theirs = Driver::new(lock.lock());
    for _ in 0..3 {
        assert!(poll(&mut theirs, &Probe::new().waker()).is_pending());
    }
    drop(done(poll(&mut mine, &Probe::new().waker())));
    drop(done(poll(&mut theirs, &Probe::new().waker())));
    lock.assert_quiet();
}
