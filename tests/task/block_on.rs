//! `block_on`, and waits inside of waits on one thread.

use crate::watch::{until_waiting, watched};
use core::future::{pending, poll_fn, ready};
use core::panic::AssertUnwindSafe;
use core::pin::pin;
use core::task::Poll;
use core::time::Duration;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::thread;
use syncline::Permit;
use syncline::internals::Quiet;
use syncline::task::{Lock, Semaphore, block_on, current};

#[test]
fn block_on_hands_out_what_the_future_returns() {
    assert_eq!(3, block_on(ready(3)));
    assert_eq!("own", block_on(async { String::from("own") }));
}

#[test]
fn block_on_polls_again_after_a_wake_from_within_the_poll() {
    let mut polls = 0;
    let wakes_itself = poll_fn(|cx| {
        polls += 1;
        if polls < 5 {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(())
    });
    watched(&"block_on", || block_on(wakes_itself));
    assert_eq!(5, polls);
}

#[test]
fn block_on_sleeps_until_another_thread_wakes_it() {
    let semaphore = Arc::new(Semaphore::new(0));
    watched(&semaphore, || {
        let waits = thread::spawn({
            let semaphore = Arc::clone(&semaphore);
            move || block_on(async { semaphore.acquire_many(2).await.forget() })
        });
        until_waiting(&*semaphore, 1);
        semaphore.release(2).unwrap();
        waits.join().unwrap();
    });
    semaphore.assert_quiet();
}

#[test]
fn a_task_has_a_name_of_its_own_inside_block_on_only() {
    assert_eq!(None, current());
    let (outer, inner) = block_on(async {
        let outer = current();
        let inner = block_on(async { current() });
        assert_eq!(outer, current(), "restored after the inner one");
        (outer, inner)
    });
    assert!(outer.is_some() && inner.is_some());
    assert_ne!(outer, inner);
    assert_eq!(None, current());
    assert_ne!(outer, block_on(async { current() }), "used twice");
}

#[test]
fn a_panic_in_a_future_leaves_block_on_usable() {
    let failing = async {
        assert!(current().is_some());
        panic!("in the future")
    };
    catch_unwind(AssertUnwindSafe(|| block_on(failing))).unwrap_err();
    assert_eq!(None, current());
    let lock = Lock::new(1);
    assert_eq!(1, block_on(async { *lock.lock().await }));
}

/// A thread waits inside a poll: its parker must not eat the wake of the task around it.
#[test]
fn a_thread_wait_inside_a_task_does_not_swallow_the_wake_of_the_task() {
    let outer = Arc::new(Semaphore::new(0));
    let inner = Arc::new(Lock::new(()));
    watched(&(&outer, &inner), || {
        let held = inner.try_lock().unwrap();
        let waits = thread::spawn({
            let (outer, inner) = (Arc::clone(&outer), Arc::clone(&inner));
            move || {
                // A parker that is kept from an earlier wait is what could be shared.
                block_on(ready(()));
                let mut acquire = pin!(outer.acquire());
                block_on(poll_fn(|cx| {
                    let polled = acquire.as_mut().poll(cx);
                    if polled.is_pending() {
                        // The task is woken while this wait sleeps.
                        drop(inner.as_thread().lock());
                    }
                    polled.map(Permit::forget)
                }));
            }
        });
        until_waiting(&*inner, 1);
        outer.release(1).unwrap();
        drop(held);
        waits.join().unwrap();
    });
    outer.assert_quiet();
    inner.assert_quiet();
}

/// The other way round: what wakes the outer task must not end the inner wait.
#[test]
fn the_wake_of_a_task_does_not_end_a_thread_wait_inside_it() {
    let outer = Arc::new(Semaphore::new(0));
    let inner = Arc::new(Semaphore::new(0));
    watched(&(&outer, &inner), || {
        let waits = thread::spawn({
            let (outer, inner) = (Arc::clone(&outer), Arc::clone(&inner));
            move || {
                // A parker that is kept from an earlier wait is what could be shared.
                block_on(ready(()));
                let mut acquire = pin!(outer.acquire());
                block_on(poll_fn(|cx| {
                    let polled = acquire.as_mut().poll(cx);
                    if polled.is_pending() {
                        let hour = Duration::from_secs(3600);
                        inner.as_thread().acquire_timeout(hour).unwrap().forget();
                    }
                    polled.map(Permit::forget)
                }));
            }
        });
        until_waiting(&*inner, 1);
        outer.release(1).unwrap();
        assert!(!waits.is_finished());
        assert_eq!(1, inner.waiting());
        inner.release(1).unwrap();
        waits.join().unwrap();
    });
    outer.assert_quiet();
    inner.assert_quiet();
}

/// Three deep: each wait on the stack of one thread has a parker of its own.
#[test]
fn block_on_inside_block_on_inside_a_task_is_woken() {
    let semaphores: [_; 3] = core::array::from_fn(|_| Arc::new(Semaphore::new(0)));
    watched(&semaphores, || {
        let waits = thread::spawn({
            let [outer, middle, inner] = semaphores.clone();
            move || {
                block_on(ready(()));
                block_on(async {
                    outer.acquire().await.forget();
                    block_on(async {
                        middle.acquire().await.forget();
                        block_on(inner.acquire()).forget();
                    });
                });
            }
        });
        for semaphore in &semaphores {
            until_waiting(&**semaphore, 1);
            semaphore.release(1).unwrap();
        }
        waits.join().unwrap();
    });
    for semaphore in &semaphores {
        semaphore.assert_quiet();
    }
}

#[test]
fn a_future_that_is_never_done_can_be_dropped_with_its_place_in_line() {
    let lock = Lock::new(());
    let guard = lock.try_lock().unwrap();
    block_on(async {
        let both = futures_lite::future::or(async { drop(lock.lock().await) }, ready(()));
        both.await;
        futures_lite::future::or(pending(), ready(())).await;
    });
    assert_eq!(0, lock.waiting());
    drop(guard);
    lock.assert_quiet();
}
