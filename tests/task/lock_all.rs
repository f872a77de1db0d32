//! Several locks at once, for tasks.

use core::panic::AssertUnwindSafe;
use core::task::Poll;
use core::time::Duration;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::time::Instant;

use syncline::internals::Quiet;
use syncline::task::{
    Lock, RLock, block_on, identified, lock_all, lock_all_deadline, lock_all_timeout, try_lock_all,
};

use crate::driver::Driver;
use crate::executors::{on_every_executor, task};
use crate::watch::{until, watched};

const SHORT: Duration = Duration::from_millis(5);

fn three() -> [Lock<usize>; 3] {
    core::array::from_fn(Lock::new)
}

fn locked(locks: &[Lock<usize>]) -> usize {
    locks.iter().filter(|lock| lock.is_locked()).count()
}

#[test]
fn guards_come_in_the_order_in_which_the_locks_were_named() {
    let locks = three();
    let (c, a, b) = Driver::new(lock_all((&locks[2], &locks[0], &locks[1]))).ready();
    assert_eq!([*c, *a, *b], [2, 0, 1]);
    drop((a, b, c));
    let backwards: Vec<&Lock<usize>> = locks.iter().rev().collect();
    let guards = Driver::new(lock_all(&backwards)).ready();
    assert!(guards.iter().map(|guard| **guard).eq([2, 1, 0]));
    drop(guards);
    let none: [Lock<()>; 0] = [];
    assert!(Driver::new(lock_all(&none)).ready().is_empty());
}

#[test]
fn locks_of_both_kinds_are_taken_together() {
    let (plain, nests, shared) = (Lock::new(1), RLock::new("two"), Arc::new(Lock::new([3])));
    block_on(async {
        let locked = lock_all((&plain, &nests, &shared)).await;
        assert_eq!((*locked.0, *locked.1, *locked.2), (1, "two", [3]));
        drop(locked);
        let own = nests.lock().await;
        drop(lock_all((&plain, &nests)).await);
        drop(own);
        assert!(try_lock_all((&nests, &shared)).is_some());
    });
    assert!(!plain.is_locked() && !nests.is_locked() && !shared.is_locked());
}

#[test]
fn a_lock_that_is_named_twice_is_refused_when_the_future_is_made() {
    let locks = three();
    let twice = || drop(lock_all((&locks[0], &locks[1], &locks[0])));
    let panic = catch_unwind(AssertUnwindSafe(twice)).unwrap_err();
    let message = panic.downcast_ref::<String>().unwrap();
    assert!(message.contains("positions 0 and 2"), "{message}");
    catch_unwind(AssertUnwindSafe(|| {
        drop(try_lock_all(&[&locks[0], &locks[0]]));
    }))
    .unwrap_err();
    catch_unwind(AssertUnwindSafe(|| {
        drop(lock_all_timeout((&locks[1], &locks[1]), SHORT));
    }))
    .unwrap_err();
    locks.iter().for_each(Quiet::assert_quiet);
    assert_eq!(locked(&locks), 0);
}

#[test]
fn a_try_that_meets_a_locked_one_lets_go_of_the_others() {
    let locks = three();
    for held in &locks {
        let guard = held.try_lock().unwrap();
        assert!(try_lock_all(&locks).is_none());
        assert!(try_lock_all((&locks[2], &locks[0], &locks[1])).is_none());
        let none = lock_all_timeout((&locks[2], &locks[0], &locks[1]), Duration::ZERO);
        Driver::new(none).ready().unwrap_err();
        Driver::new(lock_all_timeout(&locks, Duration::ZERO))
            .ready()
            .unwrap_err();
        assert_eq!(locked(&locks), 1);
        drop(guard);
    }
    let all = Driver::new(lock_all_timeout(&locks, Duration::ZERO)).ready();
    assert_eq!(all.unwrap().len(), 3);
}

/// Trap B25 for what has several waits, one after the other.
#[test]
fn a_future_that_is_dropped_anywhere_leaves_every_lock_free() {
    for place in 0..3 {
        for woken in [false, true] {
            let locks = three();
            let guard = locks[place].try_lock().unwrap();
            let tuple = Driver::waiting(lock_all((&locks[2], &locks[1], &locks[0])));
            assert_eq!(locked(&locks), place + 1, "those before it are held");
            if woken {
                drop(guard);
                assert!(tuple.is_woken());
                assert_eq!(tuple.cancel().alive(), 0);
            } else {
                assert_eq!(tuple.cancel().alive(), 0);
                drop(guard);
            }
            let guard = locks[place].try_lock().unwrap();
            let slice = Driver::waiting(lock_all(&locks));
            if woken {
                drop(guard);
                assert!(slice.is_woken());
                assert_eq!(slice.cancel().alive(), 0);
            } else {
                assert_eq!(slice.cancel().alive(), 0);
                drop(guard);
            }
            locks.iter().for_each(Quiet::assert_quiet);
            assert_eq!(locked(&locks), 0);
        }
    }
}

