//! How a request takes over a grant of its own task.
//!
//! A task that stops polling a queued request and asks again would wait for itself for ever, as
//! soon as the first request has been granted what both want (futurelock, Oxide's RFD 609). So a
//! request that waits takes over a grant of the same task that nobody claims.
//!
//! But not at first sight: a task may poll several requests one after the other, and a grant that
//! is claimed later in the same poll is nothing to take away. So a request only remembers the offer
//! that it finds, and has its task come again. What is still there then, at its next poll, is not
//! polled for by its task.
//!
//! | the oldest offer to its task that covers it | what a poll of a waiting request does |
//! |---|---|
//! | there is none | forgets what it saw before |
//! | not the one that it saw at its previous poll | remembers it, and wakes its own task |
//! | the one that it saw at its previous poll | takes it over |
//!
//! An offer is known by a number that it gets when it is first seen, and that is never used again;
//! the address of a node is. A poll that does not come here, because it was refused before, sees
//! nothing and forgets nothing.

use core::sync::atomic::AtomicU64;
use core::sync::atomic::Ordering::Relaxed;
use core::task::Waker;

use super::guard::Yields;
use super::requester::{Identity, Requester};
use super::settle::{Locked, is_upgrade};
use super::waiter::{Node, State};
use super::wake::WakeBatch;
use super::word::Word;
use crate::identity::who;

/// What a request that waits finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Nothing that is new to it.
    Nothing,
    /// An offer that it has not seen before: its task must come again, woken by itself.
    Offer,
    /// It has taken an offer over; its wait is over.
    Grant,
    /// Nothing has been looked at, for there is something to keep: clone it, and come again.
    Unready,
}

impl<W: Word, L, Y: Yields> Locked<'_, W, L, Y> {
    /// Looks for a grant of the task that polls a node, which waits.
    ///
    /// An identity that is replaced is left in `identity`, and a waker that is not needed in
    /// `spare`, to be dropped without the lock.
    pub(super) fn look_for_own(
        &mut self,
        node: &Node,
        requester: Requester<'_>,
        identity: &mut Option<Identity>,
        spare: &mut Option<Waker>,
        batch: &mut WakeBatch,
    ) -> Found {
        if !requester.is_kept_by(node) {
            let Some(new) = identity.take() else {
                return Found::Unready;
            };
            *identity = Some(node.replace_identity(new));
        }
        let want = node.want.get();
        let Some(offer) = (self.line.granted.iter())
            .find(|offer| offer.want.get() >= want && requester.is_of(offer))
        else {
            node.set_mark(0);
            return Found::Nothing;
        };
        if offer.mark() == 0 {
            offer.set_mark(fresh_number());
        }
        if node.mark() != offer.mark() {
            node.set_mark(offer.mark());
            return Found::Offer;
        }
        *spare = self.transfer(node, offer);
        self.settle(batch);
        Found::Grant
    }

    /// Gives a waiting request the grant of another one.
    ///
    /// The one that loses takes the place of the one that wins, so that nobody of another task is
    /// passed; what is not needed of the grant is free. It gets the winner's waker: its own went
    /// with the grant, and it has not been polled since, or it would have claimed.
    fn transfer(&mut self, winner: &Node, loser: &Node) -> Option<Waker> {
        let line = self.line;
        line.granted.remove(loser);
        loser.set_mark(0);
        loser.set_state(State::Waiting);
        if is_upgrade::<W>(loser) {
            line.waiting.push_front(loser);
        } else {
            line.waiting.insert_before(winner, loser);
        }
        (line.traced).joined(&loser.traced, true, || who(true));
        line.tasks.set(line.tasks.get() + 1);
        let waker = winner.take_waker();
        self.unlink(winner);
        winner.finish();
        let rest = loser.want.get() - winner.want.get();
        if W::is_exclusive(loser.want.get()) && !W::is_exclusive(winner.want.get()) {
            line.traced.gave_late(line.traced.gave());
        }
        if rest > 0 {
            // The flags first: what is given then belongs to the head already.
            self.normalise();
            line.word.give(rest);
        }
        waker.and_then(|waker| loser.put_waker(waker))
    }
}

/// The number of an offer that is seen for the first time.
fn fresh_number() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(0);
    // ORDERING: Relaxed: only that the numbers differ matters, and that none is 0.
    LAST.fetch_add(1, Relaxed) + 1
}
