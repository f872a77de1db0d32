//! Who waits for tokens, and when whose time has come. Pure: it is told what time it is, and whom to wake
//! is its answer.
//!
//! Requests stand in a line in order of arrival. Each has a moment at which it is *due*: that of the request
//! before it, or that of its arrival, and then as long as its own tokens take. It sets an alarm for that moment,
//! and looks again.
//!
//! * The first takes its tokens as soon as they are there.
//! * One that is due, and finds all before it due as well, *passes* them: they did not come in their time. A
//!   request that has been passed is out of the line, delays nobody, and keeps its place: when it comes it takes
//!   its tokens, or stands before all who came later, with a time of its own again.
//! * Where a request leaves, those behind it are due earlier. The next one is woken, finds so, and wakes the
//!   one behind it.

use core::mem::replace;
use core::task::Waker;

use slab::Slab;

use super::rate::{Bucket, Rate, Ticks};

/// No slot.
const NONE: usize = usize::MAX;
/// A list that has become empty gives back its memory if it had room for more than this.
const ROOM: usize = 64;

struct Request {
    n: u64,
    /// Its place in the order of arrival.
    ticket: u64,
    /// When it joined the line.
    since: Ticks,
    due: Ticks,
    /// Whether it has been passed, and is out of the line.
    passed: bool,
    prev: usize,
    next: usize,
    waker: Option<Waker>,
}

/// A bucket, and the requests for what will be in it.
pub(super) struct Turns {
    pub(super) bucket: Bucket,
    requests: Slab<Request>,
    first: usize,
    last: usize,
    tickets: u64,
}

/// Wakers that are to be dropped, and one that is to be used, without the lock.
#[derive(Default)]
pub(super) struct Wakers {
    pub(super) spare: [Option<Waker>; 2],
    pub(super) woken: Option<Waker>,
}

/// What a request learns when it looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// The tokens are its own.
    Taken,
    /// It is to look again then.
    Due(Ticks),
}

impl Turns {
    pub(super) const fn new() -> Self {
        Self {
            bucket: Bucket::new(),
            requests: Slab::new(),
            first: NONE,
            last: NONE,
            tickets: 0,
        }
    }

    /// How many wait, those that have been passed included.
    pub(super) fn waiting(&self) -> usize {
        self.requests.len()
    }

    /// Takes tokens for somebody who does not wait; or says when they would be there for it.
    pub(super) fn try_take(&mut self, rate: Rate, n: u64, now: Ticks) -> Result<(), Ticks> {
        if self.last == NONE {
            if self.bucket.take(rate, n, now) {
                return Ok(());
            }
            return Err(self.bucket.due(rate, n));
        }
        let last = self.requests[self.last].due.max(now);
        Err(last.saturating_add(rate.cost(n)))
    }

    /// Puts a request at the end of the line. It must look before anything else happens.
    pub(super) fn join(&mut self, n: u64, now: Ticks) -> usize {
        let ticket = self.tickets;
        self.tickets += 1;
        let key = self.requests.insert(Request {
            n,
            ticket,
            since: now,
            due: Ticks::MAX,
            passed: false,
            prev: NONE,
            next: NONE,
            waker: None,
        });
        self.link(key, NONE);
        key
    }

