//! A histogram of waits that never allocates while it records.
//!
//! Sixteen buckets to each power of two, so a quantile is right to about 6 %;
//! the maximum is kept exactly.

use core::time::Duration;

/// Buckets to each power of two.
const MINOR: u64 = 16;
const MINOR_BITS: u32 = MINOR.trailing_zeros();
const BUCKETS: usize = 64 * MINOR as usize;

/// The waits of a round.
#[derive(Clone, Debug)]
pub(crate) struct Waits {
    buckets: Box<[u64]>,
    longest: Duration,
    total: u64,
}

impl Waits {
    /// No waits yet.
    pub(crate) fn new() -> Self {
        Self {
            buckets: vec![0; BUCKETS].into_boxed_slice(),
            longest: Duration::ZERO,
            total: 0,
        }
    }

    /// Adds one wait.
    pub(crate) fn record(&mut self, wait: Duration) {
        let nanos = u64::try_from(wait.as_nanos()).unwrap_or(u64::MAX);
        self.buckets[bucket(nanos)] += 1;
        self.longest = self.longest.max(wait);
        self.total += 1;
    }

    /// Adds all waits of another thread.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (mine, theirs) in self.buckets.iter_mut().zip(&other.buckets) {
            *mine += theirs;
        }
        self.longest = self.longest.max(other.longest);
        self.total += other.total;
    }

    /// Whether nothing was recorded.
    pub(crate) fn is_empty(&self) -> bool {
        self.total == 0
    }

    /// The longest wait.
    pub(crate) fn longest(&self) -> Duration {
        self.longest
    }

    /// The wait that 999 of 1000 stay below.
    pub(crate) fn p999(&self) -> Duration {
        let rank = self.total - self.total / 1000;
        let mut seen = 0;
        for (index, &count) in self.buckets.iter().enumerate() {
            seen += count;
            if seen >= rank && seen > 0 {
                return Duration::from_nanos(upper_bound(index)).min(self.longest);
            }
        }
        self.longest
    }
}

/// The bucket that `nanos` falls into.
fn bucket(nanos: u64) -> usize {
    if nanos < MINOR {
        return usize::try_from(nanos).unwrap_or(0);
    }
    let shift = nanos.ilog2() - MINOR_BITS;
    let minor = (nanos >> shift) - MINOR;
    let index = u64::from(shift + 1) * MINOR + minor;
    usize::try_from(index).map_or(BUCKETS - 1, |index| index.min(BUCKETS - 1))
}

/// The largest number of nanoseconds in bucket `index`.
fn upper_bound(index: usize) -> u64 {
    let index = index as u64;
    if index < MINOR {
        return index;
    }
    let shift = index / MINOR - 1;
    let minor = index % MINOR + MINOR;
    ((minor + 1) << shift) - 1
}

#[cfg(test)]
mod tests {
    use super::{bucket, upper_bound};

    #[test]
    fn every_bucket_ends_where_the_next_begins() {
        for index in 0..900 {
            let last = upper_bound(index);
            assert_eq!(index, bucket(last));
            assert_eq!(index + 1, bucket(last + 1));
        }
    }
}
