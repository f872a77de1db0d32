//! How often requests have waited in a line, and for how long all of them together.
//!
//! No request keeps a moment of its own. The time that all have waited is the area under the number of those that wait:
//!
//! ```text
//!   waiting  3│      ┌───┐
//!            2│   ┌──┘   └─────┐         each change adds the number so far, times the
//!            1│───┘            └──┐      time since the last change
//!             └───────────────────┴──▶ now
//! ```
//!
//! Divided by the number of waits it is the mean wait (Little's law). The clock is read when somebody begins or ends to wait.

use core::time::Duration;
use std::time::Instant;

/// A request begins or ends to wait.
#[derive(Clone, Copy, Debug)]
pub(super) enum Change {
    Begins,
    /// It has been counted already, by its thread, which has tried for a moment.
    Continues,
    Ends,
}

/// The waits in one line.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Waits {
    waiting: usize,
    /// How many have begun.
    begun: u64,
    /// How long all of them waited, up to the last change.
    total: Duration,
    /// When the number of those who wait changed last; `None` before the first change.
    changed: Option<Instant>,
}

impl Waits {
    /// Notes that the number of those who wait changes.
    pub(super) fn note(&mut self, change: Change, now: Instant) {
        self.total = self.total_at(now);
        self.changed = Some(now);
        match change {
            Change::Begins => {
                self.waiting += 1;
                self.begun += 1;
            }
            Change::Continues => self.waiting += 1,
            Change::Ends => self.waiting -= 1,
        }
    }

    /// Adds a wait of a thread that has tried for a moment. It is over, or continues in the line.
    pub(super) fn add(&mut self, time: Duration) {
        self.total = self.total.saturating_add(time);
        self.begun += 1;
    }

    /// How many wait.
    pub(super) const fn waiting(&self) -> usize {
        self.waiting
    }

    /// How many have begun to wait so far.
    pub(super) const fn begun(&self) -> u64 {
        self.begun
    }

    /// How long all of them have waited, those who wait still included.
    pub(super) fn total(&self, now: impl FnOnce() -> Instant) -> Duration {
        if self.waiting == 0 {
            return self.total;
        }
        self.total_at(now())
    }

    fn total_at(&self, now: Instant) -> Duration {
        let waiting = u32::try_from(self.waiting).unwrap_or(u32::MAX);
        let since = |changed| now.saturating_duration_since(changed);
        let passed = self.changed.map_or(Duration::ZERO, since);
        self.total.saturating_add(passed.saturating_mul(waiting))
    }
}

#[cfg(test)]
mod tests {
    use super::{Change, Waits};
    use core::time::Duration;
    use std::time::Instant;

    /// Each wait with a moment of its own.
    #[derive(Default)]
    struct Naive {
        begins: Vec<Instant>,
        over: Duration,
        begun: u64,
    }

    impl Naive {
        fn total(&self, now: Instant) -> Duration {
            let waits = self.begins.iter().map(|begin| now - *begin);
            self.over + waits.sum::<Duration>()
        }
    }

    /// All histories of seven steps: a second or three go by, a wait begins, the oldest or the newest wait ends.
    #[test]
    fn the_area_is_the_sum_of_all_waits() {
        let start = Instant::now();
        for history in 0..5_u32.pow(7) {
            let (mut waits, mut naive, mut now) = (Waits::default(), Naive::default(), start);
            for step in 0..7 {
                match history / 5_u32.pow(step) % 5 {
                    0 => now += Duration::from_secs(1),
                    1 => now += Duration::from_secs(3),
                    2 => {
                        waits.note(Change::Begins, now);
                        naive.begins.push(now);
                        naive.begun += 1;
                    }
                    which if !naive.begins.is_empty() => {
                        waits.note(Change::Ends, now);
                        let newest = naive.begins.len() - 1;
                        let begin = naive.begins.remove(if which == 3 { 0 } else { newest });
                        naive.over += now - begin;
                    }
                    _ => {}
                }
                assert_eq!(waits.total(|| now), naive.total(now), "{history}");
                let counted = (waits.waiting(), waits.begun());
                assert_eq!(counted, (naive.begins.len(), naive.begun), "{history}");
            }
        }
    }

    #[test]
    fn the_clock_is_not_read_while_nobody_waits() {
        let (mut waits, start) = (Waits::default(), Instant::now());
        let unread = || unreachable!("nobody waits");
        assert_eq!(waits.total(unread), Duration::ZERO);
        waits.note(Change::Begins, start);
        waits.note(Change::Ends, start + Duration::from_secs(7));
        assert_eq!(waits.total(unread), Duration::from_secs(7));
    }

    #[test]
    fn a_total_that_is_too_long_stays_the_longest() {
        let (mut waits, start) = (Waits::default(), Instant::now());
        waits.total = Duration::MAX;
        waits.note(Change::Begins, start);
        assert_eq!(
            waits.total(|| start + Duration::from_secs(1)),
            Duration::MAX
        );
        // A clock that is read by two threads: the later one may have read it first.
        waits.note(Change::Ends, start);
        assert_eq!(waits.waiting(), 0);
    }
}