#[test]
fn a_future_goes_on_where_it_was_woken() {
    let locks = three();
    let first = locks[0].try_lock().unwrap();
    let last = locks[2].try_lock().unwrap();
    let mut waits = Driver::waiting(lock_all((&locks[1], &locks[2], &locks[0])));
    assert!(!locks[1].is_locked());
    drop(first);
    assert!(waits.is_woken());
    waits.pending();
    assert!(locks[1].is_locked());
    drop(last);
    let guards = waits.woken();
    assert_eq!((*guards.0, *guards.1, *guards.2), (1, 2, 0));
}

#[test]
fn the_time_limit_is_one_for_all_of_them() {
    let locks = three();
    for held in &locks {
        let guard = held.try_lock().unwrap();
        let start = Instant::now();
        let tuple = lock_all_timeout((&locks[2], &locks[0], &locks[1]), SHORT);
        block_on(tuple).unwrap_err();
        assert!(start.elapsed() >= SHORT);
        block_on(lock_all_timeout(&locks, SHORT)).unwrap_err();
        block_on(lock_all_deadline(&locks, start)).unwrap_err();
        assert_eq!(locked(&locks), 1);
        drop(guard);
        let far = lock_all_timeout((&locks[2], &locks[0]), Duration::MAX);
        drop(block_on(far).unwrap());
    }
    locks.iter().for_each(Quiet::assert_quiet);
}

#[test]
fn no_waker_outlives_the_time_limit() {
    let locks = three();
    let guard = locks[1].try_lock().unwrap();
    let far = Duration::from_secs(3600);
    let mut waits = Driver::waiting(lock_all_timeout(&locks, far));
    drop(guard);
    let Poll::Ready(guards) = waits.poll() else {
        panic!("it was granted");
    };
    assert_eq!(waits.probe().alive(), 0, "the timer keeps none");
    drop(guards);
    let last = locks[2].try_lock().unwrap();
    let mut expired = Driver::new(lock_all_timeout(&locks, SHORT));
    watched(&"the limit", || {
        until("its end", || expired.poll().is_ready());
    });
    expired.probe().until_forgotten();
    assert_eq!(locked(&locks), 1, "not even while the future lives");
    let mut expired = Driver::new(lock_all_timeout((&locks[2], &locks[1]), SHORT));
    watched(&"the limit", || {
        until("its end", || expired.poll().is_ready());
    });
    assert_eq!(locked(&locks), 1, "not even while the future lives");
    drop(last);
}

#[test]
fn what_has_ended_must_not_be_polled_again() {
    let locks = three();
    let mut tuple = Driver::new(lock_all((&locks[0], &locks[1])));
    let mut slice = Driver::new(lock_all(&locks[2..]));
    assert!(tuple.poll().is_ready() && slice.poll().is_ready());
    for panics in [
        catch_unwind(AssertUnwindSafe(|| tuple.poll().is_ready())),
        catch_unwind(AssertUnwindSafe(|| slice.poll().is_ready())),
    ] {
        let panic = panics.unwrap_err();
        let message = (panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
            .or_else(|| panic.downcast_ref::<String>().cloned());
        assert!(message.unwrap().contains("polled after completion"));
    }
}

#[test]
fn tasks_that_name_their_locks_in_any_order_all_get_them_on_every_executor() {
    watched(&"locks in any order", || {
        on_every_executor(|| {
            let locks = Arc::new(three());
            let mover = |place: usize| {
                let locks = Arc::clone(&locks);
                task(identified(async move {
                    for _ in 0..50 {
                        let [a, b] = [place % 3, (place + 1) % 3];
                        let (mut a, mut b) = lock_all((&locks[a], &locks[b])).await;
                        (*a, *b) = (*a + 1, *b + 1);
                        syncline::task::yield_now().await;
                    }
                }))
            };
            (0..6).map(mover).collect()
        });
    });
}

#[test]
fn its_futures_are_send_where_the_data_is() {
    fn is_send<T: Send>(_: &T) {}
    let locks = three();
    let re_entrant = RLock::new(0);
    is_send(&lock_all((&locks[0], &re_entrant)));
    is_send(&lock_all(&locks));
    is_send(&lock_all_timeout(&locks, SHORT));
    is_send(&async {
        let _guards = lock_all((&locks[0], &re_entrant)).await;
        syncline::task::yield_now().await;
    });
}