    /// A request looks whether its time has come. With its tokens taken it is gone; else the waker is kept.
    pub(super) fn look(
        &mut self,
        key: usize,
        rate: Rate,
        now: Ticks,
        mut waker: Option<Waker>,
    ) -> (Look, Wakers) {
        let again = replace(&mut self.requests[key].passed, false);
        if again {
            self.requests[key].since = now;
            self.link_by_ticket(key);
        }
        let Request {
            n, due: old, prev, ..
        } = self.requests[key];
        let mut ahead = prev;
        while ahead != NONE && self.requests[ahead].due <= now {
            ahead = self.requests[ahead].prev;
        }
        let mut due = if ahead != NONE {
            self.count(ahead, prev, rate);
            self.due_behind(prev, rate, key)
        } else if prev == NONE {
            self.bucket.due(rate, n)
        } else {
            self.due_behind(prev, rate, key)
        };
        if ahead == NONE && due <= now {
            if self.bucket.take(rate, n, now) {
                while self.first != key {
                    let late = self.first;
                    self.unlink(late);
                    self.requests[late].passed = true;
                }
                // Where this is due earlier than it was, so are those behind it.
                let next = self.requests[key].next;
                let woken = if due < old && next != NONE {
                    self.requests[next].waker.take()
                } else {
                    None
                };
                let wakers = Wakers {
                    spare: [waker, self.leave(key)],
                    woken,
                };
                return (Look::Taken, wakers);
            }
            due = self.bucket.due(rate, n);
        }
        let request = &mut self.requests[key];
        request.due = due;
        core::mem::swap(&mut request.waker, &mut waker);
        let next = request.next;
        let mut wakers = Wakers {
            spare: [waker, None],
            woken: None,
        };
        if next != NONE {
            if again {
                self.count(key, self.last, rate);
            }
            if due < old {
                wakers.woken = self.requests[next].waker.take();
            }
        }
        (Look::Due(due), wakers)
    }

    /// A request goes without its tokens.
    pub(super) fn withdraw(&mut self, key: usize) -> Wakers {
        let Request { passed, next, .. } = self.requests[key];
        let woken = if passed || next == NONE {
            None
        } else {
            self.requests[next].waker.take()
        };
        Wakers {
            spare: [self.leave(key), None],
            woken,
        }
    }

    /// When a request is due that stands behind another.
    fn due_behind(&self, before: usize, rate: Rate, key: usize) -> Ticks {
        let Request { n, since, .. } = self.requests[key];
        (self.requests[before].due.max(since)).saturating_add(rate.cost(n))
    }

    /// Counts anew when those are due who stand behind a request, up to another.
    fn count(&mut self, from: usize, to: usize, rate: Rate) {
        let mut at = from;
        while at != to {
            let next = self.requests[at].next;
            self.requests[next].due = self.due_behind(at, rate, next);
            at = next;
        }
    }

    fn leave(&mut self, key: usize) -> Option<Waker> {
        if !self.requests[key].passed {
            self.unlink(key);
        }
        let waker = self.requests.remove(key).waker;
        if self.requests.is_empty() && self.requests.capacity() > ROOM {
            self.requests = Slab::new();
        }
        waker
    }

    /// Puts a request that is in no line where it belongs. Only such stand before it that have been passed
    /// before, too.
    fn link_by_ticket(&mut self, key: usize) {
        let ticket = self.requests[key].ticket;
        let mut next = self.first;
        while next != NONE && self.requests[next].ticket < ticket {
            next = self.requests[next].next;
        }
        self.link(key, next);
    }

    /// Puts a request in front of another, or at the end.
    fn link(&mut self, key: usize, next: usize) {
        let prev = if next == NONE {
            replace(&mut self.last, key)
        } else {
            replace(&mut self.requests[next].prev, key)
        };
        if prev == NONE {
            self.first = key;
        } else {
            self.requests[prev].next = key;
        }
        let request = &mut self.requests[key];
        (request.prev, request.next) = (prev, next);
    }

