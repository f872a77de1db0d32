//! The condition, as threads see it.

use crate::driver::Driver;
use crate::watch::{until_past, until_waiting, watched};
use core::cell::Cell;
use core::panic::AssertUnwindSafe;
use core::time::Duration;
use std::panic::catch_unwind;
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Instant;
use syncline::internals::Quiet;
use syncline::task;
use syncline::thread::{Condition, Lock};

const SHORT: Duration = Duration::from_millis(5);

/// A lock and a condition for it.
#[derive(Debug)]
struct Pair {
    lock: Lock<usize>,
    changed: Condition,
}

impl Pair {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            lock: Lock::new(0),
            changed: Condition::new(),
        })
    }

    /// A thread that waits for one notify, as number `waiting` in the set.
    fn waits(self: &Arc<Self>, waiting: usize) -> JoinHandle<()> {
        let pair = Arc::clone(self);
        let thread = thread::spawn(move || *pair.changed.wait(pair.lock.lock()) += 1);
        until_waiting(&self.changed, waiting);
        thread
    }

    fn assert_quiet(&self) {
        self.changed.assert_quiet();
        self.lock.assert_quiet();
        assert!(!self.lock.is_locked());
    }
}

#[test]
fn those_who_waited_longest_are_notified_first() {
    let pair = Pair::new();
    watched(&pair, || {
        let threads: Vec<_> = (1..=4).map(|count| pair.waits(count)).collect();
        for (place, thread) in threads.into_iter().enumerate() {
            assert!(pair.changed.notify_one());
            thread.join().unwrap();
            assert_eq!(place + 1, *pair.lock.lock());
        }
        assert!(!pair.changed.notify_one());
    });
    pair.assert_quiet();
}

#[test]
fn a_notify_for_many_says_exactly_whom_it_reached() {
    for (n, reached) in [(0, 0), (2, 2), (3, 3), (4, 3), (usize::MAX, 3)] {
        let pair = Pair::new();
        watched(&pair, || {
            let threads: Vec<_> = (1..=3).map(|count| pair.waits(count)).collect();
            assert_eq!(reached, pair.changed.notify(n));
            assert_eq!(3 - reached, pair.changed.notify_all());
            for thread in threads {
                thread.join().unwrap();
            }
            assert_eq!(3, *pair.lock.lock());
        });
        pair.assert_quiet();
    }
}

/// Trap C7: with the lock held, those who are notified go on in order and one at a time.
#[test]
fn many_threads_go_on_one_after_the_other() {
    let pair = Pair::new();
    let order = Arc::new(Mutex::new(Vec::new()));
    watched(&pair, || {
        let wait = |place: usize| {
            let (shared, order) = (Arc::clone(&pair), Arc::clone(&order));
            let thread = thread::spawn(move || {
                let guard = shared.changed.wait(shared.lock.lock());
                order.lock().unwrap().push(place);
                drop(guard);
            });
            until_waiting(&pair.changed, place + 1);
            thread
        };
        let threads: Vec<_> = (0..30_usize).map(wait).collect();
        let held = pair.lock.lock();
        assert_eq!(30, pair.changed.notify_all());
        assert_eq!(30, pair.lock.waiting(), "all stand in line");
        assert!(order.lock().unwrap().is_empty());
        drop(held);
        for thread in threads {
            thread.join().unwrap();
        }
    });
    let mut order = order.lock().unwrap().clone();
    order.sort_unstable();
    assert_eq!((0..30_usize).collect::<Vec<_>>(), order);
    pair.assert_quiet();
}

/// Traps A42, B3: no notify is stored.
#[test]
fn a_notify_that_reaches_nobody_is_gone() {
    let pair = Pair::new();
    assert!(!pair.changed.notify_one());
    assert_eq!((0, 0), (pair.changed.notify(9), pair.changed.notify_all()));
    let start = Instant::now();
    let (guard, result) = pair.changed.wait_timeout(pair.lock.lock(), SHORT);
    result.unwrap_err();
    assert!(start.elapsed() >= SHORT);
    drop(guard);
    pair.assert_quiet();
}

