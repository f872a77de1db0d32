//! A lock: one owner, and a queue.

use super::{First, Id};
use std::collections::VecDeque;

#[derive(Debug, Default)]
pub(crate) struct Model {
    /// Granted to somebody, who may not have noticed yet.
    locked: bool,
    queue: VecDeque<Id>,
}

impl Model {
    /// Takes the lock if nobody has it; nobody can be waiting then.
    pub(crate) fn try_lock(&mut self) -> bool {
        let free = !self.locked;
        self.locked = true;
        free
    }

    pub(crate) fn first_poll(&mut self, id: Id, expired: bool) -> First {
        if self.try_lock() {
            return First::Served;
        }
        if expired {
            return First::TimedOut;
        }
        self.queue.push_back(id);
        First::Waits
    }

    /// A request joins the line; answers whether it is granted the lock at once.
    pub(crate) fn enter(&mut self, id: Id) -> Option<Id> {
        match self.first_poll(id, false) {
            First::Served => Some(id),
            _ => None,
        }
    }

    /// The owner unlocks, or drops its grant unclaimed; answers who is granted the lock.
    pub(crate) fn unlock(&mut self) -> Option<Id> {
        let next = self.queue.pop_front();
        self.locked = next.is_some();
        next
    }

    /// A waiting request leaves.
    pub(crate) fn withdraw(&mut self, id: Id) {
        self.queue.retain(|&waiting| waiting != id);
    }

    pub(crate) fn is_locked(&self) -> bool {
        self.locked
    }

    pub(crate) fn waiting(&self) -> usize {
        self.queue.len()
    }
}
