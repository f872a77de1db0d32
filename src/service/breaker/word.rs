//! The word of a breaker: where it stands, and how many calls in a row have failed.
//!
//! ```text
//!    ┌────────────────────────────┬──────────────────────────┬───────────┐
//!    │ generation (32 bits)       │ failures (30 bits)       │ state (2) │
//!    └────────────────────────────┴──────────────────────────┴───────────┘
//! ```
//!
//! Every change of the state begins a generation, and is made with the breaker's lock held; failures are
//! counted without it. An answer carries the generation in which its call was admitted, and changes nothing
//! in any other.

/// Whether calls are admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BreakerState {
    /// All are.
    Closed,
    /// No call is admitted until the time is over.
    Open,
    /// A few are, to see how they fare.
    HalfOpen,
}

const STATE: u64 = 3;
const ONE_FAILURE: u64 = 4;
const GENERATION: u32 = 32;

/// More failures in a row than this cannot be counted.
pub(super) const MOST: u32 = (1 << 30) - 1;

pub(super) const fn state(word: u64) -> BreakerState {
    match word & STATE {
        0 => BreakerState::Closed,
        1 => BreakerState::Open,
        _ => BreakerState::HalfOpen,
    }
}

pub(super) const fn generation(word: u64) -> u32 {
    (word >> GENERATION) as u32
}

#[expect(clippy::cast_possible_truncation, reason = "30 bits are kept")]
const fn failures(word: u64) -> u32 {
    (word as u32) >> 2
}

/// Whether an answer to a call that was let through in this generation still counts.
const fn counts(word: u64, admitted: u32) -> bool {
    word & STATE == 0 && generation(word) == admitted
}

/// The word in the next generation.
pub(super) const fn changed(word: u64, state: BreakerState) -> u64 {
    let next = (generation(word).wrapping_add(1) as u64) << GENERATION;
    next | state as u64
}

/// What an answer does to a closed breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// It comes from another generation.
    Late,
    /// Nothing is to be changed.
    None,
    /// The word becomes this.
    Word(u64),
    /// It was the failure too many.
    Trips,
}

pub(super) const fn succeeded(word: u64, admitted: u32) -> Effect {
    if !counts(word, admitted) {
        Effect::Late
    } else if failures(word) == 0 {
        Effect::None
    } else {
        Effect::Word(word - (failures(word) as u64) * ONE_FAILURE)
    }
}

pub(super) const fn failed(word: u64, admitted: u32, limit: u32) -> Effect {
    if !counts(word, admitted) {
        Effect::Late
    } else if failures(word) + 1 >= limit {
        Effect::Trips
    } else {
        Effect::Word(word + ONE_FAILURE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_in_a_row_trip_and_a_success_between_them_does_not() {
        let Effect::Word(one) = failed(0, 0, 3) else {
            panic!("one of three")
        };
        let Effect::Word(two) = failed(one, 0, 3) else {
            panic!("two of three")
        };
        assert_eq!(failed(two, 0, 3), Effect::Trips);
        assert_eq!(succeeded(two, 0), Effect::Word(0));
        assert_eq!(succeeded(0, 0), Effect::None);
        assert_eq!(failed(0, 0, 1), Effect::Trips);
    }

    #[test]
    fn an_answer_of_another_generation_changes_nothing() {
        let open = changed(0, BreakerState::Open);
        assert_eq!((state(open), generation(open)), (BreakerState::Open, 1));
        for late in [0, 1, 2] {
            assert_eq!(succeeded(open, late), Effect::Late);
            assert_eq!(failed(open, late, 1), Effect::Late);
        }
        let closed = changed(changed(open, BreakerState::HalfOpen), BreakerState::Closed);
        assert_eq!(
            (state(closed), generation(closed)),
            (BreakerState::Closed, 3)
        );
        assert_eq!(failed(closed, 0, 1), Effect::Late);
        assert_eq!(failed(closed, 3, 1), Effect::Trips);
    }

    #[test]
    fn generations_wrap_and_the_most_failures_fit() {
        let last = u64::from(u32::MAX) << GENERATION;
        assert_eq!(generation(changed(last, BreakerState::HalfOpen)), 0);
        let full = u64::from(MOST - 1) * ONE_FAILURE;
        assert_eq!(failures(full), MOST - 1);
        assert_eq!(failed(full, 0, MOST), Effect::Trips);
        assert_eq!(succeeded(full, 0), Effect::Word(0));
    }
}
