//! Models of the queues for tasks.

use core::pin::{Pin, pin};
use core::task::Poll;
use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use syncline::internals::{Quiet, fire_timers};
use syncline::loom::thread::{spawn, yield_now};
use syncline::task::{LifoQueue, PriorityQueue, block_on};
use syncline::thread::Queue;
use syncline::{GetError, PutError};

use crate::kit::{Check, CountingWaker, Model, model, poll_once};
use crate::queue::{LONG, shared, with};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("queue/task/put_against_get", hand_over),
    model!("queue/task/get_against_full", full),
    model!("queue/task/two_getters", two_getters),
    model!("queue/task/get_timeout_against_put", get_timeout),
    model!("queue/task/put_timeout_against_get", put_timeout),
    model!("queue/task/reserve_timeout_against_get", reserve_timeout),
    model!("queue/task/drop_against_reservation", drop_get),
    model!("queue/task/drop_against_place", drop_put),
    model!("queue/task/timer_against_put", timer),
    model!("queue/task/many_against_many", many),
    model!("queue/task/many_timeout_against_get", many_timeout),
    model!("queue/task/task_done_against_join", join),
    model!("queue/task/task_done_against_join_timeout", join_timeout),
    model!("queue/task/stream_ends", stream),
    model!("queue/task/last_in_first_out", lifo),
    model!("queue/task/least_first_out", priority),
];

fn hand_over(check: Check) {
    check.outcomes(&["in line", "not in line"]).run(|run| {
        let queue = shared(Queue::unbounded());
        let getter = with(&queue, |queue| {
            assert_eq!(block_on(queue.as_task().get()), Ok(7));
            assert_eq!(queue.value(), 1);
        });
        yield_now();
        let in_line = queue.waiting() == 1;
        run.saw(if in_line { "in line" } else { "not in line" });
        queue.bump();
        block_on(queue.as_task().put(7)).unwrap();
        getter.join().unwrap();
        queue.assert_quiet();
    });
}

fn full(check: Check) {
    check.outcomes(&["in line", "not in line"]).run(|run| {
        let queue = shared(Queue::bounded(1));
        queue.put(1).unwrap();
        let putter = with(&queue, |queue| {
            block_on(queue.as_task().put(2)).unwrap();
            assert_eq!(queue.value(), 1);
        });
        yield_now();
        let in_line = queue.waiting() == 1;
        run.saw(if in_line { "in line" } else { "not in line" });
        queue.bump();
        assert_eq!(block_on(queue.as_task().get()), Ok(1));
        putter.join().unwrap();
        assert_eq!(queue.try_get(), Ok(2));
        queue.assert_quiet();
    });
}

fn two_getters(check: Check) {
    check.outcomes(&["first", "second"]).run(|run| {
        let queue = shared(Queue::bounded(1));
        let getters =
            [(); 2].map(|()| with(&queue, |queue| block_on(queue.as_task().get()).unwrap()));
        block_on(queue.as_task().put(0)).unwrap();
        block_on(queue.as_task().put(1)).unwrap();
        let got = getters.map(|getter| getter.join().unwrap());
        assert_eq!(got[0] + got[1], 1);
        run.saw(["first", "second"][got[0]]);
        queue.assert_quiet();
    });
}

fn get_timeout(check: Check) {
    check
        .outcomes(&["got", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let queue = shared(Queue::unbounded());
            let getter = with(&queue, |queue| {
                let got = block_on(queue.as_task().get_timeout(LONG));
                if got.is_ok() {
                    assert_eq!(queue.value(), 1);
                }
                got
            });
            queue.bump();
            queue.put(7).unwrap();
            let expires = run.expiry() == Some(1);
            expires.then(fire_timers);
            let got = getter.join().unwrap();
            run.saw(if got.is_ok() { "got" } else { "timed out" });
            if got.is_ok() {
                queue.put(8).unwrap();
                assert_eq!(got, Ok(7));
                let rest = block_on(queue.as_task().get_deadline(Instant::now()));
                assert_eq!(rest, Ok(8));
            } else {
                assert_eq!(got, Err(GetError::TimedOut));
                assert_eq!(queue.try_get(), Ok(7));
            }
            queue.assert_quiet();
        });
}

