//! Foreign code that a condition runs, wakers and predicates: it may panic, and come back.

use crate::condition::Pair;
use crate::driver::Driver;
use crate::waker::{Call, Probe};
use crate::watch::watched;
use core::panic::AssertUnwindSafe;
use core::task::Waker;
use core::time::Duration;
use std::panic::catch_unwind;
use std::sync::Arc;

const HOUR: Duration = Duration::from_secs(3600);

#[test]
fn a_predicate_that_panics_unlocks() {
    let pair = Pair::new();
    let panics = |_: &mut usize| -> bool { panic!("no answer") };
    let mut plain = Driver::new(pair.changed.wait_for(pair.hold(), panics));
    catch_unwind(AssertUnwindSafe(|| drop(plain.poll()))).unwrap_err();
    let mut timed = Driver::new(pair.changed.wait_for_timeout(pair.hold(), HOUR, panics));
    catch_unwind(AssertUnwindSafe(|| drop(timed.poll()))).unwrap_err();
    let other = pair.waits();
    assert!(pair.changed.notify_one());
    drop(other.woken());
    drop((plain, timed));
    pair.assert_quiet();
}

/// Traps A4, B11: others are notified all the same, and later notifies work.
#[test]
fn a_waker_that_panics_loses_nobody() {
    for held in [false, true] {
        let pair = Pair::new();
        let guard = pair.hold();
        let mut first = Driver::with(pair.changed.wait(guard), Probe::panicking());
        first.pending();
        let second = pair.waits();
        let third = pair.waits();
        let guard = held.then(|| pair.hold());
        catch_unwind(AssertUnwindSafe(|| {
            assert_eq!(2, pair.changed.notify(2));
            drop(guard);
        }))
        .unwrap_err();
        assert!(pair.changed.notify_one());
        drop(first.woken());
        drop(second.woken());
        drop(third.woken());
        pair.assert_quiet();
    }
}

/// Trap B11: the lock must not stay taken by nobody.
#[test]
fn a_waker_that_panics_when_it_is_cloned_unlocks() {
    let pair = Pair::new();
    let fragile = Probe::on(Call::Clone, || panic!("this waker cannot be cloned"));
    let waker = fragile.waker();
    let mut plain = Driver::new(pair.changed.wait(pair.hold()));
    catch_unwind(AssertUnwindSafe(|| drop(plain.poll_with(&waker)))).unwrap_err();
    let mut timed = Driver::new(pair.changed.wait_timeout(pair.hold(), HOUR));
    catch_unwind(AssertUnwindSafe(|| drop(timed.poll_with(&waker)))).unwrap_err();
    let mut waiting = pair.waits();
    catch_unwind(AssertUnwindSafe(|| drop(waiting.poll_with(&waker)))).unwrap_err();
    assert!(pair.changed.notify_one());
    drop(waiting.woken());
    drop((plain, timed));
    pair.assert_quiet();
}

/// Traps A15, B6.
#[test]
fn a_waker_may_use_the_condition_and_its_lock() {
    let pair = Arc::new(Pair::new());
    let probe = Probe::reacting({
        let pair = Arc::clone(&pair);
        move |_| {
            pair.changed.notify_one();
            drop(pair.lock.try_lock());
            drop(Driver::new(pair.lock.lock()).poll());
            if let Some(guard) = pair.lock.try_lock() {
                drop(Driver::new(pair.changed.wait(guard)).poll());
            }
            assert!(!format!("{pair:?}").is_empty());
        }
    });
    watched(&"a waker", || {
        let mut waiter = Driver::with(pair.changed.wait(pair.hold()), probe);
        waiter.pending();
        // Replaced, cloned and dropped: each of it notifies.
        let moved = waiter.poll_with(Waker::noop());
        if moved.is_pending() {
            pair.changed.notify_all();
            assert!(waiter.poll().is_ready());
        }
    });
    pair.assert_quiet();
}

/// Trap B7.
#[test]
fn the_waker_of_the_latest_poll_is_woken() {
    let pair = Pair::new();
    let mut waiter = pair.waits();
    let (second, third) = (Probe::new(), Probe::new());
    assert!(waiter.poll_with(&second.waker()).is_pending());
    // One to wake, and one that keeps the task known.
    assert_eq!((0, 2), (waiter.probe().alive(), second.alive()));
    let held = pair.hold();
    assert!(pair.changed.notify_one());
    assert!(waiter.poll_with(&third.waker()).is_pending());
    drop(held);
    assert_eq!(
        (0, 0, 1),
        (waiter.probe().wakes(), second.wakes(), third.wakes())
    );
    drop(waiter.ready());
    assert_eq!((0, 0), (second.alive(), third.alive()), "a waker leaked");
    pair.assert_quiet();
}
