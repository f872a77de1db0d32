//! Tasks that wait for several jobs.

use crate::driver::Driver;
use crate::waker::Probe;
use crate::watch::watched;
use core::panic::AssertUnwindSafe;
use core::time::Duration;
use std::panic::catch_unwind;
use std::thread;
use std::time::Instant;
use syncline::internals::Quiet;
use syncline::task::{block_on, wait};
use syncline::{Job, Promise, Until, Waited};

const ALL: [Until; 3] = [Until::First, Until::FirstError, Until::All];

fn several<T: Send>(count: usize) -> (Vec<Promise<T>>, Vec<Job<T>>) {
    (0..count).map(|_| Promise::new()).unzip()
}

fn waited(done: &[usize], pending: &[usize]) -> Waited {
    let mut waited = Waited::default();
    waited.done.extend(done);
    waited.pending.extend(pending);
    waited
}

#[test]
fn no_jobs_and_jobs_that_have_ended_are_no_wait() {
    let (promise, job) = Promise::new();
    promise.set(1).unwrap();
    for until in ALL {
        assert_eq!(
            Driver::new(wait::<i32, [&Job<i32>; 0]>([], until, None)).ready(),
            Waited::default()
        );
        assert_eq!(
            Driver::new(wait([&job], until, None)).ready(),
            waited(&[0], &[])
        );
    }
}

#[test]
fn a_wait_does_nothing_until_it_is_polled() {
    let (promise, job) = Promise::<i32>::new();
    let jobs = [&job];
    let waits = wait(jobs, Until::All, None);
    assert_eq!(job.waiting(), 0);
    drop(promise);
    assert_eq!(Driver::new(waits).ready(), waited(&[0], &[]));
}

/// Trap A18.
#[test]
fn a_job_may_be_named_several_times() {
    for until in ALL {
        let (promise, job) = Promise::new();
        let jobs = [&job, &job, &job];
        let waits = Driver::waiting(wait(jobs, until, None));
        promise.set(1).unwrap();
        assert_eq!(waits.woken(), waited(&[0, 1, 2], &[]));
        job.assert_quiet();
    }
}

#[test]
fn each_kind_of_wait_ends_with_what_it_is_for() {
    let (mut promises, jobs) = several::<i32>(4);
    let all: Vec<_> = jobs.iter().collect();
    let [first, mut error, mut every] =
        ALL.map(|until| Driver::waiting(wait(all.iter().copied(), until, None)));
    promises.remove(2).set(1).unwrap();
    assert_eq!(first.woken(), waited(&[2], &[0, 1, 3]));
    error.pending();
    every.pending();
    drop(promises.remove(0));
    assert_eq!(error.woken(), waited(&[0, 2], &[1, 3]));
    every.pending();
    drop(promises);
    assert_eq!(every.woken(), waited(&[0, 1, 2, 3], &[]));
    jobs.iter().for_each(Quiet::assert_quiet);
}

#[test]
fn a_wait_for_an_error_ends_with_the_last_if_there_is_none() {
    let (promises, jobs) = several(3);
    let all: Vec<_> = jobs.iter().collect();
    let mut waits = Driver::waiting(wait(all.iter().copied(), Until::FirstError, None));
    for promise in promises {
        waits.pending();
        promise.set(1).unwrap();
    }
    assert_eq!(waits.woken(), waited(&[0, 1, 2], &[]));
}

/// Traps A60, B25.
#[test]
fn a_wait_that_is_dropped_leaves_all_lines_and_no_waker() {
    for until in ALL {
        for limit in [None, Some(Duration::from_secs(3600))] {
            let (promises, jobs) = several(3);
            let all: Vec<_> = jobs.iter().collect();
            let waits = Driver::waiting(wait(all.iter().copied(), until, limit));
            assert_eq!(waits.cancel().alive(), 0);
            jobs.iter().for_each(Quiet::assert_quiet);
            for promise in promises {
                promise.set(1).unwrap();
            }
            assert_eq!(
                jobs.into_iter().map(|job| job.wait().unwrap()).sum::<i32>(),
                3
            );
        }
    }
}

#[test]
fn a_wait_that_is_over_keeps_no_waker_and_is_not_polled_again() {
    let (mut promises, jobs) = several(2);
    let all = [&jobs[0], &jobs[1]];
    let mut waits = Driver::waiting(wait(all, Until::First, Some(Duration::from_secs(3600))));
    promises.remove(0).set(1).unwrap();
    assert!(waits.poll().is_ready());
    assert_eq!(waits.probe().alive(), 0);
    jobs.iter().for_each(Quiet::assert_quiet);
    catch_unwind(AssertUnwindSafe(|| waits.poll().is_ready())).unwrap_err();
}

/// Trap B7.
#[test]
fn a_wait_wakes_the_task_that_polled_it_last() {
    for until in ALL {
        let (promise, job) = Promise::new();
        let jobs = [&job];
        let mut waits = Driver::waiting(wait(jobs, until, None));
        let other = Probe::new();
        assert!(waits.poll_with(&other.waker()).is_pending());
        assert_eq!(waits.probe().alive(), 0);
        promise.set(1).unwrap();
        assert_eq!((waits.probe().wakes(), other.wakes()), (0, 1));
        assert!(waits.poll().is_ready());
    }
}

#[test]
fn a_limit_ends_the_wait_and_leaves_all_lines() {
    let (mut promises, jobs) = several(2);
    promises.remove(0).set(1).unwrap();
    let all = [&jobs[0], &jobs[1]];
    for until in [Until::FirstError, Until::All] {
        let zero = wait(all, until, Some(Duration::ZERO));
        assert_eq!(Driver::new(zero).ready(), waited(&[0], &[1]));
        let limit = Duration::from_millis(1);
        let start = Instant::now();
        let found = watched(&jobs, || block_on(wait(all, until, Some(limit))));
        assert_eq!(found, waited(&[0], &[1]));
        assert!(start.elapsed() >= limit);
        jobs.iter().for_each(Quiet::assert_quiet);
    }
}

/// Trap A17.
#[test]
fn jobs_that_end_while_the_wait_begins_are_seen() {
    for until in ALL.into_iter().cycle().take(60) {
        let (promises, jobs) = several(100);
        watched(&until, || {
            thread::scope(|threads| {
                let jobs = &jobs;
                let waits = threads.spawn(move || {
                    let all: Vec<_> = jobs.iter().collect();
                    block_on(wait(
                        all.iter().copied(),
                        until,
                        Some(Duration::from_secs(3600)),
                    ))
                });
                for promise in promises {
                    promise.set(1).unwrap();
                }
                let found = waits.join().unwrap();
                assert!(until == Until::First || found.pending.is_empty());
                assert!(!found.done.is_empty());
            });
        });
        jobs.iter().for_each(Quiet::assert_quiet);
    }
}
