//! A pool of one whose thread works only when it is told to: a queue, and what became of each job.

use super::Id;
use std::collections::VecDeque;

/// What a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A closure that returns its number.
    Closure,
    /// A closure that panics.
    Careless,
    /// A closure whose time never comes.
    Never,
    /// A future that is ready at once.
    Ready,
    /// A future that never is.
    Pending,
}

impl Kind {
    fn is_future(self) -> bool {
        matches!(self, Self::Ready | Self::Pending)
    }
}

/// How a job ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Value,
    Panicked,
    Cancelled,
    Closed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Queued,
    /// Not queued: its time has not come, or its future has been polled.
    Away,
    /// A future that is queued to be dropped.
    Cancelling,
    Done(End),
}

#[derive(Debug, Default)]
pub(crate) struct Model {
    jobs: Vec<(Kind, State)>,
    /// With those that were cancelled in it.
    queue: VecDeque<Id>,
    closed: bool,
}

impl Model {
    pub(crate) fn submit(&mut self, kind: Kind) -> Id {
        let id = self.jobs.len();
        let state = if self.closed {
            State::Done(End::Closed)
        } else if kind == Kind::Never {
            State::Away
        } else {
            self.queue.push_back(id);
            State::Queued
        };
        self.jobs.push((kind, state));
        id
    }

    /// Answers whether it is cancelled.
    pub(crate) fn cancel(&mut self, id: Id) -> bool {
        let (kind, state) = self.jobs[id];
        self.jobs[id].1 = match state {
            State::Queued if kind.is_future() => State::Cancelling,
            State::Away if kind.is_future() => {
                self.queue.push_back(id);
                State::Cancelling
            }
            State::Queued | State::Away => State::Done(End::Cancelled),
            State::Cancelling | State::Done(_) => state,
        };
        matches!(
            self.jobs[id].1,
            State::Cancelling | State::Done(End::Cancelled)
        )
    }

    /// Does all that is queued, and answers what was begun, in order.
    pub(crate) fn run(&mut self) -> Vec<Id> {
        let mut begun = Vec::new();
        while let Some(id) = self.queue.pop_front() {
            let (kind, state) = &mut self.jobs[id];
            *state = match *state {
                State::Queued => {
                    begun.push(id);
                    match kind {
                        Kind::Closure | Kind::Ready => State::Done(End::Value),
                        Kind::Careless => State::Done(End::Panicked),
                        Kind::Pending => State::Away,
                        Kind::Never => unreachable!(),
                    }
                }
                State::Cancelling => State::Done(End::Cancelled),
                done => done,
            };
        }
        begun
    }

    pub(crate) fn close(&mut self) {
        self.closed = true;
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed
    }

    /// Closes, and cancels all that has not ended.
    pub(crate) fn cancel_all(&mut self) {
        self.closed = true;
        self.queue.clear();
        for (_, state) in &mut self.jobs {
            if !matches!(state, State::Done(_)) {
                *state = State::Done(End::Cancelled);
            }
        }
    }

    pub(crate) fn end(&self, id: Id) -> Option<End> {
        match self.jobs[id].1 {
            State::Done(end) => Some(end),
            _ => None,
        }
    }

    /// Those that keep a drain.
    pub(crate) fn away(&self) -> Vec<Id> {
        let ids = 0..self.jobs.len();
        ids.filter(|&id| {
            let (kind, state) = self.jobs[id];
            state == State::Away || kind == Kind::Pending && state == State::Queued
        })
        .collect()
    }

    pub(crate) fn queued(&self) -> usize {
        self.queue.len()
    }

    pub(crate) fn made(&self) -> usize {
        self.jobs.len()
    }
}
