//! An event: a flag, and those who wait for it.

use super::{First, Id};

#[derive(Debug, Default)]
pub(crate) struct Model {
    set: bool,
    waiting: Vec<Id>,
}

impl Model {
    pub(crate) fn first_poll(&mut self, id: Id, expired: bool) -> First {
        if self.set {
            return First::Served;
        }
        if expired {
            return First::TimedOut;
        }
        self.waiting.push(id);
        First::Waits
    }

    /// Answers who is released, in order.
    pub(crate) fn set(&mut self) -> Vec<Id> {
        self.set = true;
        core::mem::take(&mut self.waiting)
    }

    pub(crate) fn clear(&mut self) {
        self.set = false;
    }

    /// A waiting request leaves.
    pub(crate) fn withdraw(&mut self, id: Id) {
        self.waiting.retain(|&waiting| waiting != id);
    }

    pub(crate) fn is_set(&self) -> bool {
        self.set
    }

    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }
}
