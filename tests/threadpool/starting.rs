//! Threads that cannot be started. Traps A5 to A8 for pools; C14 is in `panics`.

use crate::kit::{Count, occupy};
use crate::watch::watched;
use core::time::Duration;
use std::env;
use std::process::Command;
use std::sync::Arc;
use std::thread;
use syncline::JobError;
use syncline::thread::{Event, PoolShutdown, ThreadPool};

/// No system has that much.
const TOO_MUCH: usize = 1 << 46;

#[test]
fn without_any_thread_each_job_ends_with_an_error_of_its_own() {
    let pool = ThreadPool::builder()
        .workers(2)
        .stack_size(TOO_MUCH)
        .build();
    watched(&pool, || {
        let dropped = Count::default();
        for _ in 0..3 {
            let (one, two, three) = (dropped.token(), dropped.token(), dropped.token());
            let jobs = [
                pool.submit(move || drop(one)),
                pool.spawn(async move { drop(two) }),
                pool.submit_after(Duration::from_millis(1), move || drop(three)),
            ];
            for job in jobs {
                let Err(JobError::NotStarted(error)) = job.wait() else {
                    panic!("it should not have been done")
                };
                assert!(error.raw_os_error().is_some());
            }
        }
        assert_eq!(dropped.get(), 9);
        assert_eq!((pool.queued(), pool.idle()), (0, 0));
        let outcomes = pool.map(0..3, |n| n);
        assert!(
            outcomes
                .into_iter()
                .all(|one| matches!(one, Err(JobError::NotStarted(_))))
        );
        pool.scope(|scope| {
            let job = scope.submit(|| dropped.add());
            assert!(matches!(job.wait(), Err(JobError::NotStarted(_))));
        });
        assert_eq!(dropped.get(), 9);
        pool.shutdown(PoolShutdown::Drain);
    });
}

#[test]
fn a_callback_hears_of_it_and_may_try_again() {
    let pool = ThreadPool::builder()
        .workers(1)
        .stack_size(TOO_MUCH)
        .build();
    let pool = Arc::new(pool);
    watched(&pool, || {
        let again = Arc::new(Event::new());
        let job = pool.submit_after(Duration::from_millis(1), || ());
        job.on_done({
            let (pool, again) = (Arc::clone(&pool), Arc::clone(&again));
            move || {
                if matches!(pool.submit(|| ()).wait(), Err(JobError::NotStarted(_))) {
                    again.set();
                }
            }
        });
        again.wait();
        assert!(matches!(job.wait(), Err(JobError::NotStarted(_))));
    });
}

/// What marks the process in which memory for one thread of a pool is left, and no more.
const INSIDE: &str = "SYNCLINE_TEST_LITTLE_MEMORY";
const STACK: usize = 1 << 30;

#[test]
fn a_job_waits_for_the_threads_that_live_if_no_other_can_be_started() {
    if env::var_os(INSIDE).is_some() {
        return with_little_memory();
    }
    let name = concat!(
        module_path!(),
        "::a_job_waits_for_the_threads_that_live_if_no_other_can_be_started"
    );
    let name = name.split_once("::").unwrap().1;
    let shell = format!(
        "ulimit -v {} && exec \"$0\" --exact {name}",
        STACK / 1024 * 7 / 4
    );
    let status = Command::new("sh")
        .args(["-c", &shell])
        .arg(env::current_exe().unwrap())
        .env(INSIDE, "1")
        .env("RUST_BACKTRACE", "0")
        .output();
    let Ok(output) = status else {
        return; // A system without a shell.
    };
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("1 passed"), "{said}");
}

fn with_little_memory() {
    let pool = ThreadPool::builder().workers(2).stack_size(STACK).build();
    let pool = Arc::new(pool);
    watched(&pool, || {
        let busy = occupy(&pool);
        let more = thread::Builder::new().stack_size(STACK).spawn(|| ());
        assert!(more.is_err(), "the limit does not hold");
        let queued = pool.submit(|| 1);
        let future = pool.spawn(async { 2 });
        assert_eq!((pool.queued(), pool.idle()), (2, 0));
        assert!(!queued.is_done() && !future.is_done());
        busy.release();
        assert_eq!((queued.wait().unwrap(), future.wait().unwrap()), (1, 2));
        // Jobs that wait for others cannot be stood in for, but do them.
        let inner = Arc::clone(&pool);
        let outer = pool.submit(move || inner.submit(|| 3).wait().unwrap());
        assert_eq!(outer.wait().unwrap(), 3);
        // What nobody is left to do, for all that live are blocked, ends.
        let inner = Arc::clone(&pool);
        let outer = pool.submit(move || {
            let mut never = inner.spawn(async { 4 });
            let outcome = never.wait_timeout(crate::watch::LIMIT);
            assert!(matches!(outcome, Ok(Err(JobError::NotStarted(_)))));
        });
        outer.wait().unwrap();
        pool.shutdown(PoolShutdown::Drain);
    });
}

#[test]
fn without_the_timer_thread_what_is_delayed_ends_with_an_error_of_its_own() {
    if env::var_os(INSIDE).is_some() {
        return without_a_timer();
    }
    let name = concat!(
        module_path!(),
        "::without_the_timer_thread_what_is_delayed_ends_with_an_error_of_its_own"
    );
    let name = name.split_once("::").unwrap().1;
    watched(&"a process without a timer", || {
        let output = Command::new(env::current_exe().unwrap())
            .args(["--exact", name, "--test-threads", "1"])
            .env(INSIDE, "1")
            .env("RUST_BACKTRACE", "0")
            // What a thread gets that does not say how much it wants: the timer does not.
            .env("RUST_MIN_STACK", TOO_MUCH.to_string())
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.contains("1 passed"), "{said}");
    });
}

fn without_a_timer() {
    assert!(
        thread::Builder::new().spawn(|| ()).is_err(),
        "there may be a timer"
    );
    let pool = ThreadPool::builder().workers(1).stack_size(1 << 20).build();
    let dropped = Count::default();
    for _ in 0..3 {
        let token = dropped.token();
        let delayed = pool.submit_after(Duration::from_millis(1), move || drop(token));
        assert!(matches!(delayed.wait(), Err(JobError::NotStarted(_))));
    }
    assert_eq!(dropped.get(), 3);
    assert_eq!(pool.submit(|| 1).wait().unwrap(), 1);
    pool.shutdown(PoolShutdown::Drain);
}

#[test]
fn there_are_no_more_workers_than_a_pool_can_have() {
    let pool = ThreadPool::builder().workers(usize::MAX).build();
    watched(&pool, || {
        assert_eq!(pool.workers(), 1 << 15);
        let mut map = pool.map(0.., |n| n);
        assert_eq!(map.next().unwrap().unwrap(), 0);
    });
}
