//! The handle of a job: waiting, awaiting, cancelling, moving, dropping.

use crate::counted::Counter;
use crate::driver::Driver;
use crate::waker::{Call, Probe};
use crate::watch::{until, until_waiting, watched};
use core::panic::AssertUnwindSafe;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;
use std::panic::catch_unwind;
use std::thread;
use std::time::Instant;
use syncline::internals::{Kept, Quiet};
use syncline::task::block_on;
use syncline::{Job, JobError, Promise};

fn poll<T>(job: &mut Job<T>, probe: &Probe) -> Poll<Result<T, JobError>> {
    Pin::new(job).poll(&mut Context::from_waker(&probe.waker()))
}

#[test]
fn a_job_is_waited_for_by_a_thread_and_awaited_by_a_task() {
    let (promise, job) = Promise::new();
    let kept = Kept::of(&job);
    watched(&kept, || {
        let waits = thread::spawn(move || job.wait().unwrap());
        until_waiting(&kept, 1);
        promise.set(1).unwrap();
        assert_eq!(waits.join().unwrap(), 1);
    });

    let (promise, job) = Promise::new();
    let kept = Kept::of(&job);
    watched(&kept, || {
        let awaits = thread::spawn(move || block_on(job).unwrap());
        until_waiting(&kept, 1);
        promise.set(2).unwrap();
        assert_eq!(awaits.join().unwrap(), 2);
        kept.assert_quiet();
    });
}

#[test]
fn a_job_that_has_ended_is_neither_waited_for_nor_awaited() {
    let done = |value| {
        let (promise, job) = Promise::new();
        promise.set(value).unwrap();
        job
    };
    assert_eq!(done(1).wait().unwrap(), 1);
    assert_eq!(Driver::new(done(2)).ready().unwrap(), 2);
    assert_eq!(done(3).wait_timeout(Duration::ZERO).unwrap().unwrap(), 3);
    let past = Instant::now();
    assert_eq!(done(4).wait_deadline(past).unwrap().unwrap(), 4);
}

#[test]
fn a_wait_that_expires_leaves_the_line_and_can_be_repeated() {
    let (promise, mut job) = Promise::new();
    let start = Instant::now();
    job.wait_timeout(Duration::from_millis(2)).unwrap_err();
    assert!(start.elapsed() >= Duration::from_millis(2));
    job.wait_timeout(Duration::ZERO).unwrap_err();
    job.wait_deadline(start).unwrap_err();
    job.assert_quiet();
    promise.set(5).unwrap();
    assert_eq!(job.wait_timeout(Duration::ZERO).unwrap().unwrap(), 5);
}

#[test]
fn a_limit_that_the_clock_does_not_know_is_none() {
    let (promise, mut job) = Promise::new();
    let kept = Kept::of(&job);
    watched(&kept, || {
        let waits = thread::spawn(move || job.wait_timeout(Duration::MAX).unwrap().unwrap());
        until_waiting(&kept, 1);
        promise.set(6).unwrap();
        assert_eq!(waits.join().unwrap(), 6);
    });
}

#[test]
fn a_job_that_was_polled_can_be_moved_waited_for_and_polled_again() {
    let (promise, mut job) = Promise::new();
    let (old, new) = (Probe::new(), Probe::new());
    assert!(poll(&mut job, &old).is_pending());
    job.wait_timeout(Duration::from_millis(1)).unwrap_err();
    let mut moved = Box::new(job);
    assert!(poll(&mut moved, &new).is_pending());
    assert_eq!((old.alive(), new.alive(), moved.waiting()), (0, 1, 1));

    let kept = Kept::of(&moved);
    watched(&kept, || {
        let waits = thread::spawn(move || moved.wait().unwrap());
        until_waiting(&kept, 2);
        promise.set(7).unwrap();
        assert_eq!(waits.join().unwrap(), 7);
        until("the wake of the poll", || new.wakes() == 1);
    });
    assert_eq!((old.wakes(), old.alive(), new.alive()), (0, 0, 0));
    kept.assert_quiet();
}

