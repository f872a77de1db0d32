//! `Semaphore` and `BoundedSemaphore`: one word of free permits and flags, and the room left.
//!
//! ```text
//!   word   ┌───────────────────────────┬─────────┬─────────────┐
//!          │ free permits, signed      │ HANDOFF │ HAS_WAITERS │
//!          └───────────────────────────┴─────────┴─────────────┘
//!   room     how many permits may still be added: the limit, less the free, less those out
//! ```
//!
//! `room` is never more than there is: a release lowers it before it raises the word, and
//! whoever takes permits away for good raises it afterwards. So the word cannot overflow when
//! permits come back, and permits that are out count without being counted on every acquire.
//!
//! The number of free permits is negative while more are out than a lowered capacity allows: a
//! debt, which the permits that come back pay first. `free + out + room` is always the capacity.
//! Permits are acquired only while some are free, so `out + room` never exceeds the largest
//! capacity, and `free` stays between `-MAX_PERMITS` and `MAX_PERMITS`, which is what the bits hold.

use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use crate::line::{Added, Asker, Flags, Word};
use crate::sys::{AtomicUsize, constructor};

/// How far the permits are shifted to make room for the flags.
const SHIFT: u32 = 2;
/// More permits than this can never exist.
pub(crate) const MAX_PERMITS: usize = usize::MAX >> 3;

/// How many permits are free in the word; below zero if more are out than there should be.
#[expect(clippy::cast_possible_wrap, reason = "the number is signed")]
const fn free(word: usize) -> isize {
    word as isize >> SHIFT
}

/// How many permits that is for whoever asks.
const fn available(word: usize) -> usize {
    let free = free(word);
    if free > 0 { free.unsigned_abs() } else { 0 }
}

/// The word with `n` permits taken by a newcomer, or `None` if it must wait.
const fn taken_by(word: usize, n: usize, asker: Asker) -> Option<usize> {
    let flags = Flags::of(word);
    let may_pass = match asker {
        // A thread may pass waiting threads, until the line hands over.
        Asker::Thread => !flags.has(Flags::HANDOFF),
        // A task passes nobody.
        Asker::Task => flags.bits() == Flags::NONE.bits(),
    };
    // Nothing is always there: it needs no place in line.
    if may_pass || n == 0 {
        taken(word, n)
    } else {
        None
    }
}

/// The word with `n` permits taken, at most `MAX_PERMITS`, or `None` if there are not that many.
#[expect(clippy::cast_possible_wrap, reason = "see the assertion")]
const fn taken(word: usize, n: usize) -> Option<usize> {
    debug_assert!(n <= MAX_PERMITS, "the callers have checked it");
    // In debt there is nothing, and zero permits are still had.
    if n as isize <= free(word) || n == 0 {
        Some(word - (n << SHIFT))
    } else {
        None
    }
}

/// The word of a semaphore.
#[derive(Debug)]
pub struct PermitWord {
    word: AtomicUsize,
    room: AtomicUsize,
}

impl PermitWord {
    constructor! {
        /// `permits` that are free, of at most `limit`.
        pub(crate) const fn new(permits: usize, limit: usize) -> Self {
            Self {
                word: AtomicUsize::new(permits << SHIFT),
                room: AtomicUsize::new(limit - permits),
            }
        }
    }

    pub(crate) fn available(&self) -> usize {
        // ORDERING: Relaxed: true at this instant; publishes nothing.
        available(self.word.load(Relaxed))
    }

    /// Takes `n` permits away, whether they are free or out. With the line's lock held.
    pub(super) fn lower(&self, n: usize) {
        // ORDERING: Relaxed: nothing is published to those who find fewer permits. Being a
        // read-modify-write it continues the release sequences that run through the word.
        self.word.fetch_add((n << SHIFT).wrapping_neg(), Relaxed);
    }

    /// Announces `n` new permits, if there is room for them.
    pub(crate) fn grow(&self, n: usize) -> bool {
        // ORDERING: Relaxed: a counter on its own; the word publishes the permits.
        let mut room = self.room.load(Relaxed);
        while let Some(rest) = room.checked_sub(n) {
            // ORDERING: Relaxed, as above.
            match (self.room).compare_exchange_weak(room, rest, Relaxed, Relaxed) {
                Ok(_) => return true,
                Err(now) => room = now,
            }
        }
        false
    }

    /// Makes room for `n` permits that nobody holds any more.
    pub(crate) fn shrink(&self, n: usize) {
        // ORDERING: Relaxed: a counter on its own.
        self.room.fetch_add(n, Relaxed);
    }

