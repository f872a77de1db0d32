//! How old an idle item may be: pure functions of the settings and of what time it is.

use core::time::Duration;
use std::time::Instant;

use super::builder::Settings;

/// Moments in the life of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ages {
    /// When it must go. `None`: never.
    pub(super) ends: Option<Instant>,
    /// Since when it lies idle.
    pub(super) idle_since: Instant,
    /// When it was last known to work: used, or checked.
    pub(super) checked: Instant,
}

/// What is to be done with an idle item before it is leased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Judgement {
    Fresh,
    /// It has to be checked.
    Due,
    /// It has to be discarded.
    Expired,
}

impl Ages {
    pub(super) fn of_a_new_one(settings: &Settings, now: Instant) -> Self {
        Self {
            ends: lifetime(settings.max_lifetime, fastrand::f64())
                .and_then(|lifetime| now.checked_add(lifetime)),
            idle_since: now,
            checked: now,
        }
    }

    pub(super) fn judge(&self, settings: &Settings, now: Instant) -> Judgement {
        let since = |moment| now.saturating_duration_since(moment);
        if self.ends.is_some_and(|ends| now >= ends)
            || since(self.idle_since) >= settings.idle_timeout
        {
            Judgement::Expired
        } else if since(self.checked) >= settings.check_after_idle {
            Judgement::Due
        } else {
            Judgement::Fresh
        }
    }
}

/// Up to a tenth less than the longest lifetime, so that not all that were opened together end together. `None`: for
/// ever.
fn lifetime(longest: Duration, random: f64) -> Option<Duration> {
    if longest == Duration::MAX {
        return None;
    }
    Some(longest.saturating_sub(longest.mul_f64(random / 10.0)))
}

#[cfg(test)]
mod tests {
    use super::{Ages, Judgement, lifetime};
    use crate::service::lease::builder::Settings;
    use core::time::Duration;
    use proptest::prelude::*;
    use std::time::Instant;

    const MS: Duration = Duration::from_millis(1);

    proptest! {
        #[test]
        fn no_item_lives_longer_than_the_longest_or_shorter_than_nine_tenths(
            longest in 0..u64::MAX / 2, random in 0.0..1.0,
        ) {
            let longest = Duration::from_millis(longest);
            let lives = lifetime(longest, random).unwrap();
            prop_assert!(lives <= longest);
            // The arithmetic is that of floating point.
            prop_assert!(lives >= longest.mul_f64(0.9).saturating_sub(longest.mul_f64(1e-9)));
        }

        /// The oracle asks each rule on its own.
        #[test]
        fn an_item_is_expired_before_it_is_due(
            idle in 0_u32..100, checked in 0_u32..100, ends in prop::option::of(0_u32..100),
            idle_timeout in 0_u32..100, check_after in 0_u32..100, now in 0_u32..100,
        ) {
            let start = Instant::now();
            let ages = Ages {
                ends: ends.map(|ends| start + MS * ends),
                idle_since: start + MS * idle,
                checked: start + MS * checked,
            };
            let settings = Settings {
                idle_timeout: MS * idle_timeout,
                check_after_idle: MS * check_after,
                ..Settings::new()
            };
            let expired = ends.is_some_and(|ends| ends <= now)
                || now.saturating_sub(idle) >= idle_timeout;
            let due = now.saturating_sub(checked) >= check_after;
            let judged = ages.judge(&settings, start + MS * now);
            prop_assert_eq!(judged == Judgement::Expired, expired);
            prop_assert_eq!(judged == Judgement::Due, due && !expired);
        }
    }

    #[test]
    fn durations_that_no_clock_can_represent_mean_never() {
        assert_eq!(lifetime(Duration::MAX, 0.5), None);
        let settings = Settings {
            idle_timeout: Duration::MAX,
            max_lifetime: Duration::MAX.saturating_sub(MS),
            check_after_idle: Duration::MAX,
            ..Settings::new()
        };
        let now = Instant::now();
        let ages = Ages::of_a_new_one(&settings, now);
        assert_eq!(ages.ends, None);
        let years = Duration::from_secs(3600 * 24 * 365 * 100);
        assert_eq!(ages.judge(&settings, now + years), Judgement::Fresh);
    }
}
