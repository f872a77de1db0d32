//! `Backoff`: how long to pause between tries.

use core::time::Duration;

use fastrand::Rng;

/// How much of a pause is random.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Jitter {
    /// Nothing.
    None,
    /// All of it: each pause is between zero and its full length, so that callers that failed together do not
    /// come back together.
    #[default]
    Full,
    /// Half of it: each pause is between half and all of its full length.
    Equal,
}

/// How long to pause between attempts, and how many attempts to make.
///
/// Pauses grow by a [`factor`](Self::factor) up to a [`cap`](Self::cap), and [`Jitter`] then shortens them at
/// random. No pause exceeds the cap. By default, pauses double each time up to 30 seconds, with full jitter and
/// five attempts.
///
/// [`thread::retry`](crate::thread::retry) and [`task::retry`](crate::task::retry) take one. As an
/// iterator of pauses it also serves `backon` and `tokio-retry`.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use syncline::service::{Backoff, Jitter};
///
/// let backoff = Backoff::exponential(Duration::from_millis(100))
///     .cap(Duration::from_millis(500))
///     .jitter(Jitter::None)
///     .attempts(6);
/// let millis: Vec<_> = backoff.into_iter().map(|pause| pause.as_millis()).collect();
/// assert_eq!(millis, [100, 200, 400, 500, 500]); // between six tries
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a backoff does nothing by itself"]
pub struct Backoff {
    first: Duration,
    factor: f64,
    cap: Duration,
    jitter: Jitter,
    attempts: u32,
    seed: Option<u64>,
}

impl Backoff {
    /// Returns a backoff whose pauses start at `first` and double each time.
    ///
    /// # Examples
    ///
    /// See [`Backoff`].
    pub const fn exponential(first: Duration) -> Self {
        Self {
            first,
            factor: 2.0,
            cap: Duration::from_secs(30),
            jitter: Jitter::Full,
            attempts: 5,
            seed: None,
        }
    }

    /// Returns a backoff whose pauses are all the same, without jitter and without a cap.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use syncline::service::Backoff;
    ///
    /// let mut pauses = Backoff::fixed(Duration::from_secs(1)).attempts(3).into_iter();
    /// assert_eq!(pauses.next(), Some(Duration::from_secs(1)));
    /// assert_eq!(pauses.count(), 1);
    /// ```
    pub const fn fixed(pause: Duration) -> Self {
        Self {
            first: pause,
            factor: 1.0,
            cap: Duration::MAX,
            jitter: Jitter::None,
            attempts: 5,
            seed: None,
        }
    }

    /// Sets the factor by which each pause exceeds the one before.
    ///
    /// # Panics
    ///
    /// Panics if `factor` is below 1, or not a number.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use syncline::service::{Backoff, Jitter};
    ///
    /// let tripled = Backoff::exponential(Duration::from_secs(1)).factor(3.0).jitter(Jitter::None);
    /// assert_eq!(tripled.into_iter().nth(2), Some(Duration::from_secs(9)));
    /// ```
    #[track_caller]
    pub const fn factor(mut self, factor: f64) -> Self {
        assert!(factor >= 1.0, "a backoff grows by a factor of at least 1");
        self.factor = factor;
        self
    }

    /// Sets the longest pause. Jitter does not exceed it.
    ///
    /// # Examples
    ///
    /// See [`Backoff`].
    pub const fn cap(mut self, cap: Duration) -> Self {
        self.cap = cap;
        self
    }

    /// Sets how much of each pause is random.
    ///
    /// # Examples
    ///
    /// See [`Backoff`].
    pub const fn jitter(mut self, jitter: Jitter) -> Self {
        self.jitter = jitter;
        self
    }

    /// Sets the number of attempts, the first included. [`u32::MAX`] means no limit.
    ///
    /// # Panics
    ///
    /// Panics if `attempts` is zero.
    ///
    /// # Examples
    ///
    /// See [`Backoff`].
    #[track_caller]
    pub const fn attempts(mut self, attempts: u32) -> Self {
        assert!(attempts > 0, "an operation needs at least one attempt");
        self.attempts = attempts;
        self
    }

    /// Seeds the random numbers, for tests that need the same pauses every time.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use syncline::service::Backoff;
    ///
    /// let backoff = Backoff::exponential(Duration::from_secs(1)).seed(7);
    /// assert!(backoff.clone().into_iter().eq(backoff));
    /// ```
    pub const fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }
}

impl Backoff {
    /// Where its pauses begin.
    pub(super) fn begin(&self) -> Progress {
        Progress {
            next: self.first.min(self.cap),
            left: self.attempts - 1,
            random: self.seed.map_or_else(Rng::new, Rng::with_seed),
        }
    }
}

impl IntoIterator for Backoff {
    type Item = Duration;
    type IntoIter = Pauses;

    fn into_iter(self) -> Pauses {
        Pauses {
            progress: self.begin(),
            backoff: self,
        }
    }
}

