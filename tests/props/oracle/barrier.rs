//! A barrier: those who have arrived, in order.

use super::Id;

/// How a request ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// With this index.
    Met(usize),
    Broken,
    /// By its own deadline.
    TimedOut,
    /// By the action, in the leader.
    Panicked,
}

/// What an arrival does: how it ends if it does not wait, and how others end, in the order in
/// which they are told.
#[derive(Debug, Default)]
pub(crate) struct Arrived {
    pub(crate) own: Option<End>,
    pub(crate) others: Vec<(Id, End)>,
}

#[derive(Debug)]
pub(crate) struct Model {
    parties: usize,
    broken: bool,
    waiting: Vec<Id>,
    /// How often the action has run.
    actions: usize,
}

impl Model {
    pub(crate) fn new(parties: usize) -> Self {
        Self {
            parties,
            broken: false,
            waiting: Vec::new(),
            actions: 0,
        }
    }

    /// A request is polled for the first time; `panics` is what the action will do.
    pub(crate) fn arrive(&mut self, id: Id, expired: bool, panics: bool) -> Arrived {
        if self.broken {
            return Arrived {
                own: Some(End::Broken),
                others: Vec::new(),
            };
        }
        if self.waiting.len() + 1 == self.parties {
            self.actions += 1;
            if panics {
                return Arrived {
                    own: Some(End::Panicked),
                    others: self.abort(),
                };
            }
            let met = core::mem::take(&mut self.waiting).into_iter().enumerate();
            return Arrived {
                own: Some(End::Met(self.parties - 1)),
                others: met.map(|(index, id)| (id, End::Met(index))).collect(),
            };
        }
        if expired {
            return Arrived {
                own: Some(End::TimedOut),
                others: self.abort(),
            };
        }
        self.waiting.push(id);
        Arrived::default()
    }

    /// Answers who is told that the barrier is broken, in order.
    pub(crate) fn abort(&mut self) -> Vec<(Id, End)> {
        self.broken = true;
        self.break_off()
    }

    /// As [`Model::abort`], and the barrier is as new.
    pub(crate) fn reset(&mut self) -> Vec<(Id, End)> {
        self.broken = false;
        self.break_off()
    }

    fn break_off(&mut self) -> Vec<(Id, End)> {
        let waiting = core::mem::take(&mut self.waiting).into_iter();
        waiting.map(|id| (id, End::Broken)).collect()
    }

    /// A request is dropped.
    pub(crate) fn withdraw(&mut self, id: Id) {
        self.waiting.retain(|&waiting| waiting != id);
    }

    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    pub(crate) fn is_broken(&self) -> bool {
        self.broken
    }

    pub(crate) fn actions(&self) -> usize {
        self.actions
    }
}
