//! `RLock`: one word that says who owns it, and how often.
//!
//! ```text
//!   word   ┌──────┬───────────────────────────────┬─────────────┐
//!          │ kind │ number of the thread or task  │ depth       │     0: nobody owns it
//!          └──────┴───────────────────────────────┴─────────────┘
//!           2 bits             46 bits                16 bits
//! ```
//!
//! The lock's line decides who owns it; this word only tells the owner that it is the one, so it
//! is written by whoever has been granted the lock and by those who hold its guards:
//!
//! | owner | who writes | how |
//! |---|---|---|
//! | a thread | that thread alone, for its guards cannot leave it | loads and stores |
//! | a task | its polls, and whoever drops one of its guards, on any thread | compare-exchange |
//!
//! A word that is not 0 becomes another owner's only by way of 0 and of the line. So a
//! compare-exchange that expects one's own number can succeed only while one owns the lock,
//! however stale the load before it was.
//!
//! Numbers never repeat: who comes when they have run out, after 2^46 threads or 2^45 tasks, is refused with a panic.

use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use crate::identity::Owner;
use crate::sys::{AtomicU64, constructor};

const DEPTH_BITS: u32 = 16;
/// How often one owner can have it at once.
pub(crate) const MAX_DEPTH: u64 = (1 << DEPTH_BITS) - 1;
const NOBODY: u64 = 0;

/// The word of an owner who has locked once.
const fn once(owner: Owner) -> u64 {
    owner.bits() << DEPTH_BITS | 1
}

/// How often the owner has it.
const fn depth(word: u64) -> u64 {
    word & MAX_DEPTH
}

const fn owned_by(word: u64, owner: Owner) -> bool {
    word >> DEPTH_BITS == owner.bits()
}

/// The word after one more lock by its owner, or `None` if there is no room for it.
const fn deeper(word: u64) -> Option<u64> {
    if depth(word) == MAX_DEPTH {
        None
    } else {
        Some(word + 1)
    }
}

/// The word after one unlock.
const fn shallower(word: u64) -> u64 {
    if depth(word) == 1 { NOBODY } else { word - 1 }
}

/// How an attempt to lock once more went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nested {
    /// It is one deeper.
    Done,
    /// Somebody else owns it, or nobody.
    NotMine,
    /// It cannot be deeper; nothing was changed.
    Full,
}

/// Who owns a lock, and how often.
#[derive(Debug)]
pub(crate) struct OwnerWord(AtomicU64);

impl OwnerWord {
    constructor! {
        pub(crate) const fn new() -> Self {
            Self(AtomicU64::new(NOBODY))
        }
    }

    /// Makes somebody the owner who has just been granted the lock.
    pub(crate) fn begin(&self, owner: Owner) {
        self.resume(once(owner));
    }

    /// How often the owner has it, as one who holds a guard sees it.
    pub(crate) fn depth(&self) -> u64 {
        // ORDERING: Acquire pairs with the Release in `leave_shared`: who sees that the other
        // guards are gone sees what was done under them.
        depth(self.0.load(Acquire))
    }

    /// How often somebody has it who asks for itself.
    pub(crate) fn depth_of(&self, me: Owner) -> u64 {
        // ORDERING: Acquire, as in `depth`. Whether one's own number is there is not a matter of order: it is
        // written by those who hold its guards, and by whoever asks.
        let word = self.0.load(Acquire);
        if owned_by(word, me) { depth(word) } else { 0 }
    }

    /// Locks once more if this thread owns it.
    #[inline]
    pub(crate) fn nest(&self, me: Owner) -> Nested {
        // ORDERING: Relaxed, here and below: this thread's number is written by this thread
        // alone, so whether it is there is not a matter of order. Nothing is published: the
        // owner tells itself.
        let word = self.0.load(Relaxed);
        if !owned_by(word, me) {
            return Nested::NotMine;
        }
        let Some(word) = deeper(word) else {
            return Nested::Full;
        };
        self.0.store(word, Relaxed);
        Nested::Done
    }

