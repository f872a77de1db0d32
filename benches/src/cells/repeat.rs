//! One operation after the other: what the cells about services share.

use futures::executor::block_on;

use crate::cell::{Effort, Sample};
use crate::stopwatch::Stopwatch;

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
