//! Histories of a queue, and whether a sequential queue could have had them: each operation takes
//! effect at one moment between its beginning and its end (linearizability: Herlihy and Wing,
//! 1990), but for a list that is put, whose items take effect one after the other.
//!
//! The search is that of Wing and Gong (1993), with a memory of where it has been (Lowe, 2017).
//! What the sequential queue must do is what the documentation promises:
//!
//! * An item is put into a free place, and what is got comes first in the order of the queue.
//! * Nobody finds a queue full that is not, or empty that is not, unless somebody else was waiting
//!   meanwhile: who waits may have a place or an item reserved, and is not passed.
//! * After a graceful shutdown nothing is put but by who was there before, and nobody is told that
//!   the queue is shut down before it is empty. Then nothing is put any more.
//! * An immediate shutdown drops all items and says how many; nothing is put or got afterwards.

use std::collections::HashSet;

/// What is put: a priority, and a number of its own.
pub(crate) type Item = (u8, usize);

/// Which item comes first.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Order {
    Oldest,
    Newest,
    Least,
}

/// How an operation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// With all it wanted.
    Done,
    /// The queue was full or empty, at once or for as long as it was ready to wait.
    Nothing,
    ShutDown,
    /// It was dropped.
    Dropped,
}

/// What an operation did.
#[derive(Clone, Debug)]
pub(crate) enum Did {
    /// Put these in turn, all or, if it did not end well, the first so many; `None` if nobody
    /// knows.
    Put(Vec<Item>, Option<usize>, Why),
    /// Got these at once, of at most so many.
    Got(Vec<Item>, usize, Why),
    /// Shut it down, at once or not, and dropped so many.
    ShutDown(bool, usize),
}

/// An operation between two moments.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) did: Did,
    /// Whether it was ready to wait.
    pub(crate) waits: bool,
    pub(crate) begin: usize,
    pub(crate) end: usize,
}

impl Event {
    fn overlaps(&self, other: &Self) -> bool {
        self.begin < other.end && other.begin < self.end
    }

    fn is_put(&self) -> bool {
        matches!(self.did, Did::Put(..))
    }

    fn is_got(&self) -> bool {
        matches!(self.did, Did::Got(..))
    }
}

/// What all that has taken effect has led to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct State {
    /// In order of arrival.
    items: Vec<Item>,
    closed: bool,
    void: bool,
    /// Somebody has been told that nothing will come any more.
    drained: bool,
    /// How many steps each operation has taken, and whether it was the last.
    steps: Vec<(usize, bool)>,
}

/// A history, and what it is the history of.
struct Search<'a> {
    order: Order,
    capacity: usize,
    events: &'a [Event],
    /// Who waited for the same while they were under way.
    contested: Vec<bool>,
    seen: HashSet<State>,
}

/// Whether a sequential queue could have had this history.
pub(crate) fn is_linearizable(order: Order, capacity: usize, events: &[Event]) -> bool {
    let contested = events.iter().enumerate().map(|(at, event)| {
        let is_rival = |(other, rival): (usize, &Event)| {
            other != at
                && rival.waits
                && event.overlaps(rival)
                && (event.is_put() && rival.is_put() || event.is_got() && rival.is_got())
        };
        events.iter().enumerate().any(is_rival)
    });
    let mut search = Search {
        order,
        capacity,
        events,
        contested: contested.collect(),
        seen: HashSet::new(),
    };
    let start = State {
        steps: vec![(0, false); events.len()],
        ..State::default()
    };
    search.goes_on(&start)
}

impl Search<'_> {
    /// Whether the rest of the history can follow.
    fn goes_on(&mut self, state: &State) -> bool {
        let events = self.events;
        let left = |at: &usize| !state.steps[*at].1;
        let ends = (0..events.len()).filter(left).map(|at| events[at].end);
        let Some(first_end) = ends.min() else {
            return true;
        };
        // Whatever began after another one had ended cannot come before it. Most take effect at
        // their end.
        let mut next: Vec<usize> = (0..events.len())
            .filter(left)
            .filter(|&at| events[at].begin < first_end)
            .collect();
        next.sort_unstable_by_key(|&at| events[at].end);
        if !self.seen.insert(state.clone()) {
            return false;
        }
        next.into_iter().any(|at| {
            [Self::step, Self::finish].into_iter().any(|go| {
                let mut state = state.clone();
                go(self, at, &mut state) && self.goes_on(&state)
            })
        })
    }

    /// Puts the next item of a list, if it may be put now.
    fn step(&mut self, at: usize, state: &mut State) -> bool {
        let event = &self.events[at];
        let Did::Put(items, put, _) = &event.did else {
            return false;
        };
        let step = &mut state.steps[at].0;
        let may = if state.closed {
            !state.void && !state.drained && self.was_there_before(event)
        } else {
            true
        };
        if *step == put.unwrap_or(items.len()) || !may || state.items.len() >= self.capacity {
            return false;
        }
        state.items.push(items[*step]);
        *step += 1;
        true
    }

    /// Whether it began before the queue was shut down.
    fn was_there_before(&self, event: &Event) -> bool {
        (self.events.iter())
            .filter(|other| matches!(other.did, Did::ShutDown(..)))
            .all(|shutdown| event.begin < shutdown.end)
    }

    /// Ends an operation, if it can end now as it did.
    fn finish(&mut self, at: usize, state: &mut State) -> bool {
        state.steps[at].1 = true;
        match &self.events[at].did {
            Did::Put(items, put, why) => {
                let done = state.steps[at].0;
                let is_full = state.items.len() >= self.capacity;
                put.is_none_or(|put| put == done)
                    && match why {
                        Why::Done => done == items.len(),
                        Why::Nothing => !state.closed && (is_full || self.contested[at]),
                        Why::ShutDown => state.closed,
                        Why::Dropped => true,
                    }
            }
            Did::Got(got, max, why) => {
                let all = got.iter().all(|item| {
                    let next = self.next(&state.items);
                    next.map(|at| state.items.remove(at)) == Some(*item)
                });
                let is_over = state.void || state.drained;
                let rest = !state.items.is_empty();
                match why {
                    Why::Done => {
                        all && (got.is_empty() || !is_over)
                            && (got.len() == *max || !rest || self.contested[at])
                    }
                    Why::Nothing => !is_over && (!rest || self.contested[at]),
                    Why::ShutDown => {
                        state.drained = true;
                        state.void || state.closed && !rest
                    }
                    Why::Dropped => true,
                }
            }
            &Did::ShutDown(immediate, dropped) => {
                state.closed = true;
                let expected = if immediate && !state.void {
                    state.void = true;
                    core::mem::take(&mut state.items).len()
                } else {
                    0
                };
                dropped == expected
            }
        }
    }

    /// Which item comes out next.
    fn next(&self, items: &[Item]) -> Option<usize> {
        match self.order {
            Order::Oldest => (!items.is_empty()).then_some(0),
            Order::Newest => items.len().checked_sub(1),
            Order::Least => (0..items.len()).min_by_key(|&at| items[at].0),
        }
    }
}
