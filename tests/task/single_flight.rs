//! Calls that are shared, as tasks see them.

use crate::driver::Driver;
use crate::executors::{on_every_executor, task};
use crate::watch::{until_waiting, watched};
use core::cell::Cell;
use core::future::{pending, poll_fn};
use core::panic::AssertUnwindSafe;
use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering::SeqCst;
use core::task::Poll;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::thread;
use syncline::internals::Quiet;
use syncline::task::{SingleFlight, block_on};

/// Pending until it is told otherwise.
async fn until_told(told: &Cell<bool>) {
    poll_fn(|_| {
        if told.get() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

#[test]
fn a_call_of_nobody_else_is_made_at_once_and_kept_by_nobody() {
    let calls = SingleFlight::new();
    assert_eq!(Driver::new(calls.work("a", async || 1)).ready(), 1);
    assert_eq!(Driver::new(calls.work("a", async || 2)).ready(), 2);
    let failing = calls.try_work("a", async || Err::<i32, _>(3));
    assert_eq!(Driver::new(failing).ready(), Err(3));
    calls.assert_quiet();
}

#[test]
fn a_call_begins_when_it_is_first_polled() {
    let calls = SingleFlight::new();
    let unused = calls.work("key", async || 1);
    assert!(calls.is_empty());
    drop(unused);
    let polled = Driver::waiting(calls.work("key", async || pending().await));
    assert_eq!(calls.len(), 1);
    drop(polled);
    calls.assert_quiet();
}

#[test]
fn all_who_come_during_a_call_get_its_result() {
    let calls = SingleFlight::new();
    let told = Cell::new(false);
    let first = Driver::waiting(calls.work(1, async || {
        until_told(&told).await;
        "first"
    }));
    let others: Vec<_> = (0..40)
        .map(|_| Driver::waiting(calls.work(1, async || unreachable!())))
        .collect();
    assert_eq!(
        Driver::new(calls.work(2, async || "other")).ready(),
        "other"
    );
    assert_eq!((calls.len(), calls.waiting()), (1, 40));
    told.set(true);
    assert_eq!(first.ready(), "first");
    // The key is gone, although those who were there have not come for it.
    assert!(calls.is_empty());
    assert_eq!(Driver::new(calls.work(1, async || "new")).ready(), "new");
    for other in others {
        assert_eq!(other.woken(), "first");
    }
    calls.assert_quiet();
}

/// Trap G8: one who leaves does not take the key along while others are at the call.
#[test]
fn a_caller_that_leaves_does_not_end_the_call_of_the_others() {
    let calls = SingleFlight::new();
    let told = Cell::new(false);
    let mut first = Driver::waiting(calls.work("key", async || {
        until_told(&told).await;
        1
    }));
    let leaves = Driver::waiting(calls.work("key", async || 2));
    drop(leaves);
    assert_eq!(calls.len(), 1);
    let comes = Driver::waiting(calls.work("key", async || 3));
    first.pending();
    told.set(true);
    assert_eq!((first.ready(), comes.woken()), (1, 1));
    calls.assert_quiet();
}

#[test]
fn a_dropped_call_passes_on_to_the_next() {
    let calls = SingleFlight::new();
    let first = Driver::waiting(calls.work("key", async || pending().await));
    let second = Driver::waiting(calls.work("key", async || pending().await));
    let third = Driver::waiting(calls.work("key", async || 3));
    let fourth = Driver::waiting(calls.work("key", async || 4));
    drop(first);
    assert!(second.is_woken() && !third.is_woken());
    // Before it has come for its turn.
    drop(second);
    assert_eq!(third.woken(), 3);
    assert_eq!(fourth.woken(), 3);
    calls.assert_quiet();
}

#[test]
fn a_call_that_fails_passes_on_to_the_next_and_tells_nobody_else() {
    let calls = SingleFlight::new();
    let told = Cell::new(false);
    let first = Driver::waiting(calls.try_work("key", async || {
        until_told(&told).await;
        Err(1)
    }));
    let second = Driver::waiting(calls.try_work("key", async || Err(2)));
    let third = Driver::waiting(calls.try_work("key", async || Ok::<_, u8>(3)));
    told.set(true);
    assert_eq!(first.ready(), Err(1));
    assert_eq!(second.woken(), Err(2));
    assert_eq!(third.woken(), Ok(3));
    calls.assert_quiet();
}

/// Traps G2, G7.
#[test]
fn a_call_that_panics_passes_on_to_the_next() {
    let calls = SingleFlight::new();
    let told = Cell::new(false);
    let mut first = Driver::waiting(calls.work("key", async || {
        until_told(&told).await;
        panic!("on purpose")
    }));
    let second = Driver::waiting(calls.work("key", async || 2));
    told.set(true);
    catch_unwind(AssertUnwindSafe(|| first.poll().is_ready())).unwrap_err();
    assert_eq!(second.woken(), 2);
    drop(first);
    calls.assert_quiet();
}

/// Trap G1.
#[test]
fn a_call_that_asks_for_its_own_key_panics_instead_of_hanging() {
    let calls = SingleFlight::new();
    let asks = Box::pin(calls.work("key", async || {
        let again: core::pin::Pin<Box<dyn Future<Output = u8>>> =
            Box::pin(calls.work("key", async || 1));
        again.await
    }));
    let mut asks = Driver::new(asks);
    catch_unwind(AssertUnwindSafe(|| asks.poll().is_ready())).unwrap_err();
    drop(asks);
    calls.assert_quiet();
}

#[test]
fn threads_and_tasks_share_one_call() {
    let calls = Arc::new(SingleFlight::new());
    watched(&calls, || {
        let told = Cell::new(false);
        let first = Driver::waiting(calls.work("key", async || {
            until_told(&told).await;
            7
        }));
        let threads: Vec<_> = (0..3)
            .map(|_| {
                let calls = calls.to_thread();
                thread::spawn(move || calls.work("key", || unreachable!()))
            })
            .collect();
        until_waiting(&*calls, 3);
        told.set(true);
        assert_eq!(first.ready(), 7);
        for thread in threads {
            assert_eq!(thread.join().unwrap(), 7);
        }
        // And a thread's call by tasks.
        let value = calls.as_thread().work("key", || {
            let tasks: Vec<_> = (0..3)
                .map(|_| {
                    let calls = Arc::clone(&calls);
                    thread::spawn(move || block_on(calls.work("key", async || unreachable!())))
                })
                .collect();
            until_waiting(&*calls, 3);
            drop(tasks);
            8
        });
        assert_eq!(value, 8);
    });
}

#[test]
fn one_call_at_a_time_is_made_on_every_executor() {
    watched(&"calls", || {
        on_every_executor(|| {
            let calls = Arc::new(SingleFlight::new());
            let inside = Arc::new(AtomicUsize::new(0));
            let ask = |number: usize| {
                let (calls, inside) = (Arc::clone(&calls), Arc::clone(&inside));
                task(async move {
                    for round in 0..20 {
                        let make = async || {
                            assert_eq!(inside.fetch_add(1, SeqCst), 0);
                            futures_lite::future::yield_now().await;
                            inside.fetch_sub(1, SeqCst);
                            if (number + round) % 3 == 0 {
                                Err(round)
                            } else {
                                Ok(round)
                            }
                        };
                        let _result = calls.try_work("key", make).await;
                    }
                })
            };
            (0..6).map(ask).collect()
        });
    });
}
