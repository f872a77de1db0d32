//! Models of `Watch`: sends and the end against those who look, wait, come and go.

use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use syncline::internals::Quiet;
use syncline::loom::thread::{spawn, yield_now};
use syncline::task::{self, block_on};
use syncline::{ChangeError, thread};

use crate::kit::{Check, CountingWaker, Guarded, Model, model, poll_once};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("watch/thread/send_against_changed", changed),
    model!("watch/thread/last_send_and_end_against_changed", last),
    model!("watch/thread/timeout_against_send", timeout),
    model!("watch/thread/send_against_wait_for", wait_for),
    model!("watch/thread/timeout_against_wait_for", wait_for_timeout),
    model!("watch/thread/send_against_a_look", look),
    model!("watch/thread/two_looks_against_a_send", two_looks),
    model!("watch/thread/two_send", two_send),
    model!("watch/thread/two_handles_go", two_handles),
    model!("watch/task/send_against_changed", changed_task),
    model!("watch/task/late_comer_with_an_older_version", older),
    model!("watch/task/drop_against_send", dropped),
    model!("watch/task/send_against_wait_for", wait_for_task),
    model!("watch/mixed/send_tells_both", mixed),
];

const LONG: Duration = Duration::from_secs(60);

/// A cell that whoever sends writes before, and who sees the change reads.
fn written() -> Arc<Guarded<()>> {
    Arc::new(Guarded::new(()))
}

/// A send is seen by who waits, and by who comes later.
fn changed(check: Check) {
    check.outcomes(&["waits", "comes later"]).run(|run| {
        let watch = thread::Watch::new(0);
        let mut observer = watch.subscribe();
        let cell = written();
        let waits = spawn({
            let cell = Arc::clone(&cell);
            move || {
                observer.changed().unwrap();
                assert_eq!((cell.value(), *observer.borrow_and_update()), (1, 1));
                observer
            }
        });
        yield_now();
        run.saw(if watch.waiting() == 1 {
            "waits"
        } else {
            "comes later"
        });
        cell.bump();
        watch.send(1);
        assert_eq!(waits.join().unwrap().has_changed(), Ok(false));
        watch.assert_quiet();
    });
}

/// The last value comes before the end, however late somebody looks.
fn last(check: Check) {
    let check = check.outcomes(&["waits", "comes later"]);
    check.run(|run| {
        let watch = thread::Watch::new(0);
        let mut observer = watch.subscribe();
        let cells = [written(), written()];
        let waits = spawn({
            let cells = cells.each_ref().map(Arc::clone);
            move || {
                observer.changed().unwrap();
                assert_eq!((cells[0].value(), *observer.borrow_and_update()), (1, 1));
                observer.changed().unwrap_err();
                assert_eq!(cells[1].value(), 1);
                observer.has_changed().unwrap_err();
                observer
            }
        });
        yield_now();
        run.saw(if watch.waiting() == 1 {
            "waits"
        } else {
            "comes later"
        });
        cells[0].bump();
        watch.send(1);
        cells[1].bump();
        drop(watch);
        waits.join().unwrap().assert_quiet();
    });
}

fn timeout(check: Check) {
    check
        .outcomes(&["changed", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let watch = thread::Watch::new(0);
            let mut observer = watch.subscribe();
            let cell = written();
            let waits = spawn({
                let cell = Arc::clone(&cell);
                move || {
                    let result = observer.changed_timeout(LONG);
                    if result.is_ok() {
                        assert_eq!((cell.value(), *observer.borrow()), (1, 1));
                    }
                    (result, observer)
                }
            });
            cell.bump();
            watch.send(1);
            let (result, mut observer) = waits.join().unwrap();
            run.saw(match result {
                Ok(()) => "changed",
                Err(error) => {
                    assert_eq!(error, ChangeError::TimedOut);
                    // It has not been counted as seen.
                    observer.changed_deadline(Instant::now()).unwrap();
                    "timed out"
                }
            });
            assert_eq!(observer.has_changed(), Ok(false));
            watch.assert_quiet();
        });
}

