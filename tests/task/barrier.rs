//! The barrier, as tasks see it.

use crate::driver::Driver;
use crate::executors::{on_every_executor, task};
use crate::waker::{Call, Probe};
use crate::watch::{until, until_past, until_waiting, watched};
use core::panic::AssertUnwindSafe;
use core::time::Duration;
use std::panic::catch_unwind;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;
use syncline::internals::Quiet;
use syncline::task::Barrier;
use syncline::task::future::BarrierWait;

type Slot = Mutex<Option<Driver<BarrierWait<'static>>>>;

#[test]
fn the_last_arrival_never_suspends_and_the_others_are_told_in_order() {
    let order = Arc::new(Mutex::new(Vec::new()));
    let barrier = Barrier::new(4);
    let waiters: Vec<_> = (0..3)
        .map(|place| {
            let order = Arc::clone(&order);
            let probe = Probe::on(Call::Wake, move || order.lock().unwrap().push(place));
            let mut driver = Driver::with(barrier.wait(), probe);
            driver.pending();
            assert_eq!(place + 1, barrier.waiting());
            driver
        })
        .collect();
    let leader = Driver::new(barrier.wait()).ready().unwrap();
    assert_eq!((3, true), (leader.index(), leader.is_leader()));
    assert_eq!(0, barrier.waiting());
    assert_eq!([0, 1, 2], order.lock().unwrap()[..]);
    for (place, waiter) in waiters.into_iter().enumerate() {
        let arrival = waiter.woken().unwrap();
        assert_eq!((place, false), (arrival.index(), arrival.is_leader()));
    }
    barrier.assert_quiet();
}

/// Traps A56, C2, B20: the one that is dropped leaves, and the barrier stays as large as it was.
#[test]
fn a_dropped_arrival_is_taken_back_and_no_index_is_given_twice() {
    let barrier = Barrier::new(3);
    for _ in 0..3 {
        let first = Driver::waiting(barrier.wait());
        let mut second = Driver::waiting(barrier.wait());
        drop(first);
        assert_eq!(1, barrier.waiting());
        assert!(!barrier.is_broken());
        let third = Driver::waiting(barrier.wait());
        second.pending();
        let fourth = Driver::new(barrier.wait()).ready();
        let met = [second.woken(), third.woken(), fourth];
        assert_eq!([0, 1, 2], met.map(|met| met.unwrap().index()));
    }
    barrier.assert_quiet();
}

/// Trap C2: dropped when the round is complete, it has been passed; its place stays empty.
#[test]
fn a_wait_that_is_dropped_after_the_last_arrival_changes_nothing_for_the_others() {
    let barrier = Barrier::new(4);
    let first = Driver::waiting(barrier.wait());
    let dropped = Driver::waiting(barrier.wait());
    let third = Driver::waiting(barrier.wait());
    assert!(Driver::new(barrier.wait()).ready().unwrap().is_leader());
    drop(dropped);
    let mut next = Driver::waiting(barrier.wait());
    assert_eq!(0, first.woken().unwrap().index());
    assert_eq!(2, third.woken().unwrap().index());
    next.pending();
    assert_eq!(1, barrier.waiting());
    drop(next);
    barrier.assert_quiet();
}

/// Trap B4: who comes again at once is in the next round.
#[test]
fn one_round_does_not_release_two_waits_of_one_task() {
    let barrier = Barrier::new(2);
    let mut twice = Driver::new(async {
        barrier.wait().await.unwrap();
        barrier.wait().await.unwrap()
    });
    twice.pending();
    Driver::new(barrier.wait()).ready().unwrap();
    assert!(twice.is_woken());
    twice.pending();
    assert_eq!(1, barrier.waiting());
    Driver::new(barrier.wait()).ready().unwrap();
    assert_eq!(0, twice.woken().index());
    barrier.assert_quiet();
}

