//! `Job`: one word that says how far a job has come.
//!
//! ```text
//!    ┌────────┬───────┬────────┬────────┬───────────┬─────────┬─────────┬──────┬─────────┬─────────────┐
//!    │ FAILED │ CALLS │ CLOSED │ BROKEN │ CANCELLED │ RUNNING │ CLAIMED │ DONE │ HANDOFF │ HAS_WAITERS │
//!    └────────┴───────┴────────┴────────┴───────────┴─────────┴─────────┴──────┴─────────┴─────────────┘
//! ```
//!
//! Whoever sets `CLAIMED` decides the outcome, alone: a worker, a canceller, a producer that sets
//! a value, a pool that breaks. It also says which outcome, if that is one of the three that need
//! no value; any other lies in the job's slot by the time at which `DONE` is set. `DONE` releases
//! everybody who waits, and nothing changes afterwards but `CALLS`: somebody has added a callback.

use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use crate::line::{Added, Asker, FOR_A_SIGNAL, Flags, Word};
use crate::sys::AtomicUsize;

const DONE: usize = 1 << 2;
const CLAIMED: usize = 1 << 3;
const RUNNING: usize = 1 << 4;
const CANCELLED: usize = 1 << 5;
const BROKEN: usize = 1 << 6;
const CLOSED: usize = 1 << 7;
const CALLS: usize = 1 << 8;
const FAILED: usize = 1 << 9;

/// An outcome that is fixed with the claim itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Whoever claims it brings the outcome later.
    Open,
    /// The same, and the work begins now.
    Running,
    Cancelled,
    PoolBroken,
    Closed,
}

/// The word of a job.
#[derive(Debug)]
pub(crate) struct JobWord(AtomicUsize);

impl JobWord {
    /// A job that waits to be claimed.
    pub(crate) fn queued() -> Self {
        Self(AtomicUsize::new(0))
    }

    /// A job that somebody works on and has not claimed yet.
    pub(crate) fn under_way() -> Self {
        Self(AtomicUsize::new(RUNNING))
    }

    fn load(&self) -> usize {
        // ORDERING: Acquire pairs with the Release of `finish`: who sees that it is done sees the
        // outcome.
        self.0.load(Acquire)
    }

    pub(crate) fn is_done(&self) -> bool {
        self.load() & DONE != 0
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.load() & CANCELLED != 0
    }

    pub(crate) fn is_claimed(&self) -> bool {
        self.load() & CLAIMED != 0
    }

    /// Whether somebody has claimed it who brings its outcome, and has not done so.
    pub(crate) fn is_claimed_for_an_outcome(&self) -> bool {
        self.load() & (CLAIMED | DONE | CANCELLED | BROKEN | CLOSED) == CLAIMED
    }

    /// Whether it has started and nobody has ended it.
    pub(crate) fn is_running(&self) -> bool {
        self.load() & (RUNNING | DONE | CANCELLED | BROKEN | CLOSED) == RUNNING
    }

    /// Whether nobody has ended it, or fixed how it ends.
    pub(crate) fn is_open(&self) -> bool {
        self.load() & (DONE | CANCELLED | BROKEN | CLOSED) == 0
    }

    /// Whether it is done, and has no value.
    pub(crate) fn has_failed(&self) -> bool {
        let word = self.load();
        word & DONE != 0 && word & (FAILED | CANCELLED | BROKEN | CLOSED) != 0
    }

    /// The outcome that was fixed with the claim.
    pub(crate) fn outcome(&self) -> Outcome {
        let word = self.load();
        if word & CANCELLED != 0 {
            Outcome::Cancelled
        } else if word & BROKEN != 0 {
            Outcome::PoolBroken
        } else if word & CLOSED != 0 {
            Outcome::Closed
        } else {
            Outcome::Open
        }
    }

    /// Makes the caller the one who decides; `false` if somebody else is.
    pub(crate) fn claim(&self, outcome: Outcome) -> bool {
        let bits = CLAIMED
            | match outcome {
                Outcome::Open => 0,
                Outcome::Running => RUNNING,
                Outcome::Cancelled => CANCELLED,
                Outcome::PoolBroken => BROKEN,
                Outcome::Closed => CLOSED,
            };
        // ORDERING: Relaxed: the exchange below decides.
        let mut word = self.0.load(Relaxed);
        while word & CLAIMED == 0 {
            // ORDERING: Release: a later reader of the outcome sees what its claimer did before.
            // Nothing is acquired: whoever knows the job has been given it, with all that it was
            // made of. Relaxed on failure: nothing is read.
            match (self.0).compare_exchange_weak(word, word | bits, Release, Relaxed) {
                Ok(_) => return true,
                Err(now) => word = now,
            }
        }
        false
    }

    /// Gives up a job that the caller has claimed without an outcome: it is cancelled.
    pub(crate) fn give_up(&self) {
        // ORDERING: Release, as in `claim`, which said nothing of how it ends.
        self.0.fetch_or(CANCELLED, Release);
    }

    /// Says that the work has begun, without a claim.
    pub(crate) fn start(&self) {
        // ORDERING: Relaxed: it publishes nothing, and as a read-modify-write it continues the
        // release sequences of the word.
        self.0.fetch_or(RUNNING, Relaxed);
    }

