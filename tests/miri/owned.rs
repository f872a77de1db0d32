//! Waits that keep alive what they wait for, and the locks without guards.

use crate::driver::Driver;
use std::sync::Arc;
use std::thread;
use syncline::task::{Barrier, Condition, Event, Lock, Queue, block_on};
use syncline::thread::{RawLock, RawRLock, RawRwLock};

/// Moved, dropped before its first poll, in line, and when it is over; the last one each time.
#[test]
fn the_last_share_of_an_event_goes_with_a_wait() {
    for polls in 0..2 {
        for sets in [false, true] {
            let event = Arc::new(Event::new());
            let wait = event.wait_owned();
            let left = Arc::downgrade(&event);
            let mut driver = Driver::new(wait);
            for _ in 0..polls {
                driver.pending();
            }
            if sets {
                event.set();
            }
            drop(event);
            if sets {
                driver.ready();
            } else {
                drop(driver);
            }
            assert_eq!(0, left.strong_count());
        }
    }
    // By value, into a function that frees the event while it has the wait.
    drop(Arc::new(Event::new()).wait_owned());
}

#[test]
fn a_thread_sets_what_only_a_wait_keeps_alive() {
    let event = Arc::new(Event::new());
    let wait = event.wait_owned();
    let waiter = thread::spawn(move || block_on(wait));
    event.set();
    drop(event);
    waiter.join().unwrap();
}

#[test]
fn a_queue_outlives_its_handles_as_long_as_somebody_waits() {
    let queue = Arc::new(Queue::bounded(1));
    let (get, put) = (queue.get_owned(), queue.put_owned("late".to_owned()));
    let getter = thread::spawn(move || block_on(get));
    queue.try_put("soon".to_owned()).unwrap();
    drop(queue);
    assert_eq!("soon", getter.join().unwrap().unwrap());
    block_on(put).unwrap();
}

#[test]
fn a_barrier_and_a_condition_outlive_their_handles() {
    let barrier = Arc::new(Barrier::new(2));
    let (one, other) = (barrier.wait_owned(), barrier.wait_owned());
    drop(barrier);
    let one = thread::spawn(move || block_on(one).unwrap().index());
    let other = block_on(other).unwrap().index();
    assert_eq!(1, one.join().unwrap() + other);
    let (lock, changed) = (Arc::new(Lock::new(0)), Arc::new(Condition::new()));
    let guard = lock.try_lock_owned().unwrap();
    let wait = changed.wait_for_owned(guard, |value| *value == 1);
    let waiter = thread::spawn(move || *block_on(wait));
    *lock.as_thread().lock() = 1;
    changed.notify_all();
    drop((lock, changed));
    assert_eq!(1, waiter.join().unwrap());
}

#[test]
fn raw_locks_let_one_in_at_a_time() {
    let (lock, rlock, rw) = (RawLock::new(), RawRLock::new(), RawRwLock::new());
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                lock.lock();
                lock.try_unlock().unwrap();
                rlock.lock();
                assert!(rlock.try_lock());
                rlock.try_unlock().unwrap();
                rlock.try_unlock().unwrap();
                rw.write();
                rw.try_unlock_write().unwrap();
                rw.read();
                rw.try_unlock_read().unwrap();
            });
        }
    });
    assert!(!lock.is_locked() && !rlock.is_locked() && !rw.is_locked());
}