/// Trap B7: the latest poll says who is woken.
#[test]
fn a_job_wakes_the_task_that_polled_it_last() {
    let (promise, mut job) = Promise::new();
    let (old, new) = (Probe::new(), Probe::new());
    assert!(poll(&mut job, &old).is_pending());
    assert!(poll(&mut job, &new).is_pending());
    promise.set(8).unwrap();
    assert_eq!((old.wakes(), new.wakes()), (0, 1));
    assert!(matches!(poll(&mut job, &new), Poll::Ready(Ok(8))));
}

/// Trap B25.
#[test]
fn no_waker_outlives_the_handle_or_the_outcome() {
    let probe = Probe::new();
    let (promise, mut job) = Promise::<i32>::new();
    assert!(poll(&mut job, &probe).is_pending());
    let kept = Kept::of(&job);
    drop(job);
    assert_eq!((probe.alive(), probe.wakes()), (0, 0));
    kept.assert_quiet();
    promise.set(1).unwrap();

    let (promise, mut job) = Promise::<i32>::new();
    assert!(poll(&mut job, &probe).is_pending());
    promise.set(1).unwrap();
    assert_eq!(probe.alive(), 0);
    assert_eq!(job.wait_timeout(Duration::ZERO).unwrap().unwrap(), 1);

    let (promise, mut job) = Promise::<i32>::new();
    assert!(poll(&mut job, &probe).is_pending());
    job.detach();
    assert_eq!(probe.alive(), 0);
    drop(promise);
}

#[test]
fn an_outcome_is_taken_once_and_the_second_time_is_a_panic_that_says_so() {
    let (promise, mut job) = Promise::new();
    promise.set(1).unwrap();
    assert_eq!(job.wait_timeout(Duration::ZERO).unwrap().unwrap(), 1);
    let said = |panic: Box<dyn core::any::Any + Send>| {
        assert_eq!(
            panic.downcast_ref::<&str>().copied(),
            Some("the outcome of a job can be taken once")
        );
    };
    let again = |job: &mut Job<i32>| job.wait_timeout(Duration::ZERO).is_ok();
    said(catch_unwind(AssertUnwindSafe(|| again(&mut job))).unwrap_err());
    let probe = Probe::new();
    said(catch_unwind(AssertUnwindSafe(|| poll(&mut job, &probe).is_ready())).unwrap_err());
    said(catch_unwind(AssertUnwindSafe(|| job.wait().is_ok())).unwrap_err());
    assert_eq!(probe.alive(), 0);
}

/// Trap C17.
#[test]
fn a_job_that_is_dropped_goes_on_and_one_with_cancel_on_drop_does_not() {
    let (promise, job) = Promise::new();
    drop(job);
    assert!(!promise.is_cancelled());
    promise.set(1).unwrap();

    let (promise, job) = Promise::new();
    drop(job.cancel_on_drop());
    assert!(promise.is_cancelled());
    assert_eq!(promise.set(1), Err(1));

    let (promise, job) = Promise::new();
    job.cancel_on_drop().detach();
    assert!(!promise.is_cancelled());
    promise.set(1).unwrap();
}

/// Trap C17: what loses a race is dropped, and a job is only detached by that.
#[test]
fn a_job_that_loses_a_race_goes_on_unless_it_was_lent() {
    let (promise, mut job) = Promise::new();
    let probe = Probe::new();
    // What a `select!` does with a borrowed job.
    drop(Driver::waiting(&mut job).cancel());
    assert!(poll(&mut job, &probe).is_pending());
    // And with one of its own.
    drop(Driver::waiting(job).cancel());
    assert!(!promise.is_cancelled());
    promise.set(()).unwrap();
}