    /// Locks once more if this task owns it, whoever drops its guards meanwhile.
    pub(crate) fn nest_shared(&self, me: Owner) -> Nested {
        // ORDERING: Relaxed, here and on failure: the exchange decides.
        let mut word = self.0.load(Relaxed);
        loop {
            if !owned_by(word, me) {
                return Nested::NotMine;
            }
            let Some(deeper) = deeper(word) else {
                return Nested::Full;
            };
            // ORDERING: Relaxed: a task that owns the lock learns nothing by locking again. A
            // read-modify-write, so it continues the release sequences of the guards that were
            // dropped before.
            match (self.0).compare_exchange_weak(word, deeper, Relaxed, Relaxed) {
                Ok(_) => return Nested::Done,
                Err(now) => word = now,
            }
        }
    }

    /// Unlocks once, by the thread that owns it; whether that was the last time.
    ///
    /// # Panics
    ///
    /// Panics if the owner is not the one that locked for this guard: it has given the lock up for a
    /// while, with all its levels.
    #[inline]
    pub(crate) fn leave(&self, me: Owner) -> bool {
        // ORDERING: Relaxed, here and below: only this thread writes while it owns the lock; the
        // line publishes what was done under it.
        let word = self.0.load(Relaxed);
        assert!(
            owned_by(word, me),
            "a guard of an RLock must not be dropped while its thread has released the lock"
        );
        let left = shallower(word);
        self.0.store(left, Relaxed);
        left == NOBODY
    }

    /// Unlocks once, by whoever has one of the guards of the task that owns it; whether that was
    /// the last one.
    pub(crate) fn leave_shared(&self) -> bool {
        // ORDERING: Relaxed, here and on failure: the exchange decides.
        let mut word = self.0.load(Relaxed);
        loop {
            let left = shallower(word);
            // ORDERING: Acquire of the last guard pairs with the Release of all others: what was
            // done under any of them is done before the lock is released. The Release of the
            // last one is the line's.
            let order = if left == NOBODY { Acquire } else { Release };
            match (self.0).compare_exchange_weak(word, left, order, Relaxed) {
                Ok(_) => return left == NOBODY,
                Err(now) => word = now,
            }
        }
    }

    /// Whether this thread owns it, and has not given it up for a while.
    pub(crate) fn is_owned_by(&self, me: Owner) -> bool {
        // ORDERING: Relaxed, as in `nest`.
        owned_by(self.0.load(Relaxed), me)
    }

    /// Takes the ownership away for a while, if there is one guard; returns what to put back. For
    /// the thread that owns it.
    pub(crate) fn suspend(&self) -> Option<u64> {
        // ORDERING: Relaxed, as in `leave`.
        let word = self.0.load(Relaxed);
        if depth(word) != 1 {
            return None;
        }
        self.0.store(NOBODY, Relaxed);
        Some(word)
    }

    /// As [`suspend`](Self::suspend), however many guards there are. For the thread that owns it.
    pub(crate) fn suspend_all(&self) -> u64 {
        // ORDERING: Relaxed, as in `leave`.
        let word = self.0.load(Relaxed);
        self.0.store(NOBODY, Relaxed);
        word
    }

    /// As [`suspend`](Self::suspend), for a task, whose other guards may be anywhere.
    pub(crate) fn suspend_shared(&self) -> Option<u64> {
        // ORDERING: Relaxed, here and on failure: the exchange decides.
        let mut word = self.0.load(Relaxed);
        while depth(word) == 1 {
            // ORDERING: Acquire, as of the last guard in `leave_shared`.
            match (self.0).compare_exchange_weak(word, NOBODY, Acquire, Relaxed) {
                Ok(_) => return Some(word),
                Err(now) => word = now,
            }
        }
        None
    }

