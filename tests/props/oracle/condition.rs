//! A condition and its lock: those who wait, each with a ticket, and the line of the lock.

use super::{Id, lock};
use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub(crate) struct Model {
    pub(crate) lock: lock::Model,
    /// In order of arrival; the place in history of each is its ticket.
    set: Vec<(Id, u64)>,
    /// The stamps of those who were notified and have not got through.
    stamps: BTreeMap<Id, u64>,
    tickets: u64,
}

impl Model {
    /// The owner of the lock joins the set and unlocks; answers who is granted the lock.
    pub(crate) fn wait(&mut self, id: Id) -> Option<Id> {
        self.set.push((id, self.tickets));
        self.tickets += 1;
        self.lock.unlock()
    }

    /// Notifies up to `n`; answers how many, and who is granted the lock.
    pub(crate) fn notify(&mut self, n: usize) -> (usize, Option<Id>) {
        self.move_first(n, self.tickets)
    }

    /// Notifies all. Nobody came before the stamp that they get.
    pub(crate) fn notify_all(&mut self) -> (usize, Option<Id>) {
        self.move_first(usize::MAX, 0)
    }

    fn move_first(&mut self, n: usize, stamp: u64) -> (usize, Option<Id>) {
        let moved = n.min(self.set.len());
        let mut granted = None;
        for (id, _) in self.set.drain(..moved) {
            self.stamps.insert(id, stamp);
            granted = granted.or(self.lock.enter(id));
        }
        (moved, granted)
    }

    /// A wait is through, and has the lock.
    pub(crate) fn through(&mut self, id: Id) {
        self.stamps.remove(&id);
    }

    /// A wait or a request for the lock is dropped; answers who is granted the lock.
    pub(crate) fn drop(&mut self, id: Id, granted: bool) -> Option<Id> {
        if let Some(place) = self.set.iter().position(|&(waiting, _)| waiting == id) {
            self.set.remove(place);
            return None;
        }
        let next = if granted {
            self.lock.unlock()
        } else {
            self.lock.withdraw(id);
            None
        };
        let stamp = self.stamps.remove(&id).unwrap_or(0);
        match self.set.first() {
            Some(&(_, ticket)) if ticket < stamp => {
                // Also when the lock has gone to somebody: then it stands in line.
                let moved = self.move_first(1, stamp).1;
                next.or(moved)
            }
            _ => next,
        }
    }

    pub(crate) fn waiting(&self) -> usize {
        self.set.len()
    }
}
