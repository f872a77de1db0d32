//! Several locks at once, for threads.

use core::panic::AssertUnwindSafe;
use core::time::Duration;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::time::Instant;

use syncline::internals::Quiet;
use syncline::thread::{Lock, RLock, lock_all, lock_all_deadline, lock_all_timeout, try_lock_all};

use crate::watch::{until_waiting, watched};

const SHORT: Duration = Duration::from_millis(5);

#[test]
fn guards_come_in_the_order_in_which_the_locks_were_named() {
    let locks: Vec<Lock<usize>> = (0..6).map(Lock::new).collect();
    let all = lock_all((
        &locks[5], &locks[0], &locks[4], &locks[1], &locks[3], &locks[2],
    ));
    let values = [*all.0, *all.1, *all.2, *all.3, *all.4, *all.5];
    assert_eq!(values, [5, 0, 4, 1, 3, 2]);
    drop(all);
    let backwards: Vec<&Lock<usize>> = locks.iter().rev().collect();
    let guards = lock_all(&backwards[..]);
    assert!(guards.iter().map(|guard| **guard).eq((0..6).rev()));
}

#[test]
fn locks_of_both_kinds_and_of_different_data_are_taken_together() {
    let (plain, nests, shared) = (Lock::new(1), RLock::new("two"), Arc::new(Lock::new([3])));
    let locked = lock_all((&plain, &nests, &shared));
    assert_eq!((*locked.0, *locked.1, *locked.2), (1, "two", [3]));
    assert!(plain.is_locked() && nests.is_locked() && shared.is_locked());
    drop(locked);
    assert!(!plain.is_locked() && !nests.is_locked() && !shared.is_locked());
    let unsized_data: &Lock<[i32]> = &*shared;
    assert_eq!(lock_all((unsized_data,)).0[..], [3]);
}

#[test]
fn no_locks_at_all_are_taken_at_once() {
    let none: [Lock<()>; 0] = [];
    assert!(lock_all(&none).is_empty());
    assert!(try_lock_all(&none[..]).is_some_and(|guards| guards.is_empty()));
}

#[test]
fn a_lock_that_is_named_twice_is_refused_and_nothing_is_locked() {
    let (a, b) = (Lock::new(1), RLock::new(2));
    let panic = catch_unwind(AssertUnwindSafe(|| drop(lock_all((&a, &b, &a))))).unwrap_err();
    let message = panic.downcast_ref::<String>().unwrap();
    assert!(message.contains("positions 0 and 2"), "{message}");
    // Also one that its owner may lock again: of two guards that change the data one would be wrong.
    catch_unwind(AssertUnwindSafe(|| drop(try_lock_all((&b, &b))))).unwrap_err();
    catch_unwind(AssertUnwindSafe(|| drop(lock_all(&[&a, &a])))).unwrap_err();
    a.assert_quiet();
    b.assert_quiet();
    assert!(!a.is_locked() && !b.is_locked());
}

#[test]
fn a_try_that_meets_a_locked_one_lets_go_of_the_others() {
    let locks = [Lock::new(1), Lock::new(2), Lock::new(3)];
    for held in &locks {
        let guard = held.lock();
        assert!(try_lock_all(&locks).is_none());
        assert!(lock_all_timeout(&locks, Duration::ZERO).is_err());
        assert_eq!(locks.iter().filter(|lock| lock.is_locked()).count(), 1);
        drop(guard);
    }
    assert_eq!(try_lock_all(&locks).unwrap().len(), 3);
}

#[test]
fn the_time_limit_is_one_for_all_of_them() {
    let locks = [Lock::new(1), Lock::new(2), Lock::new(3)];
    for held in &locks {
        let guard = held.lock();
        let start = Instant::now();
        lock_all_timeout(&locks, SHORT).unwrap_err();
        assert!(start.elapsed() >= SHORT);
        lock_all_deadline(&locks, start).unwrap_err();
        assert_eq!(locks.iter().filter(|lock| lock.is_locked()).count(), 1);
        drop(guard);
        assert_eq!(lock_all_timeout(&locks, Duration::MAX).unwrap().len(), 3);
    }
}

#[test]
fn an_own_re_entrant_lock_is_locked_once_more() {
    let (outer, other) = (RLock::new(1), Lock::new(2));
    let first = outer.lock();
    let both = lock_all((&other, &outer));
    drop(first);
    assert!(outer.is_locked());
    drop(both);
    assert!(!outer.is_locked());
}

#[test]
fn threads_that_name_their_locks_in_any_order_all_get_them() {
    let locks: [Lock<usize>; 4] = Default::default();
    watched(&"locks in any order", || {
        std::thread::scope(|threads| {
            for place in 0..4 {
                let locks = &locks;
                threads.spawn(move || {
                    for round in 0..500 {
                        let [a, b, c] = [place, place + 1 + round % 3, place + 1 + (round + 1) % 3];
                        let (mut a, mut b, mut c) =
                            lock_all((&locks[a % 4], &locks[b % 4], &locks[c % 4]));
                        (*a, *b, *c) = (*a + 1, *b + 1, *c + 1);
                    }
                });
            }
        });
    });
    let sum: usize = locks.iter().map(|lock| *lock.lock()).sum();
    assert_eq!(sum, 4 * 500 * 3);
    locks.iter().for_each(Quiet::assert_quiet);
}

/// What it has while it waits is what comes before by address, and no more.
#[test]
fn those_behind_the_one_that_is_waited_for_stay_free() {
    let locks = [Lock::new(1), Lock::new(2), Lock::new(3)];
    let guard = locks[1].lock();
    std::thread::scope(|threads| {
        let waits = threads.spawn(|| drop(lock_all((&locks[2], &locks[1], &locks[0]))));
        until_waiting(&locks[1], 1);
        assert!(locks[0].is_locked() && !locks[2].is_locked());
        drop(guard);
        waits.join().unwrap();
    });
}
