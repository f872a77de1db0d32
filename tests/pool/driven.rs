//! A future as a job: whoever drives it, it ends in exactly one way, and is gone by then.

use crate::counted::{Counted, Counter, Thorny};
use crate::driver::Driver;
use crate::watch::watched;
use core::future::{pending, poll_fn, ready};
use core::task::Poll;
use std::sync::{Arc, Mutex};
use std::thread;
use syncline::internals::driven;
use syncline::task::{self, block_on};
use syncline::{Job, JobError, Promise};

#[test]
fn a_future_that_is_driven_brings_its_value_to_its_job() {
    let (future, job) = driven(async { 7 });
    assert!(!job.is_running() && !job.is_done());
    Driver::new(future).ready();
    assert!(job.is_done());
    assert_eq!(job.wait().unwrap(), 7);
}

/// Trap A55: who cancels from outside stops the future itself, not only the wait for it.
#[test]
fn a_cancellation_from_another_thread_drops_the_future_where_it_is_driven() {
    let counter = Counter::default();
    let value = counter.value();
    let (future, job) = driven(async move {
        let _value: Counted = value;
        pending::<()>().await;
    });
    watched(&counter, || {
        let drives = thread::spawn(move || block_on(future));
        assert!(job.cancel() && job.is_cancelled());
        drives.join().unwrap();
        assert!(job.is_done());
        assert_eq!((counter.alive(), counter.dropped()), (0, 1));
        assert!(matches!(job.wait(), Err(JobError::Cancelled)));
    });
}

#[test]
fn a_cancelled_job_is_done_when_its_future_is_gone_and_not_before() {
    let counter = Counter::default();
    let value = counter.value();
    let (future, job) = driven(async move {
        let _value: Counted = value;
        pending::<()>().await;
    });
    let driver = Driver::waiting(future);
    assert!(job.is_running());
    assert!(job.cancel() && job.is_cancelled() && !job.is_done() && !job.is_running());
    assert_eq!(counter.alive(), 1);
    driver.woken();
    assert_eq!(counter.alive(), 0);
    assert!(job.is_done());
    assert!(matches!(job.wait(), Err(JobError::Cancelled)));
}

#[test]
fn a_future_that_is_cancelled_before_its_first_poll_is_never_polled() {
    let (future, job) = driven(poll_fn(|_| -> Poll<()> {
        unreachable!("it was cancelled")
    }));
    assert!(job.cancel() && !job.is_done());
    Driver::new(future).ready();
    assert!(matches!(job.wait(), Err(JobError::Cancelled)));
}

/// Trap B25: a future that is always ready to go on is stopped as well.
#[test]
fn a_future_that_wakes_itself_for_ever_can_be_cancelled() {
    let (future, job) = driven(poll_fn(|context| -> Poll<()> {
        context.waker().wake_by_ref();
        Poll::Pending
    }));
    watched(&"busy", || {
        let drives = thread::spawn(move || block_on(future));
        assert!(job.cancel());
        drives.join().unwrap();
    });
    assert!(matches!(job.wait(), Err(JobError::Cancelled)));
}

/// Trap B25.
#[test]
fn no_waker_of_the_task_outlives_the_end_of_its_future() {
    let (promise, inner) = Promise::<i32>::new();
    let (future, job) = driven(inner);
    let mut driver = Driver::waiting(future);
    assert_eq!(driver.probe().alive(), 2); // for the promise, and for a cancellation
    promise.set(1).unwrap();
    assert!(driver.poll().is_ready());
    assert_eq!(driver.probe().alive(), 0);
    assert_eq!(job.wait().unwrap().unwrap(), 1);

    let (future, job) = driven(pending::<()>());
    let mut driver = Driver::waiting(future);
    job.cancel();
    assert!(driver.poll().is_ready());
    assert_eq!(driver.probe().alive(), 0);
    job.detach();

    let (future, job) = driven(pending::<()>());
    assert_eq!(Driver::waiting(future).cancel().alive(), 0);
    job.detach();
}

#[test]
fn a_future_that_its_executor_drops_ends_its_job_as_cancelled() {
    let (future, job) = driven(pending::<()>());
    drop(Driver::waiting(future));
    assert!(job.is_done() && job.is_cancelled());

    let (future, job) = driven(ready(1));
    drop(future);
    assert!(matches!(job.wait(), Err(JobError::Cancelled)));
}

#[test]
fn a_future_that_has_ended_may_be_polled_and_dropped() {
    let (future, job) = driven(ready(1));
    let mut driver = Driver::new(future);
    assert!(driver.poll().is_ready() && driver.poll().is_ready());
    drop(driver);
    assert_eq!(job.wait().unwrap(), 1);
}

