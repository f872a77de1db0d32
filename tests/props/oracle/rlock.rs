//! A re-entrant lock: one owner, how often it has locked, and a queue.

use super::{First, Id};
use std::collections::VecDeque;

/// The number of a task, or of the thread that runs the script.
pub(crate) type Who = usize;

#[derive(Debug, Default)]
pub(crate) struct Model {
    /// Who has it, and how often.
    owner: Option<(Who, usize)>,
    /// Granted to a request that has not noticed yet.
    offered: Option<Id>,
    queue: VecDeque<Id>,
}

impl Model {
    /// Locks once more, or if nobody has the lock; nobody can be waiting then.
    pub(crate) fn try_lock(&mut self, who: Who) -> bool {
        match &mut self.owner {
            Some((owner, depth)) if *owner == who => *depth += 1,
            None if self.offered.is_none() => self.owner = Some((who, 1)),
            _ => return false,
        }
        true
    }

    pub(crate) fn first_poll(&mut self, id: Id, who: Who, expired: bool) -> First {
        if self.try_lock(who) {
            return First::Served;
        }
        if expired {
            return First::TimedOut;
        }
        self.queue.push_back(id);
        First::Waits
    }

    /// A request in line is polled by somebody; whether it is through.
    pub(crate) fn poll(&mut self, id: Id, who: Who) -> bool {
        if self.offered == Some(id) {
            self.offered = None;
            self.owner = Some((who, 1));
            return true;
        }
        let owns = self.owner.is_some_and(|(owner, _)| owner == who);
        if owns {
            self.queue.retain(|&waiting| waiting != id);
            assert!(self.try_lock(who));
        }
        owns
    }

    /// A guard is dropped; answers who is granted the lock.
    pub(crate) fn unlock(&mut self) -> Option<Id> {
        let (owner, depth) = self.owner.expect("there is a guard");
        if depth > 1 {
            self.owner = Some((owner, depth - 1));
            return None;
        }
        self.owner = None;
        self.hand_over()
    }

    /// A request leaves the line, with what it has been granted; answers who is granted that.
    pub(crate) fn withdraw(&mut self, id: Id) -> Option<Id> {
        if self.offered == Some(id) {
            return self.hand_over();
        }
        self.queue.retain(|&waiting| waiting != id);
        None
    }

    fn hand_over(&mut self) -> Option<Id> {
        self.offered = self.queue.pop_front();
        self.offered
    }

    pub(crate) fn is_locked(&self) -> bool {
        self.owner.is_some() || self.offered.is_some()
    }

    pub(crate) fn depth(&self) -> usize {
        self.owner.map_or(0, |(_, depth)| depth)
    }

    pub(crate) fn waiting(&self) -> usize {
        self.queue.len()
    }
}