/// An iterator over the pauses of a [`Backoff`].
#[derive(Clone, Debug)]
#[must_use = "iterators are lazy"]
pub struct Pauses {
    backoff: Backoff,
    progress: Progress,
}

/// How far the pauses of a backoff have come.
#[derive(Clone, Debug)]
pub(super) struct Progress {
    /// The next pause, before jitter.
    next: Duration,
    left: u32,
    random: Rng,
}

impl Progress {
    pub(super) fn next(&mut self, backoff: &Backoff) -> Option<Duration> {
        if self.left != u32::MAX - 1 {
            self.left = self.left.checked_sub(1)?;
        }
        let Backoff {
            factor,
            cap,
            jitter,
            ..
        } = *backoff;
        let full = self.next;
        self.next = grown(full, factor).min(cap);
        Some(match jitter {
            Jitter::None => full,
            Jitter::Full => between(&mut self.random, Duration::ZERO, full),
            Jitter::Equal => between(&mut self.random, full / 2, full),
        })
    }
}

impl Iterator for Pauses {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        self.progress.next(&self.backoff)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = usize::try_from(self.progress.left).unwrap_or(usize::MAX);
        if self.progress.left == u32::MAX - 1 {
            return (usize::MAX, None);
        }
        (left, Some(left))
    }
}

/// A longer pause; what no duration can say is the longest one.
fn grown(pause: Duration, factor: f64) -> Duration {
    if factor <= 1.0 {
        return pause;
    }
    Duration::try_from_secs_f64(pause.as_secs_f64() * factor).unwrap_or(Duration::MAX)
}

/// Something between two durations, both included.
fn between(random: &mut Rng, least: Duration, most: Duration) -> Duration {
    let range = u64::try_from(most.saturating_sub(least).as_nanos()).unwrap_or(u64::MAX);
    least + Duration::from_nanos(random.u64(0..=range))
}

#[cfg(test)]
#[expect(
    clippy::cast_precision_loss,
    reason = "approximate by nature, or small"
)]
mod tests {
    use super::{Backoff, Jitter};
    use core::time::Duration;
    use proptest::prelude::*;

    proptest! {
        /// The oracle: the pause without jitter is `first * factor ^ k`, and at most the cap.
        #[test]
        fn no_pause_is_above_the_cap_or_out_of_its_bounds(
            first in 0_u64..10_000_000_000,
            factor in 1.0_f64..10.0,
            cap in 0_u64..60_000_000_000,
            jitter in prop::sample::select(vec![Jitter::None, Jitter::Full, Jitter::Equal]),
            attempts in 1_u32..60,
            seed: u64,
        ) {
            let cap = Duration::from_nanos(cap);
            let backoff = Backoff::exponential(Duration::from_nanos(first))
                .factor(factor)
                .cap(cap)
                .jitter(jitter)
                .attempts(attempts)
                .seed(seed);
            let pauses: Vec<_> = backoff.into_iter().collect();
            prop_assert_eq!(pauses.len(), attempts as usize - 1);
            let most = cap.as_nanos() as f64;
            let mut full = (first as f64).min(most);
            // Each step rounds to whole nanoseconds, and multiplies what the steps before were off by.
            let mut slack = 1.0;
            for pause in pauses {
                let nanos = pause.as_nanos() as f64;
                prop_assert!(pause <= cap);
                prop_assert!(nanos <= full + slack);
                match jitter {
                    Jitter::None => prop_assert!(nanos + slack >= full),
                    Jitter::Full => {}
                    Jitter::Equal => prop_assert!(nanos + slack >= full / 2.0),
                }
                slack = slack * factor + 1.0 + full * 1e-9;
                full *= factor;
                if full - slack > most {
                    // Both are at the cap.
                    slack = 1.0;
                }
                full = full.min(most);
            }
        }
    }

    #[test]
    fn pauses_that_no_clock_can_represent_do_not_overflow() {
        let backoff = Backoff::exponential(Duration::from_secs(1))
            .factor(f64::MAX)
            .cap(Duration::MAX)
            .jitter(Jitter::None)
            .attempts(u32::MAX);
        let mut pauses = backoff.into_iter();
        assert_eq!(pauses.next(), Some(Duration::from_secs(1)));
        assert_eq!(pauses.nth(10), Some(Duration::MAX));
        let jittered = Backoff::fixed(Duration::MAX).jitter(Jitter::Equal);
        assert!(jittered.into_iter().all(|pause| pause >= Duration::MAX / 2));
    }

    #[test]
    fn full_jitter_is_spread_over_all_of_the_pause() {
        let second = Duration::from_secs(1);
        let backoff = Backoff::fixed(second)
            .jitter(Jitter::Full)
            .attempts(1_001)
            .seed(1);
        let mean = backoff.into_iter().sum::<Duration>() / 1_000;
        assert!(
            mean > second * 45 / 100 && mean < second * 55 / 100,
            "{mean:?}"
        );
    }
}
