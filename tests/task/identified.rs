//! Identities for futures that no executor of ours runs.

use crate::actor::Actor;
use crate::driver::Driver;
use core::future::poll_fn;
use core::panic::AssertUnwindSafe;
use core::task::Poll;
use std::panic::catch_unwind;
use std::sync::Arc;
use syncline::internals::Quiet;
use syncline::task::{Lock, RLock, TaskId, block_on, current, enter, identified};

#[test]
fn an_identified_future_is_one_task_at_all_of_its_polls_and_nobody_between_them() {
    let mut seen = Vec::new();
    let mut driver = Driver::new(identified(poll_fn(|_| {
        seen.push(current());
        Poll::<()>::Pending
    })));
    for _ in 0..3 {
        driver.pending();
        assert_eq!(None, current());
    }
    drop(driver.cancel());
    assert!(seen[0].is_some());
    assert_eq!([seen[0]; 3], seen[..]);
}

#[test]
fn two_identified_futures_are_two_tasks() {
    let id = || Driver::new(identified(async { current() })).ready();
    assert_ne!(id(), id());
}

#[test]
fn an_identified_future_inside_a_task_is_that_task() {
    let (outer, inner, other) = block_on(async {
        let inner = identified(async { current() }).await;
        (
            current(),
            inner,
            identified(identified(async { current() })).await,
        )
    });
    assert!(outer.is_some());
    assert_eq!((outer, outer), (inner, other));
}

/// The identity at each poll is the ambient one, if there is one.
#[test]
fn an_identified_future_that_moves_between_tasks_takes_the_identity_of_each() {
    let mut driver = Driver::new(identified(poll_fn(|_| Poll::Ready(current()))));
    let own = driver.poll();
    let mut actor = Actor::new();
    let expected = actor.run(current);
    let seen = actor.run(move || driver.poll());
    assert_eq!(Poll::Ready(expected), seen);
    assert_ne!(own, seen);
}

#[test]
fn after_a_panic_nobody_is_there() {
    let panics = || Driver::new(identified(async { panic!("inside") })).poll();
    catch_unwind(AssertUnwindSafe(panics)).unwrap_err();
    assert_eq!(None, current());
}

#[test]
fn futures_of_one_identity_are_one_task_and_two_exclude_each_other() {
    let lock = RLock::new(0);
    let both = futures_lite::future::zip(lock.lock(), lock.lock());
    drop(Driver::new(identified(both)).ready());
    let first = Driver::new(identified(lock.lock())).ready();
    let mut second = Driver::new(identified(lock.lock()));
    second.pending();
    drop(first);
    drop(second.woken());
    assert!(format!("{:?}", identified(lock.lock())).contains("Identified"));
}

#[test]
fn an_entered_future_is_the_task_it_is_told_whatever_is_around_it() {
    let id = TaskId::new();
    let seen = || enter(id, async { current() });
    assert_eq!(Some(id), Driver::new(seen()).ready());
    let (within, before, after) = block_on(async { (seen().await, current(), current()) });
    assert_eq!(Some(id), within);
    assert_eq!(before, after);
    assert_ne!(Some(id), before);
    // The innermost one counts, and who has one keeps it.
    let other = TaskId::new();
    assert_eq!(Some(id), Driver::new(enter(other, seen())).ready());
    let inner = enter(id, identified(async { current() }));
    assert_eq!(Some(id), Driver::new(inner).ready());
    assert_eq!(None, current());
}

/// Three futures, one after the other, on two threads.
#[test]
fn what_a_task_has_locked_in_one_future_it_has_in_the_next() {
    let lock = Arc::new(RLock::new(0));
    let (one, other) = (TaskId::new(), TaskId::new());
    let outer = Driver::new(enter(one, lock.lock_owned())).ready();
    let mut rival = Driver::waiting(enter(other, lock.lock_owned()));
    let inner = Actor::new().run(|| Driver::new(enter(one, lock.lock_owned())).ready());
    let depth = |id| Driver::new(enter(id, async { lock.depth() })).ready();
    assert_eq!((2, 0), (depth(one), depth(other)));
    drop(outer);
    rival.pending();
    drop(inner);
    drop(rival.woken());
    assert_eq!((0, 0), (depth(one), depth(other)));
    lock.assert_quiet();
}

/// A coroutine that asks for one permit, forgets to come for it, and asks again (futurelock).
#[test]
fn a_grant_that_one_future_of_a_task_does_not_claim_goes_to_the_next() {
    let lock = Lock::new(());
    let id = TaskId::new();
    let held = lock.try_lock().unwrap();
    let first = Driver::waiting(enter(id, lock.lock()));
    let stranger = Driver::waiting(enter(TaskId::new(), lock.lock()));
    drop(held);
    assert!(first.is_woken());
    let second = Driver::waiting(enter(id, lock.lock()));
    // It was told of the offer, and comes again.
    drop(second.woken());
    // The first one has changed places with it.
    drop(stranger.woken());
    drop(first.woken());
    lock.assert_quiet();
}

#[test]
fn after_a_panic_in_an_entered_future_nobody_is_there() {
    let mut driver = Driver::new(enter(TaskId::new(), async { panic!("inside") }));
    let panics = AssertUnwindSafe(|| driver.poll());
    catch_unwind(panics).unwrap_err();
    assert_eq!(None, current());
}
