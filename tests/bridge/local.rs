//! Futures that stay on the thread of a runner, and need not be `Send`.

use core::cell::{Cell, RefCell};
use core::future::pending;
use core::marker::PhantomData;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, ThreadId};
use std::time::Instant;

use crate::watch::watched;
use syncline::bridge::Runner;
use syncline::task::{self, block_on};
use syncline::thread::Event;
use syncline::{JobError, Promise};

fn runner() -> Runner {
    Runner::start().unwrap()
}

/// Tells on which thread it is dropped, and stays there.
struct Tells(Sender<ThreadId>, PhantomData<Rc<()>>);

impl Tells {
    fn new(to: Sender<ThreadId>) -> Self {
        Self(to, PhantomData)
    }
}

impl Drop for Tells {
    fn drop(&mut self) {
        self.0.send(thread::current().id()).ok();
    }
}

#[test]
fn a_local_future_is_made_polled_and_dropped_on_the_thread_of_its_runner() {
    let runner = runner();
    let its_thread = runner.run(async { thread::current().id() }).unwrap();
    let (to, dropped) = channel();
    let job = runner.spawn_local(move || {
        let made = thread::current().id();
        let tells = Tells::new(to);
        async move {
            let kept = Rc::new(Cell::new(0));
            for n in 0..10 {
                kept.set(kept.get() + n);
                task::yield_now().await;
            }
            let _tells = &tells;
            (kept.get(), made, thread::current().id())
        }
    });
    assert_eq!((45, its_thread, its_thread), job.wait().unwrap());
    assert_eq!(its_thread, dropped.recv().unwrap());
}

#[test]
fn local_futures_share_what_is_on_their_thread_and_are_woken_from_anywhere() {
    thread_local! {
        static SEEN: RefCell<Vec<u32>> = const { RefCell::new(Vec::new()) };
    }
    let runner = runner();
    watched(&"local futures", || {
        let jobs: Vec<_> = (0..50)
            .map(|n| {
                let (promise, value) = Promise::new();
                let job = runner.spawn_local(move || async move {
                    let value: u32 = value.await.unwrap();
                    SEEN.with_borrow_mut(|seen| seen.push(value));
                });
                (n, promise, job)
            })
            .collect();
        for (n, promise, job) in jobs.into_iter().rev() {
            promise.set(n).unwrap();
            block_on(job).unwrap();
        }
        let seen = runner.run(async { SEEN.take() }).unwrap();
        assert_eq!((0..50).rev().collect::<Vec<_>>(), seen);
    });
}

#[test]
fn a_cancelled_local_future_is_gone_from_its_thread_when_its_job_is_done() {
    let runner = runner();
    let its_thread = runner.run(async { thread::current().id() }).unwrap();
    let (to, dropped) = channel();
    let (begins, begun) = Promise::new();
    let job = runner.spawn_local(move || async move {
        let _tells = Tells::new(to);
        begins.set(()).unwrap();
        pending::<()>().await;
    });
    watched(&"a cancelled local future", || {
        begun.wait().unwrap();
        assert!(job.cancel());
        assert!(matches!(job.wait(), Err(JobError::Cancelled)));
    });
    assert_eq!(Ok(its_thread), dropped.try_recv());
}

/// The thread that stops the runner takes what is queued out; it does not drop what is of another thread.
#[test]
fn a_stop_drops_local_futures_on_their_thread_before_their_jobs_are_done() {
    for _ in 0..50 {
        let runner = runner();
        let its_thread = runner.run(async { thread::current().id() }).unwrap();
        let (to, dropped) = channel();
        let jobs: Vec<_> = (0..5)
            .map(|n| {
                let to = to.clone();
                runner.spawn_local(move || async move {
                    let _tells = Tells::new(to);
                    for _ in 0..n {
                        task::yield_now().await;
                    }
                    pending::<()>().await;
                })
            })
            .collect();
        drop(to);
        // Some have begun, and some have not.
        runner.stop(None).unwrap();
        for job in jobs {
            assert!(job.is_done());
            assert!(matches!(job.wait(), Err(JobError::Cancelled)));
        }
        assert!(dropped.iter().all(|thread| thread == its_thread));
    }
}

#[test]
fn a_drop_of_the_runner_drops_its_local_futures() {
    let (to, dropped) = channel();
    let runner = runner();
    let its_thread = runner.run(async { thread::current().id() }).unwrap();
    let (begins, begun) = Promise::new();
    let job = runner.spawn_local(move || async move {
        let _tells = Tells::new(to);
        begins.set(()).unwrap();
        pending::<()>().await;
    });
    begun.wait().unwrap();
    drop(runner);
    assert_eq!(Ok(its_thread), dropped.try_recv());
    assert!(job.is_done());
}

#[test]
fn a_drain_waits_for_local_futures() {
    let runner = runner();
    let job = runner.spawn_local(|| async {
        let kept = Rc::new(7);
        task::yield_now().await;
        *kept
    });
    runner.drain(None).unwrap();
    assert_eq!(7, job.wait().unwrap());
}

#[test]
fn a_runner_that_has_stopped_drops_the_closure_where_it_was_called() {
    let runner = runner();
    runner.stop(None).unwrap();
    let item = Arc::new(());
    let kept = Arc::clone(&item);
    let job = runner.spawn_local(move || async move { drop(kept) });
    assert_eq!(1, Arc::strong_count(&item));
    assert!(job.is_done());
    assert!(matches!(job.wait(), Err(JobError::Closed)));
}

#[test]
fn a_panic_of_the_closure_and_one_of_the_future_are_those_of_the_job() {
    let runner = runner();
    let message = |outcome: Result<(), JobError>| match outcome {
        Err(JobError::Panicked(panic)) => panic.message().unwrap(),
        other => panic!("{other:?}"),
    };
    let closure = runner.spawn_local(|| {
        assert!(!runner_is_here(), "in the closure");
        pending::<()>()
    });
    assert_eq!("in the closure", message(closure.wait()));
    let future = runner.spawn_local(|| async {
        let _kept = Rc::new(());
        task::yield_now().await;
        panic!("in the future");
    });
    assert_eq!("in the future", message(future.wait()));
    assert_eq!(1, runner.run(async { 1 }).unwrap());
}

/// Something that the compiler does not see through.
fn runner_is_here() -> bool {
    thread::current()
        .name()
        .is_some_and(|name| name.starts_with("runner"))
}

#[test]
fn local_futures_spawn_others_and_wait_for_them() {
    let runner = Arc::new(runner());
    let inner = Arc::clone(&runner);
    let job = runner.spawn_local(move || async move {
        let mut sum = 0;
        for n in 0..10 {
            let kept = Rc::new(n);
            sum += inner.spawn_local(move || async move { n }).await.unwrap() + *kept;
        }
        // The last owner may be this thread: then nothing waits for it.
        drop(inner);
        sum
    });
    assert_eq!(90, job.wait().unwrap());
}

#[test]
fn a_local_future_is_a_task_and_is_told_of_when_it_would_not_end() {
    let runner = runner();
    let (begun, goes_on) = (Arc::new(Event::new()), Arc::new(Event::new()));
    let job = runner.spawn_local({
        let (begun, goes_on) = (Arc::clone(&begun), Arc::clone(&goes_on));
        move || async move {
            begun.set();
            goes_on.wait();
            task::current().is_some()
        }
    });
    begun.wait();
    let error = runner.stop(Instant::now()).unwrap_err();
    assert_eq!("still running: runner-0", error.to_string());
    goes_on.set();
    runner.stop(None).unwrap();
    assert!(matches!(job.wait(), Err(JobError::Cancelled)));
}
