//! A semaphore: free permits, those that are out, and a queue of requests for some of them.

use super::{First, Id};
use std::collections::VecDeque;

#[derive(Debug)]
pub(crate) struct Model {
    /// Below zero while more are out than the capacity allows.
    free: isize,
    /// Held, or granted to somebody who may not have noticed yet.
    out: usize,
    /// Those that are free, and out, and can be released.
    limit: usize,
    queue: VecDeque<(Id, usize)>,
}

impl Model {
    pub(crate) fn new(free: usize, limit: usize) -> Self {
        Self {
            free: signed(free),
            out: 0,
            limit,
            queue: VecDeque::new(),
        }
    }

    /// Takes `count` permits if they are free and nobody waits. Nothing is always to be had.
    pub(crate) fn try_acquire(&mut self, count: usize) -> bool {
        let served = count == 0 || (self.queue.is_empty() && signed(count) <= self.free);
        if served {
            self.free -= signed(count);
            self.out += count;
        }
        served
    }

    pub(crate) fn first_poll(&mut self, id: Id, count: usize, expired: bool) -> First {
        if self.try_acquire(count) {
            return First::Served;
        }
        if expired {
            return First::TimedOut;
        }
        self.queue.push_back((id, count));
        First::Waits
    }

    /// Permits that are out come back; answers who is granted something, in order.
    pub(crate) fn give_back(&mut self, count: usize) -> Vec<Id> {
        self.out -= count;
        self.free += signed(count);
        self.settle()
    }

    /// New permits appear, unless there would be too many.
    pub(crate) fn release(&mut self, count: usize) -> Option<Vec<Id>> {
        let room = signed(self.limit) - self.free - signed(self.out);
        if count > room.unsigned_abs() {
            return None;
        }
        self.free += signed(count);
        Some(self.settle())
    }

    /// Free permits disappear; answers how many.
    pub(crate) fn forget(&mut self, count: usize) -> usize {
        let gone = count.min(self.free());
        self.free -= signed(gone);
        gone
    }

    /// There are to be so many from now on, whoever has them; answers who is granted something, in order.
    pub(crate) fn set_limit(&mut self, limit: usize) -> Vec<Id> {
        self.free += signed(limit) - signed(self.limit);
        self.limit = limit;
        self.settle()
    }

    /// How many requests can ask for without a panic.
    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    /// Permits that are out disappear.
    pub(crate) fn forget_out(&mut self, count: usize) {
        self.out -= count;
    }

    /// A waiting request leaves; answers who is granted something now, in order.
    pub(crate) fn withdraw(&mut self, id: Id) -> Vec<Id> {
        self.queue.retain(|&(waiting, _)| waiting != id);
        self.settle()
    }

    pub(crate) fn free(&self) -> usize {
        usize::try_from(self.free).unwrap_or(0)
    }

    pub(crate) fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// Serves the head as long as there is enough for it.
    fn settle(&mut self) -> Vec<Id> {
        let mut granted = Vec::new();
        while let Some(&(id, count)) = self.queue.front() {
            if signed(count) > self.free {
                break;
            }
            self.queue.pop_front();
            self.free -= signed(count);
            self.out += count;
            granted.push(id);
        }
        granted
    }
}

fn signed(permits: usize) -> isize {
    isize::try_from(permits).expect("no semaphore has so many")
}
