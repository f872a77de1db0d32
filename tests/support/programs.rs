//! Programs that a user writes with a lock and conditions: a bounded buffer, a lock for readers
//! and writers, a barrier that is used again. Each for threads and for tasks, who may mix.
//!
//! Loom's models, the stress tests and the normal suite run these same ones.

use std::collections::VecDeque;

use syncline::internals::Quiet;
use syncline::thread::{Condition, Lock};

/// A queue with room for so many.
#[derive(Debug)]
pub(crate) struct Buffer<T> {
    items: Lock<VecDeque<T>>,
    room: usize,
    not_full: Condition,
    not_empty: Condition,
}

impl<T> Buffer<T> {
    pub(crate) fn new(room: usize) -> Self {
        Self {
            items: Lock::new(VecDeque::with_capacity(room)),
            room,
            not_full: Condition::new(),
            not_empty: Condition::new(),
        }
    }

    pub(crate) fn put(&self, item: T) {
        let guard = self.items.lock();
        let mut items = (self.not_full).wait_for(guard, |items| items.len() < self.room);
        items.push_back(item);
        drop(items);
        self.not_empty.notify_one();
    }

    pub(crate) fn get(&self) -> T {
        let guard = self.items.lock();
        let mut items = (self.not_empty).wait_for(guard, |items| !items.is_empty());
        let item = items.pop_front().expect("waited for");
        // With the lock held: both ways are right.
        self.not_full.notify_one();
        item
    }

    pub(crate) async fn put_async(&self, item: T) {
        let mut items = self.items.as_task().lock().await;
        while items.len() == self.room {
            items = self.not_full.as_task().wait(items).await;
        }
        items.push_back(item);
        self.not_empty.notify_one();
    }

    pub(crate) async fn get_async(&self) -> T {
        let mut items = self.items.as_task().lock().await;
        loop {
            if let Some(item) = items.pop_front() {
                drop(items);
                self.not_full.notify_one();
                return item;
            }
            items = self.not_empty.as_task().wait(items).await;
        }
    }

    pub(crate) fn assert_quiet(&self) {
        self.not_full.assert_quiet();
        self.not_empty.assert_quiet();
        self.items.assert_quiet();
    }
}

/// Who is inside of a [`ReadWrite`].
#[derive(Debug, Default)]
struct Inside {
    readers: usize,
    writer: bool,
    /// Writers that wait; readers let them pass.
    writers: usize,
}

/// Any number of readers, or one writer.
#[derive(Debug)]
pub(crate) struct ReadWrite {
    inside: Lock<Inside>,
    may_read: Condition,
    may_write: Condition,
}

impl ReadWrite {
    pub(crate) fn new() -> Self {
        Self {
            inside: Lock::new(Inside::default()),
            may_read: Condition::new(),
            may_write: Condition::new(),
        }
    }

    pub(crate) fn read<R>(&self, read: impl FnOnce() -> R) -> R {
        let guard = self.inside.lock();
        let mut inside =
            (self.may_read).wait_for(guard, |inside| !inside.writer && inside.writers == 0);
        inside.readers += 1;
        drop(inside);
        let result = read();
        self.end_read(&mut self.inside.lock());
        result
    }

    pub(crate) async fn read_async<R>(&self, read: impl FnOnce() -> R) -> R {
        let guard = self.inside.as_task().lock().await;
        let wait = (self.may_read.as_task())
            .wait_for(guard, |inside| !inside.writer && inside.writers == 0);
        let mut inside = wait.await;
        inside.readers += 1;
        drop(inside);
        let result = read();
        // A task must not block its executor: whoever has the lock may be a task there.
        self.end_read(&mut *self.inside.as_task().lock().await);
        result
    }

    fn end_read(&self, inside: &mut Inside) {
        inside.readers -= 1;
        if inside.readers == 0 {
            self.may_write.notify_one();
        }
    }

    pub(crate) fn write<R>(&self, write: impl FnOnce() -> R) -> R {
        let mut guard = self.inside.lock();
        guard.writers += 1;
        let mut inside =
            (self.may_write).wait_for(guard, |inside| !inside.writer && inside.readers == 0);
        inside.writers -= 1;
        inside.writer = true;
        drop(inside);
        let result = write();
        self.end_write(&mut self.inside.lock());
        result
    }

    pub(crate) async fn write_async<R>(&self, write: impl FnOnce() -> R) -> R {
        let mut guard = self.inside.as_task().lock().await;
        guard.writers += 1;
        let wait = (self.may_write.as_task())
            .wait_for(guard, |inside| !inside.writer && inside.readers == 0);
        let mut inside = wait.await;
        inside.writers -= 1;
        inside.writer = true;
        drop(inside);
        let result = write();
        // A task must not block its executor: whoever has the lock may be a task there.
        self.end_write(&mut *self.inside.as_task().lock().await);
        result
    }

    fn end_write(&self, inside: &mut Inside) {
        inside.writer = false;
        if inside.writers > 0 {
            self.may_write.notify_one();
        } else {
            self.may_read.notify_all();
        }
    }

    pub(crate) fn assert_quiet(&self) {
        self.may_read.assert_quiet();
        self.may_write.assert_quiet();
        self.inside.assert_quiet();
    }
}

/// How far a [`Cycle`] is.
#[derive(Debug, Default)]
struct Round {
    number: usize,
    arrived: usize,
}

/// Lets nobody go on before all have arrived, round after round.
#[derive(Debug)]
pub(crate) struct Cycle {
    parties: usize,
    round: Lock<Round>,
    turned: Condition,
}

impl Cycle {
    pub(crate) fn new(parties: usize) -> Self {
        Self {
            parties,
            round: Lock::new(Round::default()),
            turned: Condition::new(),
        }
    }

    /// Waits for the others; says which round it was, and whether it came last.
    pub(crate) fn arrive(&self) -> (usize, bool) {
        let mut round = self.round.lock();
        let mine = round.number;
        let last = self.is_last(&mut round);
        if !last {
            drop((self.turned).wait_for(round, |round| round.number != mine));
        }
        (mine, last)
    }

    pub(crate) async fn arrive_async(&self) -> (usize, bool) {
        let mut round = self.round.as_task().lock().await;
        let mine = round.number;
        let last = self.is_last(&mut round);
        if !last {
            let wait = (self.turned.as_task()).wait_for(round, |round| round.number != mine);
            drop(wait.await);
        }
        (mine, last)
    }

    fn is_last(&self, round: &mut Round) -> bool {
        round.arrived += 1;
        let last = round.arrived == self.parties;
        if last {
            *round = Round {
                number: round.number + 1,
                arrived: 0,
            };
            assert_eq!(self.parties - 1, self.turned.notify_all(), "one is missing");
        }
        last
    }

    pub(crate) fn assert_quiet(&self) {
        self.turned.assert_quiet();
        self.round.assert_quiet();
    }
}
