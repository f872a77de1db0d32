//! What a pool has done so far.

use core::time::Duration;

/// What a [`LeasePool`](super::LeasePool) is doing and has done so far; from
/// [`LeasePool::stats`](super::LeasePool::stats).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LeaseStats {
    /// Items at this instant, including those being opened. Never more than the pool's `max`.
    pub size: usize,
    /// Idle items, at this instant.
    pub idle: usize,
    /// Items that are leased, at this instant.
    pub leased: usize,
    /// Lessees in line for a place, at this instant.
    pub waiting: usize,
    /// Calls to a [`ManageBlocking`](super::ManageBlocking) that were cut off and have not returned, at this instant.
    ///
    /// Each keeps its place.
    pub stuck: usize,
    /// Items that were opened.
    pub opened: u64,
    /// Items that were handed to the manager's `close`.
    pub closed: u64,
    /// Items that were handed to the manager's `discard` while the pool was there.
    pub dropped: u64,
    /// Opens that failed, panicked, or took too long.
    pub failed_opens: u64,
    /// Checks that failed, panicked, or took too long.
    pub failed_checks: u64,
    /// Leases that had to be waited for: for a place, a check, or an open.
    pub waits: u64,
    /// How long such a wait took, on average.
    pub mean_wait: Duration,
    /// How long the longest of them took.
    pub longest_wait: Duration,
}

/// What is counted.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) opened: u64,
    pub(super) closed: u64,
    pub(super) dropped: u64,
    pub(super) failed_opens: u64,
    pub(super) failed_checks: u64,
    pub(super) waits: u64,
    pub(super) waited: Duration,
    pub(super) longest_wait: Duration,
}

impl Counts {
    pub(super) fn waited(&mut self, time: Duration) {
        self.waits += 1;
        self.waited = self.waited.saturating_add(time);
        self.longest_wait = self.longest_wait.max(time);
    }

    pub(super) fn mean_wait(&self) -> Duration {
        // No program counts as many as do not fit.
        self.waited / u32::try_from(self.waits.max(1)).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::Counts;
    use core::time::Duration;

    #[test]
    fn the_mean_is_that_of_all_waits_and_nothing_without_any() {
        let mut counts = Counts::default();
        assert_eq!(counts.mean_wait(), Duration::ZERO);
        for millis in [1, 2, 6] {
            counts.waited(Duration::from_millis(millis));
        }
        let seen = (counts.mean_wait(), counts.longest_wait);
        assert_eq!(seen, (Duration::from_millis(3), Duration::from_millis(6)));
    }
}
