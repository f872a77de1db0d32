//! Outcomes by reference, jobs that many wait for, and promises that fail or have been started.

use core::future::IntoFuture;
use core::pin::{Pin, pin};
use core::task::Context;
use core::time::Duration;
use std::io;
use std::sync::Arc;
use std::thread as std_thread;

use crate::counted::Counter;
use crate::waker::Probe;
use crate::watch::watched;
use syncline::task::block_on;
use syncline::thread::{Event, ThreadPool, Until, spawn, wait};
use syncline::{JobError, OutcomeKind, Promise, SharedJobError};

#[test]
fn an_outcome_is_there_by_reference_until_it_is_taken() {
    let (promise, mut job) = Promise::new();
    assert!(job.outcome().is_none() && job.outcome_kind().is_none());
    promise.set(vec![1]).unwrap();
    assert_eq!(job.outcome().unwrap().unwrap(), &[1]);
    assert_eq!(job.outcome_kind(), Some(OutcomeKind::Finished));
    assert_eq!(job.wait_timeout(Duration::ZERO).unwrap().unwrap(), [1]);
    assert!(job.outcome().is_none() && job.outcome_kind().is_none());
}

#[test]
fn every_way_to_end_has_its_kind() {
    let kind = |job: syncline::Job<()>| {
        wait([&job], Until::All, None);
        let kind = job.outcome_kind().expect("it has ended");
        let seen = job
            .outcome()
            .expect("it has ended")
            .map_err(JobError::kind)
            .err();
        assert_eq!(seen.unwrap_or(OutcomeKind::Finished), kind);
        assert_eq!(job.wait().err().map(|error| error.kind()), seen);
        kind
    };
    assert_eq!(kind(spawn(|| ())), OutcomeKind::Finished);
    assert_eq!(kind(spawn(|| panic!("on purpose"))), OutcomeKind::Panicked);
    let (promise, job) = Promise::new();
    drop(promise);
    assert_eq!(kind(job), OutcomeKind::Cancelled);
    let (promise, job) = Promise::new();
    promise.fail("on purpose").unwrap();
    assert_eq!(kind(job), OutcomeKind::Failed);
    let pool = ThreadPool::new(1);
    pool.close();
    assert_eq!(kind(pool.submit(|| ())), OutcomeKind::Closed);
    let broken = ThreadPool::builder()
        .workers(1)
        .on_start(|| panic!("on purpose"))
        .build();
    assert_eq!(kind(broken.submit(|| ())), OutcomeKind::PoolBroken);
}

#[test]
fn a_promise_fails_with_the_error_that_it_is_given() {
    let (promise, job) = Promise::<()>::new();
    promise
        .fail(io::Error::new(io::ErrorKind::TimedOut, "no answer"))
        .unwrap();
    let Err(JobError::Failed(error)) = job.wait() else {
        panic!("it has failed");
    };
    let error = error.downcast::<io::Error>().expect("it is what was given");
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
}

#[test]
fn a_failure_that_comes_after_the_cancellation_is_handed_back() {
    let (promise, job) = Promise::<()>::new();
    assert!(job.cancel());
    let error = promise.fail("no answer").unwrap_err();
    assert_eq!(error.to_string(), "no answer");
    assert!(matches!(job.wait(), Err(JobError::Cancelled)));
}

#[test]
fn a_promise_that_has_been_started_refuses_a_cancel_and_counts_as_one_start() {
    let (mut promise, job) = Promise::new();
    assert!(promise.start() && promise.start());
    assert!(!job.cancel() && !job.is_cancelled() && !promise.is_cancelled() && job.is_running());
    promise.set(1).unwrap();
    assert_eq!(job.wait().unwrap(), 1);
}

#[test]
fn a_promise_whose_job_was_cancelled_cannot_be_started() {
    let (mut promise, job) = Promise::<i32>::new();
    assert!(job.cancel());
    assert!(!promise.start() && !promise.start());
    assert!(promise.set(1).is_err());
}

#[test]
fn a_promise_that_has_been_started_and_is_dropped_cancels_its_job_once() {
    let (mut promise, job) = Promise::<i32>::new();
    let (called, calls) = (Arc::new(Event::new()), Arc::new(Event::new()));
    let (first, second) = (Arc::clone(&called), Arc::clone(&calls));
    job.on_done(move || {
        assert!(!first.is_set());
        first.set();
    });
    assert!(promise.start());
    drop(promise);
    job.on_done(move || second.set());
    assert!(called.is_set() && calls.is_set() && job.is_cancelled());
    assert_eq!(job.outcome_kind(), Some(OutcomeKind::Cancelled));
    assert!(matches!(job.wait(), Err(JobError::Cancelled)));
}