    fn exchange(&self, transition: impl Fn(usize) -> Option<usize>) -> bool {
        // ORDERING: Relaxed: the exchange below decides.
        let mut word = self.word.load(Relaxed);
        while let Some(next) = transition(word) {
            // ORDERING: Acquire pairs with the Release of every release whose permits this may
            // take (the exchanges between them continue its release sequence): what the
            // releaser did before is seen. Relaxed on failure: the loop looks again.
            match (self.word).compare_exchange_weak(word, next, Acquire, Relaxed) {
                Ok(_) => return true,
                Err(now) => word = now,
            }
        }
        false
    }
}

impl Word for PermitWord {
    #[inline]
    fn try_take(&self, n: usize, asker: Asker) -> bool {
        self.exchange(|word| taken_by(word, n, asker))
    }

    #[inline]
    fn add(&self, n: usize) -> Added {
        // ORDERING: Relaxed: a flag that is missed here is seen by the addition.
        if Flags::of(self.word.load(Relaxed)).has(Flags::HANDOFF) {
            return Added::Withheld;
        }
        // ORDERING: Release publishes what the releaser did to whoever takes these permits.
        let before = self.word.fetch_add(n << SHIFT, Release);
        if Flags::of(before) == Flags::NONE {
            Added::Quietly
        } else {
            Added::Unsettled
        }
    }

    fn give(&self, n: usize) {
        // ORDERING: Release, as in `add`.
        self.word.fetch_add(n << SHIFT, Release);
    }

    fn take(&self, n: usize) -> bool {
        self.exchange(|word| taken(word, n))
    }

    fn free(&self) -> usize {
        self.available()
    }

    fn is_in_debt(&self) -> bool {
        // ORDERING: Relaxed: the number falls below zero only under the line's lock, which the
        // caller holds. Whoever pays meanwhile settles the line afterwards.
        free(self.word.load(Relaxed)) < 0
    }

    fn flags(&self) -> Flags {
        // ORDERING: Relaxed: changed under the line's lock, which the callers that rely on it
        // hold; a hint for all others.
        Flags::of(self.word.load(Relaxed))
    }

    fn set_flags(&self, flags: Flags) {
        let change = self.flags().bits() ^ flags.bits();
        // ORDERING: Relaxed: one word holds both, so a releaser that comes later sees the
        // flags, and what came earlier is in the word that `take` reads next. Being a
        // read-modify-write it continues the release sequences that run through the word.
        self.word.fetch_xor(change as usize, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newcomer_takes_no_more_than_is_free() {
        assert_eq!(taken_by(3 << SHIFT, 3, Asker::Task), Some(0));
        assert_eq!(taken_by(3 << SHIFT, 4, Asker::Task), None);
        assert_eq!(taken_by(3 << SHIFT, MAX_PERMITS, Asker::Thread), None);
    }

    #[test]
    fn in_debt_nobody_takes_anything_but_nothing() {
        let word = PermitWord::new(2, 2);
        word.set_flags(Flags::HAS_WAITERS);
        word.lower(2 + MAX_PERMITS);
        assert!(word.is_in_debt() && word.flags() == Flags::HAS_WAITERS);
        assert_eq!((word.available(), word.free()), (0, 0));
        assert!(!word.try_take(1, Asker::Thread) && !word.take(1) && !word.take(MAX_PERMITS));
        assert!(word.take(0) && word.try_take(0, Asker::Task));
        word.give(MAX_PERMITS - 1);
        assert!(word.is_in_debt());
        word.give(2);
        assert!(!word.is_in_debt() && word.flags() == Flags::HAS_WAITERS);
        assert_eq!(word.available(), 1);
    }

    #[test]
    fn a_thread_passes_waiting_threads_and_a_task_passes_nobody() {
        let word = 1 << SHIFT | Flags::HAS_WAITERS.bits() as usize;
        assert_eq!(taken_by(word, 1, Asker::Thread), Some(word - (1 << SHIFT)));
        assert_eq!(taken_by(word, 1, Asker::Task), None);
    }

    #[test]
    fn nobody_passes_a_head_that_is_handed_over_to() {
        let word = 1 << SHIFT | Flags::BOTH.bits() as usize;
        assert_eq!(taken_by(word, 1, Asker::Thread), None);
        assert_eq!(taken_by(word, 1, Asker::Task), None);
        assert_eq!(taken(word, 1), Some(Flags::BOTH.bits() as usize));
        assert_eq!(taken_by(word, 0, Asker::Task), Some(word));
    }
}
