//! The condition, as tasks see it: whom a notify reaches, and when they go on.

use crate::driver::Driver;
use crate::executors::{on_every_executor, task};
use crate::waker::{Call, Probe};
use crate::watch::{until_past, until_waiting};
use core::cell::Cell;
use core::fmt::Debug;
use core::panic::AssertUnwindSafe;
use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering::SeqCst;
use core::task::{Context, Poll, Waker};
use core::time::Duration;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::thread;
use std::time::Instant;
use syncline::internals::Quiet;
use syncline::task::{Condition, Lock, OwnedLockGuard};

const HOUR: Duration = Duration::from_secs(3600);

/// A lock and a condition for it. Those who wait own a share of the lock, and so a notify moves them
/// to its line.
#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) lock: Arc<Lock<usize>>,
    pub(crate) changed: Condition,
}

impl Pair {
    pub(crate) fn new() -> Self {
        Self {
            lock: Arc::new(Lock::new(0)),
            changed: Condition::new(),
        }
    }

    /// The lock, which is free.
    #[track_caller]
    pub(crate) fn hold(&self) -> OwnedLockGuard<usize> {
        self.lock.try_lock_owned().expect("the lock is free")
    }

    /// One that waits.
    #[track_caller]
    pub(crate) fn waits(&self) -> Driver<impl Future<Output = OwnedLockGuard<usize>>> {
        Driver::waiting(self.changed.wait(self.hold()))
    }

    /// Many that wait.
    pub(crate) fn many(
        &self,
        count: usize,
    ) -> Vec<Driver<impl Future<Output = OwnedLockGuard<usize>>>> {
        (0..count).map(|_| self.waits()).collect()
    }

    #[track_caller]
    pub(crate) fn assert_quiet(&self) {
        self.changed.assert_quiet();
        self.lock.assert_quiet();
        assert!(!self.lock.is_locked(), "a lock nobody holds is locked");
    }
}

#[test]
fn a_wait_begins_at_its_first_poll() {
    let pair = Pair::new();
    let future = pair.changed.wait(pair.hold());
    assert!(pair.lock.is_locked());
    assert!(!pair.changed.notify_one(), "nobody waits yet");
    let waiter = Driver::waiting(future);
    assert!(!pair.lock.is_locked());
    assert!(pair.changed.notify_one());
    drop(waiter.woken());
    pair.assert_quiet();
}

#[test]
fn those_who_waited_longest_are_notified_first() {
    let pair = Pair::new();
    let waiters = pair.many(4);
    for (place, waiter) in waiters.into_iter().enumerate() {
        assert!(pair.changed.notify_one());
        let mut guard = waiter.woken();
        assert_eq!(place, *guard);
        *guard += 1;
    }
    assert!(!pair.changed.notify_one());
    pair.assert_quiet();
}

#[test]
fn a_notify_for_many_says_exactly_whom_it_reached() {
    for (waiting, n, reached) in [
        (3, 0, 0),
        (3, 2, 2),
        (3, 3, 3),
        (3, 4, 3),
        (3, usize::MAX, 3),
        (0, 1, 0),
        (0, usize::MAX, 0),
        (70, 33, 33),
    ] {
        let pair = Pair::new();
        let mut waiters = pair.many(waiting);
        assert_eq!(reached, pair.changed.notify(n));
        assert_eq!(waiting - reached, pair.changed.waiting());
        let rest = waiters.split_off(reached);
        for waiter in waiters {
            drop(waiter.woken());
        }
        assert!(rest.iter().all(|waiter| waiter.probe().wakes() == 0));
        assert_eq!(rest.len(), pair.changed.notify_all());
        for waiter in rest {
            drop(waiter.woken());
        }
        pair.assert_quiet();
    }
}

/// Traps B3, B5.
#[test]
fn no_notify_is_kept_for_later() {
    let pair = Pair::new();
    assert_eq!(0, pair.changed.notify_all());
    assert_eq!(0, pair.changed.notify(5));
    let mut waiter = pair.waits();
    waiter.pending();
    assert_eq!(1, pair.changed.notify(5));
    drop(waiter.woken());
    pair.waits().pending();
    pair.assert_quiet();
}

/// Trap B4.
#[test]
fn one_notify_of_all_does_not_end_two_waits_of_one_task() {
    let pair = Pair::new();
    let waiters = pair.many(2);
    assert_eq!(2, pair.changed.notify_all());
    let mut again = Vec::new();
    for waiter in waiters {
        again.push(Driver::waiting(pair.changed.wait(waiter.woken())));
    }
    again.iter_mut().for_each(Driver::pending);
    assert_eq!(2, pair.changed.waiting());
    assert_eq!(2, pair.changed.notify_all());
    for waiter in again {
        drop(waiter.woken());
    }
    pair.assert_quiet();
}

