//! Something every so often.

use core::fmt;
use core::future::Future;
use core::mem::replace;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;
use std::time::Instant;

use pin_project_lite::pin_project;

use super::sleep::{Sleep, sleep_until};
use crate::identity::budget;
use crate::sys;

/// Determines what an [`Interval`] does about ticks that nobody awaited in time.
///
/// # Examples
///
/// ## Statistics are printed every ten seconds, or later, but never twice in a row
///
/// ```
/// use core::time::Duration;
/// use syncline::task::{MissedTicks, interval};
///
/// let prints = interval(Duration::from_secs(10)).missed(MissedTicks::Skip);
/// # drop(prints);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MissedTicks {
    /// Missed ticks come at once, one after the other, until the interval has caught up.
    #[default]
    Burst,
    /// The next tick comes a period after the late one.
    Delay,
    /// Missed ticks are left out: the next one comes at the next multiple of the period.
    Skip,
}

/// Returns an interval whose first tick comes at once and every further one a period later.
///
/// Ticks do not drift: each is due a period after the previous one was due. [`MissedTicks`] says what
/// happens to those that nobody awaited in time. Nothing runs between the ticks: an interval that is not
/// awaited costs nothing.
///
/// Do not use it to limit how often something is called ([`RateLimiter`](crate::service::RateLimiter)).
///
/// # Panics
///
/// Panics if `period` is zero.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use std::time::Instant;
/// use syncline::task::{block_on, interval};
///
/// let start = Instant::now();
/// block_on(async {
///     let mut ticks = interval(Duration::from_millis(1));
///     for _ in 0..3 {
///         ticks.tick().await;
///     }
/// });
/// assert!(start.elapsed() >= Duration::from_millis(2));
/// ```
#[doc(alias = "ticker")]
#[track_caller]
pub fn interval(period: Duration) -> Interval {
    interval_at(sys::now(), period)
}

/// Returns an interval whose first tick comes at `start` and every further one a period later.
///
/// Otherwise it is like [`interval`].
///
/// # Panics
///
/// Panics if `period` is zero.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use std::time::Instant;
/// use syncline::task::{block_on, interval_at};
///
/// let start = Instant::now() + Duration::from_millis(1);
/// let mut ticks = interval_at(start, Duration::from_secs(1));
/// assert_eq!(block_on(ticks.tick()), start);
/// ```
#[track_caller]
pub fn interval_at(start: Instant, period: Duration) -> Interval {
    assert!(!period.is_zero(), "an interval needs a period above zero");
    Interval {
        next: Some(start),
        period,
        missed: MissedTicks::Burst,
    }
}

/// Ticks periodically. Created by [`interval`] and [`interval_at`].
///
/// # Examples
///
/// See [`interval`].
#[derive(Clone, Debug)]
#[must_use = "an interval does nothing before `tick` is awaited"]
pub struct Interval {
    /// `None`: later than the clock can represent.
    next: Option<Instant>,
    period: Duration,
    missed: MissedTicks,
}

impl Interval {
    /// Sets what happens to ticks that nobody awaited in time.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use syncline::task::{MissedTicks, interval};
    ///
    /// let statistics = interval(Duration::from_secs(10)).missed(MissedTicks::Skip);
    /// # drop(statistics);
    /// ```
    pub const fn missed(mut self, missed: MissedTicks) -> Self {
        self.missed = missed;
        self
    }

    /// Waits for the next tick, and returns the moment at which it was due.
    ///
    /// A tick beyond the range of the clock never comes.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses no tick: the next call waits for the same one.
    ///
    /// # Panics
    ///
    /// A poll panics if the timer's thread cannot be started, or if the tick has come.
    ///
    /// # Examples
    ///
    /// See [`interval`].
    pub fn tick(&mut self) -> Tick<'_> {
        let sleep = self.next.map(sleep_until);
        Tick {
            interval: self,
            sleep,
            deferred: false,
            over: false,
        }
    }
}

/// When the tick after one that was due at `due`, and came `now`, is due.
fn after(due: Instant, now: Instant, period: Duration, missed: MissedTicks) -> Option<Instant> {
    match missed {
        MissedTicks::Burst => due.checked_add(period),
        MissedTicks::Delay => now.max(due).checked_add(period),
        MissedTicks::Skip => {
            let late = now.saturating_duration_since(due).as_nanos() % period.as_nanos();
            let rest = period.saturating_sub(duration(late));
            now.max(due).checked_add(rest)
        }
    }
}

/// So many nanoseconds, of which there are fewer than in a period.
#[expect(clippy::cast_possible_truncation, reason = "fewer than in a duration")]
const fn duration(nanos: u128) -> Duration {
    const SECOND: u128 = 1_000_000_000;
    Duration::new((nanos / SECOND) as u64, (nanos % SECOND) as u32)
}

pin_project! {
    /// The future of [`Interval::tick`].
    #[must_use = "futures do nothing unless polled"]
    pub struct Tick<'a> {
        interval: &'a mut Interval,
        #[pin]
        sleep: Option<Sleep>,
        deferred: bool,
        over: bool,
    }
}

impl Future for Tick<'_> {
    type Output = Instant;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Instant> {
        let this = self.project();
        assert!(!*this.over, "`Tick` polled after completion");
        let (Some(due), Some(sleep)) = (this.interval.next, this.sleep.as_pin_mut()) else {
            return Poll::Pending;
        };
        // Who is far behind finds tick after tick ready, and lets others run all the same.
        let deferred = this.deferred;
        if budget::spend(context, || !replace(deferred, true)) {
            return Poll::Pending;
        }
        ready!(budget::settle(sleep.poll(context)));
        *this.over = true;
        let Interval { period, missed, .. } = **this.interval;
        this.interval.next = after(due, sys::now(), period, missed);
        Poll::Ready(due)
    }
}

impl fmt::Debug for Tick<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tick")
            .field("interval", &self.interval)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::{MissedTicks, after};
    use core::time::Duration;
    use std::time::Instant;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_tick_in_time_is_followed_by_one_a_period_later_whatever_was_said() {
        let due = Instant::now();
        for missed in [MissedTicks::Burst, MissedTicks::Skip] {
            let now = due + SECOND / 10;
            assert_eq!(after(due, now, SECOND, missed), Some(due + SECOND));
        }
        let now = due + SECOND / 10;
        assert_eq!(
            after(due, now, SECOND, MissedTicks::Delay),
            Some(now + SECOND)
        );
    }

    #[test]
    fn ticks_that_were_missed_come_at_once_or_later_or_not_at_all() {
        let due = Instant::now();
        let now = due + SECOND * 7 / 2;
        let next = |missed| after(due, now, SECOND, missed).unwrap() - due;
        assert_eq!(next(MissedTicks::Burst), SECOND);
        assert_eq!(next(MissedTicks::Delay), SECOND * 9 / 2);
        assert_eq!(next(MissedTicks::Skip), SECOND * 4);
        let exactly = after(due, due + SECOND * 3, SECOND, MissedTicks::Skip);
        assert_eq!(exactly, Some(due + SECOND * 4));
    }

    #[test]
    fn a_period_that_no_clock_can_represent_ticks_once() {
        let due = Instant::now();
        for missed in [MissedTicks::Burst, MissedTicks::Delay, MissedTicks::Skip] {
            assert_eq!(after(due, due, Duration::MAX, missed), None);
        }
    }
}
