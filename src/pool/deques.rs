//! The deques of a pool: who has them, and who may have them next.
//!
//! A deque has one owner at a time, a worker, or none. Who blocks, and who leaves, lets go of it:
//! one in which something lies becomes an *orphan*, which the next to look for work adopts, the newest
//! first. So what a blocked job waits for is done next, and newest first, as if it had not blocked.

use super::entry::Entry;

/// Keeps the type of what is queued in one place.
pub(super) type Stealer = crate::sys::Stealer<Entry>;
/// Keeps the type of what is queued in one place.
pub(super) type Deque = crate::sys::Deque<Entry>;
/// Keeps the type of what is queued in one place.
pub(super) type Injector = crate::sys::Injector<Entry>;

/// A deque in the hands of whoever owns it.
pub(super) struct Held {
    /// Which of the pool's deques it is.
    pub(super) number: usize,
    pub(super) deque: Deque,
    /// How many entries in it have nothing left to do, at most.
    pub(super) dead: usize,
    /// When it became an orphan for the last time.
    left: Left,
}

/// When a deque became an orphan: a number that no other time has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Left(u64);

/// The deques that no worker has. Under the lock of the roster.
#[derive(Default)]
pub(super) struct Deques {
    /// Something lay in them when they were put down; the newest last.
    orphans: Vec<Held>,
    /// Those that are empty.
    free: Vec<Held>,
    /// How many there are, with those that workers have.
    made: usize,
    /// How often one has become an orphan.
    left: u64,
}

impl Deques {
    /// Whether there are orphans.
    pub(super) fn has_orphans(&self) -> bool {
        !self.orphans.is_empty()
    }

    /// Takes a deque of somebody who blocks, or leaves, and says when it has become an orphan, if it has.
    pub(super) fn put_down(&mut self, mut held: Held) -> Option<Left> {
        if held.deque.is_empty() {
            self.put_empty(held);
            return None;
        }
        self.left += 1;
        let left = Left(self.left);
        held.left = left;
        self.orphans.push(held);
        Some(left)
    }

    fn put_empty(&mut self, mut held: Held) {
        held.dead = 0;
        self.free.push(held);
    }

    /// Swaps an empty deque for the newest orphan, if there is one; says whether there was.
    pub(super) fn adopt(&mut self, own: Held) -> (Held, bool) {
        match self.orphans.pop() {
            Some(orphan) => {
                self.put_empty(own);
                (orphan, true)
            }
            None => (own, false),
        }
    }

    /// A deque for somebody who has none: the one that he has left then, if nobody has adopted it since, or
    /// one that is free.
    ///
    /// One that others have had since is no better than any: it would be taken out of its turn, and what has
    /// been begun last would wait behind it.
    ///
    /// There is always one, for there are as many as threads may live, each of which has one at most.
    pub(super) fn take_up(&mut self, own: Option<Left>, make: impl FnOnce(usize) -> Deque) -> Held {
        let place = own.and_then(|own| {
            // Those who blocked last are often back first.
            self.orphans.iter().rposition(|orphan| orphan.left == own)
        });
        if let Some(place) = place {
            return self.orphans.remove(place);
        }
        // Made when they are first needed; orphans whose owners have left are used up before that.
        if let Some(held) = self.free.pop().or_else(|| self.orphans.pop()) {
            return held;
        }
        let number = self.made;
        self.made += 1;
        Held {
            number,
            deque: make(number),
            dead: 0,
            left: Left(0),
        }
    }
}