    /// Ends it with a value, if nobody waits and nobody has claimed it, and says whether there are
    /// callbacks.
    pub(crate) fn try_end(&self) -> Option<bool> {
        // ORDERING: Relaxed: the exchange below decides.
        let mut word = self.0.load(Relaxed);
        while Flags::of(word) == Flags::NONE && word & CLAIMED == 0 {
            // ORDERING: as in `claim` and `try_finish`, which this is at once.
            match (self.0).compare_exchange_weak(word, word | CLAIMED | DONE, Release, Relaxed) {
                Ok(_) => return Some(word & CALLS != 0),
                Err(now) => word = now,
            }
        }
        None
    }

    /// Ends it, if nobody waits, and says whether there are callbacks; `None` if somebody does,
    /// and it must be done under the line's lock.
    pub(crate) fn try_finish(&self, failed: bool) -> Option<bool> {
        let bits = DONE | if failed { FAILED } else { 0 };
        // ORDERING: Relaxed: the exchange below decides.
        let mut word = self.0.load(Relaxed);
        while Flags::of(word) == Flags::NONE {
            // ORDERING: Release publishes the outcome. Nothing is acquired: callbacks lie under the
            // line's lock, which whoever runs them takes. Relaxed on failure: nothing is read.
            match (self.0).compare_exchange_weak(word, word | bits, Release, Relaxed) {
                Ok(_) => return Some(word & CALLS != 0),
                Err(now) => word = now,
            }
        }
        None
    }

    /// Ends it, with the line's lock held, and says whether there are callbacks.
    pub(crate) fn finish(&self, failed: bool) -> bool {
        let bits = DONE | if failed { FAILED } else { 0 };
        // ORDERING: as in `try_finish`.
        self.0.fetch_or(bits, Release) & CALLS != 0
    }

    /// Says that there are callbacks, with the line's lock held. `Err` if it is done, with
    /// whether its end has seen that there are some.
    pub(crate) fn announce_call(&self) -> Result<(), bool> {
        // ORDERING: Acquire pairs with the Release of the end: a callback that runs at once sees the
        // outcome. Nothing is published that the line's lock does not publish.
        let before = self.0.fetch_or(CALLS, Acquire);
        if before & DONE == 0 {
            Ok(())
        } else {
            Err(before & CALLS != 0)
        }
    }
}

impl Word for JobWord {
    const OWNED: bool = true;
    const BARGING: bool = false;
    const CLAIMS: bool = false;
    const PATIENCE: u32 = FOR_A_SIGNAL;

    #[inline]
    fn try_take(&self, _n: usize, _asker: Asker) -> bool {
        self.is_done()
    }

    fn add(&self, _n: usize) -> Added {
        Added::Unsettled
    }

    fn give(&self, _n: usize) {}

    fn take(&self, _n: usize) -> bool {
        self.is_done()
    }

    fn free(&self) -> usize {
        if self.is_done() { usize::MAX } else { 0 }
    }

    fn flags(&self) -> Flags {
        // ORDERING: Relaxed: changed under the line's lock, which the callers that rely on it
        // hold; a hint for all others.
        Flags::of(self.0.load(Relaxed))
    }

    fn set_flags(&self, flags: Flags) {
        let change = self.flags().bits() ^ flags.bits();
        // ORDERING: Relaxed: one word holds both, so an end that comes later sees the flags, and
        // one that came earlier is in the word that `take` reads next. Being a read-modify-write
        // it continues the release sequences that run through the word.
        self.0.fetch_xor(change as usize, Relaxed);
    }

    fn is_due(&self, _request: usize) -> bool {
        self.is_done()
    }
}

#[cfg(test)]
mod tests {
    use super::{JobWord, Outcome};

    #[test]
    fn only_the_first_claim_counts() {
        let word = JobWord::queued();
        assert!(word.claim(Outcome::Cancelled));
        assert!(!word.claim(Outcome::Running));
        assert!(word.is_cancelled() && !word.is_running() && !word.is_done());
        assert_eq!(word.outcome(), Outcome::Cancelled);
    }

    #[test]
    fn it_runs_from_its_start_until_its_end() {
        let word = JobWord::queued();
        assert!(!word.is_running());
        assert!(word.claim(Outcome::Running));
        assert!(word.is_running());
        assert_eq!(word.try_finish(false), Some(false));
        assert!(word.is_done() && !word.is_running() && !word.has_failed());
    }

    #[test]
    fn a_callback_is_seen_by_the_end_or_told_of_it() {
        let early = JobWord::under_way();
        assert_eq!(early.announce_call(), Ok(()));
        assert_eq!(early.try_finish(true), Some(true));
        assert!(early.has_failed());
        assert_eq!(early.announce_call(), Err(true));

        let late = JobWord::under_way();
        assert_eq!(late.try_finish(false), Some(false));
        assert_eq!(late.announce_call(), Err(false));
    }

    #[test]
    fn a_value_ends_it_at_once_unless_somebody_has_claimed_it() {
        let word = JobWord::queued();
        assert!(word.is_open());
        assert_eq!(word.try_end(), Some(false));
        assert!(word.is_done() && !word.is_open() && !word.claim(Outcome::Cancelled));

        let claimed = JobWord::queued();
        assert!(claimed.claim(Outcome::Cancelled) && !claimed.is_open());
        assert_eq!(claimed.try_end(), None);
        assert!(!claimed.is_done());
    }

    #[test]
    fn a_verdict_is_a_failure_once_it_is_done() {
        let word = JobWord::queued();
        word.claim(Outcome::Closed);
        assert!(!word.has_failed());
        word.try_finish(false);
        assert!(word.has_failed());
    }
}
