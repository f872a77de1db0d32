//! How a worker that blocks hands on its work, and finds its place again.

use std::sync::Arc;

use super::deques::{Held, Left};
use super::shared::Shared;

impl Shared {
    /// A worker is about to wait inside a job. What lies in its deque is left to others, newest first; says
    /// when that was.
    pub(super) fn block(self: &Arc<Self>, held: Option<Held>) -> Option<Left> {
        let left = self.change(|roster| {
            roster.running -= 1;
            roster.blocked += 1;
            held.and_then(|held| roster.deques.put_down(held))
        });
        self.look_again();
        left
    }

    /// A worker is back from a wait inside a job. It gets the deque that it had, if nobody has adopted
    /// that, or else another.
    pub(super) fn unblock(self: &Arc<Self>, own: Option<Left>) -> Held {
        self.change(|roster| {
            roster.running += 1;
            roster.blocked -= 1;
            self.take_up(roster, own)
        })
    }

    /// A deque for a worker that has left its own to others.
    pub(super) fn find_deque(&self) -> Held {
        self.change(|roster| self.take_up(roster, None))
    }

    /// Swaps a worker's empty deque for the newest orphan, if there is one; says whether there was.
    pub(super) fn adopt(&self, own: Held) -> (Held, bool) {
        self.change(|roster| roster.deques.adopt(own))
    }
}
