//! Histories of real threads: a sequential queue could have had each of them.
//!
//! Nobody says how the threads interleave. Each history is checked for itself, so many short ones
//! say more than a long one.

use crate::history::{Did, Event, Item, Order, Why, is_linearizable};
use crate::watch::watched;
use core::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use core::time::Duration;
use std::sync::Barrier;
use std::thread;
use syncline::internals::Quiet;
use syncline::thread::{LifoQueue, PriorityQueue, Queue};
use syncline::{GetError, PutError, Shutdown};

const CAPACITY: usize = 2;
const HISTORIES: usize = 300;
/// How many items the putter puts in each.
const ITEMS: usize = 6;

/// A queue of any kind, whose items are their own priorities.
trait Subject: Quiet + Sync {
    const ORDER: Order;
    fn new() -> Self;
    fn put(&self, item: Item) -> Result<(), PutError<Item>>;
    fn try_put(&self, item: Item) -> Result<(), PutError<Item>>;
    fn get(&self) -> Result<Item, GetError>;
    fn get_timeout(&self, timeout: Duration) -> Result<Item, GetError>;
    fn get_many(&self, max: usize) -> Result<Vec<Item>, GetError>;
    fn try_get(&self) -> Result<Item, GetError>;
    fn drain(&self) -> Vec<Item>;
    fn shutdown(&self, how: Shutdown) -> usize;
}

macro_rules! subject {
    ($Kind:ty, $order:expr) => {
        impl Subject for $Kind {
            const ORDER: Order = $order;

            fn new() -> Self {
                Self::bounded(CAPACITY)
            }
            fn put(&self, item: Item) -> Result<(), PutError<Item>> {
                self.put(item)
            }
            fn try_put(&self, item: Item) -> Result<(), PutError<Item>> {
                self.try_put(item)
            }
            fn get(&self) -> Result<Item, GetError> {
                self.get()
            }
            fn get_timeout(&self, timeout: Duration) -> Result<Item, GetError> {
                self.get_timeout(timeout)
            }
            fn get_many(&self, max: usize) -> Result<Vec<Item>, GetError> {
                self.get_many(max)
            }
            fn try_get(&self) -> Result<Item, GetError> {
                self.try_get()
            }
            fn drain(&self) -> Vec<Item> {
                self.drain()
            }
            fn shutdown(&self, how: Shutdown) -> usize {
                self.shutdown(how)
            }
        }
    };
}

subject!(Queue<Item>, Order::Oldest);
subject!(LifoQueue<Item>, Order::Newest);
subject!(PriorityQueue<u8, usize>, Order::Least);

/// What one thread has done.
struct Diary<'a> {
    clock: &'a AtomicUsize,
    events: Vec<Event>,
}

impl Diary<'_> {
    fn record<R>(
        &mut self,
        waits: bool,
        act: impl FnOnce() -> R,
        did: impl FnOnce(&R) -> Did,
    ) -> R {
        let begin = self.clock.fetch_add(1, SeqCst);
        let result = act();
        let end = self.clock.fetch_add(1, SeqCst);
        self.events.push(Event {
            did: did(&result),
            waits,
            begin,
            end,
        });
        result
    }

    fn put(&mut self, waits: bool, item: Item, put: impl FnOnce() -> Result<(), PutError<Item>>) {
        let ended = |result: &Result<(), PutError<Item>>| match result {
            Ok(()) => Did::Put(vec![item], Some(1), Why::Done),
            Err(PutError::ShutDown(_)) => Did::Put(vec![item], Some(0), Why::ShutDown),
            Err(_) => Did::Put(vec![item], Some(0), Why::Nothing),
        };
        let _put = self.record(waits, put, ended);
    }

    /// Whether there may be more to come.
    fn get(
        &mut self,
        waits: bool,
        max: usize,
        get: impl FnOnce() -> Result<Vec<Item>, GetError>,
    ) -> bool {
        let ended = |result: &Result<Vec<Item>, GetError>| match result {
            Ok(items) => Did::Got(items.clone(), max, Why::Done),
            Err(GetError::ShutDown) => Did::Got(Vec::new(), max, Why::ShutDown),
            Err(_) => Did::Got(Vec::new(), max, Why::Nothing),
        };
        self.record(waits, get, ended) != Err(GetError::ShutDown)
    }
}

fn one(got: Result<Item, GetError>) -> Result<Vec<Item>, GetError> {
    got.map(|item| vec![item])
}

/// One putter, one getter, and one who only tries; then a shutdown.
fn history<Q: Subject>(round: usize) {
    let queue = Q::new();
    let clock = AtomicUsize::new(0);
    let start = Barrier::new(3);
    let diary = || Diary {
        clock: &clock,
        events: Vec::new(),
    };
    // Priorities that go up and down, and repeat.
    let item = |number: usize| (u8::try_from((number * 5 + round) % 4).unwrap(), number);
    let mut events = thread::scope(|scope| {
        let putter = scope.spawn(|| {
            let mut mine = diary();
            start.wait();
            for number in 0..ITEMS {
                mine.put(true, item(number), || queue.put(item(number)));
            }
            mine.events
        });
        let getter = scope.spawn(|| {
            let mut mine = diary();
            start.wait();
            let mut turn = round;
            loop {
                turn += 1;
                let more = match turn % 3 {
                    0 => mine.get(true, 2, || queue.get_many(2)),
                    1 => mine.get(true, 1, || one(queue.get_timeout(Duration::from_micros(5)))),
                    _ => mine.get(true, 1, || one(queue.get())),
                };
                if !more {
                    return mine.events;
                }
            }
        });
        let trier = scope.spawn(|| {
            let mut mine = diary();
            start.wait();
            for number in ITEMS..ITEMS + 2 {
                mine.put(false, item(number), || queue.try_put(item(number)));
                mine.get(false, 1, || one(queue.try_get()));
            }
            mine.get(false, usize::MAX, || Ok(queue.drain()));
            mine.events
        });
        let mut mine = diary();
        mine.events.extend(putter.join().unwrap());
        mine.events.extend(trier.join().unwrap());
        mine.record(
            false,
            || queue.shutdown(Shutdown::Graceful),
            |&dropped| Did::ShutDown(false, dropped),
        );
        mine.events.extend(getter.join().unwrap());
        mine.events
    });
    events.sort_unstable_by_key(|event| event.begin);
    assert!(
        is_linearizable(Q::ORDER, CAPACITY, &events),
        "no sequential queue does this: {events:#?}"
    );
    queue.assert_quiet();
}

fn histories<Q: Subject>(name: &str) {
    watched(&name, || (0..HISTORIES).for_each(history::<Q>));
}

#[test]
fn every_history_of_threads_is_one_of_a_sequential_queue() {
    histories::<Queue<Item>>("oldest first");
}

#[test]
fn every_history_of_threads_is_one_of_a_sequential_lifo_queue() {
    histories::<LifoQueue<Item>>("newest first");
}

#[test]
fn every_history_of_threads_is_one_of_a_sequential_priority_queue() {
    histories::<PriorityQueue<u8, usize>>("least first");
}
