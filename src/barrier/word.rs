//! `Barrier`: how many have arrived for the round, and whether the barrier is broken.
//!
//! ```text
//!   word   ┌─────────────────────────┬────────┐
//!          │ arrived                 │ BROKEN │      BROKEN implies: nobody has arrived
//!          └─────────────────────────┴────────┘
//! ```
//!
//! | event | while others are missing | for the last one | while it is broken |
//! |---|---|---|---|
//! | somebody arrives | joins | completes: a fresh round begins | refused |
//! | somebody who waits is dropped | departs | – | – |
//! | a deadline passes, an abort | broken, and those in it are told so | the same | stays broken |
//! | a reset | fresh, and those in it are told that it broke | the same | fresh |
//! | the action of an older round panics | broken, and those in it are told so | the same | stays broken |
//!
//! All changes happen under the lock of the [`Generations`](super::generations::Generations) that hold the word, and
//! each is one decision: a round that has been completed is not in the word any more, so nothing
//! that comes later can break it.

use super::arrival::Arrival;
use crate::error::BrokenBarrier;

const BROKEN: usize = 1;
const ONE_ARRIVAL: usize = 1 << 1;

/// The round that is being filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Generation(usize);

/// What an arrival does to the round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Others are missing: this is the round with the newcomer in it.
    Joins(Generation),
    /// The newcomer is the last: this is the round that begins.
    Completes(Generation),
    /// The barrier is broken.
    Refused,
}

impl Generation {
    /// Nobody has arrived.
    pub(crate) const FRESH: Self = Self(0);
    /// Nobody may arrive.
    pub(crate) const BROKEN: Self = Self(BROKEN);

    /// The round in a word.
    pub(crate) const fn of(word: usize) -> Self {
        Self(word)
    }

    /// The round as a word.
    pub(crate) const fn word(self) -> usize {
        self.0
    }

    /// How many have arrived.
    pub(crate) const fn arrived(self) -> usize {
        self.0 / ONE_ARRIVAL
    }

    pub(crate) const fn is_broken(self) -> bool {
        self.0 & BROKEN != 0
    }

    /// Whether the next to arrive would be the last of `parties`.
    pub(crate) const fn lacks_one(self, parties: usize) -> bool {
        !self.is_broken() && self.arrived() == parties - 1
    }

    /// Somebody arrives at a barrier for `parties`.
    ///
    /// The count cannot run over: each arrival is a node in memory.
    pub(crate) const fn arrival(self, parties: usize) -> Step {
        if self.is_broken() {
            Step::Refused
        } else if self.lacks_one(parties) {
            Step::Completes(Self::FRESH)
        } else {
            Step::Joins(Self(self.0 + ONE_ARRIVAL))
        }
    }

    /// Somebody who has arrived leaves.
    pub(crate) const fn departure(self) -> Self {
        Self(self.0 - ONE_ARRIVAL)
    }
}

/// How a round ended for one of those in it: a place, or a mark that no place has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Outcome(usize);

impl Outcome {
    /// The round was broken.
    pub(crate) const BROKEN: Self = Self(usize::MAX);

    /// The round was completed. A place is less than the number of parties, so it is never the
    /// mark.
    pub(crate) const fn place(place: usize) -> Self {
        Self(place)
    }

    /// The outcome in a node.
    pub(crate) const fn of(want: usize) -> Self {
        Self(want)
    }

    /// The outcome as a node keeps it.
    pub(crate) const fn want(self) -> usize {
        self.0
    }

    /// What the caller is told.
    pub(crate) const fn told(self, parties: usize) -> Result<Arrival, BrokenBarrier> {
        if self.0 == usize::MAX {
            return Err(BrokenBarrier::by_others());
        }
        Ok(Arrival::new(self.0, parties))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(parties: usize, arrivals: usize) -> Generation {
        (0..arrivals).fold(Generation::FRESH, |round, _| match round.arrival(parties) {
            Step::Joins(round) => round,
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn the_last_arrival_begins_a_fresh_round() {
        for parties in [1, 2, 5] {
            let round = filled(parties, parties - 1);
            assert!(round.lacks_one(parties));
            assert_eq!(round.arrival(parties), Step::Completes(Generation::FRESH));
        }
    }

    #[test]
    fn a_departure_takes_back_one_arrival() {
        let round = filled(3, 2).departure();
        assert_eq!(round, filled(3, 1));
        assert!(!round.lacks_one(3));
        assert_eq!(round.departure(), Generation::FRESH);
    }

    #[test]
    fn a_broken_barrier_refuses_even_the_last() {
        assert_eq!(Generation::BROKEN.arrival(1), Step::Refused);
        assert!(!Generation::BROKEN.lacks_one(1));
        assert_eq!(Generation::BROKEN.arrived(), 0);
    }

    #[test]
    fn the_most_parties_are_never_complete() {
        assert_eq!(filled(usize::MAX, 3).arrived(), 3);
    }

    #[test]
    fn the_last_place_is_the_leader_s() {
        let leads = |place| Outcome::place(place).told(3).unwrap().is_leader();
        assert_eq!([0, 1, 2].map(leads), [false, false, true]);
        assert!(!Outcome::BROKEN.told(3).unwrap_err().timed_out());
    }
}
