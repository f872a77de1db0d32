//! Threads that take turns at few items: how often they sleep for one, which Linux counts.

use std::fs;
use std::sync::Barrier;
use std::thread;

use crate::lease_world::{World, pool};
use crate::watch::watched;

const THREADS: u64 = 8;
const ITEMS: usize = 4;
const LEASES: u64 = 5_000;

/// How often this thread has fallen asleep.
fn sleeps() -> u64 {
    let status = fs::read_to_string("/proc/thread-self/status").expect("Linux has /proc");
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
    let number = line.and_then(|number| number.trim().parse().ok());
    number.expect("Linux counts them")
}

/// One who joined the line at once would sleep for a third of them or more: what is given back then is for a thread
/// that has yet to be woken.
#[test]
fn threads_that_take_turns_at_few_items_seldom_sleep() {
    let world = World::new();
    let pool = pool(&world).max(ITEMS).build();
    let start = Barrier::new(usize::try_from(THREADS).unwrap());
    let turns = || {
        start.wait();
        let before = sleeps();
        for _ in 0..LEASES {
            pool.lease().wait().unwrap().give_back();
        }
        sleeps() - before
    };
    let slept: u64 = watched(&pool, || {
        thread::scope(|threads| {
            let started: Vec<_> = (0..THREADS).map(|_| threads.spawn(turns)).collect();
            let ended = started.into_iter().map(|thread| thread.join().unwrap());
            ended.sum()
        })
    });
    assert!(slept < THREADS * LEASES / 10, "slept {slept} times");
}
