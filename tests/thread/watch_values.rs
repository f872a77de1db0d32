//! The watch, as threads see it.

use crate::watch::{until_waiting, watched};
use core::panic::AssertUnwindSafe;
use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering::SeqCst;
use core::time::Duration;
use std::panic::catch_unwind;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Instant;
use syncline::ChangeError;
use syncline::internals::Quiet;
use syncline::thread::Watch;

const SHORT: Duration = Duration::from_millis(5);

#[test]
fn an_observer_has_seen_the_value_at_which_it_was_made() {
    let watch = Watch::new(1);
    let mut observer = watch.subscribe();
    assert_eq!((*watch.borrow(), *observer.borrow()), (1, 1));
    assert_eq!(observer.has_changed(), Ok(false));
    watch.send(2);
    let mut late = watch.subscribe();
    assert_eq!(late.has_changed(), Ok(false));
    assert_eq!(observer.has_changed(), Ok(true));
    let twin = observer.clone();
    observer.changed().unwrap();
    assert_eq!(
        (observer.has_changed(), twin.has_changed()),
        (Ok(false), Ok(true))
    );
    late.changed_timeout(Duration::ZERO).unwrap_err();
    watch.assert_quiet();
}

#[test]
fn each_way_to_send_tells_those_who_wait_or_says_that_nothing_has_changed() {
    let watch = Watch::new(vec![1]);
    let mut observer = watch.subscribe();
    watch.send(vec![2]);
    assert_eq!(*observer.borrow_and_update(), [2]);
    assert_eq!(watch.send_replace(vec![3]), [2]);
    assert!(observer.changed().is_ok());
    watch.send_modify(|list| list.push(4));
    assert!(observer.changed().is_ok());
    assert!(!watch.send_if_modified(|list| list.len() > 2));
    assert_eq!(observer.has_changed(), Ok(false));
    assert!(watch.send_if_modified(|list| list.pop().is_some()));
    assert!(observer.changed().is_ok());
    assert_eq!(*observer.borrow(), [3]);
    assert_eq!(format!("{watch:?}"), "Watch { value: [3], .. }");
    assert_eq!(
        format!("{observer:?} {:?}", observer.borrow()),
        "Observer { value: [3], .. } [3]"
    );
}

/// Trap G9: nothing is lost between a look and the wait that follows it.
#[test]
fn the_last_value_is_always_seen() {
    watched(&"a watch", || {
        for _ in 0..200 {
            let watch = Watch::new(0);
            let observers: Vec<_> = (0..2)
                .map(|_| {
                    let mut observer = watch.subscribe();
                    thread::spawn(move || {
                        let mut last = 0;
                        while observer.changed().is_ok() {
                            let value = *observer.borrow_and_update();
                            assert!(value >= last, "{value} after {last}");
                            last = value;
                        }
                        last
                    })
                })
                .collect();
            (1..20).for_each(|value| watch.send(value));
            drop(watch);
            for observer in observers {
                assert_eq!(observer.join().unwrap(), 19);
            }
        }
    });
}

/// Trap G10.
#[test]
fn a_last_value_is_still_a_change_when_no_handle_is_left() {
    let watch = Watch::new(1);
    let mut observer = watch.subscribe();
    let other = watch.clone();
    watch.send(2);
    drop(watch);
    drop(other);
    assert_eq!(observer.has_changed(), Ok(true));
    observer.changed().unwrap();
    observer.has_changed().unwrap_err();
    observer.changed().unwrap_err();
    assert_eq!(observer.changed_timeout(SHORT), Err(ChangeError::Closed));
    assert!(observer.wait_for(|value| *value == 2).is_ok());
    assert!(observer.wait_for(|value| *value == 3).is_err());
    let late = observer.wait_for_timeout(SHORT, |value| *value == 3);
    assert!(matches!(late, Err(ChangeError::Closed)));
    drop(late);
    assert_eq!(*observer.borrow(), 2);
    observer.assert_quiet();
}

#[test]
fn the_last_handle_ends_the_waits_and_no_other_does() {
    let watch = Watch::new(0);
    let handles = [watch.clone(), watch.to_task().into_thread()];
    watched(&"handles of a watch", || {
        let waits: Vec<_> = (0..3)
            .map(|_| {
                let mut observer = watch.subscribe();
                thread::spawn(move || observer.changed())
            })
            .collect();
        until_waiting(&watch, 3);
        for handle in handles {
            drop(handle);
            assert_eq!(watch.waiting(), 3);
        }
        drop(watch);
        for wait in waits {
            wait.join().unwrap().unwrap_err();
        }
    });
}

/// Trap G11.
#[test]
fn a_thread_may_look_twice_although_somebody_waits_to_send_between() {
    let watch = Arc::new(Watch::new(0));
    watched(&watch, || {
        let observer = watch.subscribe();
        let first = observer.borrow();
        let sends = thread::spawn({
            let watch = Arc::clone(&watch);
            move || watch.send(1)
        });
        for _ in 0..100 {
            assert_eq!(*watch.borrow(), *first);
            thread::yield_now();
        }
        drop(first);
        sends.join().unwrap();
        assert_eq!(*observer.borrow(), 1);
    });
}

#[test]
fn a_closure_that_panics_changes_nothing_but_what_it_has_changed_and_locks_nothing() {
    let watch = Watch::new(1);
    let observer = watch.subscribe();
    let panics = || {
        watch.send_modify(|value| {
            *value = 2;
            panic!("on purpose")
        });
    };
    catch_unwind(AssertUnwindSafe(panics)).unwrap_err();
    assert_eq!((*watch.borrow(), observer.has_changed()), (2, Ok(false)));
    let mut observer = observer;
    let wanted = AssertUnwindSafe(|| observer.wait_for(|_| panic!("on purpose")).is_ok());
    catch_unwind(wanted).unwrap_err();
    watch.send(3);
    watch.assert_quiet();
}

