//! Two requests of one task that has an id: it is the id that tells, and wakers do not matter.

use crate::driver::Driver;
use crate::executors::{on_every_executor, task};
use crate::watch::watched;
use core::future::{poll_fn, ready};
use core::pin::pin;
use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering::SeqCst;
use core::task::Poll;
use futures_lite::future::{yield_now, zip};
use std::sync::Arc;
use syncline::internals::Quiet;
use syncline::task::{Lock, Semaphore, block_on, identified};

/// Runs something as a task of its own, which never waits.
fn as_task<R>(body: impl FnOnce() -> R) -> R {
    block_on(async { body() })
}

/// A set of futures gives each of them a waker of its own (`FuturesUnordered`, `as_completed`). The
/// task is the same, and its id says so.
#[test]
fn a_waker_for_each_future_does_not_hide_the_task() {
    let lock = Lock::new(0);
    as_task(|| {
        let held = lock.try_lock().unwrap();
        let mut unpolled = Driver::waiting(lock.lock());
        drop(held);
        let polled = Driver::waiting(lock.lock());
        assert!(polled.is_woken(), "it is to come again");
        drop(polled.woken());
        drop(unpolled.poll());
    });
    lock.assert_quiet();
}

/// The same without an id: nothing shows that the two are of one task. Documented.
#[test]
fn without_an_id_a_waker_for_each_future_makes_a_task_of_each() {
    let lock = Lock::new(0);
    let held = lock.try_lock().unwrap();
    let unpolled = Driver::waiting(lock.lock());
    drop(held);
    let mut polled = Driver::waiting(lock.lock());
    for _ in 0..3 {
        polled.pending();
        assert!(!polled.is_woken());
    }
    drop(unpolled.woken());
    drop(polled.woken());
    lock.assert_quiet();
}

/// Two tasks of ours that an executor polls with one waker are two tasks.
#[test]
fn a_waker_that_tasks_share_does_not_make_one_task_of_them() {
    let lock = Lock::new(0);
    let held = lock.try_lock().unwrap();
    let all = crate::waker::Probe::new();
    let mut mine = Driver::new(identified(lock.lock()));
    let mut theirs = Driver::new(identified(lock.lock()));
    assert!(mine.poll_with(&all.waker()).is_pending());
    drop(held);
    for _ in 0..3 {
        assert!(theirs.poll_with(&all.waker()).is_pending());
    }
    assert!(mine.poll_with(&all.waker()).is_ready());
    assert!(theirs.poll_with(&all.waker()).is_ready());
    lock.assert_quiet();
}

/// Whoever polls it last is whose it is.
#[test]
fn a_request_that_moves_to_another_task_belongs_to_that_one() {
    let lock = Lock::new(0);
    let held = lock.try_lock().unwrap();
    let mut moved = Driver::new(lock.lock());
    as_task(|| moved.pending());
    let mut other = Driver::new(lock.lock());
    as_task(|| {
        moved.pending();
        drop(held);
        // This task's own, at the second look.
        other.pending();
        drop(other.poll());
    });
    drop(moved.ready());
    lock.assert_quiet();
}

/// One arm that locks again and again, and holds the lock while it waits, does not keep the other
/// arm from it; nor does it where tasks have no id.
#[test]
fn an_arm_that_locks_again_and_again_starves_no_other_arm_of_its_task() {
    const BOUND: usize = 10;
    let lock = Arc::new(Lock::new(0));
    watched(&lock, || {
        on_every_executor(|| {
            *lock.try_lock().unwrap() = 0;
            let lock = Arc::clone(&lock);
            vec![task(async move {
                let again = async {
                    for round in 0.. {
                        let guard = lock.lock().await;
                        if *guard > 0 {
                            break;
                        }
                        assert!(round < BOUND, "the other arm is starved");
                        yield_now().await;
                    }
                };
                zip(again, async { *lock.lock().await += 1 }).await;
            })]
        });
    });
    lock.assert_quiet();
}

/// The same with permits, and with the arms the other way round.
#[test]
fn an_arm_that_acquires_again_and_again_starves_no_other_arm_of_its_task() {
    const BOUND: usize = 10;
    let semaphore = Arc::new(Semaphore::new(2));
    watched(&semaphore, || {
        on_every_executor(|| {
            let semaphore = Arc::clone(&semaphore);
            vec![task(async move {
                let through = AtomicUsize::new(0);
                let again = async {
                    for round in 0.. {
                        let _permits = semaphore.acquire_many(2).await;
                        if through.load(SeqCst) > 0 {
                            break;
                        }
                        assert!(round < BOUND, "the other arm is starved");
                        yield_now().await;
                    }
                };
                let once = async {
                    drop(semaphore.acquire().await);
                    through.fetch_add(1, SeqCst);
                };
                zip(once, again).await;
            })]
        });
    });
    semaphore.assert_quiet();
}

/// A request that is dropped after one poll has taken nothing from its task.
#[test]
fn a_lock_that_is_tried_by_one_poll_leaves_the_grants_of_its_task_alone() {
    let lock = Lock::new(0);
    block_on(async {
        let held = lock.lock().await;
        let mut granted = pin!(lock.lock());
        poll_fn(|context| {
            assert!(granted.as_mut().poll(context).is_pending());
            Poll::Ready(())
        })
        .await;
        drop(held);
        for _ in 0..3 {
            let now = futures_lite::future::or(async { Some(lock.lock().await) }, ready(None));
            assert!(now.await.is_none(), "it was granted to the other request");
        }
        drop(granted.await);
    });
    lock.assert_quiet();
}
