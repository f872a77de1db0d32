//! Jobs: the waiter that lies in the job itself, the slot, the callbacks, a future that is driven.

use crate::driver::Driver;
use crate::waker::Probe;
use crate::watch::until_waiting;
use core::future::pending;
use core::pin::Pin;
use core::task::Context;
use core::time::Duration;
use std::sync::Arc;
use std::thread;
use syncline::internals::{Kept, Quiet, driven};
use syncline::task::block_on;
use syncline::thread::{as_completed, spawn_named, wait};
use syncline::{Job, JobError, Promise, Until, task};

#[test]
fn a_value_goes_from_one_thread_to_another_by_a_wait_and_by_an_await() {
    let (promise, job) = Promise::<Box<i32>>::new();
    let waits = thread::spawn(move || *job.wait().unwrap());
    promise.set(Box::new(7)).unwrap();
    assert_eq!(waits.join().unwrap(), 7);

    let (promise, job) = Promise::<Box<i32>>::new();
    let awaits = thread::spawn(move || *block_on(job).unwrap());
    promise.set(Box::new(8)).unwrap();
    assert_eq!(awaits.join().unwrap(), 8);
}

/// The handle is moved and dropped while its waiter stands in line, and while it is woken.
#[test]
fn a_polled_job_is_moved_and_dropped_while_it_is_ended() {
    for drops in [false, true] {
        let probe = Probe::new();
        let (promise, mut job) = Promise::new();
        let waker = probe.waker();
        let mut context = Context::from_waker(&waker);
        assert!(Pin::new(&mut job).poll(&mut context).is_pending());
        let mut moved = Box::new(job);
        assert!(Pin::new(&mut *moved).poll(&mut context).is_pending());
        let ends = thread::spawn(move || promise.set(Box::new(1)).is_ok());
        if drops {
            drop(moved);
        } else {
            let _in_time = moved.wait_timeout(Duration::from_millis(1));
        }
        assert!(ends.join().unwrap());
        drop(waker);
        assert_eq!(probe.alive(), 0);
    }
}

#[test]
fn a_value_and_a_cancellation_meet() {
    let (promise, job) = Promise::new();
    let sets = thread::spawn(move || promise.set(Box::new(1)).is_err());
    let cancelled = job.cancel();
    assert_eq!(job.wait().is_err(), cancelled);
    assert_eq!(sets.join().unwrap(), cancelled);
}

#[test]
fn a_callback_is_added_while_the_job_ends() {
    let (promise, job) = Promise::new();
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let add = |number: usize| {
        let (seen, boxed) = (Arc::clone(&seen), Box::new(number));
        job.on_done(move || seen.lock().unwrap().push(*boxed));
    };
    add(1);
    thread::scope(|threads| {
        threads.spawn(|| add(2));
        promise.set(()).unwrap();
    });
    assert_eq!(*seen.lock().unwrap(), [1, 2]);
}

#[test]
fn both_faces_wait_for_several() {
    let (promises, jobs): (Vec<_>, Vec<_>) = (0..3).map(|_| Promise::new()).unzip();
    thread::scope(|threads| {
        let all: Vec<&Job<Box<i32>>> = jobs.iter().collect();
        let (first, every) = (all.clone(), all);
        threads.spawn(move || wait(first.iter().copied(), Until::FirstError, None));
        threads.spawn(move || block_on(task::wait(every.iter().copied(), Until::All, None)));
        until_waiting(&jobs[2], 1);
        for promise in promises {
            promise.set(Box::new(1)).unwrap();
        }
    });
    let sum: i32 = as_completed(jobs)
        .map(|(_, job)| *job.wait().unwrap())
        .sum();
    assert_eq!(sum, 3);
}

#[test]
fn a_driven_future_is_cancelled_where_it_waits() {
    let boxed = Box::new(1);
    let (future, job) = driven(async move {
        pending::<()>().await;
        boxed
    });
    let kept = Kept::of(&job);
    let drives = thread::spawn(move || block_on(future));
    assert!(job.cancel());
    assert!(matches!(job.wait(), Err(JobError::Cancelled)));
    drives.join().unwrap();
    kept.assert_quiet();

    let (future, job) = driven(pending::<()>());
    drop(Driver::waiting(future));
    assert!(job.is_done());
}

#[test]
fn a_thread_of_its_own_is_joined_or_detached() {
    let boxed = Box::new(5);
    assert_eq!(*spawn_named("joined", move || boxed).wait().unwrap(), 5);
    let job = spawn_named("cancelled", || Box::new(1));
    let cancelled = job.cancel();
    assert_eq!(job.wait().is_err(), cancelled);
}
