//! Models of sets of jobs: who takes out what, when it has ended.

use core::pin::pin;
use core::sync::atomic::AtomicBool;
use core::sync::atomic::Ordering::Relaxed;
use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use syncline::loom::thread::{spawn, yield_now};
use syncline::task::block_on;
use syncline::{JobSet, Promise};

use crate::kit::{Check, CountingWaker, Guarded, Model, model, poll_once};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("job/thread/set_next_against_ends", next),
    model!("job/thread/set_timeout_against_end", timeout),
    model!("job/thread/add_to_a_set_against_end", add),
    model!("job/thread/room_in_a_set_against_end", room),
    model!("job/task/set_next_against_ends", next_as_task),
    model!("job/task/set_next_drop_against_end", drop_next),
    model!("job/task/room_in_a_set_against_end", room_as_task),
];

const LONG: Duration = Duration::from_secs(60);

fn cell() -> Arc<Guarded<()>> {
    Arc::new(Guarded::new(()))
}

type Set = JobSet<usize, usize>;

/// Two jobs that end on two threads: both come out, once, with what was done before their ends.
fn both(check: Check, next: fn(&mut Set) -> Option<(usize, usize)>) {
    check
        .outcomes(&["in order", "the other way round"])
        .run(move |run| {
            let mut set = Set::new();
            let cells = [cell(), cell()];
            let enders = [0, 1].map(|key| {
                let (promise, job) = Promise::new();
                set.add(key, job);
                let cell = Arc::clone(&cells[key]);
                spawn(move || {
                    cell.bump();
                    promise.set(10 + key).unwrap();
                })
            });
            let taken = [(), ()].map(|()| {
                let (key, value) = next(&mut set).expect("there is one left");
                assert_eq!((value, cells[key].value()), (10 + key, 1));
                key
            });
            assert!(next(&mut set).is_none());
            run.saw(match taken {
                [0, 1] => "in order",
                [1, 0] => "the other way round",
                _ => panic!("one came out twice"),
            });
            for ender in enders {
                ender.join().unwrap();
            }
        });
}

fn next(check: Check) {
    both(check, |set| {
        set.wait_next().map(|(key, value)| (key, value.unwrap()))
    });
}

fn next_as_task(check: Check) {
    both(check, |set| {
        block_on(set.next()).map(|(key, value)| (key, value.unwrap()))
    });
}

fn timeout(check: Check) {
    check
        .outcomes(&["in time", "too late"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let mut set = Set::new();
            let cell = cell();
            let (promise, job) = Promise::new();
            set.add(1, job);
            let ender = spawn({
                let cell = Arc::clone(&cell);
                move || {
                    cell.bump();
                    promise.set(7).unwrap();
                }
            });
            if set.wait_next_timeout(LONG).is_ok() {
                assert_eq!(cell.value(), 1);
                assert!(set.is_empty());
                run.saw("in time");
            } else {
                // Nothing has been lost.
                let found = set.wait_next_deadline(Instant::now());
                assert!(found.is_ok() || set.len() == 1);
                run.saw("too late");
            }
            ender.join().unwrap();
        });
}

/// A job that ends while it is added comes out, once.
fn add(check: Check) {
    check.outcomes(&["ended before", "ended after"]).run(|run| {
        let mut set = Set::new();
        let cell = cell();
        let (promise, job) = Promise::new();
        let ender = spawn({
            let cell = Arc::clone(&cell);
            move || {
                cell.bump();
                promise.set(7).unwrap();
            }
        });
        let ended = job.is_done();
        run.saw(if ended { "ended before" } else { "ended after" });
        set.add(1, job);
        assert_eq!(set.wait_next().unwrap().1.unwrap(), 7);
        assert_eq!(cell.value(), 1);
        assert!(set.try_next().is_none());
        ender.join().unwrap();
    });
}

/// A full set has room as soon as one of its jobs has ended, which comes out.
fn full(check: Check, room: fn(&mut Set) -> Option<usize>) {
    check
        .outcomes(&["ended before", "ended later"])
        .run(move |run| {
            let mut set = Set::bounded(1);
            let cell = cell();
            let (promise, job) = Promise::new();
            set.add(1, job);
            // The model's own knowledge, of which loom knows nothing.
            let over = Arc::new(AtomicBool::new(false));
            let ender = spawn({
                let (cell, over) = (Arc::clone(&cell), Arc::clone(&over));
                move || {
                    cell.bump();
                    promise.set(7).unwrap();
                    over.store(true, Relaxed);
                }
            });
            yield_now();
            run.saw(["ended later", "ended before"][usize::from(over.load(Relaxed))]);
            assert_eq!(room(&mut set), Some(1));
            assert_eq!(cell.value(), 1);
            assert_eq!(room(&mut set), None);
            ender.join().unwrap();
        });
}

fn room(check: Check) {
    full(check, |set| set.wait_for_room().map(|(key, _)| key));
}

fn room_as_task(check: Check) {
    full(check, |set| block_on(set.room()).map(|(key, _)| key));
}

/// A wait that is dropped leaves in the set what has ended.
fn drop_next(check: Check) {
    check
        .outcomes(&["dropped in line", "ended before"])
        .run(|run| {
            let mut set = Set::new();
            let cell = cell();
            let (promise, job) = Promise::new();
            set.add(1, job);
            let ender = spawn({
                let cell = Arc::clone(&cell);
                move || {
                    cell.bump();
                    promise.set(7).unwrap();
                }
            });
            let pending = {
                let waker = CountingWaker::new();
                let next = pin!(set.next());
                poll_once(next, &waker).is_pending()
            };
            if pending {
                run.saw("dropped in line");
                assert_eq!(block_on(set.next()).unwrap().1.unwrap(), 7);
            } else {
                run.saw("ended before");
            }
            assert_eq!(cell.value(), 1);
            assert!(set.is_empty());
            ender.join().unwrap();
        });
}