    fn unlink(&mut self, key: usize) {
        let Request { prev, next, .. } = self.requests[key];
        if prev == NONE {
            self.first = next;
        } else {
            self.requests[prev].next = next;
        }
        if next == NONE {
            self.last = prev;
        } else {
            self.requests[next].prev = prev;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Look, Turns};
    use crate::service::limiter::rate::{Rate, Ticks};
    use core::time::Duration;

    const SECOND: Ticks = 1_000_000_000;

    /// One token a second.
    fn rate(burst: u64) -> Rate {
        let mut rate = Rate::new(1, Duration::from_secs(1));
        rate.burst = burst;
        rate
    }

    fn look(turns: &mut Turns, key: usize, rate: Rate, second: Ticks) -> Look {
        turns.look(key, rate, second * SECOND, None).0
    }

    fn empty(rate: Rate) -> Turns {
        let mut turns = Turns::new();
        assert_eq!(turns.try_take(rate, rate.burst, 0), Ok(()));
        turns
    }

    #[test]
    fn a_request_for_ten_is_served_in_its_turn_among_singles() {
        let rate = rate(10);
        let mut turns = empty(rate);
        let many = turns.join(10, 0);
        assert_eq!(look(&mut turns, many, rate, 0), Look::Due(10 * SECOND));
        let singles: Vec<_> = (0..5_u128)
            .map(|place| {
                let key = turns.join(1, 0);
                let due = (11 + place) * SECOND;
                assert_eq!(look(&mut turns, key, rate, 0), Look::Due(due));
                key
            })
            .collect();
        // Somebody who does not wait does not pass them either.
        assert_eq!(turns.try_take(rate, 1, 9 * SECOND), Err(16 * SECOND));
        assert_eq!(
            look(&mut turns, singles[0], rate, 9),
            Look::Due(11 * SECOND)
        );
        assert_eq!(look(&mut turns, many, rate, 10), Look::Taken);
        for (place, key) in (11..).zip(singles) {
            assert_eq!(look(&mut turns, key, rate, place), Look::Taken);
        }
        assert_eq!(turns.waiting(), 0);
    }

    #[test]
    fn a_head_that_does_not_come_is_passed_and_keeps_its_place() {
        let rate = rate(1);
        let mut turns = empty(rate);
        let [late, second, third] = [(); 3].map(|()| {
            let key = turns.join(1, 0);
            look(&mut turns, key, rate, 0);
            key
        });
        // Its time has not come, however late it is for the first.
        assert_eq!(
            turns.look(second, rate, 2 * SECOND - 1, None).0,
            Look::Due(2 * SECOND)
        );
        assert_eq!(look(&mut turns, second, rate, 2), Look::Taken);
        // The first comes: there is nothing left, but it stands before the third.
        assert_eq!(look(&mut turns, late, rate, 2), Look::Due(3 * SECOND));
        assert_eq!(look(&mut turns, third, rate, 3), Look::Due(4 * SECOND));
        // It does not come again, and is passed again; then it comes.
        assert_eq!(look(&mut turns, third, rate, 4), Look::Taken);
        assert_eq!(turns.waiting(), 1);
        assert_eq!(look(&mut turns, late, rate, 5), Look::Taken);
        assert_eq!(turns.waiting(), 0);
    }

    #[test]
    fn a_request_that_was_passed_and_never_comes_delays_nobody() {
        let rate = rate(1);
        let mut turns = empty(rate);
        let (stuck, other) = (turns.join(1, 0), turns.join(1, 0));
        look(&mut turns, stuck, rate, 0);
        look(&mut turns, other, rate, 0);
        assert_eq!(look(&mut turns, other, rate, 2), Look::Taken);
        for second in 3..100 {
            assert_eq!(turns.try_take(rate, 1, second * SECOND), Ok(()));
        }
        assert!(turns.withdraw(stuck).woken.is_none());
        assert_eq!(turns.waiting(), 0);
    }

    #[test]
    fn those_behind_one_who_leaves_are_due_earlier() {
        let rate = rate(10);
        let mut turns = empty(rate);
        let (many, one) = (turns.join(10, 0), turns.join(1, 0));
        look(&mut turns, many, rate, 0);
        assert_eq!(look(&mut turns, one, rate, 0), Look::Due(11 * SECOND));
        turns.withdraw(many);
        assert_eq!(look(&mut turns, one, rate, 0), Look::Due(SECOND));
        assert_eq!(look(&mut turns, one, rate, 1), Look::Taken);
    }
}