#[test]
fn a_wait_whose_time_is_over_holds_the_lock_again() {
    let pair = Pair::new();
    let past = Instant::now();
    let (guard, result) = pair.changed.wait_timeout(pair.lock.lock(), Duration::ZERO);
    result.unwrap_err();
    let (guard, result) = pair.changed.wait_deadline(guard, past);
    result.unwrap_err();
    assert!(pair.lock.is_locked());
    assert_eq!(0, *guard);
    drop(guard);
    pair.assert_quiet();
}

#[test]
fn the_longest_timeout_means_never() {
    let pair = Pair::new();
    watched(&pair, || {
        let waiter = thread::spawn({
            let pair = Arc::clone(&pair);
            move || {
                let (_guard, result) = (pair.changed).wait_timeout(pair.lock.lock(), Duration::MAX);
                result.unwrap();
            }
        });
        until_waiting(&pair.changed, 1);
        assert!(pair.changed.notify_one());
        waiter.join().unwrap();
    });
    pair.assert_quiet();
}

/// Traps A3, C13: who has given up does not swallow a notify, and reports that it gave up.
#[test]
fn a_notify_passes_by_a_thread_that_has_given_up() {
    let pair = Pair::new();
    watched(&pair, || {
        let at = Instant::now() + SHORT;
        let gives_up = thread::spawn({
            let pair = Arc::clone(&pair);
            move || {
                let (_guard, result) = pair.changed.wait_deadline(pair.lock.lock(), at);
                result.is_err()
            }
        });
        // It gets the lock first, waits, and gives up while the lock is held here.
        until_past(at);
        let held = loop {
            let held = pair.lock.lock();
            if pair.changed.waiting() == 0 && (gives_up.is_finished() || pair.lock.waiting() == 1) {
                break held;
            }
            drop(held);
            thread::yield_now();
        };
        assert!(!pair.changed.notify_one());
        drop(held);
        assert!(gives_up.join().unwrap());
        let other = pair.waits(1);
        assert!(pair.changed.notify_one());
        other.join().unwrap();
    });
    pair.assert_quiet();
}

#[test]
fn a_predicate_is_asked_at_once_after_each_notify_and_at_the_deadline() {
    let pair = Pair::new();
    let asked = Cell::new(0);
    let ask = |answer: bool| {
        asked.set(asked.get() + 1);
        answer
    };
    drop(pair.changed.wait_for(pair.lock.lock(), |_| ask(true)));
    assert_eq!(1, asked.replace(0));
    let (guard, result) =
        (pair.changed).wait_for_timeout(pair.lock.lock(), Duration::ZERO, |_| ask(false));
    result.unwrap_err();
    assert_eq!(2, asked.replace(0));
    let (guard, result) = pair
        .changed
        .wait_for_deadline(guard, Instant::now(), |value| {
            *value += 1;
            ask(*value == 2)
        });
    result.expect("it holds at the deadline");
    assert_eq!(2, asked.replace(0));
    drop(guard);
    watched(&pair, || {
        let waiter = thread::spawn({
            let pair = Arc::clone(&pair);
            move || {
                let mut asked = 0;
                drop(pair.changed.wait_for(pair.lock.lock(), |value| {
                    asked += 1;
                    *value == 5
                }));
                asked
            }
        });
        for _ in 0..3 {
            until_waiting(&pair.changed, 1);
            *pair.lock.lock() += 1;
            assert!(pair.changed.notify_one());
        }
        assert_eq!(4, waiter.join().unwrap());
    });
    pair.assert_quiet();
}

#[test]
fn a_predicate_that_panics_unlocks() {
    let pair = Pair::new();
    let panics = |_: &mut usize| -> bool { panic!("no answer") };
    let wait = || drop(pair.changed.wait_for(pair.lock.lock(), panics));
    catch_unwind(AssertUnwindSafe(wait)).unwrap_err();
    pair.assert_quiet();
}