#[test]
fn a_future_that_panics_ends_its_job_with_the_payload() {
    let (future, job) = driven(async { panic!("in a poll") });
    Driver::new(future).ready();
    let Err(JobError::Panicked(panic)) = job.wait() else {
        panic!("it panicked");
    };
    assert_eq!(panic.message().as_deref(), Some("in a poll"));
}

/// Trap B21: a future whose destructor panics has been dropped all the same, once.
#[test]
fn a_future_whose_destructor_panics_ends_its_job() {
    let counter = Counter::default();
    let thorny = |end: bool| {
        let (thorn, value) = (Thorny, counter.value());
        let mut taken = Some((thorn, value));
        driven(poll_fn(move |_| {
            let _keeps = &mut taken;
            if end { Poll::Ready(3) } else { Poll::Pending }
        }))
    };
    let (future, job) = thorny(true);
    Driver::new(future).ready();
    assert_eq!(job.wait().unwrap(), 3);

    let (future, job) = thorny(false);
    let driver = Driver::waiting(future);
    job.cancel();
    driver.woken();
    assert!(matches!(job.wait(), Err(JobError::Cancelled)));

    let (future, job) = thorny(false);
    drop(Driver::waiting(future));
    assert!(matches!(job.wait(), Err(JobError::Cancelled)));
    assert_eq!((counter.alive(), counter.dropped()), (0, 3));
}

#[test]
fn an_output_whose_destructor_panics_hurts_nobody_who_did_not_take_it() {
    // Nobody wants it.
    let (future, job) = driven(async { Thorny });
    drop(job);
    Driver::new(future).ready();

    // It comes too late.
    let place = Arc::new(Mutex::new(None::<Job<Thorny>>));
    let (future, job) = driven({
        let place = Arc::clone(&place);
        async move {
            assert!(place.lock().unwrap().as_ref().unwrap().cancel());
            Thorny
        }
    });
    *place.lock().unwrap() = Some(job);
    Driver::new(future).ready();
    let job = place.lock().unwrap().take().unwrap();
    assert!(matches!(job.wait(), Err(JobError::Cancelled)));
}

#[test]
fn a_future_may_cancel_its_own_job() {
    let place = Arc::new(Mutex::new(None::<Job<()>>));
    let (future, job) = driven({
        let place = Arc::clone(&place);
        async move {
            assert!(place.lock().unwrap().as_ref().unwrap().cancel());
            pending::<()>().await;
        }
    });
    *place.lock().unwrap() = Some(job);
    // It is not polled again, so nobody has to wake it.
    watched(&"own", || Driver::new(future).ready());
    let job = place.lock().unwrap().take().unwrap();
    assert!(matches!(job.wait(), Err(JobError::Cancelled)));
}

#[test]
fn a_destructor_that_cancels_its_own_job_finds_the_outcome_open_or_fixed() {
    struct Cancels(Arc<Mutex<Option<Job<i32>>>>);
    impl Drop for Cancels {
        fn drop(&mut self) {
            assert!(self.0.lock().unwrap().as_ref().unwrap().cancel());
        }
    }
    let place = Arc::new(Mutex::new(None));
    let cancels = Cancels(Arc::clone(&place));
    let mut kept = Some(cancels);
    let (future, job) = driven(poll_fn(move |_| {
        let _keeps = &mut kept;
        Poll::Ready(1)
    }));
    *place.lock().unwrap() = Some(job);
    Driver::new(future).ready();
    let job = place.lock().unwrap().take().unwrap();
    assert!(matches!(job.wait(), Err(JobError::Cancelled)));
}

#[test]
fn a_driven_future_is_one_task_from_its_first_poll_to_its_destructor() {
    struct Says(Arc<Mutex<Vec<Option<task::TaskId>>>>);
    impl Drop for Says {
        fn drop(&mut self) {
            self.0.lock().unwrap().push(task::current());
        }
    }
    let seen = Arc::new(Mutex::new(Vec::new()));
    let says = Says(Arc::clone(&seen));
    let (future, job) = driven(poll_fn(move |_| -> Poll<()> {
        says.0.lock().unwrap().push(task::current());
        Poll::Pending
    }));
    let mut driver = Driver::waiting(future);
    driver.pending();
    job.cancel();
    driver.ready();
    let seen = seen.lock().unwrap().clone();
    assert!(seen[0].is_some());
    assert_eq!(seen, [seen[0]; 3]);
    assert_eq!(task::current(), None);
}
