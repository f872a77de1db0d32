//! `Watch`: one word of a version, whether it is closed, and the line's flags.
//!
//! ```text
//!   word   ┌──────────────────┬────────┬─────────┬─────────────┐
//!          │ version          │ CLOSED │ HANDOFF │ HAS_WAITERS │
//!          └──────────────────┴────────┴─────────┴─────────────┘
//! ```
//!
//! The request of somebody who waits is the version that it has seen. It may go as soon as the word has another one, or is
//! closed. Everybody in line has seen the version of the moment at which it joined: whoever has seen an older one
//! goes at once (`DUE_AT_JOIN`). So the versions in line never go down from head to tail, and after a send all may go that
//! stand before the first who may not.

use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use crate::line::{Added, Asker, FOR_A_SIGNAL, Flags, Word};
use crate::sys::{AtomicUsize, constructor};

const CLOSED: usize = 1 << 2;
const ONE_VERSION: usize = 1 << 3;

/// The version in a word.
const fn version(word: usize) -> usize {
    word & !(ONE_VERSION - 1)
}

/// What somebody finds who has seen a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing new.
    Same,
    /// This version.
    Changed(usize),
    /// Nothing new, and there will be none.
    Closed,
}

const fn found(word: usize, seen: usize) -> Found {
    if version(word) != seen {
        Found::Changed(version(word))
    } else if word & CLOSED != 0 {
        Found::Closed
    } else {
        Found::Same
    }
}

/// The word of a value that changes.
#[derive(Debug)]
pub(crate) struct VersionWord(AtomicUsize);

impl VersionWord {
    constructor! {
        pub(super) const fn new() -> Self {
            Self(AtomicUsize::new(0))
        }
    }

    /// The version, for somebody who keeps the value from being changed.
    pub(super) fn version(&self) -> usize {
        // ORDERING: Relaxed: it is changed under the lock of the value, which the caller has.
        version(self.0.load(Relaxed))
    }

    /// What there is for somebody who has seen this version.
    pub(super) fn look(&self, seen: usize) -> Found {
        // ORDERING: Acquire pairs with the Release in `count_up` and `close`: who sees a change sees what was done
        // before it.
        found(self.0.load(Acquire), seen)
    }

    /// Makes it the next version, with the lock of the value held; `true` if somebody waits and must be told.
    pub(super) fn count_up(&self) -> bool {
        // ORDERING: Release publishes what was done before the change to those who see it without the lock. The flags are
        // in the same word: who raises them later finds the new version.
        let before = self.0.fetch_add(ONE_VERSION, Release);
        Flags::of(before) != Flags::NONE
    }

    /// Says that there will be no other version.
    pub(super) fn close(&self) {
        // ORDERING: Release, as in `count_up`.
        self.0.fetch_or(CLOSED, Release);
    }
}

impl Word for VersionWord {
    const BARGING: bool = false;
    const CLAIMS: bool = false;
    const DUE_AT_JOIN: bool = true;
    const PATIENCE: u32 = FOR_A_SIGNAL;

    #[inline]
    fn try_take(&self, seen: usize, _asker: Asker) -> bool {
        self.is_due(seen)
    }

    fn add(&self, _n: usize) -> Added {
        Added::Unsettled
    }

    fn give(&self, _n: usize) {}

    fn take(&self, seen: usize) -> bool {
        self.is_due(seen)
    }

    fn free(&self) -> usize {
        usize::MAX
    }

    fn flags(&self) -> Flags {
        // ORDERING: Relaxed: changed under the line's lock, which the callers that rely on it
        // hold; a hint for all others.
        Flags::of(self.0.load(Relaxed))
    }

    fn set_flags(&self, flags: Flags) {
        let change = self.flags().bits() ^ flags.bits();
        // ORDERING: Relaxed: one word holds both, so a send that comes later sees the flags, and one that came
        // earlier is in the word that `take` reads next. Being a read-modify-write it continues the release sequences that
        // run through the word.
        self.0.fetch_xor(change as usize, Relaxed);
    }

    #[inline]
    fn is_due(&self, seen: usize) -> bool {
        self.look(seen) != Found::Same
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_last_change_comes_before_the_end() {
        let (seen, next) = (5 * ONE_VERSION, 6 * ONE_VERSION);
        let flags = Flags::BOTH.bits() as usize;
        assert_eq!(found(seen | flags, seen), Found::Same);
        assert_eq!(found(seen | CLOSED | flags, seen), Found::Closed);
        assert_eq!(found(next | CLOSED, seen), Found::Changed(next));
        assert_eq!(found(next | CLOSED, next), Found::Closed);
    }

    #[test]
    fn versions_wrap_without_touching_the_rest() {
        let word = VersionWord(AtomicUsize::new(version(usize::MAX) | CLOSED));
        assert!(!word.count_up());
        assert_eq!(word.look(0), Found::Closed);
        assert_eq!(word.look(ONE_VERSION), Found::Changed(0));
    }
}
