//! Long chains of jobs that wait for each other.

use crate::kit::{Count, occupy};
use crate::watch::watched;
use core::cell::Cell;
use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering::SeqCst;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use syncline::thread::ThreadPool;

const LENGTH: usize = 10_000;

fn small_stacks() -> ThreadPool {
    ThreadPool::builder()
        .workers(1)
        .stack_size(512 * 1024)
        .build()
}

fn descend(pool: &Arc<ThreadPool>, depth: usize) -> usize {
    if depth == 0 {
        return 0;
    }
    let inner = Arc::clone(pool);
    let job = pool.submit(move || descend(&inner, depth - 1));
    job.wait().unwrap() + 1
}

#[test]
fn a_chain_of_ten_thousand_jobs_that_each_submit_the_next_ends() {
    let pool = Arc::new(small_stacks());
    watched(&pool, || {
        let inner = Arc::clone(&pool);
        let outer = pool.submit(move || descend(&inner, LENGTH));
        assert_eq!(outer.wait().unwrap(), LENGTH);
    });
}

/// They are all queued when the first begins, and it waits for the last to end.
#[test]
fn a_chain_of_ten_thousand_queued_jobs_that_each_wait_for_the_next_ends() {
    let pool = Arc::new(small_stacks());
    watched(&pool, || {
        let busy = occupy(&pool);
        let (first, mut take) = channel();
        let mut jobs = Vec::new();
        let outer = pool.submit({
            let take = take;
            move || -> usize {
                (take.recv().unwrap() as syncline::Job<usize>)
                    .wait()
                    .unwrap()
                    + 1
            }
        });
        let mut give = first;
        for number in 0..LENGTH {
            let (next, taker) = channel::<syncline::Job<usize>>();
            take = taker;
            let job = pool.submit(move || {
                if number + 1 == LENGTH {
                    return 1;
                }
                take.recv().unwrap().wait().unwrap() + 1
            });
            jobs.push((give, job));
            give = next;
        }
        for (give, job) in jobs {
            give.send(job).unwrap();
        }
        busy.release();
        assert_eq!(outer.wait().unwrap(), LENGTH + 1);
    });
}

/// The same from the last to the first: each waits for one that has ended, or is under way.
#[test]
fn a_chain_of_ten_thousand_jobs_in_order_ends() {
    let pool = Arc::new(ThreadPool::new(2));
    watched(&pool, || {
        let mut last = pool.submit(|| 0);
        for _ in 0..LENGTH {
            last = pool.submit(move || last.wait().unwrap() + 1);
        }
        assert_eq!(last.wait().unwrap(), LENGTH);
    });
}

thread_local! {
    static INSIDE: Cell<usize> = const { Cell::new(0) };
}

fn measured(pool: &Arc<ThreadPool>, depth: usize, deepest: &Arc<AtomicUsize>) {
    INSIDE.set(INSIDE.get() + 1);
    deepest.fetch_max(INSIDE.get(), SeqCst);
    if depth > 0 {
        let (inner, most) = (Arc::clone(pool), Arc::clone(deepest));
        let job = pool.submit(move || measured(&inner, depth - 1, &most));
        job.wait().unwrap();
    }
    INSIDE.set(INSIDE.get() - 1);
}

#[test]
fn at_most_32_jobs_are_done_inside_the_waits_of_others_on_one_thread() {
    let starts = Count::default();
    let count = starts.clone();
    let pool = ThreadPool::builder().workers(1).on_start(move || {
        count.add();
    });
    let pool = Arc::new(pool.build());
    watched(&pool, || {
        let deepest = Arc::new(AtomicUsize::new(0));
        let (inner, most) = (Arc::clone(&pool), Arc::clone(&deepest));
        pool.submit(move || measured(&inner, 32, &most))
            .wait()
            .unwrap();
        assert_eq!((deepest.load(SeqCst), starts.get()), (33, 1));
        let (inner, most) = (Arc::clone(&pool), Arc::clone(&deepest));
        pool.submit(move || measured(&inner, 200, &most))
            .wait()
            .unwrap();
        assert_eq!(deepest.load(SeqCst), 33);
        assert!(starts.get() > 1);
    });
}

/// A recursive divide and conquer, as one would write it.
#[test]
fn jobs_that_split_themselves_add_up() {
    fn sum(pool: &Arc<ThreadPool>, from: u64, to: u64) -> u64 {
        if to - from <= 4 {
            return (from..to).sum();
        }
        let middle = from.midpoint(to);
        let inner = Arc::clone(pool);
        let right = pool.submit(move || sum(&inner, middle, to));
        sum(pool, from, middle) + right.wait().unwrap()
    }
    for workers in [1, 3] {
        let pool = Arc::new(ThreadPool::new(workers));
        watched(&pool, || {
            let inner = Arc::clone(&pool);
            let outer = pool.submit(move || sum(&inner, 0, 5000));
            assert_eq!(outer.wait().unwrap(), 5000 * 4999 / 2);
            // From outside as well.
            assert_eq!(sum(&pool, 0, 100), 4950);
        });
    }
    assert!(thread::available_parallelism().is_ok());
}
