//! Five philosophers who deadlock, a dump that says so, and two cures.
//!
//! ```text
//! cargo run --features diagnostics --example philosophers
//! ```
//!
//! Each of them takes the fork at the left, waits until all have done so, and then wants the one at the right.
#![expect(clippy::print_stdout, reason = "a program talks to its terminal")]

use core::time::Duration;
use std::thread;

use syncline::diag;
use syncline::thread::{Barrier, Lock, lock_all, spawn_named};

const NAMES: [&str; 5] = ["Plato", "Hypatia", "Kant", "Arendt", "Weil"];

static FORKS: [Lock<u32>; 5] = [
    Lock::new(0).named("fork 1"),
    Lock::new(0).named("fork 2"),
    Lock::new(0).named("fork 3"),
    Lock::new(0).named("fork 4"),
    Lock::new(0).named("fork 5"),
];

static ALL_HAVE_ONE: Barrier = Barrier::new(5).named("all have one fork");

fn main() {
    println!("Each philosopher takes the left fork, and then waits for the right one.\n");
    for (place, name) in NAMES.into_iter().enumerate() {
        // They are stuck for ever: nobody waits for them.
        spawn_named(name, move || dine_and_deadlock(place)).detach();
    }
    let snapshot = loop {
        let snapshot = diag::snapshot();
        if snapshot.cycles.iter().any(|cycle| cycle.certain) {
            break snapshot;
        }
        thread::sleep(Duration::from_millis(20));
    };
    println!("{snapshot}");

    println!("With `lock_all` both forks are taken at once, in an order that is the same for all:");
    let forks: Vec<Lock<u32>> = NAMES.iter().map(|_| Lock::new(0)).collect();
    thread::scope(|threads| {
        for place in 0..NAMES.len() {
            let (left, right) = (&forks[place], &forks[(place + 1) % NAMES.len()]);
            threads.spawn(move || {
                for _ in 0..1000 {
                    let (mut left, mut right) = lock_all((left, right));
                    *left += 1;
                    *right += 1;
                }
            });
        }
    });
    let uses: u32 = forks.into_iter().map(Lock::into_inner).sum();
    println!("  five philosophers have eaten 1000 times each, and used {uses} forks.");
}

fn dine_and_deadlock(place: usize) {
    let _left = FORKS[place].lock();
    let _arrival = ALL_HAVE_ONE.wait().expect("nobody breaks the barrier");
    let _right = FORKS[(place + 1) % FORKS.len()].lock();
    println!("{} eats, which cannot be", NAMES[place]);
}
