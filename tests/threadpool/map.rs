//! One function over many items.

use crate::kit::{Count, Log, fail, is_cancelled, is_closed, occupy, panic_of};
use crate::watch::{until, watched};
use core::panic::AssertUnwindSafe;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use core::time::Duration;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::thread;
use syncline::thread::{Event, PoolShutdown, ThreadPool};
use syncline::{JobError, TimedOut};

#[test]
fn outcomes_come_in_the_order_of_the_items() {
    let pool = ThreadPool::new(3);
    watched(&pool, || {
        let outcomes = pool.map(0..20_000_u64, |n| {
            if n % 977 == 0 {
                thread::yield_now();
            }
            n * 2
        });
        let outcomes: Vec<_> = outcomes.map(Result::unwrap).collect();
        assert_eq!(outcomes, (0..20_000).map(|n| n * 2).collect::<Vec<_>>());
        assert!(pool.map(0..0, |n: i32| n).next().is_none());
    });
}

/// Trap A21.
#[test]
fn nothing_is_taken_and_nothing_runs_before_it_is_asked_for() {
    let pool = ThreadPool::new(2);
    watched(&pool, || {
        let (taken, run) = (Count::default(), Count::default());
        let (take, calls) = (taken.clone(), run.clone());
        let items = (0..10).inspect(move |_| {
            take.add();
        });
        let mut map = pool.map(items, move |n| {
            calls.add();
            n
        });
        pool.submit(|| ()).wait().unwrap();
        assert_eq!((taken.get(), run.get()), (0, 0));
        assert_eq!(map.next().unwrap().unwrap(), 0);
        assert!(taken.get() > 0 && run.get() > 0);
        assert!(format!("{map:?}").starts_with("Map {"));
    });
}

#[test]
fn no_more_than_a_bounded_number_is_taken_ahead() {
    let pool = ThreadPool::new(2);
    watched(&pool, || {
        let taken = Count::default();
        let take = taken.clone();
        // Slow enough for chunks of one.
        let items = (0..).inspect(move |_| {
            take.add();
        });
        let mut map = pool.map(items, |n: u32| {
            thread::sleep(Duration::from_millis(1));
            n
        });
        for n in 0..20 {
            assert_eq!(map.next().unwrap().unwrap(), n);
            assert!(taken.get() <= n as usize + 100, "{} taken", taken.get());
        }
        drop(map);
        let end = taken.get();
        pool.shutdown(PoolShutdown::Drain);
        assert_eq!(taken.get(), end);
    });
}

#[test]
fn an_endless_iterator_is_served_for_as_long_as_one_likes() {
    let pool = ThreadPool::new(2);
    watched(&pool, || {
        let sum: u64 = pool
            .map(1.., |n: u64| n)
            .take(10_000)
            .map(Result::unwrap)
            .sum();
        assert_eq!(sum, 10_000 * 10_001 / 2);
        // Also by a pool that does nothing any more.
        pool.close();
        let mut refused = pool.map(1.., |n: u64| n);
        assert!((0..1000).all(|_| is_closed(&refused.next().unwrap())));
    });
}

/// Trap A23.
#[test]
fn an_item_that_panics_is_an_error_in_its_place() {
    let pool = ThreadPool::new(2);
    watched(&pool, || {
        let outcomes = pool.map(
            0..5000,
            |n| if n % 3 == 1 { fail("every third") } else { n },
        );
        let mut count = 0;
        for (n, outcome) in outcomes.enumerate() {
            count += 1;
            if n % 3 == 1 {
                assert_eq!(panic_of(outcome), "every third");
            } else {
                assert_eq!(outcome.unwrap(), n);
            }
        }
        assert_eq!(count, 5000);
    });
}

/// Trap A23: a value that says "timed out" is not the deadline.
#[test]
fn a_value_that_is_a_time_out_is_a_value() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        let timed_out = || {
            let (promise, mut job) = syncline::Promise::<()>::new();
            let outcome = job.wait_timeout(Duration::ZERO).map(drop);
            drop(promise);
            outcome
        };
        let limit = crate::watch::LIMIT;
        let mut map = pool.map_timeout([1, 2], limit, move |_| timed_out());
        for _ in 0..2 {
            let outcome: Result<Result<Result<(), TimedOut>, JobError>, TimedOut> =
                map.next().unwrap();
            assert!(outcome.unwrap().unwrap().is_err());
        }
        assert!(map.next().is_none() && map.next().is_none());
    });
}

/// Trap A22.
#[test]
fn items_that_have_not_begun_at_the_deadline_never_begin() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        for timeout in [Duration::ZERO, Duration::from_millis(5)] {
            let busy = occupy(&pool);
            let (run, dropped) = (Count::default(), Count::default());
            let calls = run.clone();
            let items: Vec<_> = (0..2).map(|_| dropped.token()).collect();
            let mut map = pool.map_timeout(items, timeout, move |_| calls.add());
            assert!(map.next().unwrap().is_err());
            assert!(map.next().is_none() && map.next().is_none());
            assert_eq!(dropped.get(), 2);
            busy.release();
            pool.submit(|| ()).wait().unwrap();
            assert_eq!(run.get(), 0);
        }
    });
}

#[test]
fn a_deadline_that_the_clock_cannot_represent_never_comes() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        let map = pool.map_timeout(0..100, Duration::MAX, |n| n);
        assert!(map.map(|one| one.unwrap().unwrap()).eq(0..100));
    });
}

