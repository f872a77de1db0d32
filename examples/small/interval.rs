//! `interval`: something done periodically, without drift.

use std::time::{Duration, Instant};

use syncline::task;

pub(crate) fn run() -> super::Outcome {
    let (start, period) = (Instant::now(), Duration::from_millis(2));
    task::block_on(async {
        let mut ticks = task::interval(period); // the first tick is at once
        for beat in 1..=4 {
            ticks.tick().await;
            println!("beat {beat}");
        }
    });
    assert!(start.elapsed() >= 3 * period);
    Ok(())
}
