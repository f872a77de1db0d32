//! The condition.

use crate::driver::Driver;
use crate::watch::until_waiting;
use core::time::Duration;
use std::sync::Arc;
use std::thread;
use syncline::internals::Quiet;
use syncline::task::{self, block_on};
use syncline::thread::{Condition, Lock};

#[test]
fn a_thread_and_a_task_wait_for_what_the_lock_guards() {
    let shared = Arc::new((Lock::new(Vec::new()), Condition::new()));
    let blocking = thread::spawn({
        let shared = Arc::clone(&shared);
        move || (shared.1).wait_for(shared.0.lock(), |values| !values.is_empty())[0]
    });
    let polling = thread::spawn({
        let shared = Arc::clone(&shared);
        move || {
            block_on(async {
                let guard = shared.0.as_task().lock().await;
                let wait = (shared.1.as_task()).wait_for(guard, |values| !values.is_empty());
                wait.await[0]
            })
        }
    });
    until_waiting(&shared.1, 2);
    let mut guard = shared.0.lock();
    guard.push(7);
    assert_eq!(2, shared.1.notify_all());
    drop(guard);
    assert_eq!(14, blocking.join().unwrap() + polling.join().unwrap());
    shared.1.assert_quiet();
    shared.0.assert_quiet();
}

/// Trap A9: the notifier knows the lock only through its waiter, who frees it.
#[test]
fn the_waiter_frees_the_lock_under_the_notifier() {
    let changed = Arc::new(Condition::new());
    for _ in 0..3 {
        let waits = thread::spawn({
            let changed = Arc::clone(&changed);
            move || {
                let lock = Arc::new(Lock::new(Box::new(1)));
                let guard = lock.lock_owned();
                drop(lock);
                **changed.wait(guard) += 1;
            }
        });
        until_waiting(&*changed, 1);
        assert!(changed.notify_one());
        waits.join().unwrap();
    }
    changed.assert_quiet();
}

/// Trap A9, with a task, whose future goes as well.
#[test]
fn a_task_frees_its_future_and_the_lock_under_the_notifier() {
    let changed = Arc::new(Condition::new());
    let waits = thread::spawn({
        let changed = Arc::clone(&changed).into_task();
        move || {
            let lock = Arc::new(task::Lock::new(Box::new(1)));
            let guard = lock.try_lock_owned().unwrap();
            drop(lock);
            let future = Box::pin(changed.wait(guard));
            **block_on(future) += 1;
        }
    });
    until_waiting(&*changed, 1);
    assert!(changed.notify_one());
    waits.join().unwrap();
    changed.assert_quiet();
}

/// Trap B13.
#[test]
fn waits_leave_the_set_from_its_head_its_tail_and_its_middle() {
    let (lock, changed) = (task::Lock::new(0), task::Condition::new());
    let mut set: Vec<_> = (0..5)
        .map(|_| Some(Driver::waiting(changed.wait(lock.try_lock().unwrap()))))
        .collect();
    for place in [2, 0, 4] {
        set[place] = None;
    }
    assert_eq!(2, changed.notify_all());
    for driver in set.into_iter().flatten() {
        *driver.woken() += 1;
    }
    assert_eq!(2, *lock.try_lock().unwrap());
    lock.assert_quiet();
}

#[test]
fn a_notify_races_with_the_drop_of_its_wait_and_with_a_deadline() {
    for _ in 0..3 {
        let shared = Arc::new((Lock::new(0), Condition::new()));
        let waits = {
            let shared = Arc::clone(&shared);
            Driver::waiting(async move {
                let guard = shared.0.as_task().lock().await;
                *shared.1.as_task().wait(guard).await += 1;
            })
        };
        let expires = thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                let timeout = Duration::from_micros(50);
                let (mut guard, result) = shared.1.wait_timeout(shared.0.lock(), timeout);
                *guard += usize::from(result.is_ok());
                result.is_ok()
            }
        });
        let drops = thread::spawn(move || drop(waits));
        thread::yield_now();
        shared.1.notify_one();
        drops.join().unwrap();
        let notified = expires.join().unwrap();
        assert_eq!(usize::from(notified), *shared.0.lock());
        shared.1.assert_quiet();
        shared.0.assert_quiet();
    }
}
