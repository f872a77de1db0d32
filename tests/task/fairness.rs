//! The fairness policy where a task waits, sentence by sentence.

use crate::driver::Driver;
use crate::subjects::on_every_form;
use crate::watch::{until_waiting, watched};
use core::time::Duration;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use syncline::internals::Quiet;
use syncline::task::{Lock, Semaphore};

/// Trap A43: tasks are served first come, first served.
#[test]
fn tasks_are_served_in_order_of_arrival() {
    on_every_form(|form| {
        let subject = (form.make)();
        if subject.is_broadcast() {
            return;
        }
        let waiters: Vec<_> = (0..40).map(|_| Driver::waiting(subject.start())).collect();
        subject.advance(0);
        let mut waiters = waiters.into_iter();
        while let Some(first) = waiters.next() {
            assert!(waiters.as_slice().iter().all(|other| !other.is_woken()));
            drop(first.woken());
        }
        subject.assert_conserved();
    });
}

/// A place in line is taken at the first poll, not when the future is made.
#[test]
fn the_place_in_line_is_that_of_the_first_poll() {
    on_every_form(|form| {
        let subject = (form.make)();
        if subject.is_broadcast() {
            return;
        }
        let mut made_first = Driver::new(subject.start());
        let polled_first = Driver::waiting(subject.start());
        made_first.pending();
        subject.advance(0);
        assert!(!made_first.is_woken());
        drop(polled_first.woken());
        drop(made_first.woken());
        subject.assert_conserved();
    });
}

/// Polling again and again does not move a request, neither back nor forward.
#[test]
fn a_request_keeps_its_place_however_often_it_is_polled() {
    on_every_form(|form| {
        let subject = (form.make)();
        if subject.is_broadcast() {
            return;
        }
        let mut first = Driver::waiting(subject.start());
        let mut second = Driver::waiting(subject.start());
        for _ in 0..3 {
            second.pending();
            first.pending();
        }
        subject.advance(0);
        assert!(!second.is_woken());
        drop(first.woken());
        drop(second.woken());
        subject.assert_conserved();
    });
}

/// Trap A60: the token of a woken task is not for those who do not wait.
#[test]
fn nobody_takes_a_lock_that_was_granted_to_a_waiting_task() {
    let lock = Arc::new(Lock::new(()));
    let held = lock.try_lock().unwrap();
    let first = Driver::waiting(lock.lock());
    let second = Driver::waiting(lock.lock());
    drop(held);
    assert_takes_nothing(&lock);
    let held = first.woken();
    assert_takes_nothing(&lock);
    drop(held);
    assert_takes_nothing(&lock);
    drop(second.woken());
    lock.assert_quiet();
}

/// Neither face gets past whoever waits, by no form that does not wait itself.
fn assert_takes_nothing(lock: &Arc<Lock<()>>) {
    assert!(lock.try_lock().is_none());
    assert!(lock.try_lock_owned().is_none());
    let zero = Driver::new(lock.lock_timeout(Duration::ZERO));
    assert!(zero.ready().is_err());
    assert!(lock.as_thread().try_lock().is_none());
    assert!(lock.as_thread().lock_timeout(Duration::ZERO).is_err());
}

/// Permits accumulate for a head that wants several, and nobody nibbles at them.
#[test]
fn nobody_passes_a_waiting_task_while_permits_accumulate_for_it() {
    let semaphore = Arc::new(Semaphore::new(0));
    let mut head = Driver::waiting(semaphore.acquire_many(3));
    let mut behind = Driver::waiting(semaphore.acquire());
    for free in 1..3 {
        semaphore.release(1).unwrap();
        assert_eq!(free, semaphore.available_permits());
        assert!(semaphore.try_acquire().is_none());
        assert!(semaphore.try_acquire_owned().is_none());
        assert!(semaphore.as_thread().try_acquire().is_none());
        let zero = Duration::ZERO;
        assert!(semaphore.as_thread().acquire_timeout(zero).is_err());
        assert!(
            Driver::new(semaphore.acquire_timeout(zero))
                .ready()
                .is_err()
        );
        head.pending();
        behind.pending();
    }
    semaphore.release(1).unwrap();
    let permit = head.woken();
    assert_eq!(0, semaphore.available_permits());
    behind.pending();
    drop(permit);
    drop(behind.woken());
    assert_eq!(3, semaphore.available_permits());
    semaphore.assert_quiet();
}

#[test]
fn a_fresh_task_queues_behind_a_waiting_one_although_it_could_be_served() {
    let semaphore = Semaphore::new(2);
    let head = Driver::waiting(semaphore.acquire_many(3));
    let small = Driver::waiting(semaphore.acquire());
    semaphore.release(1).unwrap();
    assert!(!small.is_woken());
    let permit = head.woken();
    drop(permit);
    drop(small.woken());
    semaphore.assert_quiet();
}