/// Trap C7: whoever is notified stands in line; nobody wakes to find the lock taken.
#[test]
fn each_unlock_wakes_exactly_one_of_all_who_were_notified() {
    let pair = Pair::new();
    let woken = Arc::new(AtomicUsize::new(0));
    let waits = |_| {
        let woken = Arc::clone(&woken);
        let probe = Probe::on(Call::Wake, move || {
            woken.fetch_add(1, SeqCst);
        });
        let mut driver = Driver::with(pair.changed.wait(pair.hold()), probe);
        driver.pending();
        driver
    };
    let waiters: Vec<_> = (0..40).map(waits).collect();
    let held = pair.hold();
    let before = Driver::waiting(pair.lock.lock());
    assert_eq!(40, pair.changed.notify_all());
    let behind = Driver::waiting(pair.lock.lock());
    assert_eq!(0, woken.load(SeqCst), "woken while the lock is held");
    drop(held);
    assert_eq!(0, woken.load(SeqCst), "somebody in line was passed");
    drop(before.woken());
    for (place, waiter) in waiters.into_iter().enumerate() {
        assert_eq!(place + 1, woken.load(SeqCst));
        assert!(!behind.is_woken());
        drop(waiter.woken());
    }
    drop(behind.woken());
    pair.assert_quiet();
}

/// A future that borrows its lock may be leaked, and the lock be freed: so it is woken at once, and
/// locks by itself.
#[test]
fn a_task_that_borrows_its_lock_is_woken_by_the_notify() {
    let (lock, changed) = (Lock::new(0), Condition::new());
    let waiters: Vec<_> = (0..100)
        .map(|_| Driver::waiting(changed.wait(lock.try_lock().unwrap())))
        .collect();
    let held = lock.try_lock().unwrap();
    assert_eq!(2, changed.notify(2));
    assert_eq!(98, changed.notify_all());
    assert!(waiters.iter().all(Driver::is_woken));
    drop(held);
    for waiter in waiters {
        drop(waiter.woken());
    }
    changed.assert_quiet();
    lock.assert_quiet();
}

/// A leaked future keeps neither its lock nor anybody else from anything but its own notification.
#[test]
#[expect(clippy::mem_forget, reason = "this is about what is leaked")]
fn a_leaked_wait_for_a_lock_that_is_gone_is_no_danger_to_the_notifier() {
    let changed = Condition::new();
    {
        let lock = Box::new(Lock::new(0));
        let mut wait = Box::pin(changed.wait(lock.try_lock().unwrap()));
        let mut context = Context::from_waker(Waker::noop());
        assert!(wait.as_mut().poll(&mut context).is_pending());
        core::mem::forget(wait);
    }
    assert!(changed.notify_one());
    assert!(!changed.notify_one());
    let lock = Lock::new(0);
    let waiter = Driver::waiting(changed.wait(lock.try_lock().unwrap()));
    assert!(changed.notify_one());
    drop(waiter.woken());
    changed.assert_quiet();
}

/// A notify while the lock is free wakes one, and the others one after the other.
#[test]
fn a_notify_of_all_while_the_lock_is_free_wakes_the_first() {
    let pair = Pair::new();
    let waiters = pair.many(3);
    assert_eq!(3, pair.changed.notify_all());
    let awake: Vec<_> = waiters.iter().map(Driver::is_woken).collect();
    assert_eq!([true, false, false], awake[..]);
    for waiter in waiters {
        drop(waiter.woken());
    }
    pair.assert_quiet();
}

#[test]
fn a_wait_whose_time_is_over_unlocks_and_locks_again() {
    let pair = Pair::new();
    let past = Instant::now();
    let held = pair.hold();
    // Somebody is in line: gets the lock in between.
    let other = Driver::waiting(pair.lock.lock());
    let mut zero = Driver::new(pair.changed.wait_timeout(held, Duration::ZERO));
    zero.pending();
    assert_eq!(0, pair.changed.waiting());
    drop(other.woken());
    let (held, result) = zero.woken();
    result.unwrap_err();
    let (held, result) = Driver::new(pair.changed.wait_deadline(held, past)).ready();
    result.unwrap_err();
    assert!(pair.lock.is_locked());
    drop(held);
    pair.assert_quiet();
}

#[test]
fn the_longest_timeout_means_never() {
    let pair = Pair::new();
    let mut waiter = Driver::new(pair.changed.wait_timeout(pair.hold(), Duration::MAX));
    waiter.pending();
    waiter.pending();
    assert!(pair.changed.notify_one());
    waiter.woken().1.unwrap();
    pair.assert_quiet();
}

/// Trap A3: who has given up and only waits for the lock does not swallow a notify.
#[test]
fn a_notify_passes_by_who_has_given_up_and_reaches_the_next() {
    let pair = Pair::new();
    let at = Instant::now();
    let mut late = Driver::new(pair.changed.wait_timeout(pair.hold(), HOUR));
    late.pending();
    let next = pair.waits();
    drop(late);
    let mut gives_up = {
        let other = pair.hold();
        let queued = Driver::waiting(pair.lock.lock());
        let mut gives_up = Driver::new(pair.changed.wait_deadline(other, at));
        gives_up.pending();
        assert!(queued.is_woken());
        let held = queued.woken();
        gives_up.pending();
        assert!(pair.changed.notify_one());
        assert!(!pair.changed.notify_one(), "it has given up");
        drop(held);
        gives_up
    };
    assert!(gives_up.is_woken());
    let Poll::Ready((guard, result)) = gives_up.poll() else {
        panic!("it waits for nothing but the lock")
    };
    result.unwrap_err();
    drop(guard);
    drop(next.woken());
    pair.assert_quiet();
}

