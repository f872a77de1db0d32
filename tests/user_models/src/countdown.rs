//! A countdown: whoever waits goes on when so many have arrived.

use syncline::thread::{Condition, Lock};

/// Counts arrivals down to zero.
#[derive(Debug)]
pub struct Countdown {
    left: Lock<usize>,
    zero: Condition,
}

impl Countdown {
    /// A countdown that starts at `count`.
    #[must_use]
    pub fn new(count: usize) -> Self {
        Self {
            left: Lock::new(count),
            zero: Condition::new(),
        }
    }

    /// Counts one arrival.
    pub fn arrive(&self) {
        let mut left = self.left.lock();
        *left = left.saturating_sub(1);
        if *left == 0 {
            self.zero.notify_all();
        }
    }

    /// Blocks until all have arrived.
    pub fn wait(&self) {
        let left = self.left.lock();
        drop(self.zero.wait_for(left, |left| *left == 0));
    }

    /// Waits in a task until all have arrived.
    pub async fn arrived(&self) {
        let left = self.left.as_task().lock().await;
        let zero = self.zero.as_task();
        drop(zero.wait_for(left, |left| *left == 0).await);
    }
}