#[test]
fn a_dropped_job_that_cancels_wakes_nobody() {
    let (promise, mut job) = Promise::<i32>::new();
    let probe = Probe::new();
    assert!(poll(&mut job, &probe).is_pending());
    drop(job.cancel_on_drop());
    assert_eq!((probe.wakes(), probe.alive()), (0, 0));
    assert!(promise.is_cancelled());
}

#[test]
fn a_waker_whose_destructor_panics_keeps_no_dropped_job_from_cancelling() {
    let (promise, mut job) = Promise::<i32>::new();
    let probe = Probe::on(Call::Drop, || {
        panic!("this waker panics when it is dropped")
    });
    let waker = probe.waker();
    assert!(
        Pin::new(&mut job)
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    drop(job.cancel_on_drop());
    assert!(promise.is_cancelled());
    catch_unwind(AssertUnwindSafe(|| drop(waker))).unwrap_err();
}

#[test]
fn a_waker_that_panics_neither_reaches_the_producer_nor_takes_the_value_away() {
    let (promise, mut job) = Promise::new();
    let probe = Probe::panicking();
    assert!(poll(&mut job, &probe).is_pending());
    promise.set(9).unwrap();
    assert_eq!((probe.wakes(), job.wait().unwrap()), (1, 9));
}

/// Trap A15, B6: a waker is foreign code, and runs without any lock.
#[test]
fn a_waker_may_look_at_the_job_that_wakes_it() {
    let (promise, job) = Promise::new();
    let kept = Kept::of(&job);
    let mut job = job;
    let probe = Probe::on(Call::Wake, move || kept.assert_quiet());
    assert!(poll(&mut job, &probe).is_pending());
    watched(&probe, || promise.set(1).unwrap());
    assert_eq!((probe.wakes(), job.wait().unwrap()), (1, 1));
}

/// Trap A27.
#[test]
fn a_cancelled_job_is_cancelled_for_good_and_each_has_an_error_of_its_own() {
    let jobs: Vec<_> = (0..3).map(|_| Promise::<i32>::new()).collect();
    for (promise, job) in &jobs {
        assert!(!job.is_cancelled() && job.is_running());
        assert!(job.cancel() && job.cancel());
        assert!(job.is_cancelled() && job.is_done() && !job.is_running());
        assert!(promise.is_cancelled());
    }
    for (promise, job) in jobs {
        assert_eq!(promise.set(1), Err(1));
        assert!(matches!(job.wait().unwrap_err(), JobError::Cancelled));
    }
}

#[test]
fn a_job_that_has_a_value_cannot_be_cancelled() {
    let (promise, job) = Promise::new();
    promise.set(1).unwrap();
    assert!(!job.cancel() && !job.is_cancelled());
    assert_eq!(job.cancel_on_drop().wait().unwrap(), 1);
}

#[test]
fn an_outcome_that_nobody_takes_is_dropped_once_with_the_last_of_both_ends() {
    let counter = Counter::default();
    let (promise, job) = Promise::new();
    promise.set(counter.value()).unwrap();
    assert_eq!((counter.alive(), counter.dropped()), (1, 0));
    drop(job);
    assert_eq!((counter.alive(), counter.dropped()), (0, 1));

    let (promise, job) = Promise::new();
    drop(job);
    promise.set(counter.value()).unwrap();
    assert_eq!((counter.alive(), counter.dropped()), (0, 2));

    let (promise, job) = Promise::new();
    promise.set(counter.value()).unwrap();
    drop(job.wait().unwrap());
    assert_eq!((counter.alive(), counter.dropped()), (0, 3));
}

#[test]
fn what_can_be_seen_of_a_job_is_shown_without_its_value() {
    struct Silent;
    let (promise, job) = Promise::<Silent>::named("quiet");
    assert_eq!(job.name(), Some("quiet"));
    assert_eq!(
        format!("{job:?} {promise:?}"),
        "Job { name: Some(\"quiet\"), is_done: false, is_cancelled: false, .. } \
         Promise { is_cancelled: false, .. }"
    );
}
