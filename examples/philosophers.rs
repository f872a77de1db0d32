//! Five philosophers who deadlock, a dump that says so, a report before it happens, and the cure.
//!
//! ```text
//! cargo run --features diagnostics --example philosophers
//! cargo run --features diagnostics --example philosophers -- --watch
//! ```
//!
//! Each of them takes the fork at the left, waits until all have done so, and then wants the one at the right. With
//! `--watch` a watchdog reports slow polls and lag instead, while they happen.
#![expect(clippy::print_stdout, reason = "a program talks to its terminal")]

use core::time::Duration;
use std::env;
use std::process::ExitCode;
use std::sync::mpsc::channel;
use std::thread;

use syncline::diag::{self, OnCycle, Trouble, Watchdog};
use syncline::task;
use syncline::thread::{Barrier, Lock, ThreadPool, lock_all, spawn_named};

const NAMES: [&str; 5] = ["Plato", "Hypatia", "Kant", "Arendt", "Weil"];

static FORKS: [Lock<u32>; 5] = [
    Lock::new(0).named("fork 1"),
    Lock::new(0).named("fork 2"),
    Lock::new(0).named("fork 3"),
    Lock::new(0).named("fork 4"),
    Lock::new(0).named("fork 5"),
];

static ALL_HAVE_ONE: Barrier = Barrier::new(5).named("all have one fork");

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let shown = match &arguments[..] {
        [] => deadlock(),
        [option] if option == "--watch" => watch(),
        _ => {
            println!("usage: philosophers [--watch]");
            return ExitCode::from(2);
        }
    };
    match shown {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn deadlock() -> std::io::Result<()> {
    println!("Each philosopher takes the left fork, and then waits for the right one.\n");
    // A certain deadlock is reported as soon as it is seen; the limit says how often the watchdog looks.
    let (sender, found) = channel();
    let watching = Watchdog::new()
        .wait(Duration::from_millis(100))
        .start(move |report| {
            if matches!(report.trouble, Trouble::Circle(_)) {
                sender.send(diag::snapshot()).ok();
            }
        })?;
    for (place, name) in NAMES.into_iter().enumerate() {
        // They are stuck for ever: nobody waits for them.
        spawn_named(name, move || dine_and_deadlock(place)).detach();
    }
    if let Ok(snapshot) = found.recv() {
        println!("{snapshot}");
    }
    drop(watching);

    println!(
        "`lock_order` reports it before it happens. One thread takes two forks, first in one order and then in the other:"
    );
    let forks: [Lock<u32>; 2] = [
        Lock::new(0).named("left fork"),
        Lock::new(0).named("right fork"),
    ];
    let orders = diag::lock_order(OnCycle::report(|report| println!("  {report}")));
    for (first, second) in [(0, 1), (1, 0)] {
        let _first = forks[first].lock();
        let _second = forks[second].lock();
    }
    drop(orders);

    println!(
        "\nThe cure is `lock_all`: it takes both forks at once, in an order on which all agree:"
    );
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
    println!("  five philosophers have eaten 1000 times each, and picked up a fork {uses} times.");
    Ok(())
}

fn dine_and_deadlock(place: usize) {
    let _left = FORKS[place].lock();
    let _arrival = ALL_HAVE_ONE.wait().expect("nobody breaks the barrier");
    let _right = FORKS[(place + 1) % FORKS.len()].lock();
    println!("{} eats, which cannot be", NAMES[place]);
}

/// A philosopher who thinks too long at a time, where others want to speak.
fn watch() -> std::io::Result<()> {
    let pool = ThreadPool::new(1);
    let lag = diag::lag("the table", &pool, Duration::from_millis(5));
    let watching = Watchdog::new()
        .slow_poll(Duration::from_millis(50))
        .lag(Duration::from_millis(50))
        .start(|report| println!("  {report}"))?;
    println!("Kant thinks for 200 ms without an await, three times:");
    let kant = pool.spawner().spawn_named("Kant", async {
        for _ in 0..3 {
            thread::sleep(Duration::from_millis(200));
            task::sleep(Duration::from_millis(100)).await;
        }
    });
    let ended = kant.wait();
    drop(watching);
    println!("\n{lag}");
    for (limit, count) in lag.histogram().filter(|(_, count)| *count > 0) {
        println!("  {count:>4} at most {limit:?} late");
    }
    ended.map_err(std::io::Error::other)
}
