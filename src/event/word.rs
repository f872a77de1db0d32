//! `Event`: one word of a flag, a generation and the line's flags.
//!
//! ```text
//!   word   ┌──────────────────┬─────┬─────────┬─────────────┐
//!          │ generation       │ SET │ HANDOFF │ HAS_WAITERS │
//!          └──────────────────┴─────┴─────────┴─────────────┘
//! ```
//!
//! Who joins the line takes the generation of that moment as its ticket. A set that finds
//! waiters begins the next generation, under the line's lock: with that one store everybody who
//! is waiting has been released, whatever happens to `SET` afterwards, and everybody who comes
//! later has a ticket of the new generation. The line then comes to them in batches.

use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};

use crate::line::{Added, Asker, FOR_A_SIGNAL, Flags, Word};
use crate::sys::{AtomicUsize, constructor};

const SET: usize = 1 << 2;
const ONE_GENERATION: usize = 1 << 3;

/// The ticket of somebody who joins the line.
const fn ticket(word: usize) -> usize {
    word & !(ONE_GENERATION - 1)
}

/// Whether somebody with this ticket may go.
const fn released(word: usize, held: usize) -> bool {
    word & SET != 0 || ticket(word) != held
}

/// The word of an event.
#[derive(Debug)]
pub(crate) struct EventWord(AtomicUsize);

impl EventWord {
    constructor! {
        pub(crate) const fn new() -> Self {
            Self(AtomicUsize::new(0))
        }
    }

    constructor! {
        /// The word of something that has happened already.
        pub(crate) const fn already_set() -> Self {
            Self(AtomicUsize::new(SET))
        }
    }

    #[inline]
    pub(crate) fn is_set(&self) -> bool {
        // ORDERING: Acquire pairs with the Release of every set: a reader that sees the flag
        // sees what its setters did.
        self.0.load(Acquire) & SET != 0
    }

    /// Sets the flag; `false` if somebody waits, and it must be done under the line's lock.
    pub(crate) fn try_set(&self) -> bool {
        // ORDERING: Relaxed: the exchange below decides.
        let mut word = self.0.load(Relaxed);
        while Flags::of(word) == Flags::NONE {
            // ORDERING: Release publishes the setter's writes, also when the flag was set
            // already: an exchange continues the release sequences before it. Relaxed on
            // failure: nothing is read.
            match (self.0).compare_exchange_weak(word, word | SET, Release, Relaxed) {
                Ok(_) => return true,
                Err(now) => word = now,
            }
        }
        false
    }

    /// Sets the flag and releases everybody in line, with the line's lock held.
    pub(crate) fn set_for_all(&self) {
        // ORDERING: Release publishes the setter's writes to all who see the flag.
        self.0.fetch_or(SET, Release);
        // ORDERING: Relaxed: a read-modify-write continues the release sequence of the one above,
        // so whoever sees the new generation sees the setter's writes as well.
        self.0.fetch_add(ONE_GENERATION, Relaxed);
    }

    pub(crate) fn clear(&self) {
        // ORDERING: Acquire pairs with the Release of the sets: whoever clears, and looks then for
        // what it has to do, sees what was done before a set that it takes away. Release: whoever
        // sees the flag cleared sees what the clearer did before.
        self.0.fetch_and(!SET, AcqRel);
    }
}

impl Word for EventWord {
    const BARGING: bool = false;
    const CLAIMS: bool = false;
    const PATIENCE: u32 = FOR_A_SIGNAL;

    #[inline]
    fn try_take(&self, _n: usize, _asker: Asker) -> bool {
        self.is_set()
    }

    fn add(&self, _n: usize) -> Added {
        Added::Unsettled
    }

    fn give(&self, _n: usize) {}

    fn take(&self, ticket: usize) -> bool {
        self.is_due(ticket)
    }

    fn free(&self) -> usize {
        if self.is_set() { usize::MAX } else { 0 }
    }

    fn flags(&self) -> Flags {
        // ORDERING: Relaxed: changed under the line's lock, which the callers that rely on it
        // hold; a hint for all others.
        Flags::of(self.0.load(Relaxed))
    }

    fn set_flags(&self, flags: Flags) {
        let change = self.flags().bits() ^ flags.bits();
        // ORDERING: Relaxed: one word holds both, so a setter that comes later sees the flags,
        // and a set that came earlier is in the word that `take` reads next. Being a
        // read-modify-write it continues the release sequences that run through the word.
        self.0.fetch_xor(change as usize, Relaxed);
    }

    fn enrol(&self, _request: usize) -> usize {
        // ORDERING: Relaxed: the generation changes under the line's lock alone.
        ticket(self.0.load(Relaxed))
    }

    fn is_due(&self, ticket: usize) -> bool {
        // ORDERING: Acquire pairs with the Release in `try_set` and `set_for_all`: whoever is
        // released sees what the setter did.
        released(self.0.load(Acquire), ticket)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_event_releases_every_ticket() {
        assert!(released(SET, ticket(0)));
        assert!(released(SET | (5 * ONE_GENERATION), ticket(0)));
    }

    #[test]
    fn a_cleared_event_releases_the_tickets_of_older_generations_alone() {
        let word = (5 * ONE_GENERATION) | Flags::BOTH.bits() as usize;
        assert!(!released(word, ticket(word)));
        assert!(released(word, ticket(word - ONE_GENERATION)));
    }

    #[test]
    fn generations_wrap_without_touching_the_flags() {
        let last = !(ONE_GENERATION - 1) | SET;
        assert_eq!(last.wrapping_add(ONE_GENERATION), SET);
    }
}
