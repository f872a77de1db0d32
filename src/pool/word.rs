//! A future of a pool: one word that says who may touch it.
//!
//! | `RUNNING` | `WOKEN` | |
//! |---|---|---|
//! | | | it waits: whoever wakes it is the one who queues it |
//! | | set | it is queued, or about to be |
//! | set | | somebody has taken it out of the queue and polls it; or it is over |
//! | set | set | the same, and it was woken meanwhile: whoever polls it queues it again |
//!
//! `BEGUN` stays from the first poll on.
//!
//! Nobody but the one who has set `RUNNING` touches the future. When it is over the flag stays, so
//! that nobody does any more, and wakes mean nothing.

use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use crate::sys::AtomicUsize;

const WOKEN: usize = 1;
const RUNNING: usize = 2;
const BEGUN: usize = 4;

/// The word of a future of a pool.
#[derive(Debug)]
pub(crate) struct TaskWord(AtomicUsize);

impl TaskWord {
    /// Of one that is about to be queued.
    pub(crate) fn queued() -> Self {
        Self(AtomicUsize::new(WOKEN))
    }

    /// Says that it is to be polled; `true` if the caller must queue it for that.
    #[must_use]
    pub(crate) fn wake(&self) -> bool {
        // ORDERING: Release pairs with the Acquire in `begin`: it publishes what the future is woken
        // for, also if others have woken it already. The Release in `pause` reaches `begin` through this,
        // for a read-modify-write continues the release sequences before it.
        self.0.fetch_or(WOKEN, Release) & (WOKEN | RUNNING) == 0
    }

    /// Makes the caller, who has taken it out of the queue, the one who may touch it.
    pub(crate) fn begin(&self) {
        // ORDERING: Acquire pairs with the Release in `wake` and in `pause`: what was done before the
        // wakes so far is seen, and so is the last poll. Nothing is published.
        let before = self.0.swap(RUNNING | BEGUN, Acquire);
        debug_assert_eq!(before & !BEGUN, WOKEN, "what is queued is queued once");
    }

    /// Whether somebody has ever begun with it.
    pub(crate) fn has_begun(&self) -> bool {
        // ORDERING: Relaxed: true at this instant, and nothing is read because of it.
        self.0.load(Relaxed) & BEGUN != 0
    }

    /// Lets others have it, after a poll; `true` if the caller must queue it again.
    #[must_use]
    pub(crate) fn pause(&self) -> bool {
        // ORDERING: Release pairs with the Acquire in `begin`: it publishes the poll to whoever polls or drops
        // the future next. What wakers published meanwhile passes through here, as in `wake`.
        self.0.fetch_and(!RUNNING, Release) & WOKEN != 0
    }
}

#[cfg(test)]
mod tests {
    use super::TaskWord;

    #[test]
    fn the_first_wake_of_one_that_waits_queues_it() {
        let word = TaskWord::queued();
        assert!(!word.wake(), "it is queued already");
        assert!(!word.has_begun());
        word.begin();
        assert!(word.has_begun());
        assert!(!word.pause());
        assert!(word.wake());
        assert!(!word.wake());
    }

    #[test]
    fn a_wake_during_the_poll_is_for_the_one_who_polls() {
        let word = TaskWord::queued();
        word.begin();
        assert!(!word.wake());
        assert!(word.pause());
        assert!(!word.wake(), "it is queued already");
    }
}