/// Trap G12. The old value is dropped without any lock: its destructor may use the watch.
#[test]
fn an_old_value_may_use_the_watch_that_drops_it() {
    struct Value(Option<Watch<Option<Value>>>, Arc<AtomicUsize>);

    impl Drop for Value {
        fn drop(&mut self) {
            if let Some(watch) = &self.0 {
                assert!(watch.borrow().is_none());
                watch.send_if_modified(|_| false);
            }
            self.1.fetch_add(1, SeqCst);
        }
    }

    let drops = Arc::new(AtomicUsize::new(0));
    let watch = Watch::new(None);
    watch.send(Some(Value(Some(watch.clone()), Arc::clone(&drops))));
    watched(&"a value that is dropped", || watch.send(None));
    assert_eq!(drops.load(SeqCst), 1);
}

#[test]
fn who_has_no_more_time_has_seen_nothing() {
    let watch = Watch::new(0);
    let mut observer = watch.subscribe();
    watched(&watch, || {
        let start = Instant::now();
        assert_eq!(observer.changed_timeout(SHORT), Err(ChangeError::TimedOut));
        assert!(start.elapsed() >= SHORT);
        assert_eq!(observer.changed_deadline(start), Err(ChangeError::TimedOut));
        let start = Instant::now();
        let wanted = observer.wait_for_timeout(SHORT, |value| *value == 1);
        assert!(matches!(wanted, Err(ChangeError::TimedOut)));
        drop(wanted);
        assert!(start.elapsed() >= SHORT);
        watch.send(1);
        observer.changed_timeout(Duration::ZERO).unwrap();
        assert!(
            observer
                .wait_for_deadline(start, |value| *value == 1)
                .is_ok()
        );
    });
    watch.assert_quiet();
}

/// Many observers, so that a send takes several batches of wakes.
#[test]
fn a_send_tells_everybody_who_waits() {
    let watch = Watch::new(0);
    watched(&watch.clone(), || {
        let waits: Vec<_> = (0..40)
            .map(|_| {
                let mut observer = watch.subscribe();
                thread::spawn(move || observer.wait_for(|value| *value == 2).map(|value| *value))
            })
            .collect();
        until_waiting(&watch, 40);
        watch.send(1);
        watch.send(2);
        for wait in waits {
            assert_eq!(wait.join().unwrap(), Ok(2));
        }
    });
    watch.assert_quiet();
}

/// What an operation saw or sent, and from when to when it ran.
#[derive(Clone, Copy, Debug)]
struct Did {
    value: usize,
    sent: bool,
    begin: usize,
    end: usize,
}

/// Whether each look saw a value whose send had begun, and after which no other send had both begun and ended before the look began.
fn is_linearizable(all: &[Did]) -> bool {
    let sends = || all.iter().filter(|did| did.sent);
    all.iter().filter(|did| !did.sent).all(|look| {
        let Some(send) = sends().find(|send| send.value == look.value) else {
            return false;
        };
        let is_lost = sends().any(|other| other.begin > send.end && other.end < look.begin);
        send.begin < look.end && !is_lost
    })
}

#[test]
fn looks_see_the_latest_value_however_threads_interleave() {
    watched(&"histories of a watch", || {
        for round in 0..300 {
            let watch = Watch::new(0);
            let (clock, start) = (AtomicUsize::new(1), Barrier::new(3));
            let first = Did {
                value: 0,
                sent: true,
                begin: 0,
                end: 0,
            };
            let work = |number: usize| {
                let (watch, clock, start) = (&watch, &clock, &start);
                let mut observer = watch.subscribe();
                move || {
                    let mut all = Vec::new();
                    start.wait();
                    for turn in 0..6 {
                        let id = 10 * (number + 1) + turn;
                        let begin = clock.fetch_add(1, SeqCst);
                        let sent = (round + turn + number) % 3 == 0;
                        let value = match (round + turn) % 4 {
                            _ if sent => {
                                watch.send(id);
                                id
                            }
                            0 => *watch.borrow(),
                            1 => *observer.borrow_and_update(),
                            2 => {
                                // Whether or not there was something new, the look sees the latest.
                                let _changed = observer.changed_timeout(Duration::ZERO);
                                *observer.borrow()
                            }
                            _ => *observer.borrow(),
                        };
                        let end = clock.fetch_add(1, SeqCst);
                        all.push(Did {
                            value,
                            sent,
                            begin,
                            end,
                        });
                    }
                    all
                }
            };
            let mut all: Vec<Did> = thread::scope(|threads| {
                let threads: Vec<_> = (0..3).map(|number| threads.spawn(work(number))).collect();
                let all = threads.into_iter().map(|thread| thread.join().unwrap());
                all.collect::<Vec<_>>().concat()
            });
            all.push(first);
            assert!(is_linearizable(&all), "{all:?}");
            watch.assert_quiet();
        }
    });
}

#[test]
fn the_check_of_histories_refuses_what_cannot_be() {
    let did = |value, sent, begin, end| Did {
        value,
        sent,
        begin,
        end,
    };
    let (old, new) = (did(1, true, 0, 1), did(2, true, 2, 3));
    assert!(is_linearizable(&[old, new, did(2, false, 4, 5)]));
    assert!(is_linearizable(&[
        old,
        did(2, true, 2, 5),
        did(1, false, 3, 4)
    ]));
    assert!(!is_linearizable(&[old, new, did(1, false, 4, 5)]));
    assert!(!is_linearizable(&[
        old,
        did(2, true, 6, 7),
        did(2, false, 3, 4)
    ]));
    assert!(!is_linearizable(&[old, did(3, false, 3, 4)]));
}