fn wait_for(check: Check) {
    check.outcomes(&["asked once", "asked twice"]).run(|run| {
        let watch = thread::Watch::new(0);
        let mut observer = watch.subscribe();
        let sends = spawn({
            let watch = watch.clone();
            move || watch.send(1)
        });
        let mut asked = 0;
        let value = *observer
            .wait_for(|value| {
                asked += 1;
                *value == 1
            })
            .unwrap();
        assert_eq!((value, observer.has_changed()), (1, Ok(false)));
        run.saw(["asked once", "asked twice"][asked - 1]);
        sends.join().unwrap();
        watch.assert_quiet();
    });
}

fn wait_for_timeout(check: Check) {
    check
        .outcomes(&["true in time", "timed out"])
        .expiries(&[Some(0)])
        .run(|run| {
            let watch = thread::Watch::new(0);
            let mut observer = watch.subscribe();
            let sends = spawn({
                let watch = watch.clone();
                move || watch.send(1)
            });
            let value = observer.wait_for_timeout(LONG, |value| *value == 1);
            run.saw(if value.is_ok() {
                "true in time"
            } else {
                "timed out"
            });
            drop(value);
            sends.join().unwrap();
            let now = observer.wait_for_deadline(Instant::now(), |value| *value == 1);
            assert!(now.is_ok());
            drop(now);
            watch.assert_quiet();
        });
}

/// The version that somebody has seen is that of the value that it has looked at.
fn look(check: Check) {
    let check = check.outcomes(&["old", "new"]);
    check.min_executions(3).run(|run| {
        let watch = thread::Watch::new(0);
        let mut observer = watch.subscribe();
        let sends = spawn(move || {
            watch.send(1);
            watch
        });
        let value = *observer.borrow_and_update();
        run.saw(["old", "new"][value]);
        let watch = sends.join().unwrap();
        assert_eq!(observer.has_changed(), Ok(value == 0));
        assert_eq!(*observer.borrow(), 1);
        watch.assert_quiet();
    });
}

/// A thread looks twice, and somebody waits to send between the two.
fn two_looks(check: Check) {
    check.outcomes(&["between", "not between"]).run(|run| {
        let watch = thread::Watch::new(0);
        let observer = watch.subscribe();
        let sends = spawn({
            let watch = watch.clone();
            move || watch.send(1)
        });
        let first = observer.borrow();
        yield_now();
        let second = watch.borrow();
        assert_eq!(*first, *second);
        run.saw(if *first == 0 && observer.has_changed() == Ok(false) {
            "between"
        } else {
            "not between"
        });
        drop(first);
        drop(second);
        sends.join().unwrap();
        assert_eq!(*watch.borrow(), 1);
        watch.assert_quiet();
    });
}

fn two_send(check: Check) {
    check.outcomes(&["the first", "the second"]).run(|run| {
        let watch = thread::Watch::new(0);
        let mut observer = watch.subscribe();
        let other = spawn({
            let watch = watch.clone();
            move || watch.send_replace(2)
        });
        let mine = watch.send_replace(1);
        let theirs = other.join().unwrap();
        let last = *observer.borrow_and_update();
        assert_eq!(mine + theirs + last, 3);
        run.saw(["the first", "the second"][last - 1]);
        assert_eq!(observer.has_changed(), Ok(false));
        watch.assert_quiet();
    });
}

/// The last handle ends it, and publishes what was done with both.
fn two_handles(check: Check) {
    let check = check.outcomes(&["waits", "comes later"]);
    check.run(|run| {
        let watch = thread::Watch::new(0);
        let cells = [written(), written()];
        let waits = spawn({
            let (mut observer, cells) = (watch.subscribe(), cells.each_ref().map(Arc::clone));
            move || {
                observer.changed().unwrap_err();
                assert_eq!(cells.each_ref().map(|cell| cell.value()), [1, 1]);
            }
        });
        let other = spawn({
            let (watch, cell) = (watch.clone(), Arc::clone(&cells[0]));
            move || {
                cell.bump();
                drop(watch);
            }
        });
        run.saw(if watch.waiting() == 1 {
            "waits"
        } else {
            "comes later"
        });
        cells[1].bump();
        drop(watch);
        other.join().unwrap();
        waits.join().unwrap();
    });
}

