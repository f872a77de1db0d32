//! Threads that wait for several jobs, and take them as they complete.

use crate::counted::Counter;
use crate::watch::{until_waiting, watched};
use core::time::Duration;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;
use syncline::internals::{Kept, Quiet};
use syncline::thread::{as_completed, spawn_named, wait};
use syncline::{Job, JobError, Promise, Until, Waited};

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
fn no_jobs_are_no_wait() {
    for until in ALL {
        assert_eq!(
            wait::<i32, [&Job<i32>; 0]>([], until, None),
            Waited::default()
        );
    }
    let mut nothing = as_completed::<i32>([]);
    assert_eq!(nothing.len(), 0);
    assert!(nothing.next().is_none() && nothing.next().is_none());
    assert!(nothing.next_timeout(Duration::ZERO).unwrap().is_none());
}

#[test]
fn jobs_that_have_ended_are_no_wait() {
    let (promises, jobs) = several(2);
    for (promise, value) in promises.into_iter().zip(0..) {
        promise.set(value).unwrap();
    }
    for until in ALL {
        assert_eq!(
            wait([&jobs[1], &jobs[0]], until, None),
            waited(&[0, 1], &[])
        );
    }
    let values: Vec<_> = as_completed(jobs)
        .map(|(index, job)| (index, job.wait().unwrap()))
        .collect();
    assert_eq!(values, [(0, 0), (1, 1)]);
}

/// Trap A18.
#[test]
fn a_job_may_be_named_several_times() {
    for until in ALL {
        let (promise, job) = Promise::new();
        watched(&job, || {
            let jobs = [&job, &job, &job];
            let waits = thread::scope(|threads| {
                let waits = threads.spawn(move || wait(jobs, until, None));
                until_waiting(&job, if until == Until::All { 1 } else { 3 });
                promise.set(1).unwrap();
                waits.join().unwrap()
            });
            assert_eq!(waits, waited(&[0, 1, 2], &[]));
            job.assert_quiet();
        });
    }
}

#[test]
fn the_first_end_ends_a_wait_for_any() {
    let (mut promises, jobs) = several::<i32>(3);
    watched(&jobs, || {
        thread::scope(|threads| {
            let waits = threads.spawn(|| wait([&jobs[0], &jobs[1], &jobs[2]], Until::First, None));
            until_waiting(&jobs[2], 1);
            drop(promises.remove(1));
            assert_eq!(waits.join().unwrap(), waited(&[1], &[0, 2]));
        });
    });
    jobs.iter().for_each(Quiet::assert_quiet);
}

#[test]
fn the_first_error_ends_a_wait_for_an_error_and_values_do_not() {
    let (mut promises, jobs) = several::<i32>(4);
    watched(&jobs, || {
        thread::scope(|threads| {
            let all: Vec<_> = jobs.iter().collect();
            let waits = threads.spawn(move || wait(all.iter().copied(), Until::FirstError, None));
            until_waiting(&jobs[3], 1);
            promises.remove(2).set(1).unwrap();
            promises.remove(0).set(1).unwrap();
            assert!(jobs[3].cancel());
            assert_eq!(waits.join().unwrap(), waited(&[0, 2, 3], &[1]));
        });
    });
    jobs.iter().for_each(Quiet::assert_quiet);
}

#[test]
fn without_an_error_a_wait_for_one_is_a_wait_for_all() {
    for until in [Until::FirstError, Until::All] {
        let (promises, jobs) = several(3);
        watched(&jobs, || {
            thread::scope(|threads| {
                let all: Vec<_> = jobs.iter().collect();
                let waits = threads.spawn(move || wait(all.iter().copied(), until, None));
                until_waiting(&jobs[0], 1);
                for promise in promises {
                    assert!(!waits.is_finished());
                    promise.set(1).unwrap();
                }
                assert_eq!(waits.join().unwrap(), waited(&[0, 1, 2], &[]));
            });
        });
    }
}

#[test]
fn an_error_that_is_there_already_ends_a_wait_for_one() {
    let (mut promises, jobs) = several::<i32>(2);
    drop(promises.remove(1));
    let found = wait([&jobs[0], &jobs[1]], Until::FirstError, None);
    assert_eq!(found, waited(&[1], &[0]));
    let thrown = spawn_named("careless", || -> i32 { panic!("an error") });
    let found = wait([&jobs[0], &thrown], Until::FirstError, None);
    assert_eq!(found, waited(&[1], &[0]));
}

#[test]
fn a_limit_ends_the_wait_and_leaves_all_lines() {
    let (mut promises, jobs) = several(2);
    promises.remove(0).set(1).unwrap();
    for (until, limit) in [
        (Until::All, Duration::ZERO),
        (Until::All, Duration::from_millis(1)),
        (Until::FirstError, Duration::from_millis(1)),
    ] {
        let start = Instant::now();
        assert_eq!(
            wait([&jobs[0], &jobs[1]], until, Some(limit)),
            waited(&[0], &[1])
        );
        assert!(start.elapsed() >= limit);
        jobs.iter().for_each(Quiet::assert_quiet);
    }
    let none = wait([&jobs[1]], Until::First, Some(Duration::from_millis(1)));
    assert_eq!(none, waited(&[], &[0]));
    promises.remove(0).set(2).unwrap();
    assert_eq!(
        wait([&jobs[1]], Until::All, Some(Duration::MAX)),
        waited(&[0], &[])
    );
    assert_eq!(
        jobs.into_iter().map(|job| job.wait().unwrap()).sum::<i32>(),
        3
    );
}

