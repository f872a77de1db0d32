//! Callbacks: once each, in order, after those who wait, and without any lock.

use crate::driver::Driver;
use crate::waker::{Call, Probe};
use crate::watch::watched;
use core::panic::AssertUnwindSafe;
use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering::SeqCst;
use std::panic::{catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex};
use std::thread;
use syncline::{Job, Promise};

/// A way in which a job ends.
type End = fn(Promise<i32>, &Job<i32>);

/// What has happened, in order.
#[derive(Clone, Debug, Default)]
struct Log(Arc<Mutex<Vec<&'static str>>>);

impl Log {
    fn says(&self, what: &'static str) -> impl Fn() + Send + Sync + 'static {
        let log = self.clone();
        move || log.0.lock().unwrap().push(what)
    }

    fn read(&self) -> Vec<&'static str> {
        self.0.lock().unwrap().clone()
    }
}

#[test]
fn callbacks_run_in_order_after_the_waiters_have_been_woken() {
    let log = Log::default();
    let (promise, job) = Promise::new();
    job.on_done(log.says("first"));
    job.on_done(log.says("second"));
    let mut waits = Driver::with(job, Probe::on(Call::Wake, log.says("woken")));
    waits.pending();
    assert!(log.read().is_empty());
    promise.set(1).unwrap();
    assert_eq!(log.read(), ["woken", "first", "second"]);
    assert_eq!(waits.woken().unwrap(), 1);
}

#[test]
fn callbacks_run_whichever_way_the_job_ends() {
    let ends: [End; 3] = [
        |promise, _| promise.set(1).unwrap(),
        |promise, _| drop(promise),
        |_promise, job| assert!(job.cancel()),
    ];
    for end in ends {
        let log = Log::default();
        let (promise, job) = Promise::new();
        job.on_done(log.says("done"));
        end(promise, &job);
        assert_eq!(log.read(), ["done"]);
    }
}

#[test]
fn a_callback_that_comes_too_late_runs_at_once_and_its_panic_is_the_callers() {
    let log = Log::default();
    let (promise, job) = Promise::new();
    promise.set(1).unwrap();
    job.on_done(log.says("late"));
    job.on_done(log.says("later"));
    assert_eq!(log.read(), ["late", "later"]);
    let thrown = catch_unwind(AssertUnwindSafe(|| job.on_done(|| panic!("at once"))));
    assert_eq!(thrown.unwrap_err().downcast_ref(), Some(&"at once"));
    job.on_done(log.says("after it"));
    assert_eq!(log.read().len(), 3);
}

#[test]
fn a_callback_that_is_added_by_a_callback_comes_after_all_others() {
    let log = Log::default();
    let (promise, job) = Promise::new();
    let job = Arc::new(job);
    job.on_done({
        let (log, job) = (log.clone(), Arc::downgrade(&job));
        move || {
            let job = job.upgrade().unwrap();
            assert!(job.is_done());
            job.on_done(log.says("third"));
            log.says("first")();
        }
    });
    job.on_done(log.says("second"));
    watched(&log, || promise.set(1).unwrap());
    assert_eq!(log.read(), ["first", "second", "third"]);
    job.on_done(log.says("fourth"));
    assert_eq!(log.read().len(), 4);
}

#[test]
fn a_callback_that_panics_stops_no_other_and_not_the_producer() {
    let log = Log::default();
    let (promise, job) = Promise::new();
    job.on_done(|| panic!("this callback panics"));
    job.on_done(log.says("the other"));
    promise.set(1).unwrap();
    assert_eq!(log.read(), ["the other"]);
    assert_eq!(job.wait().unwrap(), 1);
}

#[test]
fn what_a_callback_panics_with_is_dropped() {
    let (promise, job) = Promise::new();
    let payload = Arc::new(());
    for _ in 0..3 {
        let payload = Arc::clone(&payload);
        job.on_done(move || resume_unwind(Box::new(payload)));
    }
    promise.set(1).unwrap();
    assert_eq!(Arc::strong_count(&payload), 1);
    job.detach();
}

/// Trap A59: a callback runs without any lock, and may drop what it belongs to.
#[test]
fn a_callback_may_drop_its_own_job() {
    let log = Log::default();
    let (promise, job) = Promise::new();
    let place = Arc::new(Mutex::new(None));
    job.on_done({
        let (place, log) = (Arc::clone(&place), log.clone());
        move || {
            let job: Job<i32> = place.lock().unwrap().take().unwrap();
            assert!(job.is_done() && !job.cancel());
            drop(job);
            log.says("dropped")();
        }
    });
    job.on_done(log.says("the next"));
    *place.lock().unwrap() = Some(job);
    watched(&log, || promise.set(1).unwrap());
    assert_eq!(log.read(), ["dropped", "the next"]);
}

#[test]
fn callbacks_that_are_added_while_the_job_ends_run_once_each() {
    for _ in 0..200 {
        let (promise, job) = Promise::new();
        let calls = Arc::new(AtomicUsize::new(0));
        let add = || {
            for _ in 0..5 {
                let calls = Arc::clone(&calls);
                job.on_done(move || {
                    calls.fetch_add(1, SeqCst);
                });
            }
        };
        thread::scope(|threads| {
            threads.spawn(add);
            threads.spawn(add);
            promise.set(()).unwrap();
        });
        assert_eq!(calls.load(SeqCst), 10);
    }
}