/// One release serves as many as it can, in order, and stops at the first that it cannot.
#[test]
fn a_release_serves_the_line_up_to_the_first_request_that_does_not_fit() {
    let semaphore = Semaphore::new(0);
    let one = Driver::waiting(semaphore.acquire());
    let two = Driver::waiting(semaphore.acquire_many(2));
    let mut four = Driver::waiting(semaphore.acquire_many(4));
    let mut last = Driver::waiting(semaphore.acquire());
    semaphore.release(5).unwrap();
    let served = (one.woken(), two.woken());
    assert_eq!(2, semaphore.available_permits());
    four.pending();
    last.pending();
    drop(served);
    let permit = four.woken();
    drop(last.woken());
    drop(permit);
    assert_eq!(5, semaphore.available_permits());
    semaphore.assert_quiet();
}

#[test]
fn release_fair_hands_the_permits_to_those_who_wait() {
    let semaphore = Arc::new(Semaphore::new(2));
    let permits = semaphore.try_acquire_many(2).unwrap();
    let waiter = Driver::waiting(semaphore.acquire_many(2));
    permits.release_fair();
    assert!(semaphore.try_acquire().is_none());
    drop(waiter.woken());
    let owned = semaphore.try_acquire_many_owned(2).unwrap();
    let waiter = Driver::waiting(semaphore.acquire());
    owned.release_fair();
    assert!(waiter.is_woken());
    // Nobody waits any more, and what is left over is free.
    assert!(semaphore.try_acquire_many(2).is_none());
    assert!(semaphore.try_acquire().is_some());
    drop(waiter.woken());
    assert_eq!(2, semaphore.available_permits());
    semaphore.assert_quiet();
}

/// One line for both faces: a thread that came later is served later.
#[test]
fn a_thread_waits_its_turn_behind_a_task() {
    let semaphore = Arc::new(Semaphore::new(0));
    let task = Driver::waiting(semaphore.acquire());
    watched(&semaphore, || {
        let thread = thread::spawn({
            let semaphore = Arc::clone(&semaphore);
            move || semaphore.as_thread().acquire().forget()
        });
        until_waiting(&*semaphore, 2);
        semaphore.release(1).unwrap();
        let permit = task.woken();
        assert!(!thread.is_finished());
        assert_eq!(1, semaphore.waiting());
        drop(permit);
        thread.join().unwrap();
    });
    assert_eq!(0, semaphore.available_permits());
    semaphore.assert_quiet();
}

/// While a task waits anywhere in the line, the thread before it is served first, too.
#[test]
fn a_task_waits_its_turn_behind_a_thread() {
    let lock = Arc::new(Lock::new(()));
    let held = lock.try_lock().unwrap();
    watched(&lock, || {
        let (go, wait_for_go) = channel::<()>();
        let (has, wait_until_it_has) = channel::<()>();
        let thread = thread::spawn({
            let lock = Arc::clone(&lock);
            move || {
                let guard = lock.as_thread().lock();
                has.send(()).unwrap();
                wait_for_go.recv().unwrap();
                drop(guard);
            }
        });
        until_waiting(&*lock, 1);
        let mut task = Driver::waiting(lock.lock());
        drop(held);
        assert!(!task.is_woken());
        assert!(lock.try_lock().is_none());
        wait_until_it_has.recv().unwrap();
        task.pending();
        go.send(()).unwrap();
        thread.join().unwrap();
        drop(task.woken());
    });
    lock.assert_quiet();
}

/// A free lock is not for a task that has just come, while a thread is on its way to it.
#[test]
fn a_fresh_task_does_not_pass_a_thread_that_is_only_just_waking_up() {
    let lock = Arc::new(Lock::new(()));
    watched(&lock, || {
        for _ in 0..50 {
            let held = lock.try_lock().unwrap();
            let (keep, keeps) = channel::<()>();
            let thread = thread::spawn({
                let lock = Arc::clone(&lock);
                move || {
                    let guard = lock.as_thread().lock();
                    keeps.recv().unwrap_err();
                    drop(guard);
                }
            });
            until_waiting(&*lock, 1);
            drop(held);
            let task = Driver::waiting(lock.lock());
            drop(keep);
            thread.join().unwrap();
            drop(task.woken());
        }
    });
    lock.assert_quiet();
}

/// When the last waiting task has gone, others may take what is free again.
#[test]
fn the_line_opens_again_when_the_last_waiting_task_has_left() {
    let semaphore = Semaphore::new(1);
    let first = Driver::waiting(semaphore.acquire_many(2));
    let second = Driver::waiting(semaphore.acquire_many(2));
    assert!(semaphore.try_acquire().is_none());
    drop(first);
    assert!(semaphore.try_acquire().is_none());
    drop(second);
    assert!(semaphore.try_acquire().is_some());
    semaphore.assert_quiet();
}
