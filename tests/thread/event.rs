//! The event, as threads see it.

use crate::watch::{until_waiting, watched};
use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering::Relaxed;
use core::time::Duration;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Instant;
use syncline::internals::Quiet;
use syncline::thread::Event;

const SHORT: Duration = Duration::from_millis(5);

fn waits(event: &Arc<Event>) -> JoinHandle<()> {
    let event = Arc::clone(event);
    thread::spawn(move || event.wait())
}

#[test]
fn a_set_event_never_blocks() {
    static EVENT: Event = Event::new();
    EVENT.set();
    EVENT.wait();
    EVENT.wait_timeout(Duration::ZERO).unwrap();
    EVENT.wait_deadline(Instant::now()).unwrap();
    assert!(EVENT.is_set());
    EVENT.clear();
    assert!(!EVENT.is_set());
    EVENT.assert_quiet();
}

/// Traps A1, B14: all, although the event is not set any more when they wake up.
#[test]
fn a_set_that_is_cleared_at_once_releases_all_who_waited() {
    let event = Arc::new(Event::new());
    watched(&event, || {
        for round in 0..20 {
            let count = 1 + 3 * (round % 3);
            let threads: Vec<_> = (0..count).map(|_| waits(&event)).collect();
            until_waiting(&*event, count);
            event.set();
            event.clear();
            for thread in threads {
                thread.join().unwrap();
            }
        }
    });
    event.assert_quiet();
}

/// Trap A1: a timed wait that was released reports it, and not the time.
#[test]
fn a_timed_wait_that_is_released_does_not_report_a_timeout() {
    let event = Arc::new(Event::new());
    watched(&event, || {
        for timeout in [Duration::from_secs(3600), Duration::MAX] {
            let timed = thread::spawn({
                let event = Arc::clone(&event);
                move || event.wait_timeout(timeout)
            });
            until_waiting(&*event, 1);
            event.set();
            event.clear();
            timed.join().unwrap().unwrap();
        }
    });
    event.assert_quiet();
}

/// More than one batch of threads.
#[test]
fn a_set_releases_many_threads() {
    let event = Arc::new(Event::new());
    watched(&event, || {
        let threads: Vec<_> = (0..40).map(|_| waits(&event)).collect();
        until_waiting(&*event, 40);
        event.set();
        for thread in threads {
            thread.join().unwrap();
        }
    });
    event.assert_quiet();
}

/// Trap A2.
#[test]
fn a_wait_that_expires_leaves_the_line() {
    let event = Event::new();
    watched(&event, || {
        let start = Instant::now();
        event.wait_timeout(SHORT).unwrap_err();
        assert!(start.elapsed() >= SHORT);
        let at = Instant::now() + SHORT;
        event.wait_deadline(at).unwrap_err();
        assert!(Instant::now() >= at);
        event.wait_timeout(Duration::ZERO).unwrap_err();
        event.wait_deadline(start).unwrap_err();
    });
    assert_eq!(0, event.waiting());
    event.set();
    event.wait();
    event.assert_quiet();
}

#[test]
fn what_the_setter_did_is_seen_by_all_who_waited_for_it() {
    let event = Arc::new(Event::new());
    let data = Arc::new(AtomicUsize::new(0));
    watched(&event, || {
        let look = |_| {
            let (event, data) = (Arc::clone(&event), Arc::clone(&data));
            thread::spawn(move || {
                event.wait();
                data.load(Relaxed)
            })
        };
        let threads: Vec<_> = (0..3).map(look).collect();
        data.store(7, Relaxed);
        event.set();
        for thread in threads {
            assert_eq!(7, thread.join().unwrap());
        }
    });
    event.assert_quiet();
}

/// Two threads that set and clear events for each other: nothing is left over from a round.
#[test]
fn two_threads_may_signal_each_other_for_ever() {
    let events = Arc::new([Event::new(), Event::new()]);
    watched(&events, || {
        let answers = thread::spawn({
            let events = Arc::clone(&events);
            move || {
                for _ in 0..1000 {
                    events[0].wait();
                    events[0].clear();
                    events[1].set();
                }
            }
        });
        for _ in 0..1000 {
            events[0].set();
            events[1].wait();
            events[1].clear();
        }
        answers.join().unwrap();
    });
    events[0].assert_quiet();
    events[1].assert_quiet();
}