/// Trap A17: jobs that end while the wait begins are not missed.
#[test]
fn jobs_that_end_while_the_wait_begins_are_seen() {
    for (until, seed) in ALL.into_iter().cycle().zip(0..60) {
        let (promises, jobs) = several(100);
        watched(&seed, || {
            thread::scope(|threads| {
                let all: Vec<_> = jobs.iter().collect();
                let waits = threads.spawn(move || wait(all.iter().copied(), until, None));
                for (index, promise) in promises.into_iter().enumerate() {
                    if (index + seed) % 100 == 50 {
                        drop(promise);
                    } else {
                        promise.set(index).unwrap();
                    }
                }
                let found = waits.join().unwrap();
                assert_eq!(found.done.len() + found.pending.len(), 100);
                match until {
                    Until::First => assert!(!found.done.is_empty()),
                    Until::FirstError => assert!(found.done.contains(&((150 - seed) % 100))),
                    Until::All => assert!(found.pending.is_empty()),
                }
            });
        });
        jobs.iter().for_each(Quiet::assert_quiet);
    }
}

/// Trap A25.
#[test]
fn a_cancelled_job_is_reported_by_every_kind_of_wait() {
    let (promises, jobs) = several::<i32>(2);
    watched(&jobs, || {
        thread::scope(|threads| {
            let waits = ALL.map(|until| {
                let all = [&jobs[0], &jobs[1]];
                threads.spawn(move || wait(all, until, None))
            });
            until_waiting(&jobs[0], 3);
            assert!(jobs[1].cancel() && jobs[0].cancel());
            for found in waits.map(|waits| waits.join().unwrap()) {
                assert!(found.done.contains(&1), "{found:?}");
            }
        });
    });
    let ended: Vec<_> = as_completed(jobs).map(|(_, job)| job.wait()).collect();
    assert_eq!(ended.len(), 2);
    assert!(
        ended
            .iter()
            .all(|end| matches!(end, Err(JobError::Cancelled)))
    );
    drop(promises);
}

#[test]
fn jobs_are_handed_out_in_the_order_in_which_they_end() {
    let (mut promises, jobs) = several(3);
    promises.remove(1).set(1).unwrap();
    let mut ended = as_completed(jobs);
    assert_eq!(ended.len(), 3);
    let (index, job) = ended.next().unwrap();
    assert_eq!((index, job.wait().unwrap()), (1, 1));
    ended
        .next_timeout(Duration::from_millis(1))
        .map(drop)
        .unwrap_err();
    ended.next_deadline(Instant::now()).map(drop).unwrap_err();
    promises.remove(1).set(2).unwrap();
    promises.remove(0).set(0).unwrap();
    let rest: Vec<_> = ended
        .map(|(index, job)| (index, job.wait().unwrap()))
        .collect();
    assert_eq!(rest, [(2, 2), (0, 0)]);
}

#[test]
fn a_thread_waits_for_the_next_that_ends() {
    let (promise, job) = Promise::new();
    let mut ended = as_completed([job]);
    watched(&"the next", || {
        thread::scope(|threads| {
            let waits = threads.spawn(|| ended.next().unwrap().1.wait().unwrap());
            promise.set(4).unwrap();
            assert_eq!(waits.join().unwrap(), 4);
        });
    });
}

/// Trap A19: nothing of a job that has been handed out is kept.
#[test]
fn what_has_been_handed_out_is_freed_with_its_outcome() {
    let counter = Counter::default();
    let (promises, jobs) = several(3);
    for promise in promises {
        promise.set(counter.value()).unwrap();
    }
    let mut ended = as_completed(jobs);
    for left in [2, 1, 0] {
        drop(ended.next().unwrap().1.wait());
        assert_eq!((counter.alive(), ended.len()), (left, left));
    }
    assert!(ended.next().is_none());
}

#[test]
fn jobs_that_are_left_when_the_iterator_is_dropped_go_on() {
    let (mut promises, jobs) = several(2);
    let seen = Arc::new(Mutex::new(0));
    let kept = Kept::of(&jobs[1]);
    jobs[1].on_done({
        let seen = Arc::clone(&seen);
        move || *seen.lock().unwrap() += 1
    });
    drop(as_completed(jobs));
    for promise in promises.drain(..) {
        assert!(!promise.is_cancelled());
        promise.set(1).unwrap();
    }
    assert_eq!(*seen.lock().unwrap(), 1);
    kept.assert_quiet();
}

/// Nobody looks at all of them each time that one ends.
#[test]
fn a_hundred_thousand_jobs_are_waited_for_in_their_number() {
    const COUNT: usize = 100_000;
    for until in ALL {
        let (promises, jobs) = several(COUNT);
        watched(&until, || {
            thread::scope(|threads| {
                let all: Vec<_> = jobs.iter().collect();
                let last = &jobs[COUNT - 1];
                let waits = threads.spawn(move || wait(all.iter().copied(), until, None));
                until_waiting(if until == Until::All { &jobs[0] } else { last }, 1);
                for promise in promises.into_iter().rev() {
                    promise.set(()).unwrap();
                }
                let found = waits.join().unwrap();
                assert!(until == Until::First || found.pending.is_empty());
            });
        });
        let handed_out = as_completed(jobs).filter(|(_, job)| job.is_done()).count();
        assert_eq!(handed_out, COUNT);
    }
}
