//! Threads that do not stay when there is nothing to do.

use crate::kit::{Count, wait_for};
use crate::watch::{until, watched};
use core::cell::RefCell;
use core::sync::atomic::{AtomicBool, Ordering::SeqCst};
use core::time::Duration;
use std::sync::Arc;
use std::thread;
use syncline::thread::{Event, PoolShutdown, ThreadPool};

/// A pool of two whose threads stay for so long, and how many were started, and have ended.
fn pool(keep_alive: Duration) -> (Arc<ThreadPool>, Count, Count) {
    let (starts, exits) = (Count::default(), Count::default());
    let (starting, exiting) = (starts.clone(), exits.clone());
    let pool = ThreadPool::builder()
        .workers(2)
        .keep_alive(keep_alive)
        .on_start(move || {
            starting.add();
        })
        .on_exit(move || {
            exiting.add();
        })
        .build();
    (Arc::new(pool), starts, exits)
}

#[test]
fn a_thread_that_has_slept_for_long_enough_ends_and_another_takes_its_place() {
    let (pool, starts, exits) = pool(Duration::from_millis(1));
    watched(&pool, || {
        for round in 1..10 {
            assert_eq!(pool.submit(|| 1).wait().unwrap(), 1);
            until("nobody is left", || exits.get() == starts.get());
            assert!(starts.get() >= round);
            assert_eq!(pool.idle(), 0);
        }
        pool.shutdown(PoolShutdown::Drain);
        assert_eq!(starts.get(), exits.get());
    });
}

#[test]
fn a_thread_stays_for_as_long_as_it_is_told_to() {
    let (pool, starts, exits) = pool(Duration::MAX);
    watched(&pool, || {
        for _ in 0..100 {
            pool.submit(|| ()).wait().unwrap();
        }
        assert!(starts.get() <= 2);
        assert_eq!(exits.get(), 0);
        pool.shutdown(PoolShutdown::Drain);
        assert_eq!(starts.get(), exits.get());
    });
}

#[test]
fn a_pool_whose_threads_do_not_stay_does_all_that_it_takes_in() {
    let (pool, starts, exits) = pool(Duration::ZERO);
    watched(&pool, || {
        for round in 0..300 {
            let inner = Arc::clone(&pool);
            let event = Arc::new(Event::new());
            let woken = Arc::clone(&event);
            let future = pool.spawn(async move { woken.as_task().wait().await });
            let nested = pool.submit(move || inner.submit(move || round).wait().unwrap());
            let delayed = pool.submit_after(Duration::from_micros(round), || ());
            assert_eq!(nested.wait().unwrap(), round);
            delayed.wait().unwrap();
            // Perhaps everybody has gone by now.
            event.set();
            future.wait().unwrap();
        }
        let doubled = pool.map(0..1000, |n| 2 * n).map(Result::unwrap);
        assert!(doubled.eq((0..1000).map(|n| 2 * n)));
        pool.shutdown(PoolShutdown::Drain);
        assert_eq!(starts.get(), exits.get());
    });
}

#[test]
fn what_is_submitted_while_threads_go_is_done_before_a_shutdown_ends() {
    for _ in 0..200 {
        let (pool, starts, exits) = pool(Duration::ZERO);
        watched(&pool, || {
            pool.submit(|| ()).wait().unwrap();
            let done = Count::default();
            let jobs: Vec<_> = (0..4)
                .map(|_| {
                    let done = done.clone();
                    pool.submit(move || {
                        done.add();
                    })
                })
                .collect();
            pool.shutdown(PoolShutdown::Drain);
            assert_eq!(done.get(), 4);
            wait_for(jobs);
            assert_eq!(starts.get(), exits.get());
        });
    }
}

/// Set when the destructor of a thread-local begins, and set by the test when it may go on.
#[derive(Clone, Debug, Default)]
struct Slow {
    begun: Arc<AtomicBool>,
    goes_on: Arc<AtomicBool>,
    gone: Count,
}

/// A destructor that takes its time.
struct SlowLocal(Slow);

impl Drop for SlowLocal {
    fn drop(&mut self) {
        self.0.begun.store(true, SeqCst);
        until("the test goes on", || self.0.goes_on.load(SeqCst));
        self.0.gone.add();
    }
}

/// Trap D3: a thread that retired long ago still destroys its locals.
#[test]
fn a_shutdown_waits_for_the_locals_of_threads_that_have_retired() {
    thread_local! {
        static LOCAL: RefCell<Option<SlowLocal>> = const { RefCell::new(None) };
    }
    let (pool, _, exits) = pool(Duration::from_millis(1));
    let slow = Slow::default();
    watched(&pool, || {
        let local = SlowLocal(slow.clone());
        let job = pool.submit(move || LOCAL.with(|slot| *slot.borrow_mut() = Some(local)));
        job.wait().unwrap();
        until("its thread has retired", || slow.begun.load(SeqCst));
        let before = exits.get();
        pool.submit(|| ()).wait().unwrap();
        let gone = thread::scope(|threads| {
            let shutdown = threads.spawn(|| {
                pool.shutdown(PoolShutdown::Drain);
                slow.gone.get()
            });
            until("the other has left", || exits.get() > before);
            until("a closed pool", || pool.is_closing());
            // Who does not wait for the first returns now.
            for _ in 0..1000 {
                thread::yield_now();
            }
            slow.goes_on.store(true, SeqCst);
            shutdown.join().unwrap()
        });
        assert_eq!(gone, 1);
    });
}