#[test]
fn dropping_it_ends_it_early_and_drops_all_items() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        let (run, dropped, made) = (Count::default(), Count::default(), Count::default());
        let begun = Arc::new(Event::new());
        let go = Arc::new(Event::new());
        let items = {
            let (made, dropped) = (made.clone(), dropped.clone());
            (0..).map(move |_| {
                made.add();
                dropped.token()
            })
        };
        let mut map = pool.map(items, {
            let (begun, go, run) = (Arc::clone(&begun), Arc::clone(&go), run.clone());
            move |_| {
                if run.add() == 1 {
                    begun.set();
                    go.wait();
                }
            }
        });
        map.next().unwrap().unwrap();
        begun.wait();
        drop(map);
        go.set();
        pool.shutdown(PoolShutdown::Drain);
        assert_eq!(run.get(), 2);
        assert_eq!(dropped.get(), made.get());
    });
}

/// Trap A19.
#[test]
fn it_keeps_no_outcome_that_it_has_handed_out() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        let dropped = Count::default();
        let count = dropped.clone();
        let mut map = pool.map(0..100, move |_| count.token());
        for n in 0..50 {
            assert_eq!(dropped.get(), n);
            drop(map.next().unwrap());
            assert_eq!(dropped.get(), n + 1);
        }
        drop(map);
        until("the others", || pool.idle() == 1);
    });
}

#[test]
fn an_iterator_that_panics_does_so_here_and_loses_nothing() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        let items = (0..100).map(|n| if n == 50 { fail("an item") } else { n });
        let mut map = pool.map(items, |n| n);
        let (mut outcomes, mut panics) = (Vec::new(), 0);
        loop {
            match catch_unwind(AssertUnwindSafe(|| map.next())) {
                Ok(Some(outcome)) => outcomes.push(outcome.unwrap()),
                Ok(None) => break,
                Err(_) => panics += 1,
            }
        }
        assert_eq!(panics, 1);
        let expected: Vec<_> = (0..100).filter(|&n| n != 50).collect();
        assert_eq!(outcomes, expected);
    });
}

#[test]
fn a_closed_pool_refuses_each_item() {
    let pool = ThreadPool::new(1);
    pool.close();
    let dropped = Count::default();
    let items: Vec<_> = (0..10).map(|_| dropped.token()).collect();
    let outcomes: Vec<_> = pool.map(items, drop).collect();
    assert_eq!(outcomes.len(), 10);
    assert!(outcomes.iter().all(is_closed));
    assert_eq!(dropped.get(), 10);
}

/// Trap A25.
#[test]
fn items_that_a_shutdown_cancels_say_so() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        let busy = occupy(&pool);
        thread::scope(|threads| {
            let outcomes = threads.spawn(|| pool.map(0..3, |n| n).collect::<Vec<_>>());
            until("queued items", || pool.queued() > 0);
            threads.spawn(|| pool.shutdown(PoolShutdown::CancelQueued));
            let outcomes = outcomes.join().unwrap();
            assert_eq!(outcomes.len(), 3);
            assert!(
                outcomes
                    .iter()
                    .all(|one| is_cancelled(one) || is_closed(one))
            );
            busy.release();
        });
    });
}

#[test]
fn a_job_of_a_pool_of_one_may_map() {
    let pool = Arc::new(ThreadPool::new(1));
    watched(&pool, || {
        let inner = Arc::clone(&pool);
        let outer = pool.submit(move || {
            let again = Arc::clone(&inner);
            let map = inner.map(0..50_u64, move |n| {
                again.map(0..n, |m| m).map(Result::unwrap).sum::<u64>()
            });
            let timed = inner.map_timeout(0..50_u64, crate::watch::LIMIT, |n| n);
            let timed: u64 = timed.map(|one| one.unwrap().unwrap()).sum();
            map.map(Result::unwrap).sum::<u64>() + timed
        });
        let expected: u64 = (0..50).map(|n: u64| (0..n).sum::<u64>()).sum();
        assert_eq!(outer.wait().unwrap(), expected + (0..50).sum::<u64>());
    });
}

#[test]
fn two_maps_may_be_asked_in_turns() {
    let pool = ThreadPool::new(1);
    watched(&pool, || {
        let log = Log::default();
        let (mut one, mut two) = (pool.map(0..100, |n| n), pool.map(100..200, |n| n));
        for n in 0..100 {
            log.note(one.next().unwrap().unwrap());
            assert_eq!(two.next().unwrap().unwrap(), n + 100);
        }
        assert_eq!(log.take(), (0..100).collect::<Vec<_>>());
    });
}

#[test]
fn nothing_begins_after_the_deadline_however_slowly_it_is_asked_for() {
    let pool = ThreadPool::new(1);
    let begun = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&begun);
    let mut endless = pool.map_timeout(0.., Duration::from_millis(20), move |item: u32| {
        count.fetch_add(1, Relaxed);
        item
    });
    // Whoever asks is slower than the pool, so that there is always something.
    let slowly = endless.by_ref().inspect(|_| thread::yield_now());
    let handed_out = slowly.take_while(Result::is_ok).count();
    assert!(handed_out <= begun.load(Relaxed));
    assert!(endless.next().is_none());

    let mut never = pool.map_timeout([1], Duration::ZERO, |item| item);
    assert!(never.next().unwrap().is_err());
}
