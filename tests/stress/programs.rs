//! Programs that users write with a lock and conditions, with many threads and tasks.

#[path = "../support/programs.rs"]
mod program;

use crate::watch::watchdog;
use core::sync::atomic::Ordering::Relaxed;
use core::sync::atomic::{AtomicU64, AtomicUsize};
use core::time::Duration;
use program::{Buffer, Cycle, ReadWrite};
use std::sync::Arc;
use std::thread;
use std::time::Instant;

const THREADS: usize = 8;
const TASKS: usize = 32;
const LIMIT: Duration = Duration::from_secs(120);

/// Long enough to be in every run, and short enough.
const SHORT: Duration = Duration::from_millis(300);
const LONG: Duration = Duration::from_secs(20);

/// Runs one closure on threads and one future on tasks, which all get a number and end by
/// themselves.
fn run<F>(name: &str, blocks: impl Fn(usize) + Clone + Send + 'static, polls: impl Fn(usize) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    watchdog(name, LIMIT, String::new, || {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let runtime = builder.worker_threads(2).build().unwrap();
        let tasks: Vec<_> = (0..TASKS)
            .map(|number| runtime.spawn(polls(number)))
            .collect();
        let threads: Vec<_> = (0..THREADS)
            .map(|number| {
                let blocks = blocks.clone();
                thread::spawn(move || blocks(number))
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
        for task in tasks {
            runtime.block_on(task).unwrap();
        }
    });
}

/// Half of the threads and of the tasks put, the others get until they are told to stop.
fn items_are_conserved(name: &str, time: Duration) {
    let end = Instant::now() + time;
    let buffer = Arc::new(Buffer::<Option<u64>>::new(3));
    let sums = Arc::new([AtomicU64::new(0), AtomicU64::new(0)]);
    let (shared, totals) = (Arc::clone(&buffer), Arc::clone(&sums));
    let blocks = move |number: usize| {
        if number % 2 == 0 {
            for item in (0..).take_while(|_| Instant::now() < end) {
                shared.put(Some(item));
                totals[0].fetch_add(item, Relaxed);
            }
            shared.put(None);
        } else {
            while let Some(item) = shared.get() {
                totals[1].fetch_add(item, Relaxed);
            }
        }
    };
    let (shared, totals) = (Arc::clone(&buffer), Arc::clone(&sums));
    let polls = |number: usize| {
        let (shared, totals) = (Arc::clone(&shared), Arc::clone(&totals));
        async move {
            if number % 2 == 0 {
                for item in (0..).take_while(|_| Instant::now() < end) {
                    shared.put_async(Some(item)).await;
                    totals[0].fetch_add(item, Relaxed);
                }
                shared.put_async(None).await;
            } else {
                while let Some(item) = shared.get_async().await {
                    totals[1].fetch_add(item, Relaxed);
                }
            }
        }
    };
    run(name, blocks, polls);
    assert!(sums[0].load(Relaxed) > 0);
    assert_eq!(sums[0].load(Relaxed), sums[1].load(Relaxed));
    buffer.assert_quiet();
}

fn write(pair: &[AtomicU64; 2]) {
    let value = pair[0].load(Relaxed);
    pair[0].store(value + 1, Relaxed);
    thread::yield_now();
    pair[1].store(value + 1, Relaxed);
}

fn read(pair: &[AtomicU64; 2]) {
    assert_eq!(pair[0].load(Relaxed), pair[1].load(Relaxed));
}

/// Readers see no write half done, and writers exclude each other.
fn writers_are_alone(name: &str, time: Duration) {
    let end = Instant::now() + time;
    let shared = Arc::new((ReadWrite::new(), [AtomicU64::new(0), AtomicU64::new(0)]));
    let (threads, tasks) = (Arc::clone(&shared), Arc::clone(&shared));
    let blocks = move |number: usize| {
        while Instant::now() < end {
            if number % 4 == 0 {
                threads.0.write(|| write(&threads.1));
            } else {
                threads.0.read(|| read(&threads.1));
            }
        }
    };
    let polls = |number: usize| {
        let tasks = Arc::clone(&tasks);
        async move {
            while Instant::now() < end {
                if number % 8 == 0 {
                    tasks.0.write_async(|| write(&tasks.1)).await;
                } else {
                    tasks.0.read_async(|| read(&tasks.1)).await;
                }
                tokio::task::yield_now().await;
            }
        }
    };
    run(name, blocks, polls);
    assert!(shared.1[0].load(Relaxed) > 0);
    shared.0.assert_quiet();
}

/// Nobody laps anybody, round after round.
fn all_meet_in_every_round(name: &str, rounds: usize) {
    let all = THREADS + TASKS;
    let shared = Arc::new((Cycle::new(all), AtomicUsize::new(0)));
    let (threads, tasks) = (Arc::clone(&shared), Arc::clone(&shared));
    // All arrivals of this round have happened, and at most those of the next.
    let check = move |arrivals: &AtomicUsize, round: usize| {
        let arrived = arrivals.load(Relaxed);
        assert!((all * (round + 1)..=all * (round + 2)).contains(&arrived));
    };
    let blocks = move |_: usize| {
        for round in 0..rounds {
            threads.1.fetch_add(1, Relaxed);
            assert_eq!(round, threads.0.arrive().0);
            check(&threads.1, round);
        }
    };
    let polls = |_: usize| {
        let tasks = Arc::clone(&tasks);
        async move {
            for round in 0..rounds {
                tasks.1.fetch_add(1, Relaxed);
                assert_eq!(round, tasks.0.arrive_async().await.0);
                check(&tasks.1, round);
            }
        }
    };
    run(name, blocks, polls);
    assert_eq!(all * rounds, shared.1.load(Relaxed));
    shared.0.assert_quiet();
}

#[test]
fn a_buffer_between_threads_and_tasks_loses_nothing() {
    items_are_conserved("a_buffer_between_threads_and_tasks_loses_nothing", SHORT);
}

#[test]
fn readers_and_writers_keep_out_of_each_others_way() {
    writers_are_alone("readers_and_writers_keep_out_of_each_others_way", SHORT);
}

#[test]
fn threads_and_tasks_meet_in_every_round() {
    all_meet_in_every_round("threads_and_tasks_meet_in_every_round", 100);
}

#[test]
#[ignore = "runs minutes; cargo test --release --test stress -- --ignored"]
fn programs_with_conditions_run_for_long() {
    let name = "programs_with_conditions_run_for_long";
    items_are_conserved(name, LONG);
    writers_are_alone(name, LONG);
    all_meet_in_every_round(name, 20_000);
}
