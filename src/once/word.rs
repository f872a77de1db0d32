//! `OnceCell`: one word that says whose turn it is to make the value.
//!
//! ```text
//!   word   ┌─────┬──────┬─────────┬─────────────┐
//!          │ SET │ BUSY │ HANDOFF │ HAS_WAITERS │
//!          └─────┴──────┴─────────┴─────────────┘
//! ```
//!
//! | state | what is free | who leaves it |
//! |---|---|---|
//! | neither | the turn | whoever takes it |
//! | `BUSY` | nothing | whoever has the turn, by setting the value or by giving the turn back |
//! | `SET` | everything, for ever | whoever has the cell to itself |
//!
//! Nobody barges: while somebody stands in line, a turn that is given back is handed to the first.

use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use crate::line::{Added, Asker, FOR_A_SIGNAL, Flags, Word};
use crate::sys::{AtomicUsize, constructor};

const BUSY: usize = 1 << 2;
const SET: usize = 1 << 3;

/// The word with the turn taken by a newcomer, or `None` if it must wait.
const fn taken_by_newcomer(word: usize) -> Option<usize> {
    if Flags::of(word).bits() == Flags::NONE.bits() {
        taken(word)
    } else {
        None
    }
}

/// The word with the turn taken, or `None` if somebody has it.
const fn taken(word: usize) -> Option<usize> {
    if word & (BUSY | SET) == 0 {
        Some(word | BUSY)
    } else {
        None
    }
}

/// The word of a value that is set once.
#[derive(Debug)]
pub struct TurnWord(AtomicUsize);

impl TurnWord {
    constructor! {
        pub(crate) const fn new(is_set: bool) -> Self {
            Self(AtomicUsize::new(if is_set { SET } else { 0 }))
        }
    }

    #[inline]
    pub(crate) fn is_set(&self) -> bool {
        // ORDERING: Acquire pairs with the Release in `set`: who sees the flag sees the value.
        self.0.load(Acquire) & SET != 0
    }

    /// Whether somebody makes the value, at this instant.
    pub(crate) fn is_busy(&self) -> bool {
        // ORDERING: Relaxed: a hint; publishes nothing.
        self.0.load(Relaxed) & BUSY != 0
    }

    /// Says that the value has been written, by whoever has the turn, with the line's lock held.
    pub(crate) fn set(&self) {
        // ORDERING: Release publishes the value. Nothing is acquired: whoever has the turn has seen all that
        // came before.
        self.0.fetch_xor(BUSY | SET, Release);
    }

    /// Says that there is no value, by whoever has the cell to itself.
    pub(crate) fn unset(&self) {
        // ORDERING: Relaxed: whoever has the cell to itself hands it on in some way that orders this.
        self.0.fetch_and(!SET, Relaxed);
    }

    fn exchange(&self, transition: impl Fn(usize) -> Option<usize>) -> bool {
        // ORDERING: Acquire, here and on failure, pairs with the Release in `set`: whoever is let go because the
        // value is set sees it.
        let mut word = self.0.load(Acquire);
        while let Some(next) = transition(word) {
            // ORDERING: Acquire pairs with the Release of whoever gave the turn back: what it did is seen.
            match (self.0).compare_exchange_weak(word, next, Acquire, Acquire) {
                Ok(_) => return true,
                Err(now) => word = now,
            }
        }
        word & SET != 0
    }
}

impl Word for TurnWord {
    const BARGING: bool = false;
    const OWNED: bool = true;
    const PATIENCE: u32 = FOR_A_SIGNAL;

    #[inline]
    fn try_take(&self, _n: usize, _asker: Asker) -> bool {
        self.exchange(taken_by_newcomer)
    }

    fn add(&self, _n: usize) -> Added {
        // ORDERING: Relaxed: a flag that is missed here is seen by the exchange. Only whoever is here changes the
        // rest, unless it is set for good.
        let word = self.0.load(Relaxed);
        if word & SET != 0 {
            // It was let go, and had no turn.
            return Added::Quietly;
        }
        if Flags::of(word).has(Flags::HANDOFF) {
            return Added::Withheld;
        }
        // ORDERING: Release publishes what was done in this turn to whoever has the next one.
        let before = self.0.fetch_and(!BUSY, Release);
        if Flags::of(before) == Flags::NONE {
            Added::Quietly
        } else {
            Added::Unsettled
        }
    }

    fn give(&self, _n: usize) {
        // ORDERING: Release, as in `add`.
        self.0.fetch_and(!BUSY, Release);
    }

    fn take(&self, _n: usize) -> bool {
        self.exchange(taken)
    }

    fn free(&self) -> usize {
        // ORDERING: Relaxed: a hint; `take` decides.
        match self.0.load(Relaxed) & (BUSY | SET) {
            0 => 1,
            BUSY => 0,
            _ => usize::MAX,
        }
    }

    fn flags(&self) -> Flags {
        // ORDERING: Relaxed: changed under the line's lock, which the callers that rely on it
        // hold; a hint for all others.
        Flags::of(self.0.load(Relaxed))
    }

    fn set_flags(&self, flags: Flags) {
        let change = self.flags().bits() ^ flags.bits();
        // ORDERING: Relaxed: one word holds both, so a turn that is given back later sees the flags, and one that
        // was given back earlier is in the word that `take` reads next. Being a read-modify-write it continues the
        // release sequences that run through the word.
        self.0.fetch_xor(change as usize, Relaxed);
    }

    fn is_due(&self, _request: usize) -> bool {
        self.is_set()
    }

    fn is_exclusive(_n: usize) -> bool {
        true
    }

    fn is_owned(&self) -> bool {
        // Who is let go because the value is set has nothing.
        self.is_busy()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newcomer_takes_a_turn_for_which_nobody_waits() {
        assert_eq!(taken_by_newcomer(0), Some(BUSY));
        assert_eq!(taken_by_newcomer(BUSY), None);
        assert_eq!(taken_by_newcomer(Flags::BOTH.bits() as usize), None);
    }

    #[test]
    fn a_turn_is_taken_for_who_stands_in_line() {
        let waited_for = Flags::BOTH.bits() as usize;
        assert_eq!(taken(waited_for), Some(waited_for | BUSY));
        assert_eq!(taken(waited_for | BUSY), None);
    }

    #[test]
    fn what_is_set_is_there_for_everybody() {
        let word = TurnWord::new(true);
        assert!(word.try_take(1, Asker::Task) && word.take(1));
        assert_eq!(word.add(1), Added::Quietly);
        assert!(word.is_set() && !word.is_busy());
    }
}
