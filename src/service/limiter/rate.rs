//! Rates and buckets: when tokens are there. Pure arithmetic on what the clock says.
//!
//! A bucket is one number, the moment at which it is full again (the "theoretical arrival time" of GCRA).
//! It is counted in *ticks*, of which a nanosecond has as many as the rate has tokens: one token takes
//! exactly as many ticks as the period has nanoseconds. So nothing is rounded, and nothing drifts.

use core::time::Duration;

/// So many tokens in so much time, and how many a full bucket holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rate {
    /// Ticks in a nanosecond.
    tokens: u64,
    /// Ticks in a token.
    period: u64,
    pub(super) burst: u64,
}

/// A moment on the clock, in ticks.
pub(super) type Ticks = u128;

impl Rate {
    /// A bucket of one token.
    #[track_caller]
    #[expect(clippy::cast_possible_truncation, reason = "compared before")]
    pub(super) const fn new(tokens: u64, period: Duration) -> Self {
        assert!(tokens > 0, "a rate needs at least one token");
        let nanos = period.as_nanos();
        assert!(nanos > 0, "a rate needs a period above zero");
        // Six hundred years for a token are never.
        let period = if nanos > u64::MAX as u128 {
            u64::MAX
        } else {
            nanos as u64
        };
        Self {
            tokens,
            period,
            burst: 1,
        }
    }

    /// A moment in ticks.
    #[inline]
    pub(super) fn ticks(self, nanos: u64) -> Ticks {
        Ticks::from(nanos) * Ticks::from(self.tokens)
    }

    /// The first nanosecond at which that many ticks are over; `None` after six hundred years.
    pub(super) fn nanos(self, ticks: Ticks) -> Option<u64> {
        u64::try_from(ticks.div_ceil(Ticks::from(self.tokens))).ok()
    }

    /// How long that many ticks take, at least.
    pub(super) fn time(self, ticks: Ticks) -> Duration {
        self.nanos(ticks)
            .map_or(Duration::MAX, Duration::from_nanos)
    }

    /// What `n` tokens cost, of at most as many as the burst has.
    #[inline]
    pub(super) fn price(self, n: u64) -> Price {
        Price {
            cost: self.cost(n),
            rest: self.cost(self.burst - n),
        }
    }

    /// How long `n` tokens take.
    #[inline]
    pub(super) fn cost(self, n: u64) -> Ticks {
        Ticks::from(n) * Ticks::from(self.period)
    }
}

/// What tokens cost, reckoned before the bucket is locked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Price {
    cost: Ticks,
    /// What the rest of a full bucket costs.
    rest: Ticks,
}

/// How far a bucket has been emptied.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bucket {
    /// When it is full again, if nothing more is taken.
    full_at: Ticks,
}

impl Bucket {
    /// A full one.
    pub(super) const fn new() -> Self {
        Self { full_at: 0 }
    }

    /// When tokens are there. It may be over.
    #[inline]
    pub(super) fn due(self, price: Price) -> Ticks {
        self.full_at.saturating_sub(price.rest)
    }

    /// Takes tokens, if they are there.
    #[inline]
    pub(super) fn take(&mut self, price: Price, now: Ticks) -> bool {
        // `due` is over; said so that little is left to do when the bucket has been locked.
        let there = self.full_at <= now.saturating_add(price.rest);
        if there {
            self.full_at = self.full_at.max(now).saturating_add(price.cost);
        }
        there
    }

    /// How many tokens are there.
    pub(super) fn available(self, rate: Rate, now: Ticks) -> u64 {
        let missing = self.full_at.saturating_sub(now).div_ceil(rate.cost(1));
        rate.burst - u64::try_from(missing).unwrap_or(rate.burst).min(rate.burst)
    }
}

#[cfg(test)]
mod tests {
    use super::{Bucket, Rate};
    use core::time::Duration;
    use proptest::prelude::*;

    fn rate(tokens: u64, period: Duration, burst: u64) -> Rate {
        Rate {
            burst,
            ..Rate::new(tokens, period)
        }
    }

    #[test]
    fn three_tokens_a_second_are_three_in_every_second_for_a_century() {
        let rate = rate(3, Duration::from_secs(1), 1);
        let mut bucket = Bucket::new();
        let century = 3_155_760_000 * 1_000_000_000;
        for offset in [0, century] {
            for token in 0..9 {
                let at = bucket.due(rate.price(1)).max(rate.ticks(offset));
                assert!(bucket.take(rate.price(1), at), "{token}");
                if token > 0 && offset == 0 {
                    let expected = Duration::from_secs(1) * token / 3;
                    let late = rate.time(at).saturating_sub(expected);
                    assert!(rate.time(at) >= expected && late < Duration::from_nanos(2));
                }
            }
        }
    }

    #[test]
    fn more_than_a_token_in_a_nanosecond_is_exact() {
        let rate = rate(3_000_000_000, Duration::from_secs(1), 3);
        let mut bucket = Bucket::new();
        let taken = (0..1_000)
            .map(|nanos| {
                let now = rate.ticks(nanos);
                (0..10).filter(|_| bucket.take(rate.price(1), now)).count()
            })
            .sum::<usize>();
        assert_eq!(taken, 3 * 1_000);
    }

    #[test]
    fn rates_and_moments_at_the_edges_do_not_overflow() {
        let slow = rate(1, Duration::MAX, u64::MAX);
        let mut bucket = Bucket::new();
        let end = slow.ticks(u64::MAX);
        assert!(bucket.take(slow.price(u64::MAX), end));
        assert!(!bucket.take(slow.price(u64::MAX), end));
        assert_eq!(slow.time(bucket.due(slow.price(u64::MAX))), Duration::MAX);
        assert_eq!(bucket.available(slow, end), 0);
        let fast = rate(u64::MAX, Duration::from_nanos(1), u64::MAX);
        let mut bucket = Bucket::new();
        assert!(bucket.take(fast.price(u64::MAX), fast.ticks(u64::MAX)));
        assert!(!bucket.take(fast.price(1), fast.ticks(u64::MAX)));
        assert_eq!(bucket.available(fast, fast.ticks(u64::MAX)), 0);
    }

    proptest! {
        /// The oracle: every claim so far, and a count of those in each window that ends now.
        #[test]
        fn no_window_has_more_claims_than_the_burst_and_the_rate(
            tokens in 1_u64..20,
            period in 1_u64..50,
            burst in 1_u64..8,
            steps in prop::collection::vec((0_u64..30, 1_u64..8), 1..80),
        ) {
            let rate = rate(tokens, Duration::from_nanos(period), burst);
            let mut bucket = Bucket::new();
            let (mut now, mut claims) = (0_u64, Vec::<(u64, u64)>::new());
            for (pause, n) in steps {
                let n = n.min(burst);
                now += pause;
                let ticks = rate.ticks(now);
                let available = bucket.available(rate, ticks);
                let due = rate.time(bucket.due(rate.price(n)));
                let taken = bucket.take(rate.price(n), ticks);
                prop_assert_eq!(taken, available >= n);
                prop_assert_eq!(taken, due <= Duration::from_nanos(now));
                if taken {
                    claims.push((now, n));
                }
                for &(start, _) in &claims {
                    let in_window: u64 = (claims.iter())
                        .filter(|(at, _)| *at >= start)
                        .map(|(_, n)| n)
                        .sum();
                    // in_window <= burst + tokens * (now - start) / period
                    prop_assert!(in_window * period <= burst * period + tokens * (now - start));
                }
            }
        }
    }
}
