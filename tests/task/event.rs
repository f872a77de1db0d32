//! The event, as tasks see it.

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
use syncline::task::Event;

#[test]
fn a_set_event_never_suspends() {
    let event = Event::new();
    assert!(!event.is_set());
    event.set();
    assert!(event.is_set());
    Driver::new(event.wait()).ready();
    Driver::new(event.wait()).ready();
    Driver::new(event.wait_timeout(Duration::ZERO))
        .ready()
        .unwrap();
    Driver::new(event.wait_deadline(Instant::now()))
        .ready()
        .unwrap();
    event.set();
    event.clear();
    assert!(!event.is_set());
    drop(Driver::waiting(event.wait()));
    event.assert_quiet();
}

/// Traps A1, B4: more than two batches of wakers.
#[test]
fn a_set_that_is_cleared_at_once_releases_all_who_waited() {
    let event = Event::new();
    let waiters: Vec<_> = (0..70).map(|_| Driver::waiting(event.wait())).collect();
    event.set();
    event.clear();
    let mut late = Driver::waiting(event.wait());
    for waiter in waiters {
        waiter.woken();
    }
    late.pending();
    assert!(!late.is_woken());
    drop(late);
    event.assert_quiet();
}

/// Trap A1: released is released, also for those who are not woken by their own waker any more.
#[test]
fn a_released_wait_stays_released_however_often_the_event_changes() {
    let event = Event::new();
    let mut waiter = Driver::waiting(event.wait());
    event.set();
    event.clear();
    event.set();
    event.clear();
    assert_eq!(1, waiter.probe().wakes());
    assert!(waiter.poll_with(&Probe::new().waker()).is_ready());
    event.assert_quiet();
}

/// Trap B4.
#[test]
fn one_set_does_not_release_two_waits_of_one_task_one_after_the_other() {
    let event = Event::new();
    let mut twice = Driver::new(async {
        event.wait().await;
        event.wait().await;
    });
    twice.pending();
    event.set();
    event.clear();
    assert!(twice.is_woken());
    twice.pending();
    event.set();
    twice.woken();
    event.assert_quiet();
}

/// Trap B4: who registers from inside a wake belongs to the next round.
#[test]
fn a_wait_that_begins_while_others_are_woken_waits_for_the_next_set() {
    let event = Arc::new(Event::new());
    let cleared = Arc::clone(&event);
    let probe = Probe::on(Call::Wake, move || cleared.clear());
    let mut first = Driver::with(event.wait(), probe);
    first.pending();
    let rest: Vec<_> = (0..70).map(|_| Driver::waiting(event.wait())).collect();
    // The first waker clears the event while two batches are still to come.
    event.set();
    assert!(!event.is_set());
    first.woken();
    for waiter in rest {
        waiter.woken();
    }
    drop(Driver::waiting(event.wait()));
    event.assert_quiet();
}

/// Traps B3, B5: broadcasts do not add up, and none is left over.
#[test]
fn a_set_without_waiters_is_not_stored_beyond_its_clear() {
    let event = Event::new();
    for _ in 0..3 {
        event.set();
        event.set();
        event.clear();
    }
    let mut waiter = Driver::waiting(event.wait());
    let dropped = Driver::waiting(event.wait());
    event.clear();
    waiter.pending();
    drop(dropped);
    waiter.pending();
    event.set();
    waiter.woken();
    event.assert_quiet();
}

/// Traps B2, B5: a released wait that is dropped releases nobody else.
#[test]
fn a_released_wait_that_is_dropped_leaves_nothing_behind() {
    let event = Event::new();
    let released = Driver::waiting(event.wait());
    event.set();
    event.clear();
    let mut next = Driver::waiting(event.wait());
    drop(released);
    next.pending();
    assert!(!next.is_woken());
    drop(next);
    event.assert_quiet();
}

/// Trap B11: all batches, although one waker of the first one panics.
#[test]
fn a_panicking_waker_does_not_lose_the_wakes_of_the_others() {
    for panicking in [0, 31, 32, 69] {
        let event = Event::new();
        let wait = |place| {
            let probe = if place == panicking {
                Probe::panicking()
            } else {
                Probe::new()
            };
            let mut driver = Driver::with(event.wait(), probe);
            driver.pending();
            driver
        };
        let waiters: Vec<_> = (0..70).map(wait).collect();
        catch_unwind(AssertUnwindSafe(|| event.set())).unwrap_err();
        event.clear();
        waiters.into_iter().for_each(Driver::woken);
        event.assert_quiet();
    }
}