fn put_timeout(check: Check) {
    check
        .outcomes(&["put", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let queue = shared(Queue::bounded(1));
            block_on(queue.as_task().put_deadline(1, Instant::now())).unwrap();
            let putter = with(&queue, |queue| {
                block_on(queue.as_task().put_timeout(2, LONG))
            });
            assert_eq!(queue.get(), Ok(1));
            let put = putter.join().unwrap();
            run.saw(if put.is_ok() { "put" } else { "timed out" });
            match put {
                Ok(()) => assert_eq!(queue.try_get(), Ok(2)),
                Err(error) => {
                    assert_eq!(error, PutError::TimedOut(2));
                    assert_eq!(queue.try_get(), Err(GetError::Empty));
                }
            }
            assert!(queue.try_put(3).is_ok());
            queue.assert_quiet();
        });
}

fn reserve_timeout(check: Check) {
    check
        .outcomes(&["reserved", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let queue = shared(Queue::bounded(1));
            block_on(queue.as_task().reserve()).unwrap().put(1).unwrap();
            let putter = with(&queue, |queue| {
                let slot = block_on(queue.as_task().reserve_timeout(LONG));
                slot.map(|slot| slot.put(2).unwrap()).is_ok()
            });
            assert_eq!(queue.get(), Ok(1));
            let put = putter.join().unwrap();
            run.saw(if put { "reserved" } else { "timed out" });
            assert_eq!(queue.try_get().is_ok(), put);
            drop(block_on(queue.as_task().reserve_deadline(Instant::now())).unwrap());
            queue.assert_quiet();
        });
}

