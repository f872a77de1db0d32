//! What a breaker does when a call begins, and when it ends.

use core::num::NonZeroU64;
use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use super::builder::Kind;
use super::core_state::{BreakerChange, Core, Moment};
use super::ticket::Ticket;
use super::word::{self, BreakerState, Effect};
use super::{Breaker, Ended};
use crate::error::Rejection;
use crate::job::quietly;
use crate::lock::GatedGuard;
use crate::sys::{self, AtomicU64};

impl Breaker {
    /// Lets a call through, in the generation of this moment and perhaps as a probe.
    #[inline]
    pub(super) fn enter(&self) -> Result<Ticket, Rejection> {
        // ORDERING: Acquire pairs with the Release in `change`.
        let word = self.word.load(Acquire);
        if word::state(word) == BreakerState::Closed {
            return Ok(Ticket::new(word::generation(word), None));
        }
        self.enter_slow()
    }

    #[cold]
    fn enter_slow(&self) -> Result<Ticket, Rejection> {
        let mut core = self.core.lock();
        // With the lock held: no lease begins later than now, so that nobody is told to wait for longer than one.
        let now = sys::nanos();
        // ORDERING: Relaxed: the state changes with the lock held.
        let mut word = self.word.load(Relaxed);
        let mut told = None;
        let entered = match word::state(word) {
            BreakerState::Closed => Ok(None),
            BreakerState::Open => core.rest(now).and_then(|()| {
                told = Some(self.begin(&mut core, BreakerState::HalfOpen, now));
                // ORDERING: Relaxed, as above.
                word = self.word.load(Relaxed);
                core.probe(&self.settings, now).map(Some)
            }),
            BreakerState::HalfOpen => core.probe(&self.settings, now).map(Some),
        };
        drop(core);
        if let Some(change) = told {
            self.tell(change);
        }
        match entered {
            Ok(probe) => Ok(Ticket::new(word::generation(word), probe)),
            Err(wait) => {
                count(&self.rejected);
                Err(Rejection::new(wait))
            }
        }
    }

    /// A call that was let through has ended.
    #[inline]
    pub(super) fn leave(&self, ticket: Ticket, ended: Ended) {
        match (self.settings.kind, ticket.probe(), ended) {
            (Kind::Consecutive(_), None, Ended::Success) => self.succeed(ticket.generation()),
            _ => self.leave_otherwise(ticket, ended),
        }
    }

    fn leave_otherwise(&self, ticket: Ticket, ended: Ended) {
        let generation = ticket.generation();
        if let Some(number) = ticket.probe() {
            return self.leave_probe(generation, number, ended);
        }
        match (self.settings.kind, ended) {
            (Kind::Consecutive(_), Ended::Success) => self.succeed(generation),
            (_, Ended::Ignored) => count(&self.ignored),
            (_, Ended::Abandoned) => count(&self.abandoned),
            (Kind::Consecutive(limit), Ended::Failure) => self.fail(generation, limit),
            (Kind::Ratio { .. }, _) => self.add(generation, ended == Ended::Success),
        }
    }

    #[inline]
    fn succeed(&self, generation: u32) {
        // ORDERING: Acquire pairs with the Release in `change`.
        match word::succeeded(self.word.load(Acquire), generation) {
            Effect::Late => count(&self.late),
            Effect::None | Effect::Trips => count(&self.successes),
            Effect::Word(_) => self.succeed_slow(generation),
        }
    }

    /// The first success after failures.
    #[cold]
    fn succeed_slow(&self, generation: u32) {
        let now = sys::nanos();
        let mut core = self.core.lock();
        match self.apply(|word| word::succeeded(word, generation)) {
            Effect::Late => count(&self.late),
            Effect::None | Effect::Trips | Effect::Word(_) => {
                count(&self.successes);
                core.last_success = Some(now);
            }
        }
    }