/// Traps A3, C13: the deadline is over, but the notify was first.
#[test]
fn a_notify_that_comes_before_the_wait_looks_at_the_clock_counts() {
    let pair = Pair::new();
    let at = Instant::now() + Duration::from_millis(20);
    let mut waiter = Driver::new(pair.changed.wait_deadline(pair.hold(), at));
    let early = waiter.poll();
    if early.is_ready() {
        return; // The machine was asleep.
    }
    let held = pair.hold();
    assert!(pair.changed.notify_one());
    until_past(at);
    waiter.pending();
    drop(held);
    waiter.woken().1.unwrap();
    pair.assert_quiet();
}

#[test]
fn a_predicate_is_asked_at_once_after_each_notify_and_at_the_deadline() {
    let pair = Pair::new();
    let asked = Cell::new(0);
    let at_least = |wanted| {
        let asked = &asked;
        move |value: &mut usize| {
            asked.set(asked.get() + 1);
            *value >= wanted
        }
    };
    drop(Driver::new(pair.changed.wait_for(pair.hold(), at_least(0))).ready());
    assert_eq!(1, asked.replace(0));
    let mut waiter = Driver::waiting(pair.changed.wait_for(pair.hold(), at_least(2)));
    assert_eq!(1, asked.get());
    waiter.pending();
    assert_eq!(1, asked.get(), "asked for nothing");
    for round in 1..=2 {
        *pair.hold() += 1;
        assert!(pair.changed.notify_one());
        assert_eq!(round, asked.get());
        assert!(waiter.is_woken());
        if round == 1 {
            waiter.pending();
        }
    }
    assert_eq!(2, *waiter.woken());
    assert_eq!(3, asked.replace(0));
    let zero = (pair.changed).wait_for_timeout(pair.hold(), Duration::ZERO, at_least(3));
    Driver::new(zero).ready().1.unwrap_err();
    assert_eq!(2, asked.replace(0));
    let past = pair
        .changed
        .wait_for_deadline(pair.hold(), Instant::now(), |value| {
            *value += 1;
            *value == 4
        });
    Driver::new(past)
        .ready()
        .1
        .expect("it holds at the deadline");
    pair.assert_quiet();
}

#[test]
fn two_locks_at_the_same_time_are_refused_and_unlocked() {
    let pair = Pair::new();
    let other = Lock::new(0);
    let waiter = pair.waits();
    let mut wrong = Driver::new(pair.changed.wait(other.try_lock().unwrap()));
    let refused = catch_unwind(AssertUnwindSafe(|| drop(wrong.poll()))).unwrap_err();
    let message = refused.downcast_ref::<&str>().unwrap();
    assert!(message.contains("two locks at the same time"), "{message}");
    assert!(!other.is_locked());
    drop(wrong);
    assert_eq!(1, pair.changed.notify_all());
    drop(waiter.woken());
    // One after the other is no harm.
    let later = Driver::waiting(pair.changed.wait(other.try_lock().unwrap()));
    assert!(pair.changed.notify_one());
    drop(later.woken());
    other.assert_quiet();
    pair.assert_quiet();
}

#[test]
fn owned_guards_and_data_without_a_size_can_be_waited_with() {
    let changed = Condition::new();
    let lock: Arc<Lock<[usize]>> = Arc::new(Lock::new([1, 2]));
    let watch = Arc::downgrade(&lock);
    let guard = lock.try_lock_owned().unwrap();
    let owned = Driver::waiting(changed.wait_for(guard, |data| data[0] == 7));
    lock.try_lock().unwrap()[0] = 7;
    drop(lock);
    assert!(changed.notify_one());
    assert_eq!([7, 2], owned.woken()[..]);
    assert_eq!(0, watch.strong_count());
    let shown: Box<Lock<dyn Debug>> = Box::new(Lock::new(5));
    let waiter = Driver::waiting(changed.wait(shown.try_lock().unwrap()));
    assert!(changed.notify_one());
    assert_eq!("5", format!("{:?}", &*waiter.woken()));
}

#[test]
fn a_thread_notifies_tasks_on_every_executor() {
    static PAIR: std::sync::LazyLock<Pair> = std::sync::LazyLock::new(Pair::new);
    on_every_executor(|| {
        let notifier = thread::spawn(|| {
            until_waiting(&PAIR.changed, 3);
            *PAIR.lock.as_thread().lock() += 1;
            assert_eq!(3, PAIR.changed.as_thread().notify_all());
        });
        let mut tasks: Vec<_> = (0..3)
            .map(|_| {
                task(async {
                    let guard = PAIR.lock.lock().await;
                    let before = *guard;
                    drop(PAIR.changed.wait_for(guard, |value| *value > before).await);
                })
            })
            .collect();
        tasks.push(task(async { drop(notifier) }));
        tasks
    });
    PAIR.assert_quiet();
}
