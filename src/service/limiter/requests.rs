//! Requests in a line: who stands behind whom, and when that makes whom due.

use core::mem::replace;
use core::ops::{Index, IndexMut};
use core::task::Waker;

use slab::Slab;

use super::rate::{Rate, Ticks};

/// No request.
pub(super) const NONE: usize = usize::MAX;
/// A list that has become empty gives back its memory if it had room for more than this.
const ROOM: usize = 64;

/// Somebody who waits for tokens.
pub(super) struct Request {
    pub(super) n: u64,
    /// Its place in the order of arrival.
    pub(super) ticket: u64,
    /// When it joined the line.
    pub(super) since: Ticks,
    pub(super) due: Ticks,
    /// Whether it has been passed, and is out of the line.
    pub(super) passed: bool,
    /// Whether those behind it have yet to count what came before them.
    pub(super) unsettled: bool,
    pub(super) prev: usize,
    pub(super) next: usize,
    pub(super) waker: Option<Waker>,
}

/// All who wait. Those that have been passed are in no line.
pub(super) struct Requests {
    slots: Slab<Request>,
    pub(super) first: usize,
    pub(super) last: usize,
    tickets: u64,
    /// Whether there may be an unsettled request.
    unsettled: bool,
}

impl Requests {
    pub(super) const fn new() -> Self {
        Self {
            slots: Slab::new(),
            first: NONE,
            last: NONE,
            tickets: 0,
            unsettled: false,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    /// Puts a new one at the end of the line.
    pub(super) fn join(&mut self, n: u64, now: Ticks) -> usize {
        let ticket = self.tickets;
        self.tickets += 1;
        let key = self.slots.insert(Request {
            n,
            ticket,
            since: now,
            due: Ticks::MAX,
            passed: false,
            unsettled: false,
            prev: NONE,
            next: NONE,
            waker: None,
        });
        self.link(key, NONE);
        key
    }

    /// When a request is due that stands behind another.
    pub(super) fn due_behind(&self, before: usize, rate: Rate, key: usize) -> Ticks {
        let Request { n, since, .. } = self.slots[key];
        (self.slots[before].due.max(since)).saturating_add(rate.cost(n))
    }

    /// Counts anew when those are due who stand behind a request, up to another.
    pub(super) fn count(&mut self, from: usize, to: usize, rate: Rate) {
        let (mut at, mut unsettled) = (from, false);
        while at != to {
            let next = self.slots[at].next;
            self.slots[next].due = self.due_behind(at, rate, next);
            unsettled |= replace(&mut self.slots[at].unsettled, false);
            at = next;
        }
        if unsettled {
            self.unsettle(to);
        }
    }

    pub(super) fn leave(&mut self, key: usize) -> Option<Waker> {
        if !self.slots[key].passed {
            self.unlink(key);
        }
        let waker = self.slots.remove(key).waker;
        if self.slots.is_empty() && self.slots.capacity() > ROOM {
            self.slots = Slab::new();
        }
        waker
    }

    /// Counts when all are due, if there is anything to count.
    pub(super) fn settle(&mut self, rate: Rate) {
        if replace(&mut self.unsettled, false) && self.last != NONE {
            self.count(self.first, self.last, rate);
            self.slots[self.last].unsettled = false;
        }
    }

    /// Those behind a request have yet to count.
    pub(super) fn unsettle(&mut self, key: usize) {
        if self.slots[key].next != NONE {
            self.slots[key].unsettled = true;
            self.unsettled = true;
        }
    }

    /// Puts a request that is in no line where it belongs. Only such stand before it that have been passed
    /// before, too.
    pub(super) fn link_by_ticket(&mut self, key: usize) {
        let ticket = self.slots[key].ticket;
        let mut next = self.first;
        while next != NONE && self.slots[next].ticket < ticket {
            next = self.slots[next].next;
        }
        self.link(key, next);
    }

    /// Puts a request in front of another, or at the end.
    fn link(&mut self, key: usize, next: usize) {
        let prev = if next == NONE {
            replace(&mut self.last, key)
        } else {
            replace(&mut self.slots[next].prev, key)
        };
        if prev == NONE {
            self.first = key;
        } else {
            self.slots[prev].next = key;
        }
        let request = &mut self.slots[key];
        (request.prev, request.next) = (prev, next);
    }

    pub(super) fn unlink(&mut self, key: usize) {
        let Request { prev, next, .. } = self.slots[key];
        if replace(&mut self.slots[key].unsettled, false) {
            // Whoever is the first is settled by the bucket.
            let other = if prev == NONE { next } else { prev };
            if other != NONE {
                self.unsettle(other);
            }
        }
        if prev == NONE {
            self.first = next;
        } else {
            self.slots[prev].next = next;
        }
        if next == NONE {
            self.last = prev;
        } else {
            self.slots[next].prev = prev;
        }
    }
}

impl Index<usize> for Requests {
    type Output = Request;

    fn index(&self, key: usize) -> &Request {
        &self.slots[key]
    }
}

impl IndexMut<usize> for Requests {
    fn index_mut(&mut self, key: usize) -> &mut Request {
        &mut self.slots[key]
    }
}
