//! Identities for futures that no executor of ours runs.

use crate::actor::Actor;
use crate::driver::Driver;
use core::future::poll_fn;
use core::panic::AssertUnwindSafe;
use core::task::Poll;
use std::panic::catch_unwind;
use syncline::task::{RLock, block_on, current, identified};

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
