//! The lock.

use crate::driver::Driver;
use crate::watch::until_waiting;
use core::time::Duration;
use std::sync::Arc;
use std::thread;
use syncline::internals::Quiet;
use syncline::task::{self, block_on};
use syncline::thread::{Lock, LockGuard};

#[test]
fn threads_and_tasks_write_to_what_the_lock_guards() {
    let lock = Arc::new(Lock::new(Vec::new()));
    let blocking = thread::spawn({
        let lock = Arc::clone(&lock);
        move || (0..3).for_each(|value| lock.lock().push(value))
    });
    let polling = thread::spawn({
        let lock = Arc::clone(&lock).into_task();
        move || {
            block_on(async {
                for value in 0..3 {
                    lock.lock().await.push(value);
                }
            });
        }
    });
    for value in 0..3 {
        lock.lock_owned().push(value);
    }
    blocking.join().unwrap();
    polling.join().unwrap();
    assert_eq!(9, lock.lock().len());
    lock.assert_quiet();
}

/// Trap A9.
#[test]
fn the_waiter_frees_the_lock_under_the_releaser() {
    let lock = Arc::new(Lock::new(Box::new(0)));
    let guard = lock.lock_owned();
    let waits = thread::spawn({
        let lock = Arc::clone(&lock);
        move || {
            let mut guard = lock.lock_owned();
            drop(lock);
            **guard += 1;
        }
    });
    until_waiting(&*lock, 1);
    drop(lock);
    drop(guard);
    waits.join().unwrap();
}

/// Trap A9, for the asynchronous face: the node goes while the releaser still wakes.
#[test]
fn the_task_frees_its_future_and_the_lock_under_the_releaser() {
    let lock = Arc::new(task::Lock::new(Box::new(0)));
    let guard = lock.try_lock_owned().unwrap();
    let waits = thread::spawn({
        let lock = Arc::clone(&lock);
        move || {
            let future = Box::pin(lock.lock_owned());
            drop(lock);
            **block_on(future) += 1;
        }
    });
    until_waiting(&*lock, 1);
    drop(lock);
    drop(guard);
    waits.join().unwrap();
}

/// Trap B13: links of neighbours are changed while every node stays in its place.
#[test]
fn requests_leave_the_line_from_its_head_its_tail_and_its_middle() {
    let lock = task::Lock::new(0);
    let guard = lock.try_lock().unwrap();
    let mut line: Vec<_> = (0..5).map(|_| Some(Driver::waiting(lock.lock()))).collect();
    for place in [2, 0, 4] {
        line[place] = None;
    }
    drop(guard);
    for driver in line.into_iter().flatten() {
        *driver.woken() += 1;
    }
    assert_eq!(2, *lock.try_lock().unwrap());
    lock.assert_quiet();
}

#[test]
fn a_grant_races_with_the_drop_of_its_future() {
    for _ in 0..3 {
        let lock = Arc::new(task::Lock::new(0));
        let guard = lock.try_lock_owned().unwrap();
        let waits = {
            let lock = Arc::clone(&lock);
            Driver::waiting(async move { *lock.lock().await += 1 })
        };
        let drops = thread::spawn(move || drop(waits));
        drop(guard);
        drops.join().unwrap();
        assert_eq!(0, *lock.try_lock().unwrap());
        lock.assert_quiet();
    }
}

/// A woken thread may see its grant without the line's lock, and be gone at once.
#[test]
fn a_woken_thread_is_granted_the_lock_while_it_looks() {
    let lock = Arc::new(Lock::new(0));
    let guard = lock.lock();
    let looks = thread::spawn({
        let lock = Arc::clone(&lock);
        move || *lock.lock() += 1
    });
    let mut task = Driver::new(lock.as_task().lock());
    until_waiting(&*lock, 1);
    drop(guard);
    // A task that joins the line turns the hint into a grant.
    drop(task.poll());
    looks.join().unwrap();
    drop(task);
    assert_eq!(1, *lock.lock());
    lock.assert_quiet();
}

#[test]
fn a_grant_races_with_a_deadline() {
    for _ in 0..3 {
        let lock = Arc::new(Lock::new(0));
        let guard = lock.lock();
        let adds = |got: bool| usize::from(got);
        let blocking = thread::spawn({
            let lock = Arc::clone(&lock);
            move || {
                let got = lock.lock_timeout(Duration::from_micros(50));
                adds(got.is_ok_and(|mut guard| {
                    *guard += 1;
                    true
                }))
            }
        });
        let polling = thread::spawn({
            let lock = Arc::clone(&lock).into_task();
            move || {
                let got = block_on(lock.lock_timeout(Duration::from_micros(50)));
                adds(got.is_ok_and(|mut guard| {
                    *guard += 1;
                    true
                }))
            }
        });
        thread::yield_now();
        drop(guard);
        let sum = blocking.join().unwrap() + polling.join().unwrap();
        assert_eq!(sum, *lock.lock());
        lock.assert_quiet();
    }
}

#[test]
fn guards_are_mapped_unlocked_and_handed_over() {
    let lock = Arc::new(Lock::new((0, 0)));
    let mut guard = lock.lock();
    let other = thread::spawn({
        let lock = Arc::clone(&lock);
        move || *LockGuard::map(lock.lock(), |pair| &mut pair.1) += 1
    });
    until_waiting(&*lock, 1);
    LockGuard::unlocked(&mut guard, || other.join().unwrap());
    guard.0 += 1;
    LockGuard::unlock_fair(guard);
    assert_eq!((1, 1), *lock.lock());
    assert_eq!((1, 1), Arc::into_inner(lock).unwrap().into_inner());
}

#[test]
fn a_lock_without_a_size_is_shared_and_cast() {
    let lock: Arc<Lock<[i32]>> = Arc::new(Lock::new([1, 2]));
    lock.lock_owned()[0] = 3;
    block_on(async { lock.as_task().lock().await[1] = 4 });
    let lock = lock.into_task().into_thread();
    assert_eq!([3, 4], *lock.lock());
}