#[test]
fn threads_and_tasks_each_get_a_clone_and_the_value_is_dropped_once() {
    let counter = Counter::default();
    let (promise, job) = Promise::new();
    let job = job.shared();
    watched(&*Arc::new(Event::new()), || {
        let waiters: Vec<_> = (0..4)
            .map(|n| {
                let job = job.clone();
                std_thread::spawn(move || match n % 2 {
                    0 => drop(job.wait().unwrap()),
                    _ => drop(block_on(job).unwrap()),
                })
            })
            .collect();
        promise.set(Arc::new(counter.value())).unwrap();
        for waiter in waiters {
            waiter.join().unwrap();
        }
    });
    assert_eq!((counter.alive(), counter.dropped()), (1, 0));
    drop(job);
    assert_eq!((counter.alive(), counter.dropped()), (0, 1));
}

#[test]
fn the_error_of_a_shared_job_goes_to_all_and_outlives_the_job() {
    let (promise, job) = Promise::<i32>::new();
    let job = job.shared();
    promise.fail(io::Error::other("no answer")).unwrap();
    let errors = [job.wait().unwrap_err(), block_on(&job).unwrap_err()];
    drop(job);
    for error in errors {
        let error: SharedJobError = error.clone();
        assert_eq!(error.kind(), OutcomeKind::Failed);
        assert_eq!(error.to_string(), "the job failed: no answer");
        let source = core::error::Error::source(&error).expect("the error that was given");
        assert!(source.is::<io::Error>());
    }
}

#[test]
fn a_shared_wait_that_is_dropped_or_times_out_leaves_the_others_in_line() {
    let (promise, job) = Promise::new();
    let job = job.shared();
    let (probe, other) = (Probe::new(), Probe::new());
    let (waker, other_waker) = (probe.waker(), other.waker());
    let mut kept = pin!(job.clone().into_future());
    assert!(
        kept.as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    {
        let mut dropped = pin!((&job).into_future());
        let polled = Pin::new(&mut dropped)
            .as_mut()
            .poll(&mut Context::from_waker(&other_waker));
        assert!(polled.is_pending());
    }
    assert!(job.wait_timeout(Duration::from_millis(1)).is_err());
    promise.set(5).unwrap();
    assert_eq!((probe.wakes(), other.wakes()), (1, 0));
    assert_eq!(block_on(kept).unwrap(), 5);
}

/// A clone runs foreign code: nothing is held meanwhile, and nothing is lost.
#[test]
fn a_clone_that_panics_or_comes_back_spoils_nothing() {
    #[derive(Debug)]
    struct Odd(Arc<Event>);
    impl Clone for Odd {
        fn clone(&self) -> Self {
            assert!(self.0.is_set(), "on purpose");
            Self(Arc::clone(&self.0))
        }
    }
    let allowed = Arc::new(Event::new());
    let (promise, job) = Promise::new();
    let job = job.shared();
    promise.set(Odd(Arc::clone(&allowed))).unwrap();
    let again = job.clone();
    std_thread::spawn(move || again.wait()).join().unwrap_err();
    allowed.set();
    assert!(job.wait().unwrap().0.is_set());
}

#[test]
fn a_worker_that_waits_for_a_shared_closure_runs_it_itself() {
    let pool = Arc::new(ThreadPool::builder().workers(1).max_blocked(0).build());
    let inner = Arc::clone(&pool);
    watched(&*Arc::new(Event::new()), || {
        let outer = pool.submit(move || {
            let job = inner.submit(|| 3).shared();
            let same = job.clone();
            (job.wait().unwrap(), same.wait().unwrap())
        });
        assert_eq!(outer.wait().unwrap(), (3, 3));
    });
}

#[test]
fn a_shared_job_is_one_of_several_and_can_be_cancelled_by_the_last_handle() {
    let (first, a) = Promise::<i32>::new();
    let (second, b) = Promise::new();
    let (a, b) = (a.cancel_on_drop().shared(), b.shared());
    second.set(2).unwrap();
    let waited = wait([a.as_job(), b.as_job()], Until::First, None);
    assert_eq!(waited.done, [1]);
    let again = a.clone();
    drop(a);
    assert!(!first.is_cancelled());
    drop(again);
    assert!(first.is_cancelled());
}