fn changed_task(check: Check) {
    check.outcomes(&["waits", "comes later"]).run(|run| {
        let watch = task::Watch::new(0);
        let mut observer = watch.subscribe();
        let cell = written();
        let waits = spawn({
            let cell = Arc::clone(&cell);
            move || {
                block_on(observer.changed()).unwrap();
                assert_eq!((cell.value(), *observer.borrow_and_update()), (1, 1));
                observer
            }
        });
        yield_now();
        run.saw(if watch.waiting() == 1 {
            "waits"
        } else {
            "comes later"
        });
        cell.bump();
        watch.send(1);
        assert_eq!(waits.join().unwrap().has_changed(), Ok(false));
        watch.assert_quiet();
    });
}

/// One has seen the last value, and waits; another looked before it was sent, and joins the line behind it.
fn older(check: Check) {
    let check = check.outcomes(&["in line before the send", "comes later"]);
    check.run(|run| {
        let watch = task::Watch::new(0);
        let slow = spawn({
            let mut observer = watch.subscribe();
            move || block_on(observer.changed()).unwrap()
        });
        run.saw(if watch.waiting() == 1 {
            "in line before the send"
        } else {
            "comes later"
        });
        watch.send(1);
        let mut fast = watch.subscribe();
        let waker = CountingWaker::new();
        let mut waits = Box::pin(fast.changed());
        assert!(poll_once(waits.as_mut(), &waker).is_pending());
        slow.join().unwrap();
        assert_eq!(waker.wakes(), 0);
        drop(waits);
        watch.assert_quiet();
    });
}

fn dropped(check: Check) {
    let check = check.outcomes(&["told, then dropped", "dropped while waiting"]);
    check.min_executions(3).run(|run| {
        let watch = task::Watch::new(0);
        let (mut leaves, mut stays) = (watch.subscribe(), watch.subscribe());
        let wakers = [(); 2].map(|()| CountingWaker::new());
        let mut leaving = Box::pin(leaves.changed());
        let mut staying = Box::pin(stays.changed());
        assert!(poll_once(leaving.as_mut(), &wakers[0]).is_pending());
        assert!(poll_once(staying.as_mut(), &wakers[1]).is_pending());
        let sends = spawn({
            let watch = watch.clone();
            move || watch.send(1)
        });
        drop(leaving);
        run.saw(["dropped while waiting", "told, then dropped"][wakers[0].wakes()]);
        sends.join().unwrap();
        // It has lost nothing by being dropped.
        assert_eq!(leaves.has_changed(), Ok(true));
        assert_eq!(wakers[1].wakes(), 1);
        assert!(poll_once(staying.as_mut(), &wakers[1]).is_ready());
        drop(staying);
        assert_eq!(wakers.each_ref().map(CountingWaker::clones), [0, 0]);
        watch.assert_quiet();
    });
}

fn wait_for_task(check: Check) {
    check.outcomes(&["asked once", "asked twice"]).run(|run| {
        let watch = task::Watch::new(0);
        let mut observer = watch.subscribe();
        let sends = spawn({
            let watch = watch.clone();
            move || watch.send(1)
        });
        let mut asked = 0;
        let wait = observer.wait_for(|value| {
            asked += 1;
            *value == 1
        });
        assert_eq!(block_on(wait).map(|value| *value), Ok(1));
        assert_eq!(observer.has_changed(), Ok(false));
        run.saw(["asked once", "asked twice"][asked - 1]);
        sends.join().unwrap();
        watch.assert_quiet();
    });
}

fn mixed(check: Check) {
    let check = check.outcomes(&["both wait", "one waits"]);
    check.run(|run| {
        let watch = thread::Watch::new(0);
        let cell = written();
        let mut observer = watch.as_task().subscribe();
        let waker = CountingWaker::new();
        let mut task = Box::pin(observer.changed());
        assert!(poll_once(task.as_mut(), &waker).is_pending());
        let thread = spawn({
            let (mut observer, cell) = (watch.subscribe(), Arc::clone(&cell));
            move || {
                observer.changed().unwrap();
                assert_eq!((cell.value(), *observer.borrow()), (1, 1));
            }
        });
        yield_now();
        run.saw(["one waits", "both wait"][watch.waiting() - 1]);
        cell.bump();
        watch.send(1);
        assert_eq!(waker.wakes(), 1);
        assert!(poll_once(task.as_mut(), &waker).is_ready());
        thread.join().unwrap();
        drop(task);
        watch.assert_quiet();
    });
}
