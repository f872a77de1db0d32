//! Queues down to what none can do without that keeps its items under a lock: a section for each
//! operation, of one read-modify-write and one store.
//!
//! They serve one waiter on each side, are not fair, give no place back and cannot be shut down.
//! What a real queue costs more than these is what all that costs.

#![expect(unsafe_code, reason = "a lock lends what it guards")]

use core::cell::UnsafeCell;
use core::cmp::Reverse;
use core::future::{Future, poll_fn};
use core::hint::spin_loop;
use core::ops::Range;
use core::sync::atomic::{
    AtomicBool,
    Ordering::{Acquire, Relaxed, Release},
};
use core::task::{Poll, Waker};
use std::collections::{BinaryHeap, VecDeque};
use std::sync::Arc;
use std::thread;

use super::{AsyncGetter, AsyncPutter, BatchGetter, BatchPutter, Getter, Putter, Ranked};

/// A lock of one read-modify-write and one store.
pub(super) struct Bare<T> {
    is_taken: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: the value is lent only between the swap that takes the lock and the store that frees it.
unsafe impl<T: Send> Sync for Bare<T> {}

impl<T> Bare<T> {
    pub(super) const fn new(value: T) -> Self {
        Self {
            is_taken: AtomicBool::new(false),
            value: UnsafeCell::new(value),
        }
    }

    #[inline]
    pub(super) fn with<R>(&self, body: impl FnOnce(&mut T) -> R) -> R {
        // ORDERING: Acquire pairs with the Release below: the last section is seen.
        while self.is_taken.swap(true, Acquire) {
            self.contend();
        }
        // SAFETY: the swap found the lock free, so nobody else is here until the store below.
        let result = body(unsafe { &mut *self.value.get() });
        // ORDERING: Release pairs with the Acquire above.
        self.is_taken.store(false, Release);
        result
    }

    /// Lets the holder do some work.
    #[cold]
    fn contend(&self) {
        for round in 5..7 {
            for _ in 0..1 << round {
                spin_loop();
            }
            // ORDERING: Relaxed: the swap looks again.
            if !self.is_taken.load(Relaxed) {
                return;
            }
        }
        thread::yield_now();
    }
}

/// Items, and who waits for a place or an item.
struct Store {
    items: VecDeque<u64>,
    putter: Option<Waker>,
    getter: Option<Waker>,
}

/// A queue whose threads yield until they can go, and whose tasks wait one on each side.
pub(crate) struct Stripped {
    store: Bare<Store>,
    capacity: usize,
}

impl Stripped {
    /// With places for this many items at once.
    pub(crate) const fn bounded(capacity: usize) -> Self {
        let store = Store {
            items: VecDeque::new(),
            putter: None,
            getter: None,
        };
        Self {
            store: Bare::new(store),
            capacity,
        }
    }
}

impl Putter for Arc<Stripped> {
    fn put(&mut self, item: u64) {
        while !self.store.with(|store| {
            let has_place = store.items.len() < self.capacity;
            if has_place {
                store.items.push_back(item);
            }
            has_place
        }) {
            thread::yield_now();
        }
    }
}

impl Getter for Arc<Stripped> {
    fn get(&mut self) -> u64 {
        loop {
            if let Some(item) = self.store.with(|store| store.items.pop_front()) {
                return item;
            }
            thread::yield_now();
        }
    }
}

impl BatchPutter for Arc<Stripped> {
    fn put_many(&mut self, items: Range<u64>) {
        let mut items: VecDeque<u64> = items.collect();
        self.store.with(|store| store.items.append(&mut items));
    }
}

impl BatchGetter for Arc<Stripped> {
    fn get_many(&mut self, max: u64, each: impl FnMut(u64)) {
        let items: Vec<u64> = self.store.with(|store| {
            let count = store.items.len().min(max as usize);
            let mut items = Vec::with_capacity(count);
            items.extend(store.items.drain(..count));
            items
        });
        items.into_iter().for_each(each);
    }
}

impl AsyncPutter for Arc<Stripped> {
    fn put(&mut self, item: u64) -> impl Future<Output = ()> + Send {
        poll_fn(move |context| {
            let next = self.store.with(|store| {
                if store.items.len() < self.capacity {
                    store.items.push_back(item);
                    return Ok(store.getter.take());
                }
                store.putter = Some(context.waker().clone());
                Err(())
            });
            go_on(next)
        })
    }
}

impl AsyncGetter for Arc<Stripped> {
    fn get(&mut self) -> impl Future<Output = u64> + Send {
        poll_fn(move |context| {
            let mut item = None;
            let next = self.store.with(|store| {
                item = store.items.pop_front();
                if item.is_some() {
                    return Ok(store.putter.take());
                }
                store.getter = Some(context.waker().clone());
                Err(())
            });
            go_on(next).map(|()| item.expect("it has been got"))
        })
    }
}

/// Wakes who is next, unless there is nothing to do yet.
fn go_on(next: Result<Option<Waker>, ()>) -> Poll<()> {
    let Ok(next) = next else {
        return Poll::Pending;
    };
    if let Some(next) = next {
        next.wake();
    }
    Poll::Ready(())
}

/// std's heap under that lock, with a number in each entry that keeps the order of equals.
pub(crate) struct StrippedHeap(Bare<Numbered>);

/// Entries with their numbers, and the next number.
type Numbered = (BinaryHeap<Reverse<(u64, u64, u64)>>, u64);

impl Ranked for StrippedHeap {
    fn new() -> Self {
        Self(Bare::new((BinaryHeap::new(), 0)))
    }

    fn put(&self, priority: u64, item: u64) {
        self.0.with(|(heap, number)| {
            heap.push(Reverse((priority, *number, item)));
            *number += 1;
        });
    }

    fn get(&self) -> (u64, u64) {
        let first = self.0.with(|(heap, _)| heap.pop());
        let Reverse((priority, _, item)) = first.expect("there are residents");
        (priority, item)
    }
}
