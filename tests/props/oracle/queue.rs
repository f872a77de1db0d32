//! A queue of any kind: what is in it, who waits for what, and what has been granted.

use super::Id;
use std::collections::{BTreeSet, VecDeque};

/// Which item comes first.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Fifo,
    Lifo,
    Priority,
}

/// What somebody waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    Get,
    Place,
    Join,
}

/// What has become of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Waits,
    /// An item or a place is reserved, or there is nothing unfinished.
    Granted,
    /// The queue was shut down.
    Refused,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Item {
    pub(crate) priority: u8,
    pub(crate) number: usize,
}

#[derive(Debug)]
pub(crate) struct Model {
    kind: Kind,
    /// In order of arrival.
    items: Vec<Item>,
    capacity: usize,
    /// The water marks: high and low.
    marks: Option<(usize, usize)>,
    throttled: bool,
    /// Places that somebody has, or has been granted.
    slots: usize,
    /// Items that somebody has been granted.
    reserved: usize,
    taken: usize,
    graceful: bool,
    immediate: bool,
    getters: VecDeque<Id>,
    putters: VecDeque<Id>,
    joiners: VecDeque<Id>,
    granted: BTreeSet<Id>,
    refused: BTreeSet<Id>,
    woken: Vec<Id>,
}

impl Model {
    pub(crate) fn new(kind: Kind, capacity: usize) -> Self {
        Self {
            kind,
            items: Vec::new(),
            capacity,
            marks: None,
            throttled: false,
            slots: 0,
            reserved: 0,
            taken: 0,
            graceful: false,
            immediate: false,
            getters: VecDeque::new(),
            putters: VecDeque::new(),
            joiners: VecDeque::new(),
            granted: BTreeSet::new(),
            refused: BTreeSet::new(),
            woken: Vec::new(),
        }
    }

    pub(crate) fn with_marks(mut self, marks: Option<(usize, usize)>) -> Self {
        self.marks = marks;
        self
    }

    /// Whether puts wait for the low mark: looked at after every change.
    fn look_at_marks(&mut self) {
        let used = self.items.len() + self.slots;
        if let Some((high, low)) = self.marks {
            self.throttled |= used >= high;
            self.throttled &= used > low;
        }
    }

    pub(crate) fn high(&self) -> Option<usize> {
        self.marks.map(|(high, _)| high)
    }

    pub(crate) fn is_throttled(&self) -> bool {
        self.throttled
    }

    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    pub(crate) fn is_full(&self) -> bool {
        let limit = self.marks.map_or(self.capacity, |(high, _)| high);
        self.throttled || self.items.len() + self.slots >= limit
    }

    pub(crate) fn unfinished(&self) -> usize {
        self.items.len() + self.taken
    }

    pub(crate) fn is_shut_down(&self) -> bool {
        self.graceful || self.immediate
    }

    pub(crate) fn waiting(&self) -> usize {
        self.getters.len() + self.putters.len() + self.joiners.len()
    }

    /// Whether nothing will come any more.
    pub(crate) fn is_drained(&self) -> bool {
        self.immediate || self.graceful && self.items.is_empty() && self.slots == 0
    }

    /// How many items nobody has been promised.
    pub(crate) fn free_items(&self) -> usize {
        self.items.len() - self.reserved
    }

    /// Whether a newcomer may put at once.
    pub(crate) fn has_place(&self) -> bool {
        !self.is_shut_down() && self.putters.is_empty() && !self.is_full()
    }

    /// Whether a newcomer may get at once.
    pub(crate) fn has_item(&self) -> bool {
        self.getters.is_empty() && self.free_items() > 0
    }

    /// Who has been woken since the last time, in order.
    pub(crate) fn take_woken(&mut self) -> Vec<Id> {
        core::mem::take(&mut self.woken)
    }

    pub(crate) fn enter(&mut self, id: Id, wait: Wait) {
        match wait {
            Wait::Get => self.getters.push_back(id),
            Wait::Place => self.putters.push_back(id),
            Wait::Join => self.joiners.push_back(id),
        }
    }

    pub(crate) fn fate(&self, id: Id) -> Fate {
        if self.granted.contains(&id) {
            Fate::Granted
        } else if self.refused.contains(&id) {
            Fate::Refused
        } else {
            Fate::Waits
        }
    }

