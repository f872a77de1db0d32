//! What a breaker does to itself, with its lock held. Pure but for the word: it is told what time it is.

use core::num::NonZeroU64;
use core::time::Duration;
use std::collections::VecDeque;
use std::time::Instant;

use super::builder::{Kind, Settings};
use super::window::Window;
use super::word::BreakerState;

/// How many changes are remembered.
const CHANGES: usize = 16;

/// Nanoseconds on the clock.
pub(super) type Moment = u64;

/// That much later; `None`: never.
fn after(now: Moment, duration: Duration) -> Option<Moment> {
    now.checked_add(u64::try_from(duration.as_nanos()).ok()?)
}

/// A change of a breaker's state; in [`BreakerStats`](super::BreakerStats).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BreakerChange {
    /// The state before.
    pub from: BreakerState,
    /// The state after.
    pub to: BreakerState,
    /// Which generation began with it. The first change begins generation 1.
    pub generation: u32,
    /// When it happened.
    pub at: Instant,
}

/// A call that a half-open breaker has let through.
struct Probe {
    number: NonZeroU64,
    /// When its place is free again, whatever becomes of it; `None`: never.
    ends: Option<Moment>,
}

/// What lies under the lock.
pub(super) struct Core {
    /// When an open breaker lets the first probe through; `None`: never.
    pub(super) until: Option<Moment>,
    probes: Vec<Probe>,
    next: NonZeroU64,
    /// How many probes have succeeded.
    good: u32,
    pub(super) window: Option<Window>,
    pub(super) last_success: Option<Moment>,
    pub(super) last_failure: Option<Moment>,
    changes: VecDeque<BreakerChange>,
}

impl Core {
    pub(super) fn new(kind: Kind) -> Self {
        Self {
            until: None,
            probes: Vec::new(),
            next: NonZeroU64::MIN,
            good: 0,
            window: match kind {
                Kind::Consecutive(_) => None,
                Kind::Ratio { within, .. } => Some(Window::new(within)),
            },
            last_success: None,
            last_failure: None,
            changes: VecDeque::new(),
        }
    }

    /// Whether an open breaker's time is over; if not, how long it takes.
    pub(super) fn rest(&self, now: Moment) -> Result<(), Duration> {
        match self.until {
            None => Err(Duration::MAX),
            Some(until) if until <= now => Ok(()),
            Some(until) => Err(Duration::from_nanos(until - now)),
        }
    }

    /// Lets a probe through a half-open breaker, and gives its number; or says when a place may be free.
    pub(super) fn probe(
        &mut self,
        settings: &Settings,
        now: Moment,
    ) -> Result<NonZeroU64, Duration> {
        self.expire(now);
        if self.probes.len() < settings.probes {
            let number = self.next;
            self.next = number.saturating_add(1);
            self.probes.push(Probe {
                number,
                ends: after(now, settings.lease),
            });
            return Ok(number);
        }
        let earliest = self.probes.iter().filter_map(|probe| probe.ends).min();
        Err(earliest.map_or(Duration::MAX, |ends| Duration::from_nanos(ends - now)))
    }

    /// Gives a probe's place back; says whether it still had it.
    pub(super) fn release(&mut self, number: NonZeroU64, now: Moment) -> bool {
        self.expire(now);
        let place = self.probes.iter().position(|probe| probe.number == number);
        if let Some(place) = place {
            self.probes.swap_remove(place);
        }
        place.is_some()
    }

    /// Counts a probe that has succeeded; says whether it was the last one needed.
    pub(super) fn recovers(&mut self, settings: &Settings) -> bool {
        self.good += 1;
        self.good >= settings.close_after
    }

    /// Whether the calls of late are reason to open.
    pub(super) fn trips(&self, kind: Kind) -> bool {
        let (Kind::Ratio { ratio, least, .. }, Some(window)) = (kind, &self.window) else {
            return false;
        };
        let (all, bad) = window.sums();
        #[expect(clippy::cast_precision_loss, reason = "counts of calls")]
        let reached = bad as f64 >= ratio * all as f64;
        all >= u64::from(least) && bad > 0 && reached
    }

    /// Begins a generation.
    pub(super) fn begin(&mut self, settings: &Settings, change: BreakerChange, now: Moment) {
        self.probes.clear();
        self.good = 0;
        if let Some(window) = &mut self.window {
            window.clear();
        }
        self.until = match change.to {
            BreakerState::Open => after(now, settings.open_for),
            BreakerState::Closed | BreakerState::HalfOpen => None,
        };
        if self.changes.len() == CHANGES {
            self.changes.pop_front();
        }
        self.changes.push_back(change);
    }

    pub(super) fn changes(&self) -> Vec<BreakerChange> {
        self.changes.iter().copied().collect()
    }

    fn expire(&mut self, now: Moment) {
        self.probes
            .retain(|probe| probe.ends.is_none_or(|ends| ends > now));
    }
}
