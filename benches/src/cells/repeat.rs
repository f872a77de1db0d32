//! One operation after the other: what the cells about services share.

use core::hint::black_box;
use std::time::Instant;

use futures::executor::block_on;

use crate::cell::{Effort, Sample};
use crate::stopwatch::Stopwatch;

/// One look at the system's clock.
#[inline]
pub(super) fn clock() {
    black_box(Instant::now());
}

/// On one thread.
#[inline]
pub(super) fn repeat(effort: &Effort, mut operation: impl FnMut()) -> Sample {
    let start = Stopwatch::start();
    for _ in 0..effort.ops {
        operation();
    }
    Sample::new(start.elapsed(), effort.ops)
}

/// In one task, that never has to wait.
#[inline]
pub(super) fn repeat_async(effort: &Effort, mut operation: impl AsyncFnMut()) -> Sample {
    let elapsed = block_on(async {
        let start = Stopwatch::start();
        for _ in 0..effort.ops {
            operation().await;
        }
        start.elapsed()
    });
    Sample::new(elapsed, effort.ops)
}
