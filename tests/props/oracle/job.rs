//! A job: an outcome that is fixed once, and those who are to hear of it.

use core::mem::take;

/// How a job has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Value,
    Cancelled,
}

/// What happens when a job ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// The task with this number is woken.
    Woken(usize),
    /// The callback with this number is called.
    Called(usize),
}

#[derive(Debug, Default)]
pub(crate) struct Model {
    end: Option<End>,
    /// The task that polled last.
    waiting: Option<usize>,
    calls: Vec<usize>,
    taken: bool,
}

impl Model {
    /// Ends it, unless it has ended, and says who hears of that, in order.
    pub(crate) fn end(&mut self, end: End) -> Vec<Told> {
        if self.end.is_some() {
            return Vec::new();
        }
        self.end = Some(end);
        let woken = self.waiting.take().map(Told::Woken);
        let called = take(&mut self.calls).into_iter().map(Told::Called);
        woken.into_iter().chain(called).collect()
    }

    /// The handle is polled by a task; its outcome, if it has one.
    pub(crate) fn poll(&mut self, task: usize) -> Option<End> {
        if self.end.is_none() {
            self.waiting = Some(task);
        }
        self.try_wait()
    }

    /// A wait that does not block; the outcome, if there is one.
    pub(crate) fn try_wait(&mut self) -> Option<End> {
        self.taken |= self.end.is_some();
        self.end
    }

    /// Adds a callback; `true` if it runs at once.
    pub(crate) fn on_done(&mut self, call: usize) -> bool {
        if self.end.is_none() {
            self.calls.push(call);
        }
        self.end.is_some()
    }

    /// The handle is dropped.
    pub(crate) fn detach(&mut self) {
        self.waiting = None;
    }

    pub(crate) fn ended(&self) -> Option<End> {
        self.end
    }

    pub(crate) fn is_taken(&self) -> bool {
        self.taken
    }

    pub(crate) fn waiting(&self) -> usize {
        usize::from(self.waiting.is_some())
    }
}
