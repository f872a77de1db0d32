//! The pool: jobs that borrow, jobs done by whoever waits for them, futures that are cancelled, and
//! threads that end. Each job frees something, reads what another has written, or both.

use crate::driver::Driver;
use core::future::pending;
use core::time::Duration;
use std::sync::Arc;
use std::thread;
use syncline::bridge::Runner;
use syncline::task::block_on;
use syncline::thread::{Event, PoolShutdown, ThreadPool, as_completed};
use syncline::{Job, JobError, Promise};

#[test]
fn jobs_of_a_scope_write_to_the_stack_of_the_one_that_waits() {
    let pool = ThreadPool::new(2);
    let mut numbers = [1, 2, 3, 4];
    let text = String::from("borrowed");
    let length = pool.scope(|scope| {
        let (left, right) = numbers.split_at_mut(2);
        scope
            .submit(move || left.iter_mut().for_each(|n| *n *= 2))
            .detach();
        drop(scope.submit(move || {
            right.reverse();
            right
        }));
        drop(scope.submit(|| text.as_str()).cancel_on_drop());
        scope.submit(|| Box::new(&text)).wait().unwrap().len()
    });
    drop(text);
    assert_eq!((numbers, length), ([2, 4, 4, 3], 8));
}

/// The scope ends on a worker, which does the jobs itself; a handle and a queue entry outlive it.
#[test]
fn a_scope_on_a_worker_ends_before_what_its_jobs_borrow() {
    let pool = Arc::new(ThreadPool::new(1));
    let inner = Arc::clone(&pool);
    let outer = pool.submit(move || {
        let mut sum = Box::new(0);
        let kept = inner.scope(|scope| {
            let more = Box::new(1);
            let first = scope.submit(move || *more);
            *sum += first.wait().unwrap();
            let target = &mut sum;
            scope.submit(move || **target += 2).detach();
            let cancelled = scope.submit(|| Box::new(3));
            cancelled.cancel();
            (scope.submit(|| Box::new(4)), cancelled)
        });
        *sum += *kept.0.wait().unwrap();
        assert!(kept.1.wait().is_err());
        *sum
    });
    assert_eq!(outer.wait().unwrap(), 7);
}

#[test]
fn a_job_that_waits_does_the_other_itself_and_both_are_freed() {
    let pool = Arc::new(ThreadPool::new(1));
    let inner = Arc::clone(&pool);
    let outer = pool.submit(move || {
        let word = Box::new(20);
        let claimed = inner.submit(move || *word + 1);
        let mut parked = inner.submit(|| Box::new(1));
        let sum = claimed.wait().unwrap();
        while parked.wait_timeout(Duration::ZERO).is_err() {
            let mut other = inner.submit(|| ());
            drop(other.wait_timeout(Duration::from_millis(1)));
        }
        sum
    });
    assert_eq!(outer.wait().unwrap(), 21);
}

#[test]
fn outcomes_go_to_threads_and_tasks_or_are_freed() {
    let pool = ThreadPool::new(2);
    let boxed = |n: i32| pool.submit(move || Box::new(n));
    assert_eq!(*boxed(1).wait().unwrap(), 1);
    assert_eq!(*block_on(boxed(2)).unwrap(), 2);
    boxed(3).detach();
    drop(boxed(4).cancel_on_drop());
    let all: i32 = as_completed([boxed(5), boxed(6)])
        .map(|(_, job)| *job.wait().unwrap())
        .sum();
    assert_eq!(all, 11);
    // A handle that has been polled is moved, and dropped with its place in the line.
    let (promise, job) = Promise::<Box<i32>>::new();
    let mut driver = Driver::waiting(job);
    driver.pending();
    drop(driver);
    promise.set(Box::new(1)).unwrap();
    let sum: i32 = pool
        .map([Box::new(1), Box::new(2)], |n| *n)
        .map(Result::unwrap)
        .sum();
    assert_eq!(sum, 3);
}

#[test]
fn a_cancellation_against_the_worker_drops_the_closure_once() {
    let pool = ThreadPool::new(1);
    for _ in 0..3 {
        let word = Box::new(1);
        let job = pool.submit(move || word);
        thread::scope(|threads| {
            threads.spawn(|| job.cancel());
        });
        match job.wait() {
            Ok(word) => assert_eq!(*word, 1),
            Err(error) => assert!(matches!(error, JobError::Cancelled)),
        }
    }
}

#[test]
fn futures_are_woken_cancelled_and_freed() {
    let pool = ThreadPool::new(1);
    let (promise, job) = Promise::<Box<i32>>::new();
    let woken = pool.spawn(async move { *job.await.unwrap() + 1 });
    let word = Box::new(1);
    let cancelled = pool.spawn(async move {
        pending::<()>().await;
        word
    });
    let word = Box::new(2);
    pool.spawn(async move { word }).detach();
    promise.set(Box::new(1)).unwrap();
    assert_eq!(woken.wait().unwrap(), 2);
    assert!(cancelled.cancel());
    assert!(cancelled.wait().is_err());
}

#[test]
fn a_shutdown_frees_what_is_left_and_joins_the_threads() {
    let pool = Arc::new(ThreadPool::new(2));
    let go = Arc::new(Event::new());
    let running = pool.submit({
        let go = Arc::clone(&go);
        move || go.wait()
    });
    let left = [
        pool.spawn(pending::<Box<i32>>()),
        pool.submit_after(Duration::MAX, || Box::new(1)),
        pool.submit(|| Box::new(2)),
    ];
    thread::scope(|threads| {
        for how in [PoolShutdown::CancelQueued, PoolShutdown::Drain] {
            let pool = &pool;
            threads.spawn(move || pool.shutdown(how));
        }
        go.set();
    });
    drop(running.wait());
    assert!(left.iter().all(Job::is_done));
    drop(left);
    assert!(pool.submit(|| ()).wait().is_err());
}

/// The last handle of a pool goes on one of its own threads.
#[test]
fn a_job_may_free_its_pool() {
    let pool = Arc::new(ThreadPool::new(1));
    let inner = Arc::clone(&pool);
    let (begun, go) = (Arc::new(Event::new()), Arc::new(Event::new()));
    let job = pool.submit({
        let (begun, go) = (Arc::clone(&begun), Arc::clone(&go));
        move || {
            begun.set();
            go.wait();
            drop(inner);
        }
    });
    begun.wait();
    drop(pool);
    go.set();
    job.wait().unwrap();
}

/// A runner is a pool of one: what it runs borrows from who waits, and is gone when that goes on.
#[test]
fn a_future_that_a_runner_runs_borrows_from_the_stack() {
    let runner = Runner::start().unwrap();
    let text = String::from("borrowed");
    let mut lengths = vec![0];
    let last = runner.run(async {
        lengths.push(text.len());
        lengths.last()
    });
    assert_eq!(last.unwrap(), Some(&8));
    drop(text);

    // Cancelled while it waits, from another thread.
    let begun = Event::new();
    let mut borrowed = Box::new(1);
    thread::scope(|threads| {
        threads.spawn(|| {
            begun.wait();
            runner.stop(None).unwrap();
        });
        let outcome = runner.run(async {
            begun.set();
            pending::<()>().await;
            *borrowed += 1;
        });
        assert!(matches!(outcome, Err(JobError::Cancelled)));
        *borrowed += 1;
    });
    assert_eq!(*borrowed, 2);
}
