//! Sets of jobs: who comes out when, how many are in, and what is left behind.

use core::future::poll_fn;
use core::pin::{Pin, pin};
use core::task::Context;
use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use crate::counted::Counter;
use crate::waker::Probe;
use crate::watch::watched;
use syncline::task::block_on;
use syncline::thread::{ThreadPool, spawn};
use syncline::{JobError, JobSet, Promise};

/// A set of the jobs of so many promises, with their numbers as keys.
fn promised(count: usize) -> (JobSet<usize, usize>, Vec<Promise<usize>>) {
    let (promises, jobs): (Vec<_>, Vec<_>) = (0..count).map(|_| Promise::new()).unzip();
    (jobs.into_iter().enumerate().collect(), promises)
}

#[test]
fn jobs_come_out_in_the_order_in_which_they_end_each_with_its_key() {
    let (mut set, promises) = promised(3);
    let mut promises: Vec<_> = promises.into_iter().map(Some).collect();
    for key in [2, 0, 1] {
        promises[key].take().unwrap().set(10 * key).unwrap();
    }
    let taken: Vec<_> = core::iter::from_fn(|| set.wait_next())
        .map(|(key, outcome)| (key, outcome.unwrap()))
        .collect();
    assert_eq!(taken, [(2, 20), (0, 0), (1, 10)]);
}

#[test]
fn a_job_that_has_ended_before_it_is_added_comes_out_at_once() {
    let mut set = JobSet::new();
    let (promise, job) = Promise::new();
    promise.set(1).unwrap();
    set.add("early", job);
    assert_eq!(set.try_next().unwrap().0, "early");
}

#[test]
fn an_empty_set_has_nothing_to_wait_for_on_either_face() {
    let mut set = JobSet::<(), ()>::bounded(1);
    assert!(set.wait_next().is_none() && set.try_next().is_none());
    assert!(set.wait_for_room().is_none());
    assert!(set.wait_next_timeout(Duration::MAX).unwrap().is_none());
    assert!(set.wait_next_deadline(Instant::now()).unwrap().is_none());
    assert!(block_on(set.next()).is_none() && block_on(set.room()).is_none());
}

#[test]
fn jobs_may_be_added_while_others_are_taken_out() {
    let pool = Arc::new(ThreadPool::new(2));
    watched(&*pool, || {
        let mut set = JobSet::new();
        set.add(1_u64, pool.submit(|| 1));
        let mut sum = 0;
        while let Some((key, value)) = set.wait_next() {
            assert_eq!(value.unwrap(), key);
            sum += key;
            if key < 64 {
                for next in [2 * key, 2 * key + 1] {
                    set.add(next, pool.submit(move || next));
                }
            }
        }
        assert_eq!(sum, (1..128).sum());
    });
}

#[test]
fn a_bounded_set_gives_back_what_has_no_room_and_never_holds_more() {
    let mut set = JobSet::bounded(2);
    let (promises, mut jobs): (Vec<_>, Vec<_>) = (0..3).map(|_| Promise::<()>::new()).unzip();
    let third = jobs.pop().unwrap();
    set.extend(jobs.into_iter().enumerate());
    assert!(set.is_full() && set.len() == 2);
    let (key, third) = set.try_add(2, third).unwrap_err();
    assert_eq!(key, 2);
    let mut promises = promises.into_iter();
    promises.next().unwrap().set(()).unwrap();
    assert_eq!(set.wait_for_room().unwrap().0, 0);
    set.add(2, third);
    drop(promises);
    assert!(set.is_full());
    assert!(matches!(
        block_on(set.room()),
        Some((_, Err(JobError::Cancelled)))
    ));
    assert_eq!(set.len(), 1);
}

#[test]
#[should_panic(expected = "a `JobSet` that is full takes no job")]
fn to_add_to_a_full_set_is_refused_by_a_panic() {
    let mut set = JobSet::bounded(1);
    set.add((), spawn(|| ()));
    set.add((), spawn(|| ()));
}

#[test]
#[should_panic(expected = "the limit of a `JobSet` must be at least 1")]
fn a_set_for_no_job_is_refused() {
    let _set = JobSet::<(), ()>::bounded(0);
}

#[test]
fn a_wait_that_times_out_loses_nothing() {
    let (mut set, mut promises) = promised(1);
    assert!(set.wait_next_timeout(Duration::from_millis(1)).is_err());
    assert!(set.wait_next_deadline(Instant::now()).is_err());
    promises.pop().unwrap().set(7).unwrap();
    assert_eq!(
        set.wait_next_timeout(Duration::ZERO)
            .unwrap()
            .unwrap()
            .1
            .unwrap(),
        7
    );
}

