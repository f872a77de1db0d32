//! How many calls of late have failed: a ring of buckets, of constant size.

use core::time::Duration;

/// How many buckets there are: what is too old goes in steps of a tenth of the window.
const BUCKETS: usize = 10;

#[derive(Clone, Copy, Debug, Default)]
struct Bucket {
    good: u64,
    bad: u64,
}

/// The calls of the last so much time.
#[derive(Clone, Debug)]
pub(super) struct Window {
    /// How long a bucket is, in nanoseconds.
    width: u64,
    /// The place of the newest bucket, and when it ends.
    newest: usize,
    ends: u64,
    buckets: [Bucket; BUCKETS],
}

impl Window {
    /// An empty one.
    pub(super) fn new(length: Duration) -> Self {
        Self {
            width: (nanos(length) / BUCKETS as u64).max(1),
            newest: 0,
            ends: 0,
            buckets: [Bucket::default(); BUCKETS],
        }
    }

    pub(super) fn clear(&mut self) {
        self.buckets = [Bucket::default(); BUCKETS];
    }

    /// Counts a call that ended now, so many nanoseconds after the breaker was made.
    pub(super) fn add(&mut self, now: u64, good: bool) {
        // Threads may come a little out of order: the newest bucket takes what is older.
        if now >= self.ends {
            self.turn(now);
        }
        let bucket = &mut self.buckets[self.newest];
        if good {
            bucket.good += 1;
        } else {
            bucket.bad += 1;
        }
    }

    /// How many calls there were, and how many of them failed.
    pub(super) fn sums(&self) -> (u64, u64) {
        self.buckets.iter().fold((0, 0), |(all, bad), bucket| {
            (all + bucket.good + bucket.bad, bad + bucket.bad)
        })
    }

    /// Begins as many buckets as are due.
    #[cold]
    fn turn(&mut self, now: u64) {
        if self.ends == u64::MAX {
            return;
        }
        let due = ((now - self.ends) / self.width).saturating_add(1);
        self.ends = (self.ends).saturating_add(self.width.saturating_mul(due));
        for _ in 0..due.min(BUCKETS as u64) {
            self.newest = (self.newest + 1) % BUCKETS;
            self.buckets[self.newest] = Bucket::default();
        }
    }
}

/// Six hundred years are for ever.
fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::Window;
    use core::time::Duration;

    #[test]
    fn any_history_has_the_sums_of_the_list_that_forgets_nothing() {
        for seed in 0..200 {
            let mut random = fastrand::Rng::with_seed(seed);
            let length = 10 * random.u64(1..50);
            let width = length / 10;
            let mut window = Window::new(Duration::from_nanos(length));
            let (mut now, mut calls) = (0, Vec::new());
            for _ in 0..200 {
                now += random.u64(0..=length / 5);
                if random.u8(..20) == 0 {
                    now += 5 * length;
                }
                let good = random.bool();
                window.add(now, good);
                calls.push((now, good));
                // The bucket of now, and the nine before it.
                let kept = |at: u64| at / width + 9 >= now / width;
                let all = calls.iter().filter(|(at, _)| kept(*at)).count() as u64;
                let bad = (calls.iter())
                    .filter(|(at, good)| kept(*at) && !good)
                    .count() as u64;
                assert_eq!(window.sums(), (all, bad), "seed {seed} at {now}");
            }
        }
    }

    #[test]
    fn a_window_of_no_time_and_one_of_all_time_work() {
        for length in [Duration::ZERO, Duration::MAX] {
            let mut window = Window::new(length);
            window.add(u64::MAX, false);
            assert_eq!(window.sums(), (1, 1));
        }
    }
}