#[test]
fn a_wait_that_expires_leaves_the_line() {
    let event = Event::new();
    Driver::new(event.wait_timeout(Duration::ZERO))
        .ready()
        .unwrap_err();
    Driver::new(event.wait_deadline(Instant::now()))
        .ready()
        .unwrap_err();
    let at = Instant::now() + Duration::from_millis(5);
    let mut waiter = Driver::new(event.wait_deadline(at));
    if waiter.poll().is_pending() {
        watched(&event, || {
            until("a wake by the timer", || waiter.is_woken());
        });
        assert!(Instant::now() >= at);
        waiter.ready().unwrap_err();
    }
    let waiter = Driver::waiting(event.wait_timeout(Duration::MAX));
    event.set();
    waiter.woken().unwrap();
    event.assert_quiet();
}

/// A wait that has been released is released, whatever the time.
#[test]
fn a_set_before_the_deadline_counts_after_it() {
    let event = Event::new();
    loop {
        let at = Instant::now() + Duration::from_millis(5);
        let mut waiter = Driver::new(event.wait_deadline(at));
        if waiter.poll().is_ready() {
            // A slow machine was late for the first poll; once more.
            continue;
        }
        event.set();
        event.clear();
        until_past(at);
        waiter.woken().unwrap();
        break;
    }
    event.assert_quiet();
}

/// Threads and tasks wait for one event, and either sets it.
#[test]
fn threads_and_tasks_are_released_by_one_set() {
    let event = Arc::new(Event::new());
    watched(&event, || {
        let blocked: Vec<_> = (0..3)
            .map(|_| {
                let event = Arc::clone(&event).into_thread();
                thread::spawn(move || event.wait())
            })
            .collect();
        until_waiting(&*event, 3);
        let waiter = Driver::waiting(event.wait());
        event.as_thread().set();
        event.clear();
        waiter.woken();
        for thread in blocked {
            thread.join().unwrap();
        }
    });
    event.assert_quiet();
}

#[test]
fn an_event_releases_the_tasks_of_every_executor() {
    watched(&"an event", || {
        on_every_executor(|| {
            let event = Arc::new(Event::new());
            let wait = |_| {
                let event = Arc::clone(&event);
                task(async move { event.wait().await })
            };
            let mut tasks: Vec<_> = (0..5).map(wait).collect();
            let event = Arc::clone(&event);
            tasks.push(task(async move {
                futures_lite::future::yield_now().await;
                event.set();
            }));
            tasks
        });
    });
}

#[test]
fn debug_output_waits_for_nobody() {
    let event = Event::new();
    let future = event.wait();
    assert!(!format!("{event:?} {future:?}").is_empty());
    let waiter = Driver::waiting(future);
    assert!(!format!("{event:?} {waiter:?}").is_empty());
    event.set();
    waiter.woken();
}

/// A set releases who waits when it is called, also whom it has not come to yet: more wait than are
/// woken at once, and the first waker polls one of the last, whose deadline has passed.
#[test]
fn a_deadline_that_passes_while_a_set_wakes_others_comes_too_late() {
    static EVENT: Event = Event::new();
    let last = Arc::new(Mutex::new(None));
    let first = Probe::on(Call::Wake, {
        let last = Arc::clone(&last);
        move || {
            let (soon, timed): (Instant, Driver<_>) = last.lock().unwrap().take().unwrap();
            until_past(soon);
            assert_eq!(Ok(()), timed.ready(), "it was released by the set");
        }
    });
    let mut first = Driver::with(EVENT.wait(), first);
    first.pending();
    let others: Vec<_> = (0..40).map(|_| Driver::waiting(EVENT.wait())).collect();
    let timed = loop {
        let soon = Instant::now() + Duration::from_millis(10);
        let mut timed = Driver::new(EVENT.wait_deadline(soon));
        if timed.poll().is_pending() {
            break (soon, timed);
        }
    };
    *last.lock().unwrap() = Some(timed);
    EVENT.set();
    assert!(last.lock().unwrap().is_none(), "it has been polled");
    first.woken();
    for other in others {
        other.woken();
    }
    EVENT.assert_quiet();
}
