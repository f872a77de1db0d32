//! The queues: many items through threads and tasks, some of which give up, and a shutdown in the
//! middle. Every item must be accounted for exactly once.

use crate::bench::{Dice, poll_and_drop};
use crate::watch::{LIMIT, watchdog};
use core::sync::atomic::Ordering::SeqCst;
use core::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize};
use core::time::Duration;
use std::sync::Arc;
use std::thread;
use syncline::internals::Quiet;
use syncline::task::block_on;
use syncline::thread::Queue;
use syncline::{GetError, PutError, Shutdown};

/// What has become of every item.
struct Books {
    queue: Queue<Item>,
    fates: Arc<[AtomicU8]>,
    next: AtomicUsize,
    /// Whether the queue is to be shut down by now.
    over: AtomicBool,
}

/// An item that notes its end.
struct Item {
    number: usize,
    fates: Arc<[AtomicU8]>,
}

impl Drop for Item {
    fn drop(&mut self) {
        let before = self.fates[self.number].fetch_add(1, SeqCst);
        assert_eq!(before, 0, "an item ended twice");
    }
}

impl Books {
    fn new(items: usize, capacity: usize) -> Self {
        Self {
            queue: Queue::bounded(capacity),
            fates: (0..items).map(|_| AtomicU8::new(0)).collect(),
            next: AtomicUsize::new(0),
            over: AtomicBool::new(false),
        }
    }

    /// A new item, until there are enough.
    fn item(&self) -> Option<Item> {
        let number = self.next.fetch_add(1, SeqCst);
        (number < self.fates.len()).then(|| Item {
            number,
            fates: Arc::clone(&self.fates),
        })
    }

    /// Puts one item somehow; false when it is over.
    fn put(&self, dice: &mut Dice) -> bool {
        let Some(item) = self.item() else {
            return false;
        };
        let task = self.queue.as_task();
        let put = match dice.roll(10) {
            0 => self.queue.put_timeout(item, dice.timeout()),
            1 => block_on(task.put_timeout(item, dice.timeout())),
            2 => self.queue.try_put(item),
            3 => poll_and_drop(dice, task.put(item)).unwrap_or(Ok(())),
            4 => match self.queue.reserve() {
                Ok(slot) => slot.put(item),
                Err(_) => Err(PutError::ShutDown(item)),
            },
            5 => {
                drop(self.queue.reserve_timeout(dice.timeout()));
                self.queue.put(item)
            }
            6 => (self.queue.put_many([item]))
                .map_err(|error| PutError::ShutDown(error.into_inner().remove(0))),
            7 => block_on(task.put(item)),
            _ => self.queue.put(item),
        };
        !matches!(put, Err(PutError::ShutDown(_)))
    }

    /// Gets one item somehow; false when it is over.
    fn get(&self, dice: &mut Dice) -> bool {
        let task = self.queue.as_task();
        let got = match dice.roll(10) {
            0 => self.queue.get_timeout(dice.timeout()),
            1 => block_on(task.get_timeout(dice.timeout())),
            2 => self.queue.try_get(),
            3 => poll_and_drop(dice, task.get()).unwrap_or(Err(GetError::Empty)),
            4 => {
                let many = self.queue.get_many(1 + dice.roll(4));
                for _ in 1..many.as_ref().map_or(1, Vec::len) {
                    self.queue.task_done().unwrap();
                }
                many.map(|mut many| many.remove(0))
            }
            5 | 6 => block_on(task.get()),
            _ => self.queue.get(),
        };
        if got.is_ok() {
            self.queue.task_done().unwrap();
        }
        got.err() != Some(GetError::ShutDown)
    }
}

/// So many items between so many putters and getters; shut down after the last one, or before.
fn run(name: &str, items: usize, limit: Duration, early: Option<Shutdown>) {
    const WORKERS: usize = 3;
    let books = Books::new(items, 8);
    let state = || format!("{:?} after {}", books.queue, books.next.load(SeqCst));
    watchdog(name, limit, state, || {
        thread::scope(|threads| {
            let putters: Vec<_> = (0..WORKERS)
                .map(|_| {
                    threads.spawn(|| {
                        let mut dice = Dice::new();
                        while books.put(&mut dice) {}
                    })
                })
                .collect();
            for _ in 0..WORKERS {
                threads.spawn(|| {
                    let mut dice = Dice::new();
                    while books.get(&mut dice) {}
                });
            }
            if let Some(how) = early {
                while books.next.load(SeqCst) < items / 2 {
                    thread::yield_now();
                }
                books.over.store(true, SeqCst);
                books.queue.shutdown(how);
            }
            for putter in putters {
                putter.join().unwrap();
            }
            books.queue.join();
            books.queue.shutdown(Shutdown::Graceful);
        });
    });
    assert_eq!(early.is_some(), books.over.load(SeqCst));
    assert!(books.queue.is_empty());
    assert_eq!(books.queue.unfinished(), 0);
    books.queue.assert_quiet();
    let made = books.next.load(SeqCst).min(items);
    for (number, fate) in books.fates.iter().enumerate() {
        assert_eq!(fate.load(SeqCst), u8::from(number < made), "item {number}");
    }
}

#[test]
fn every_item_ends_once() {
    run("every_item_ends_once", 20_000, LIMIT, None);
    let graceful = Some(Shutdown::Graceful);
    run("every_item_ends_once, graceful", 20_000, LIMIT, graceful);
    let immediate = Some(Shutdown::Immediate);
    run("every_item_ends_once, immediate", 20_000, LIMIT, immediate);
}

#[test]
#[ignore = "runs minutes; cargo test --release --test stress -- --ignored"]
fn every_one_of_ten_million_items_ends_once() {
    let limit = Duration::from_secs(1800);
    run("every_one_of_ten_million_items", 10_000_000, limit, None);
    for how in [Shutdown::Graceful, Shutdown::Immediate] {
        run("half of ten million items", 10_000_000, limit, Some(how));
    }
}
