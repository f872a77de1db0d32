//! The watch, as tasks see it.

use crate::driver::Driver;
use crate::executors::{on_every_executor, task};
use crate::waker::{Call, Probe};
use crate::watch::{until_waiting, watched};
use core::panic::AssertUnwindSafe;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::thread;
use syncline::internals::Quiet;
use syncline::task::Watch;

#[test]
fn a_change_that_has_not_been_seen_never_suspends() {
    let watch = Watch::new(0);
    let mut observer = watch.subscribe();
    watch.send(1);
    watch.send(2);
    Driver::new(observer.changed()).ready().unwrap();
    drop(Driver::waiting(observer.changed()));
    watch.send(3);
    let seen = Driver::new(observer.wait_for(|value| *value == 3)).ready();
    assert_eq!(seen.map(|value| *value), Ok(3));
    watch.assert_quiet();
}

#[test]
fn a_send_tells_everybody_who_waits_once() {
    let watch = Watch::new(0);
    let mut observers: Vec<_> = (0..70).map(|_| watch.subscribe()).collect();
    let waits: Vec<_> = (observers.iter_mut())
        .map(|observer| Driver::waiting(observer.changed()))
        .collect();
    watch.send(1);
    watch.send(2);
    for wait in waits {
        assert_eq!(wait.probe().wakes(), 1);
        wait.woken().unwrap();
    }
    for mut observer in observers {
        assert_eq!(*observer.borrow_and_update(), 2);
    }
    watch.assert_quiet();
}

/// One has seen the last value and waits; who has not goes at once, although it comes later.
#[test]
fn who_has_not_seen_the_last_value_waits_for_nobody() {
    let watch = Watch::new(0);
    let (mut fast, mut slow) = (watch.subscribe(), watch.subscribe());
    watch.send(1);
    drop(fast.borrow_and_update());
    let first = Driver::waiting(fast.changed());
    Driver::new(slow.changed()).ready().unwrap();
    assert!(!first.is_woken());
    watch.send(2);
    first.woken().unwrap();
    watch.assert_quiet();
}

/// A future that is dropped, woken or not, has seen nothing.
#[test]
fn a_wait_dropped_at_any_point_loses_no_change() {
    for point in 0..4 {
        let watch = Watch::new(0);
        let (mut observer, mut other) = (watch.subscribe(), watch.subscribe());
        let mut leaving = Driver::new(observer.changed());
        if point > 0 {
            leaving.pending();
        }
        let staying = Driver::waiting(other.changed());
        if point > 1 {
            watch.send(1);
            assert!(leaving.is_woken());
        }
        if point == 3 {
            assert!(leaving.poll().is_ready());
        }
        assert_eq!(leaving.cancel().alive(), 0, "a waker leaked");
        assert_eq!(observer.has_changed(), Ok(point == 2));
        watch.send(2);
        assert_eq!(observer.has_changed(), Ok(true));
        staying.woken().unwrap();
        watch.assert_quiet();
    }
}

/// The values that it has asked about have been seen, and no other.
#[test]
fn a_wait_for_something_asks_about_each_value_that_it_sees_and_loses_none() {
    let watch = Watch::new(0);
    let mut observer = watch.subscribe();
    let mut asked = Vec::new();
    let mut wait = Driver::waiting(observer.wait_for(|value| {
        asked.push(*value);
        *value == 3
    }));
    watch.send(1);
    wait.pending();
    watch.send(2);
    watch.send(3);
    assert_eq!(wait.woken().map(|value| *value), Ok(3));
    assert_eq!(asked, [0, 1, 3]);
    let mut wait = Driver::waiting(observer.wait_for(|value| *value == 5));
    watch.send(4);
    wait.pending();
    watch.send(5);
    drop(wait);
    assert_eq!(observer.has_changed(), Ok(true));
    watch.assert_quiet();
}

#[test]
fn the_last_handle_ends_the_waits() {
    let watch = Watch::new(0);
    let (mut one, mut other) = (watch.subscribe(), watch.subscribe());
    let changed = Driver::waiting(one.changed());
    let wanted = Driver::waiting(other.wait_for(|value| *value == 1));
    let handle = watch.clone();
    drop(watch);
    assert!(!changed.is_woken());
    drop(handle);
    changed.woken().unwrap_err();
    assert!(wanted.woken().is_err());
    Driver::new(one.changed()).ready().unwrap_err();
    one.assert_quiet();
}

/// Trap B11: the value stays, everybody hears of it, and nothing is locked.
#[test]
fn a_panicking_waker_loses_nobody() {
    let watch = Watch::new(0);
    let (mut one, mut other) = (watch.subscribe(), watch.subscribe());
    let mut first = Driver::with(one.changed(), Probe::panicking());
    first.pending();
    let second = Driver::waiting(other.changed());
    catch_unwind(AssertUnwindSafe(|| watch.send(1))).unwrap_err();
    first.woken().unwrap();
    second.woken().unwrap();
    assert_eq!(*watch.borrow(), 1);
    watch.send(2);
    watch.assert_quiet();
}

/// Trap G12: those who are told run while who sends has not returned, and may look, send and come again.
#[test]
fn a_waker_may_use_the_watch_that_wakes_it() {
    let watch = Arc::new(Watch::new(0));
    let mut observer = watch.subscribe();
    let uses = Probe::on(Call::Wake, {
        let watch = Arc::clone(&watch);
        move || {
            assert_eq!(*watch.borrow(), 1);
            let mut late = watch.subscribe();
            drop(Driver::waiting(late.changed()));
            watch.send_if_modified(|_| false);
        }
    });
    let mut first = Driver::with(observer.changed(), uses);
    first.pending();
    watched(&"a waker that looks", || watch.send(1));
    first.woken().unwrap();
    watch.assert_quiet();
}

#[test]
fn threads_and_tasks_wait_for_one_value() {
    let watch = Watch::new(0);
    watched(&watch.clone(), || {
        let threads: Vec<_> = (0..3)
            .map(|_| {
                let mut observer = watch.subscribe().into_thread();
                thread::spawn(move || observer.changed())
            })
            .collect();
        until_waiting(&watch, 3);
        let mut observer = watch.subscribe();
        let wait = Driver::waiting(observer.changed());
        watch.as_thread().send(1);
        wait.woken().unwrap();
        for thread in threads {
            thread.join().unwrap().unwrap();
        }
    });
    watch.assert_quiet();
}

#[test]
fn the_last_value_is_seen_on_every_executor() {
    watched(&"a watch", || {
        on_every_executor(|| {
            let watch = Watch::new(0);
            let follow = |_| {
                let mut observer = watch.subscribe();
                task(async move {
                    let mut last = 0;
                    while observer.changed().await.is_ok() {
                        last = *observer.borrow_and_update();
                    }
                    assert_eq!(last, 20);
                })
            };
            let mut tasks: Vec<_> = (0..4).map(follow).collect();
            tasks.push(task(async move {
                for value in 1..=20 {
                    watch.send(value);
                    futures_lite::future::yield_now().await;
                }
            }));
            tasks
        });
    });
}

#[test]
fn debug_output_waits_for_nobody() {
    let watch = Watch::new(0);
    let mut observer = watch.subscribe();
    watch.send_modify(|_| assert_eq!(format!("{watch:?}"), "Watch { value: <locked>, .. }"));
    assert!(!format!("{observer:?}").is_empty());
    assert!(!format!("{:?}", observer.changed()).is_empty());
}