/// Traps B4, B6, C6: wakers may use the barrier that wakes them; they run without its lock, and
/// what they do belongs to the next round.
#[test]
fn a_waker_may_use_the_barrier_that_wakes_it() {
    let barrier: &'static Barrier = Box::leak(Box::new(Barrier::new(70)));
    let late: Arc<Slot> = Arc::default();
    let arrives = Arc::clone(&late);
    let probe = Probe::on(Call::Wake, move || {
        assert_eq!(0, barrier.waiting());
        let mut slot = arrives.lock().unwrap();
        *slot = Some(Driver::waiting(barrier.wait()));
        barrier.reset();
        assert!(slot.take().unwrap().woken().is_err());
        *slot = Some(Driver::waiting(barrier.wait()));
    });
    let mut first = Driver::with(barrier.wait(), probe);
    first.pending();
    let rest: Vec<_> = (1..69).map(|_| Driver::waiting(barrier.wait())).collect();
    Driver::new(barrier.wait()).ready().unwrap();
    for (place, waiter) in core::iter::once(first).chain(rest).enumerate() {
        assert_eq!(place, waiter.woken().unwrap().index());
    }
    assert_eq!(1, barrier.waiting());
    barrier.abort();
    let late = late.lock().unwrap().take().unwrap();
    late.woken().unwrap_err();
    barrier.assert_quiet();
}

/// Traps B6, C6: wakers are cloned and dropped without the lock.
#[test]
fn cloning_and_dropping_a_waker_may_use_the_barrier() {
    let barrier: &'static Barrier = Box::leak(Box::new(Barrier::new(2)));
    // A reset takes the lock, and throws out whoever waits.
    let reacting = || Probe::reacting(move |_| barrier.reset());
    let (one, other) = (reacting(), reacting());
    let mut waiting = Driver::new(barrier.wait());
    // The clone and its reset come before the arrival.
    let first = one.waker();
    assert!(waiting.poll_with(&first).is_pending());
    assert_eq!(1, barrier.waiting());
    // The second clone throws the waiting one out.
    assert!(waiting.poll_with(&other.waker()).is_ready());
    drop(first);
    drop(waiting);
    assert_eq!(0, one.alive() + other.alive());
    barrier.reset();
    barrier.assert_quiet();
}

/// A waker that leaves the round which wakes it: the nodes that are still to come are dropped.
#[test]
fn waits_may_be_dropped_while_the_others_are_woken() {
    let barrier: &'static Barrier = Box::leak(Box::new(Barrier::new(70)));
    let victims: Arc<Mutex<Vec<Driver<BarrierWait<'static>>>>> = Arc::default();
    let drops = Arc::clone(&victims);
    let probe = Probe::on(Call::Wake, move || drops.lock().unwrap().clear());
    let mut first = Driver::with(barrier.wait(), probe);
    first.pending();
    for _ in 1..60 {
        victims
            .lock()
            .unwrap()
            .push(Driver::waiting(barrier.wait()));
    }
    let rest: Vec<_> = (60..69).map(|_| Driver::waiting(barrier.wait())).collect();
    Driver::new(barrier.wait()).ready().unwrap();
    assert_eq!(0, first.woken().unwrap().index());
    for (place, waiter) in rest.into_iter().enumerate() {
        // The place of each was fixed when the last had arrived.
        assert_eq!(60 + place, waiter.woken().unwrap().index());
    }
    barrier.assert_quiet();
}

/// Trap B11.
#[test]
fn a_panicking_waker_does_not_lose_the_rest_of_the_round() {
    for panicking in [0, 31, 32, 68] {
        for ends in [0, 1, 2] {
            let barrier = Barrier::new(70);
            let wait = |place| {
                let probe = if place == panicking {
                    Probe::panicking()
                } else {
                    Probe::new()
                };
                let mut driver = Driver::with(barrier.wait(), probe);
                driver.pending();
                driver
            };
            let waiters: Vec<_> = (0..69).map(wait).collect();
            catch_unwind(AssertUnwindSafe(|| match ends {
                0 => drop(Driver::new(barrier.wait()).ready()),
                1 => barrier.abort(),
                _ => barrier.reset(),
            }))
            .unwrap_err();
            for waiter in waiters {
                assert_eq!(ends == 0, waiter.woken().is_ok());
            }
            assert_eq!(ends == 1, barrier.is_broken());
            barrier.assert_quiet();
        }
    }
}