#[test]
fn two_locks_at_the_same_time_are_refused_and_unlocked() {
    let pair = Pair::new();
    let other = Lock::new(0);
    watched(&pair, || {
        let waiter = pair.waits(1);
        let wait = || drop(pair.changed.wait(other.lock()));
        let refused = catch_unwind(AssertUnwindSafe(wait)).unwrap_err();
        let message = refused.downcast_ref::<&str>().unwrap();
        assert!(message.contains("two locks at the same time"), "{message}");
        assert!(!other.is_locked());
        assert_eq!(1, pair.changed.notify_all());
        waiter.join().unwrap();
    });
    let (guard, result) = pair.changed.wait_timeout(other.lock(), Duration::ZERO);
    result.unwrap_err();
    drop(guard);
    other.assert_quiet();
    pair.assert_quiet();
}

/// Trap A9: the notifier knows the lock only through those whom it notifies.
#[test]
fn a_lock_may_be_freed_by_its_waiters_while_the_notifier_is_at_work() {
    let changed = Arc::new(Condition::new());
    watched(&changed, || {
        for round in 0..2000 {
            let lock = Arc::new(Lock::new(Box::new(round)));
            let watch = Arc::downgrade(&lock);
            let waiter = thread::spawn({
                let changed = Arc::clone(&changed);
                move || {
                    let guard = lock.lock_owned();
                    drop(lock);
                    **changed.wait(guard)
                }
            });
            until_waiting(&*changed, 1);
            assert!(changed.notify_one());
            assert_eq!(round, waiter.join().unwrap());
            assert_eq!(0, watch.strong_count());
        }
    });
    changed.assert_quiet();
}

/// Trap A9, with a thread before a task: the one sort of line that hands over to a thread.
#[test]
fn a_thread_and_a_task_may_free_their_lock_while_the_notifier_is_at_work() {
    let changed = Arc::new(Condition::new());
    watched(&changed, || {
        for round in 0..1000 {
            let lock = Arc::new(Lock::new(Box::new(round)));
            let watch = Arc::downgrade(&lock);
            let blocks = thread::spawn({
                let (changed, lock) = (Arc::clone(&changed), Arc::clone(&lock));
                move || {
                    let guard = lock.lock_owned();
                    drop(lock);
                    drop(changed.wait(guard));
                }
            });
            until_waiting(&*changed, 1);
            let polls = thread::spawn({
                let (changed, lock) = (Arc::clone(&changed), lock.into_task());
                move || {
                    task::block_on(async {
                        let guard = lock.lock_owned().await;
                        drop(lock);
                        drop(changed.as_task().wait(guard).await);
                    });
                }
            });
            until_waiting(&*changed, 2);
            assert_eq!(2, changed.notify_all());
            blocks.join().unwrap();
            polls.join().unwrap();
            assert_eq!(0, watch.strong_count());
        }
    });
    changed.assert_quiet();
}

/// Traps A41, B2: across the faces.
#[test]
fn a_notification_of_a_dropped_task_goes_to_a_thread() {
    let pair = Pair::new();
    watched(&pair, || {
        let guard = pair.lock.as_task().try_lock().unwrap();
        let task = Driver::waiting(pair.changed.as_task().wait(guard));
        let thread = pair.waits(2);
        assert!(pair.changed.notify_one());
        assert!(task.is_woken());
        drop(task);
        thread.join().unwrap();
    });
    pair.assert_quiet();
}

#[test]
fn a_condition_may_be_a_static_and_a_task_may_notify_it() {
    static LOCK: Lock<bool> = Lock::new(false);
    static CHANGED: Condition = Condition::new();
    watched(&CHANGED, || {
        let waiter = thread::spawn(|| *CHANGED.wait_for(LOCK.lock(), |set| *set));
        task::block_on(async {
            *LOCK.as_task().lock().await = true;
            CHANGED.as_task().notify_all();
        });
        assert!(waiter.join().unwrap());
    });
    CHANGED.assert_quiet();
    LOCK.assert_quiet();
}

#[test]
fn data_without_a_size_can_be_waited_with() {
    let lock: Box<Lock<[u8]>> = Box::new(Lock::new([1, 2]));
    let changed = Condition::new();
    let (guard, result) = changed.wait_timeout(lock.lock(), Duration::ZERO);
    result.unwrap_err();
    assert_eq!([1, 2], *guard);
    let (guard, result) =
        changed.wait_for_timeout(guard, Duration::ZERO, |data: &mut [u8]| data.len() == 2);
    result.unwrap();
    drop(guard);
    lock.assert_quiet();
}
