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
//! * Where a request comes back, or is served late, those behind it are due later. They find so when they look, each
//!   going back as far as somebody whose followers are not *settled*; so nobody counts a long line for others.

use core::mem::replace;
use core::task::Waker;

use super::rate::{Bucket, Price, Rate, Ticks};
use super::requests::{NONE, Request, Requests};

/// A bucket, and the requests for what will be in it.
pub(super) struct Turns {
    pub(super) bucket: Bucket,
    requests: Requests,
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
            requests: Requests::new(),
        }
    }

    /// How many wait, those that have been passed included.
    pub(super) fn waiting(&self) -> usize {
        self.requests.len()
    }

    /// Takes tokens for somebody who does not wait, if nobody does.
    #[inline]
    pub(super) fn try_take(&mut self, price: Price, now: Ticks) -> bool {
        self.requests.last == NONE && self.bucket.take(price, now)
    }

    /// When tokens would be there for somebody who comes now.
    pub(super) fn due(&mut self, rate: Rate, n: u64, now: Ticks) -> Ticks {
        if self.requests.last == NONE {
            return self.bucket.due(rate.price(n));
        }
        self.requests.settle(rate);
        let last = self.requests[self.requests.last].due.max(now);
        last.saturating_add(rate.cost(n))
    }

    /// Puts a request at the end of the line. It must look before anything else happens.
    pub(super) fn join(&mut self, n: u64, now: Ticks) -> usize {
        self.requests.join(n, now)
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
            self.requests.link_by_ticket(key);
        }
        let Request {
            n, due: old, prev, ..
        } = self.requests[key];
        let ahead = self.ahead(prev, rate, now);
        let mut due = if ahead != NONE {
            self.requests.count(ahead, prev, rate);
            self.requests.due_behind(prev, rate, key)
        } else if prev == NONE {
            self.bucket.due(rate.price(n))
        } else {
            self.requests.due_behind(prev, rate, key)
        };
        if ahead == NONE && due <= now {
            if self.bucket.take(rate.price(n), now) {
                while self.requests.first != key {
                    let late = self.requests.first;
                    self.requests.unlink(late);
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
                    spare: [waker, self.requests.leave(key)],
                    woken,
                };
                return (Look::Taken, wakers);
            }
            due = self.bucket.due(rate.price(n));
        }
        // Where this is due later than it was, so are those behind it.
        let unsettled = (prev != NONE && replace(&mut self.requests[prev].unsettled, false))
            || again
            || due > old;
        let request = &mut self.requests[key];
        request.due = due;
        core::mem::swap(&mut request.waker, &mut waker);
        let next = request.next;
        let mut wakers = Wakers {
            spare: [waker, None],
            woken: None,
        };
        if unsettled {
            self.requests.unsettle(key);
        }
        if next != NONE && due < old {
            wakers.woken = self.requests[next].waker.take();
        }
        (Look::Due(due), wakers)
    }

    /// The nearest request that is not due yet, from this one on to the front. All on the way are settled.
    fn ahead(&mut self, last: usize, rate: Rate, now: Ticks) -> usize {
        loop {
            let (mut ahead, mut from) = (last, NONE);
            while ahead != NONE {
                let Request { n, prev, .. } = self.requests[ahead];
                if prev == NONE {
                    // The bucket knows best when the first is due.
                    let due = self.bucket.due(rate.price(n));
                    if self.requests[ahead].due < due {
                        self.requests[ahead].due = due;
                        self.requests.unsettle(ahead);
                    }
                }
                if self.requests[ahead].unsettled {
                    from = ahead;
                }
                if self.requests[ahead].due > now {
                    break;
                }
                ahead = prev;
            }
            if from == NONE || from == last {
                return ahead;
            }
            self.requests.count(from, last, rate);
        }
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
            spare: [self.requests.leave(key), None],
            woken,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Look, NONE, Request, Turns};
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
        assert!(turns.try_take(rate.price(rate.burst), 0));
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
        assert!(!turns.try_take(rate.price(1), 9 * SECOND));
        assert_eq!(turns.due(rate, 1, 9 * SECOND), 16 * SECOND);
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
            assert!(turns.try_take(rate.price(1), second * SECOND));
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

    /// When all who stand in line are due, from the front on, counted the slow way.
    fn dues(turns: &Turns, rate: Rate) -> Vec<(u64, Ticks)> {
        let (mut at, mut due) = (turns.requests.first, 0);
        let mut dues = Vec::new();
        while at != NONE {
            let Request {
                n, ticket, since, ..
            } = turns.requests[at];
            due = if dues.is_empty() {
                turns.bucket.due(rate.price(n))
            } else {
                due.max(since).saturating_add(rate.cost(n))
            };
            dues.push((ticket, due));
            at = turns.requests[at].next;
        }
        dues
    }

    #[test]
    fn in_any_history_nobody_passes_one_who_is_not_due() {
        let (mut passes, mut takes) = (0, 0);
        for seed in 0..400 {
            let mut random = fastrand::Rng::with_seed(seed);
            let rate = rate(random.u64(1..6));
            let mut turns = empty(rate);
            let (mut now, mut waiting) = (0, Vec::new());
            for _ in 0..300 {
                // Some come in their time, and some late.
                now += u128::from(random.u64(0..500)) * SECOND / 1_000;
                let key = match random.u8(..8) {
                    0..2 => {
                        waiting.push(turns.join(random.u64(1..=rate.burst), now));
                        waiting[waiting.len() - 1]
                    }
                    2 if !waiting.is_empty() => {
                        let key = waiting.swap_remove(random.usize(..waiting.len()));
                        turns.withdraw(key);
                        continue;
                    }
                    _ => match random.choice(&waiting) {
                        Some(key) => *key,
                        None => continue,
                    },
                };
                let ticket = turns.requests[key].ticket;
                let ahead = dues(&turns, rate);
                let ahead = ahead.iter().filter(|(other, _)| *other < ticket);
                let early = ahead.clone().filter(|(_, due)| *due > now).count();
                let (look, _) = turns.look(key, rate, now, None);
                if look == Look::Taken {
                    assert_eq!(early, 0, "seed {seed} at {now}");
                    takes += 1;
                    passes += u32::from(ahead.count() > 0);
                    waiting.retain(|other| *other != key);
                }
            }
        }
        assert!(passes > 500 && takes > 5_000, "{passes} of {takes}");
    }
}