#[test]
fn a_deadline_breaks_the_barrier_and_says_whose_it_was() {
    let barrier = Barrier::new(3);
    let at = Instant::now() + Duration::from_millis(5);
    let other = Driver::waiting(barrier.wait_timeout(Duration::MAX));
    let mut timed = Driver::new(barrier.wait_deadline(at));
    let error = if let core::task::Poll::Ready(met) = timed.poll() {
        met.unwrap_err()
    } else {
        watched(&barrier, || {
            until("a wake by the timer", || timed.is_woken());
        });
        timed.ready().unwrap_err()
    };
    assert!(Instant::now() >= at);
    assert!(error.timed_out());
    assert!(!other.woken().unwrap_err().timed_out());
    assert!(barrier.is_broken());
    assert!(!Driver::new(barrier.wait()).ready().unwrap_err().timed_out());
    barrier.reset();
    let one_try = Driver::new(barrier.wait_timeout(Duration::ZERO)).ready();
    assert!(one_try.unwrap_err().timed_out());
    barrier.assert_quiet();
}

/// A round that is complete is complete, whatever the time.
#[test]
fn a_last_arrival_before_the_deadline_counts_after_it() {
    let barrier = Barrier::new(2);
    loop {
        let at = Instant::now() + Duration::from_millis(5);
        let mut timed = Driver::new(barrier.wait_deadline(at));
        if timed.poll().is_ready() {
            // A slow machine was late for the first poll; once more.
            barrier.reset();
            continue;
        }
        Driver::new(barrier.wait()).ready().unwrap();
        until_past(at);
        assert_eq!(0, timed.woken().unwrap().index());
        break;
    }
    assert!(!barrier.is_broken());
    barrier.assert_quiet();
}

#[test]
fn a_wait_that_is_over_must_not_be_polled() {
    let barrier = Barrier::new(1);
    let mut wait = Driver::new(barrier.wait());
    assert!(wait.poll().is_ready());
    catch_unwind(AssertUnwindSafe(|| wait.poll())).unwrap_err();
}

/// Traps B7, B25.
#[test]
fn a_wait_that_moves_to_another_task_wakes_that_task_and_keeps_no_waker() {
    let barrier = Barrier::new(2);
    let mut waiting = Driver::waiting(barrier.wait());
    let other = Probe::new();
    assert!(waiting.poll_with(&other.waker()).is_pending());
    assert_eq!(0, waiting.probe().alive());
    Driver::new(barrier.wait()).ready().unwrap();
    assert_eq!((0, 1), (waiting.probe().wakes(), other.wakes()));
    assert_eq!(0, other.alive());
    assert!(waiting.poll_with(&other.waker()).is_ready());
}

#[test]
fn threads_and_tasks_meet_at_one_barrier() {
    let barrier = Arc::new(Barrier::new(5));
    watched(&barrier, || {
        let blocked: Vec<_> = (0..3)
            .map(|_| {
                let barrier = Arc::clone(&barrier).into_thread();
                thread::spawn(move || barrier.wait().unwrap().index())
            })
            .collect();
        until_waiting(&*barrier, 3);
        let waiter = Driver::waiting(barrier.wait());
        assert_eq!(4, barrier.as_thread().wait().unwrap().index());
        assert_eq!(3, waiter.woken().unwrap().index());
        let mut places: Vec<_> = blocked.into_iter().map(|t| t.join().unwrap()).collect();
        places.sort_unstable();
        assert_eq!([0, 1, 2], places[..]);
    });
    barrier.assert_quiet();
}

#[test]
fn the_tasks_of_every_executor_meet() {
    watched(&"a barrier", || {
        on_every_executor(|| {
            let barrier = Arc::new(Barrier::new(5));
            let party = |_| {
                let barrier = Arc::clone(&barrier);
                task(async move {
                    for _ in 0..3 {
                        barrier.wait().await.unwrap();
                    }
                })
            };
            (0..5).map(party).collect()
        });
    });
}

#[test]
fn debug_output_waits_for_nobody() {
    let barrier = Barrier::new(2);
    let waits = (barrier.wait(), barrier.wait_timeout(Duration::ZERO));
    assert!(!format!("{barrier:?} {waits:?}").is_empty());
}