#[test]
fn a_future_that_is_dropped_after_its_job_has_ended_leaves_it_in_the_set() {
    let (mut set, mut promises) = promised(1);
    let probe = Probe::new();
    let waker = probe.waker();
    {
        let next = pin!(set.next());
        assert!(next.poll(&mut Context::from_waker(&waker)).is_pending());
    }
    {
        let mut next = Box::pin(set.next());
        assert!(
            Pin::new(&mut next)
                .poll(&mut Context::from_waker(&waker))
                .is_pending()
        );
        promises.pop().unwrap().set(7).unwrap();
        assert_eq!(probe.wakes(), 1);
    }
    assert_eq!(block_on(set.next()).unwrap().1.unwrap(), 7);
    assert!(set.is_empty());
}

#[test]
fn cancel_all_ends_what_can_be_cancelled_and_all_come_out() {
    let (mut set, mut promises) = promised(3);
    let mut started = promises.pop().unwrap();
    assert!(started.start());
    set.cancel_all();
    for _ in 0..2 {
        assert!(matches!(
            set.wait_next(),
            Some((0 | 1, Err(JobError::Cancelled)))
        ));
    }
    assert!(set.try_next().is_none());
    started.set(5).unwrap();
    assert_eq!(set.wait_next().unwrap().1.unwrap(), 5);
}

#[test]
fn what_was_detached_tells_nothing_to_the_jobs_that_come_after() {
    let (mut set, mut promises) = promised(2);
    set.detach_all();
    assert!(set.is_empty() && !promises[0].is_cancelled());
    let (late, job) = Promise::new();
    set.add(9, job);
    promises
        .drain(..)
        .for_each(|promise| promise.set(1).unwrap());
    assert!(set.try_next().is_none());
    late.set(2).unwrap();
    assert_eq!(set.wait_next().unwrap().0, 9);
}

#[test]
fn a_set_that_is_dropped_detaches_its_jobs_or_cancels_them_as_they_were_told() {
    let ((kept, a), (gone, b)) = (Promise::<i32>::new(), Promise::<i32>::new());
    let mut set = JobSet::new();
    set.add("kept", a);
    set.add("gone", b.cancel_on_drop());
    drop(set);
    assert!(!kept.is_cancelled() && gone.is_cancelled());
    kept.set(1).unwrap();
}

#[test]
fn panics_and_errors_are_outcomes_like_others() {
    let mut set = JobSet::new();
    set.add("panics", spawn(|| panic!("on purpose")));
    assert!(matches!(
        set.wait_next(),
        Some(("panics", Err(JobError::Panicked(_))))
    ));
    let (promise, job) = Promise::new();
    set.add("fails", job);
    promise.fail("on purpose").unwrap();
    assert!(matches!(
        set.wait_next(),
        Some(("fails", Err(JobError::Failed(_))))
    ));
}

#[test]
fn what_is_taken_out_is_dropped_once_and_places_are_used_again() {
    let counter = Counter::default();
    let mut set = JobSet::bounded(2);
    for n in 0..100 {
        drop(set.wait_for_room());
        let (promise, job) = Promise::new();
        set.add(n, job);
        assert!(promise.set(counter.value()).is_ok());
        assert!(counter.alive() <= 2);
    }
    drop(set);
    assert_eq!((counter.alive(), counter.dropped()), (0, 100));
}

#[test]
fn a_job_inside_a_pool_may_wait_for_a_set_of_its_own_pool() {
    let pool = Arc::new(ThreadPool::new(1));
    watched(&*pool, || {
        let inner = Arc::clone(&pool);
        let sum = pool.submit(move || {
            let mut set: JobSet<_, _> = (0..10).map(|n| (n, inner.submit(move || n))).collect();
            core::iter::from_fn(|| set.wait_next())
                .map(|(_, n)| n.unwrap())
                .sum::<i32>()
        });
        assert_eq!(sum.wait().unwrap(), 45);
    });
}

#[test]
fn a_task_that_takes_out_what_is_there_lets_others_go_on() {
    let (mut set, promises) = promised(1000);
    for (n, promise) in promises.into_iter().enumerate() {
        promise.set(n).unwrap();
    }
    let mut takes = pin!(async { while set.next().await.is_some() {} });
    let mut polls = 0;
    block_on(poll_fn(|context| {
        polls += 1;
        takes.as_mut().poll(context)
    }));
    assert!(polls > 1, "a thousand outcomes were taken in one poll");
}