    #[cold]
    fn fail(&self, generation: u32, limit: u32) {
        let now = sys::nanos();
        let mut core = self.core.lock();
        let effect = self.apply(|word| word::failed(word, generation, limit));
        if effect == Effect::Late {
            drop(core);
            return count(&self.late);
        }
        count(&self.failures);
        core.last_failure = Some(now);
        if effect == Effect::Trips {
            self.change(core, BreakerState::Open, now);
        }
    }

    /// Counts a call in the window.
    fn add(&self, generation: u32, good: bool) {
        let now = sys::nanos();
        let mut core = self.core.lock();
        // ORDERING: Relaxed: the state changes with the lock held.
        if word::succeeded(self.word.load(Relaxed), generation) == Effect::Late {
            drop(core);
            return count(&self.late);
        }
        if let Some(window) = &mut core.window {
            window.add(self.epoch.age(now), good);
        }
        if good {
            core.last_success = Some(now);
            return count_locked(&self.successes);
        }
        core.last_failure = Some(now);
        count_locked(&self.failures);
        if core.trips(self.settings.kind) {
            self.change(core, BreakerState::Open, now);
        }
    }

    #[cold]
    fn leave_probe(&self, generation: u32, number: NonZeroU64, ended: Ended) {
        let now = sys::nanos();
        let mut core = self.core.lock();
        // ORDERING: Relaxed: the state changes with the lock held.
        let same = word::generation(self.word.load(Relaxed)) == generation;
        if !(same && core.release(number, now)) {
            drop(core);
            return count(&self.late);
        }
        match ended {
            Ended::Success => {
                count(&self.successes);
                core.last_success = Some(now);
                if core.recovers(&self.settings) {
                    self.change(core, BreakerState::Closed, now);
                }
            }
            Ended::Failure => {
                count(&self.failures);
                core.last_failure = Some(now);
                self.change(core, BreakerState::Open, now);
            }
            Ended::Ignored => count(&self.ignored),
            Ended::Abandoned => count(&self.abandoned),
        }
    }

    /// Applies an effect to the word, with the lock held.
    fn apply(&self, transition: impl Fn(u64) -> Effect) -> Effect {
        // ORDERING: Relaxed: whoever writes it has the lock.
        let effect = transition(self.word.load(Relaxed));
        if let Effect::Word(next) = effect {
            // ORDERING: Relaxed: only the count of failures, which publishes nothing.
            self.word.store(next, Relaxed);
        }
        effect
    }

    /// Begins a generation, with the lock held. The hook is told without it.
    fn begin(&self, core: &mut Core, to: BreakerState, now: Moment) -> BreakerChange {
        // ORDERING: Relaxed: whoever writes it has the lock.
        let before = self.word.load(Relaxed);
        let after = word::changed(before, to);
        let change = BreakerChange {
            from: word::state(before),
            to,
            generation: word::generation(after),
            at: self.epoch.instant(now),
        };
        core.begin(&self.settings, change, now);
        // ORDERING: Release pairs with the Acquire in `enter` and `succeed`: whoever sees the generation
        // sees what was done before it began.
        self.word.store(after, Release);
        change
    }

    pub(super) fn change(&self, mut core: GatedGuard<'_, Core>, to: BreakerState, now: Moment) {
        let change = self.begin(&mut core, to, now);
        drop(core);
        self.tell(change);
    }

    fn tell(&self, change: BreakerChange) {
        if let Some(hook) = &self.settings.hook {
            quietly(|| hook(change.from, change.to, change.generation));
        }
    }
}

/// Counts what is counted with the lock held alone: where there is a window.
fn count_locked(counter: &AtomicU64) {
    // ORDERING: Relaxed in both: whoever writes it has the lock.
    counter.store(counter.load(Relaxed) + 1, Relaxed);
}

#[inline]
fn count(counter: &AtomicU64) {
    // ORDERING: Relaxed: a count publishes nothing.
    counter.fetch_add(1, Relaxed);
}
