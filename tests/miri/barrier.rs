//! The barrier.

use crate::driver::Driver;
use core::cell::UnsafeCell;
use core::panic::AssertUnwindSafe;
use core::time::Duration;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::thread;
use syncline::internals::Quiet;
use syncline::task::{self, block_on};
use syncline::thread::Barrier;

/// A value for each party, which that party writes before it arrives, and all read after it.
struct Parties {
    barrier: Barrier,
    values: [UnsafeCell<u64>; 3],
    sum: Arc<Sum>,
}

/// What the action writes, and the parties read.
struct Sum(UnsafeCell<u64>);

// SAFETY: the action writes it while all parties wait, and they read it only after that.
#[expect(unsafe_code, reason = "a race on plain memory is what is looked for")]
unsafe impl Sync for Sum {}
// SAFETY: a number.
#[expect(unsafe_code, reason = "a race on plain memory is what is looked for")]
unsafe impl Send for Sum {}

// SAFETY: each value is written by its party before it arrives, and read only after all have.
#[expect(unsafe_code, reason = "a race on plain memory is what is looked for")]
unsafe impl Sync for Parties {}

#[expect(unsafe_code, reason = "a race on plain memory is what is looked for")]
impl Parties {
    fn new() -> Arc<Self> {
        let sum = Arc::new(Sum(UnsafeCell::new(0)));
        let acts = Arc::clone(&sum);
        Arc::new(Self {
            // SAFETY: all parties wait while the action runs.
            barrier: Barrier::with_action(3, move || unsafe { *acts.0.get() += 1 }),
            values: [0, 0, 0].map(UnsafeCell::new),
            sum,
        })
    }

    fn write(&self, party: usize) {
        // SAFETY: only this party writes, and nobody reads before it has arrived.
        unsafe { *self.values[party].get() = 7 };
    }

    /// What all wrote; the caller has met them.
    fn read(&self) -> u64 {
        // SAFETY: nobody writes any more.
        let values = self.values.iter().map(|value| unsafe { *value.get() });
        // SAFETY: the action is over.
        values.sum::<u64>() + unsafe { *self.sum.0.get() }
    }
}

#[test]
fn what_all_parties_wrote_is_read_by_threads_and_tasks() {
    let parties = Parties::new();
    let others = [1, 2].map(|party| {
        let parties = Arc::clone(&parties);
        thread::spawn(move || {
            parties.write(party);
            if party == 1 {
                parties.barrier.wait().unwrap();
            } else {
                block_on(parties.barrier.as_task().wait()).unwrap();
            }
            parties.read()
        })
    });
    parties.write(0);
    parties.barrier.wait().unwrap();
    assert_eq!(22, parties.read());
    for other in others {
        assert_eq!(22, other.join().unwrap());
    }
    parties.barrier.assert_quiet();
}

/// Trap A9: the parties, and their nodes, may be gone while the leader still tells the others.
#[test]
fn the_barrier_is_freed_by_whoever_leaves_last() {
    let barrier = Arc::new(Barrier::new(3));
    let threads = [(); 3].map(|()| {
        let barrier = Arc::clone(&barrier);
        thread::spawn(move || barrier.wait().unwrap().index())
    });
    drop(barrier);
    let indices = threads.map(|thread| thread.join().unwrap());
    assert_eq!(3, indices.iter().sum::<usize>());
}

/// Trap B13: rounds of several batches, with requests that leave before and after their end.
#[test]
fn a_long_round_ends_in_every_way_while_some_of_it_is_dropped() {
    for ends in 0..4 {
        let barrier = task::Barrier::with_action(40, move || assert_ne!(ends, 3, "on purpose"));
        let wait = || Some(Driver::waiting(barrier.wait()));
        let mut line: Vec<_> = (0..39).map(|_| wait()).collect();
        line[3] = None;
        line.push(wait());
        let broken = catch_unwind(AssertUnwindSafe(|| match ends {
            1 => barrier.reset(),
            2 => drop(Driver::new(barrier.wait_timeout(Duration::ZERO)).ready()),
            _ => drop(Driver::new(barrier.wait()).ready()),
        }));
        assert_eq!(ends == 3, broken.is_err());
        line[5] = None;
        for driver in line.into_iter().flatten() {
            assert_eq!(matches!(ends, 0 | 2), driver.woken().is_ok());
        }
        barrier.assert_quiet();
    }
}