/// Polls once, and drops what is still pending.
pub(crate) fn poll_and_drop<F: Future>(mut future: Pin<&mut F>) -> Option<F::Output> {
    match poll_once(future.as_mut(), &CountingWaker::new()) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

/// A reservation that is dropped goes to the next getter; no item is lost (traps A44, B22, C5).
fn drop_get(check: Check) {
    check.outcomes(&["got at once", "dropped"]).run(|run| {
        let queue = shared(Queue::unbounded());
        let dropper = with(&queue, |queue| {
            let get = queue.as_task().get();
            poll_and_drop(pin!(get)).map(Result::unwrap)
        });
        let getter = with(&queue, |queue| block_on(queue.as_task().get()).unwrap());
        queue.put(1).unwrap();
        let first = dropper.join().unwrap();
        run.saw(if first.is_some() {
            "got at once"
        } else {
            "dropped"
        });
        if first.is_some() {
            queue.put(2).unwrap();
        }
        assert_eq!(
            getter.join().unwrap() + first.unwrap_or(0),
            if first.is_some() { 3 } else { 1 }
        );
        assert!(queue.is_empty());
        queue.assert_quiet();
    });
}

/// A place that is dropped goes to the next putter (trap B9).
fn drop_put(check: Check) {
    check.outcomes(&["put at once", "dropped"]).run(|run| {
        let queue = shared(Queue::bounded(1));
        queue.put(0).unwrap();
        let dropper = with(&queue, |queue| {
            let put = queue.as_task().put(1);
            poll_and_drop(pin!(put)).is_some()
        });
        let putter = with(&queue, |queue| block_on(queue.as_task().put(2)).unwrap());
        assert_eq!(queue.get(), Ok(0));
        let put = dropper.join().unwrap();
        run.saw(if put { "put at once" } else { "dropped" });
        if put {
            assert_eq!(queue.get().unwrap() + queue.get().unwrap(), 3);
        } else {
            assert_eq!(queue.get(), Ok(2));
        }
        putter.join().unwrap();
        queue.assert_quiet();
    });
}

/// The timer fires while the item comes.
fn timer(check: Check) {
    check
        .outcomes(&["got", "timed out"])
        .expiries(&[Some(1)])
        .run(|run| {
            let queue = shared(Queue::unbounded());
            let getter = with(&queue, |queue| {
                block_on(queue.as_task().get_timeout(LONG)).is_ok()
            });
            let timer = spawn(fire_timers);
            yield_now();
            queue.put(7).unwrap();
            timer.join().unwrap();
            let got = getter.join().unwrap();
            run.saw(if got { "got" } else { "timed out" });
            assert_eq!(queue.try_get().is_ok(), !got);
            queue.assert_quiet();
        });
}

/// What has been put comes through, and what has not comes back.
fn many_timeout(check: Check) {
    check
        .outcomes(&["put", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let queue = shared(Queue::bounded(1));
            let nothing = block_on(queue.as_task().get_many_timeout(9, Duration::ZERO));
            assert_eq!(nothing, Err(GetError::TimedOut));
            let putter = with(&queue, |queue| {
                block_on(queue.as_task().put_many_timeout([1, 2], LONG))
            });
            let mut got = block_on(queue.as_task().get_many(9)).unwrap();
            let put = putter.join().unwrap();
            run.saw(if put.is_ok() { "put" } else { "timed out" });
            got.extend(queue.drain());
            got.extend(put.map_or_else(PutError::into_inner, |()| Vec::new()));
            assert_eq!(got, [1, 2]);
            block_on(queue.as_task().put_many_deadline([3], Instant::now())).unwrap();
            let last = block_on(queue.as_task().get_many_deadline(9, Instant::now()));
            assert_eq!(last, Ok(vec![3]));
            queue.assert_quiet();
        });
}

fn many(check: Check) {
    check.outcomes(&["at once", "in parts"]).run(|run| {
        let queue = shared(Queue::bounded(2));
        let putter = with(&queue, |queue| {
            block_on(queue.as_task().put_many([1, 2, 3])).unwrap();
        });
        let mut got = block_on(queue.as_task().get_many(1)).unwrap();
        got.extend(block_on(queue.as_task().get_many(3)).unwrap());
        run.saw(if got.len() == 3 {
            "at once"
        } else {
            "in parts"
        });
        while got.len() < 3 {
            got.extend(block_on(queue.as_task().get_many(3)).unwrap());
        }
        assert_eq!(got, [1, 2, 3]);
        putter.join().unwrap();
        queue.assert_quiet();
    });
}

/// A task joins what threads say is done (trap A57).
fn join(check: Check) {
    check.outcomes(&["in line", "not in line"]).run(|run| {
        let queue = shared(Queue::unbounded());
        queue.put(1).unwrap();
        let joiner = with(&queue, |queue| {
            block_on(queue.as_task().join());
            assert_eq!(queue.value(), 1);
        });
        yield_now();
        let in_line = queue.waiting() == 1;
        run.saw(if in_line { "in line" } else { "not in line" });
        queue.get().unwrap();
        queue.bump();
        queue.task_done().unwrap();
        if in_line {
            queue.put(2).unwrap();
        }
        joiner.join().unwrap();
        queue.assert_quiet();
    });
}

fn join_timeout(check: Check) {
    check
        .outcomes(&["joined", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let queue = shared(Queue::unbounded());
            queue.put(1).unwrap();
            let joiner = with(&queue, |queue| {
                block_on(queue.as_task().join_timeout(LONG)).is_ok()
            });
            queue.get().unwrap();
            queue.task_done().unwrap();
            let joined = joiner.join().unwrap();
            run.saw(if joined { "joined" } else { "timed out" });
            assert!(block_on(queue.as_task().join_deadline(Instant::now())).is_ok());
            queue.assert_quiet();
        });
}

/// A stream gives out what is there and ends with the shutdown.
fn stream(check: Check) {
    use futures_core::Stream;

    check.outcomes(&["item", "end"]).run(|run| {
        let queue = shared(Queue::unbounded());
        let putter = with(&queue, |queue| {
            let put = queue.try_put(1).is_ok();
            queue.shutdown(syncline::Shutdown::Immediate);
            put
        });
        let mut items = pin!(queue.as_task().stream());
        let first = block_on(core::future::poll_fn(|cx| items.as_mut().poll_next(cx)));
        run.saw(if first.is_some() { "item" } else { "end" });
        if first.is_some() {
            let second = block_on(core::future::poll_fn(|cx| items.as_mut().poll_next(cx)));
            assert_eq!(second, None);
        }
        assert!(putter.join().unwrap());
        queue.assert_quiet();
    });
}

fn lifo(check: Check) {
    check.outcomes(&["newest", "oldest"]).run(|run| {
        let queue = Arc::new(LifoQueue::bounded(2));
        let putter = spawn({
            let queue = Arc::clone(&queue);
            move || {
                block_on(queue.put(1)).unwrap();
                block_on(queue.put(2)).unwrap();
            }
        });
        let got = block_on(queue.get()).unwrap();
        run.saw(["oldest", "newest"][got - 1]);
        assert_eq!(got + block_on(queue.get()).unwrap(), 3);
        putter.join().unwrap();
        queue.assert_quiet();
    });
}

fn priority(check: Check) {
    check.outcomes(&["least", "first"]).run(|run| {
        let queue = Arc::new(PriorityQueue::bounded(2));
        let putter = spawn({
            let queue = Arc::clone(&queue);
            move || {
                block_on(queue.put((5, 1))).unwrap();
                block_on(queue.put((3, 2))).unwrap();
            }
        });
        let got = [(); 2].map(|()| block_on(queue.get()).unwrap());
        run.saw(if got[0] == (3, 2) { "least" } else { "first" });
        assert_eq!(got[0].1 + got[1].1, 3);
        putter.join().unwrap();
        queue.assert_quiet();
    });
}