    /// A newcomer puts, or takes a place.
    pub(crate) fn put(&mut self, item: Item) {
        self.items.push(item);
        self.settle();
    }

    pub(crate) fn reserve(&mut self) {
        self.slots += 1;
        self.look_at_marks();
    }

    /// Somebody who has a place puts; false after an immediate shutdown.
    pub(crate) fn fill(&mut self, item: Item) -> bool {
        self.slots -= 1;
        if !self.immediate {
            self.items.push(item);
        }
        self.settle();
        !self.immediate
    }

    /// Somebody gives a place back.
    pub(crate) fn free_place(&mut self) {
        self.slots -= 1;
        self.settle();
    }

    /// A newcomer takes the first item.
    pub(crate) fn get(&mut self) -> Item {
        let first = self.first();
        self.taken += 1;
        let item = self.items.remove(first);
        self.settle();
        item
    }

    fn first(&self) -> usize {
        let by_priority = |at: &usize| (self.items[*at].priority, *at);
        match self.kind {
            Kind::Fifo => 0,
            Kind::Lifo => self.items.len() - 1,
            Kind::Priority => (0..self.items.len()).min_by_key(by_priority).unwrap(),
        }
    }

    pub(crate) fn drain(&mut self) -> Vec<Item> {
        let mut drained = Vec::new();
        while self.free_items() > 0 {
            let first = self.first();
            drained.push(self.items.remove(first));
        }
        self.settle();
        drained
    }

    /// A request whose wait is over comes for what it was granted; for a get this is the item.
    pub(crate) fn claim_get(&mut self, id: Id) -> Option<Item> {
        if self.refused.remove(&id) || self.immediate {
            self.granted.remove(&id);
            return None;
        }
        assert!(self.granted.remove(&id));
        self.reserved -= 1;
        Some(self.get())
    }

    /// As above, for a place, which is the caller's then; false if the queue was shut down.
    pub(crate) fn claim_place(&mut self, id: Id) -> bool {
        if self.refused.remove(&id) {
            return false;
        }
        assert!(self.granted.remove(&id));
        if self.immediate {
            self.free_place();
        }
        !self.immediate
    }

    pub(crate) fn claim_join(&mut self, id: Id) {
        assert!(self.granted.remove(&id));
    }

    /// A request is dropped.
    pub(crate) fn withdraw(&mut self, id: Id, wait: Wait) {
        self.refused.remove(&id);
        if self.granted.remove(&id) {
            match wait {
                Wait::Get if !self.immediate => self.reserved -= 1,
                Wait::Place => self.slots -= 1,
                Wait::Get | Wait::Join => {}
            }
        }
        for line in [&mut self.getters, &mut self.putters, &mut self.joiners] {
            line.retain(|waiting| *waiting != id);
        }
        self.settle();
    }

    pub(crate) fn task_done(&mut self) -> bool {
        let counts = self.taken > 0;
        self.taken -= usize::from(counts);
        self.settle();
        counts
    }

    pub(crate) fn set_capacity(&mut self, capacity: usize) {
        self.capacity = capacity;
        self.settle();
    }

    /// Answers how many items are dropped.
    pub(crate) fn shut_down(&mut self, immediate: bool) -> usize {
        if self.immediate || self.graceful && !immediate {
            return 0;
        }
        self.graceful = true;
        self.immediate = immediate;
        let dropped = if immediate { self.items.len() } else { 0 };
        if immediate {
            self.items.clear();
            self.reserved = 0;
        }
        self.settle();
        dropped
    }

    /// Whoever can go, goes.
    fn settle(&mut self) {
        self.look_at_marks();
        while self.free_items() > 0
            && let Some(id) = self.getters.pop_front()
        {
            self.reserved += 1;
            self.granted.insert(id);
            self.woken.push(id);
        }
        while !self.is_shut_down()
            && !self.is_full()
            && let Some(id) = self.putters.pop_front()
        {
            self.slots += 1;
            self.look_at_marks();
            self.granted.insert(id);
            self.woken.push(id);
        }
        if self.is_drained() {
            self.refused.extend(&self.getters);
            self.woken.extend(self.getters.drain(..));
        }
        if self.is_shut_down() {
            self.refused.extend(&self.putters);
            self.woken.extend(self.putters.drain(..));
        }
        if self.unfinished() == 0 {
            self.granted.extend(&self.joiners);
            self.woken.extend(self.joiners.drain(..));
        }
    }
}
