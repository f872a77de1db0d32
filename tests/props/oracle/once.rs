//! A cell: its value, who makes it, who would, and who only waits.

use super::Id;

#[derive(Debug, Default)]
pub(crate) struct Model {
    value: Option<usize>,
    busy: Option<Id>,
    line: Vec<Id>,
    waiting: Vec<Id>,
}

/// What a request that would make the value finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    Value(usize),
    Turn,
    Line,
}

impl Model {
    pub(crate) fn value(&self) -> Option<usize> {
        self.value
    }

    pub(crate) fn is_busy(&self) -> bool {
        self.busy.is_some()
    }

    pub(crate) fn in_line(&self) -> usize {
        self.line.len() + self.waiting.len()
    }

    pub(crate) fn would_make(&mut self, id: Id) -> Found {
        if let Some(value) = self.value {
            Found::Value(value)
        } else if self.busy.is_some() {
            self.line.push(id);
            Found::Line
        } else {
            self.busy = Some(id);
            Found::Turn
        }
    }

    /// The value, for somebody who waits otherwise.
    pub(crate) fn waits(&mut self, id: Id) -> Option<usize> {
        if self.value.is_none() {
            self.waiting.push(id);
        }
        self.value
    }

    /// Answers who is woken, in order.
    pub(crate) fn set(&mut self, value: usize) -> Vec<Id> {
        self.value = Some(value);
        self.busy = None;
        let mut woken = core::mem::take(&mut self.waiting);
        woken.append(&mut self.line);
        woken
    }

    /// Whoever has the turn gives it back. Answers who has it now, and is woken.
    pub(crate) fn pass_on(&mut self) -> Vec<Id> {
        self.busy = None;
        if self.line.is_empty() {
            return Vec::new();
        }
        let next = self.line.remove(0);
        self.busy = Some(next);
        vec![next]
    }

    /// A request leaves. Answers who is woken.
    pub(crate) fn withdraw(&mut self, id: Id) -> Vec<Id> {
        self.line.retain(|&other| other != id);
        self.waiting.retain(|&other| other != id);
        if self.busy == Some(id) {
            self.pass_on()
        } else {
            Vec::new()
        }
    }

    pub(crate) fn has_turn(&self, id: Id) -> bool {
        self.busy == Some(id)
    }
}
