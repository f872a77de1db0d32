//! Promises: exactly one end, and nothing is lost.

use crate::counted::{Counter, Thorny};
use crate::waker::Probe;
use core::panic::AssertUnwindSafe;
use core::pin::Pin;
use core::task::Context;
use std::panic::catch_unwind;
use std::thread;
use syncline::{JobError, Promise};

#[test]
fn a_promise_that_is_dropped_ends_its_job_as_cancelled() {
    let (promise, mut job) = Promise::<i32>::new();
    let probe = Probe::new();
    let waker = probe.waker();
    assert!(
        Pin::new(&mut job)
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    drop(promise);
    assert_eq!(probe.wakes(), 1);
    assert!(job.is_cancelled() && job.is_done());
    assert!(matches!(job.wait(), Err(JobError::Cancelled)));
}

#[test]
fn a_promise_that_dies_of_a_panic_leaves_nobody_waiting() {
    let (promise, job) = Promise::<i32>::new();
    let dies = thread::spawn(move || {
        let _promise = promise;
        panic!("on the way to a value");
    });
    assert!(matches!(job.wait(), Err(JobError::Cancelled)));
    dies.join().unwrap_err();
}

#[test]
fn a_value_that_comes_after_the_cancellation_is_handed_back() {
    let counter = Counter::default();
    let (promise, job) = Promise::new();
    assert!(job.cancel() && promise.is_cancelled());
    let back = promise.set(counter.value()).unwrap_err();
    assert_eq!((counter.alive(), counter.dropped()), (1, 0));
    drop(back);
    assert!(matches!(job.wait(), Err(JobError::Cancelled)));
    assert_eq!((counter.alive(), counter.dropped()), (0, 1));
}

/// Trap A24: what looks like nothing is an error all the same.
#[test]
fn an_error_of_size_zero_is_an_error() {
    #[derive(Debug, PartialEq)]
    struct Nothing;
    let (promise, job) = Promise::<Result<(), Nothing>>::new();
    promise.set(Err(Nothing)).unwrap();
    assert_eq!(job.wait().unwrap(), Err(Nothing));

    let job = thread_that(|| std::panic::panic_any(()));
    let Err(JobError::Panicked(panic)) = job.wait() else {
        panic!("a panic without a message was swallowed")
    };
    assert_eq!(panic.message(), None);
    assert!(panic.into_payload().is::<()>());
}

fn thread_that(body: impl FnOnce() + Send + 'static) -> syncline::Job<()> {
    syncline::thread::spawn_named("thread", body)
}

#[test]
fn a_value_whose_destructor_panics_hurts_nobody_who_did_not_take_it() {
    let (promise, job) = Promise::new();
    drop(job);
    assert!(promise.set(Thorny).is_ok());

    let (promise, job) = Promise::new();
    assert!(promise.set(Thorny).is_ok());
    drop(job);

    let (promise, job) = Promise::new();
    assert!(promise.set(Thorny).is_ok());
    let value = job.wait().unwrap();
    catch_unwind(AssertUnwindSafe(|| drop(value))).unwrap_err();
}

#[test]
fn one_of_a_value_and_a_cancellation_wins_and_both_sides_agree() {
    for _ in 0..200 {
        let counter = Counter::default();
        let (promise, job) = Promise::new();
        let value = counter.value();
        let (cancelled, refused) = thread::scope(|threads| {
            let sets = threads.spawn(|| promise.set(value).is_err());
            (job.cancel(), sets.join().unwrap())
        });
        assert_eq!(cancelled, refused);
        assert_eq!(job.wait().is_err(), cancelled);
        assert_eq!((counter.alive(), counter.dropped()), (0, 1));
    }
}