    /// Puts back what was taken away, with the lock granted again.
    pub(crate) fn resume(&self, word: u64) {
        // ORDERING: Relaxed: nobody reads it but to compare it with a number of its own. The
        // word is 0, and no exchange expects that, so none can succeed beside this store.
        self.0.store(word, Relaxed);
    }

    /// The owner a suspended word will be put back for.
    pub(crate) const fn owner_of(word: u64) -> Owner {
        Owner::of(word >> DEPTH_BITS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::owner::Kind;
    use crate::identity::owner::NUMBER_BITS;

    const THREAD: Owner = Owner::new(Kind::Thread, 7).unwrap();
    const TASK: Owner = Owner::new(Kind::Task, 7).unwrap();

    #[test]
    fn the_same_number_of_another_kind_is_another_owner() {
        assert!(owned_by(once(THREAD), THREAD));
        assert!(!owned_by(once(THREAD), TASK));
        assert!(!owned_by(NOBODY, THREAD) && !owned_by(NOBODY, TASK));
    }

    #[test]
    fn the_largest_number_changes_neither_kind_nor_depth() {
        let last = Owner::new(Kind::Task, (1 << NUMBER_BITS) - 1).expect("it is not too large");
        assert_eq!(once(last) >> (DEPTH_BITS + NUMBER_BITS), Kind::Task as u64);
        assert_eq!(depth(once(last)), 1);
        let first = Owner::new(Kind::Thread, 0).expect("it is not too large");
        assert_ne!(once(first), NOBODY);
    }

    #[test]
    fn locking_and_unlocking_are_opposites_at_every_depth() {
        let mut word = once(TASK);
        for deep in 1..MAX_DEPTH {
            assert_eq!(depth(word), deep);
            let next = deeper(word).expect("there is room");
            assert!(owned_by(next, TASK));
            assert_eq!(shallower(next), word);
            word = next;
        }
        assert_eq!(deeper(word), None);
        assert_eq!(shallower(once(TASK)), NOBODY);
    }

    #[test]
    fn a_lock_that_is_full_stays_as_it_is() {
        let word = OwnerWord(AtomicU64::new(once(THREAD) + MAX_DEPTH - 1));
        assert_eq!(word.nest(THREAD), Nested::Full);
        assert_eq!(word.nest_shared(THREAD), Nested::Full);
        assert_eq!(word.depth(), MAX_DEPTH);
        assert!(!word.leave(THREAD));
        assert_eq!(word.nest(THREAD), Nested::Done);
    }

    #[test]
    fn only_the_last_unlock_leaves_nobody() {
        let word = OwnerWord::new();
        word.begin(TASK);
        assert_eq!(word.nest_shared(TASK), Nested::Done);
        assert_eq!(word.nest_shared(THREAD), Nested::NotMine);
        assert!(!word.leave_shared());
        assert!(word.leave_shared());
        assert_eq!(word.nest_shared(TASK), Nested::NotMine);
        assert_eq!(word.depth(), 0);
    }

    #[test]
    fn one_level_can_be_given_up_and_put_back() {
        let word = OwnerWord::new();
        word.begin(TASK);
        let saved = word.suspend_shared().expect("one level");
        assert_eq!(OwnerWord::owner_of(saved), TASK);
        assert_eq!(word.nest_shared(TASK), Nested::NotMine);
        word.resume(saved);
        assert_eq!(word.nest_shared(TASK), Nested::Done);
        assert_eq!(word.suspend_shared(), None);
        assert_eq!(word.depth(), 2);
    }

    #[test]
    #[should_panic = "must not be dropped while its thread has released the lock"]
    fn a_level_that_was_given_up_cannot_be_left() {
        let word = OwnerWord::new();
        word.begin(THREAD);
        assert_eq!(word.nest(THREAD), Nested::Done);
        assert_eq!(word.suspend(), None);
        assert_eq!(depth(word.suspend_all()), 2);
        word.leave(THREAD);
    }
}
