//! Re-entrant locks: the first level, and those above it.

use core::array;
use core::hint::black_box;

use syncline::thread;

use crate::cell::{Cell, Effort, Sample, peers};
use crate::peers::Reentrant;
use crate::stopwatch::Stopwatch;

/// Adds every peer whose lock may be locked again.
macro_rules! reentrant_locks {
    ($cell:expr, $type:ident => $body:expr) => {
        peers!($cell, $type => $body, {
            "syncline" => thread::RLock<u64>,
            "parking_lot" => parking_lot::ReentrantMutex<u64>,
        })
    };
}

/// The cells about re-entrant locks.
pub(super) fn cells() -> Vec<Cell> {
    vec![
        reentrant_locks!(
            Cell::counted("rlock/depth/1", 5, "lock + unlock, one thread").with_instructions(),
            P => levels::<P, 1>
        ),
        reentrant_locks!(
            Cell::counted("rlock/depth/5", 5, "five locks, one in the other, and their unlocks")
                .with_instructions(),
            P => levels::<P, 5>
        ),
        reentrant_locks!(
            Cell::counted("rlock/nested", 5, "lock + unlock, by a thread that has the lock")
                .with_instructions(),
            P => nested::<P>
        ),
    ]
}

fn levels<L: Reentrant, const DEPTH: usize>(effort: &Effort) -> Sample {
    let lock = L::new();
    let lock = black_box(&lock);
    let start = Stopwatch::start();
    for _ in 0..effort.ops {
        black_box(&array::from_fn::<_, DEPTH, _>(|_| lock.enter()));
    }
    Sample::new(start.elapsed(), effort.ops)
}

fn nested<L: Reentrant>(effort: &Effort) -> Sample {
    let lock = L::new();
    let lock = black_box(&lock);
    let outer = lock.enter();
    let start = Stopwatch::start();
    for _ in 0..effort.ops {
        black_box(&lock.enter());
    }
    let elapsed = start.elapsed();
    drop(outer);
    Sample::new(elapsed, effort.ops)
}
