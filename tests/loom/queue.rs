//! Models of the queues for threads.

use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use syncline::internals::{OwnLock, Quiet};
use syncline::loom::thread::{JoinHandle, spawn, yield_now};
use syncline::thread::{LifoQueue, PriorityQueue, Queue};
use syncline::{GetError, PutError, Shutdown};

use crate::kit::{Check, Guarded, Model, Unlock, model};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("queue/gate/excludes_and_publishes", gate),
    model!("queue/thread/put_against_get", hand_over),
    model!("queue/thread/get_against_full", full),
    model!("queue/thread/two_getters", two_getters),
    model!(
        "queue/thread/nobody_passes_an_overdue_getter",
        overdue_getter
    ),
    model!("queue/thread/two_putters", two_putters),
    model!("queue/thread/each_put_lets_one_go", each_put),
    model!("queue/thread/get_timeout_against_put", get_timeout),
    model!("queue/thread/put_timeout_against_get", put_timeout),
    model!("queue/thread/reserve_timeout_against_get", reserve_timeout),
    model!("queue/thread/slot_dropped_against_put", slot),
    model!("queue/thread/many_against_many", many),
    model!("queue/thread/many_timeout_against_get", many_timeout),
    model!("queue/thread/task_done_against_join", join),
    model!("queue/thread/task_done_against_join_timeout", join_timeout),
    model!("queue/thread/last_in_first_out", lifo),
    model!("queue/thread/least_first_out", priority),
];

/// A queue beside the cell that says what a put has published.
pub(crate) type Shared = Guarded<Queue<usize>>;

pub(crate) const LONG: Duration = Duration::from_secs(60);

pub(crate) fn shared(queue: Queue<usize>) -> Arc<Shared> {
    Arc::new(Guarded::new(queue))
}

/// A thread that does something with the queue.
pub(crate) fn with<R: 'static>(
    queue: &Arc<Shared>,
    body: impl FnOnce(&Shared) -> R + 'static,
) -> JoinHandle<R> {
    let queue = Arc::clone(queue);
    spawn(move || body(&queue))
}

/// The lock of the queues, of which a raw one takes the place in all other models of this file.
fn gate(check: Check) {
    check
        .outcomes(&["first", "second"])
        .unlocks(&[Unlock::Asymmetric, Unlock::Swap])
        .run(|run| {
            let lock = Arc::new(Guarded::new(OwnLock::new()));
            let rival = spawn({
                let lock = Arc::clone(&lock);
                move || lock.with(|| lock.bump())
            });
            lock.with(|| {
                run.saw(["first", "second"][lock.value()]);
                lock.bump();
            });
            rival.join().unwrap();
            assert_eq!(lock.value(), 2);
            lock.with(|| ());
            lock.assert_quiet();
        });
}

/// What was written before the put is seen after the get.
fn hand_over(check: Check) {
    check
        .outcomes(&["in line", "not in line"])
        .overdue(&[false, true])
        .run(|run| {
            let queue = shared(Queue::unbounded());
            let getter = with(&queue, |queue| {
                assert_eq!(queue.get(), Ok(7));
                assert_eq!(queue.value(), 1);
            });
            yield_now();
            let in_line = queue.waiting() == 1;
            run.saw(if in_line { "in line" } else { "not in line" });
            queue.bump();
            queue.put(7).unwrap();
            getter.join().unwrap();
            assert!(queue.is_empty());
            queue.assert_quiet();
        });
}

/// The place that a get makes is the putter's, and what the getter did before is seen.
fn full(check: Check) {
    check
        .outcomes(&["in line", "not in line"])
        .overdue(&[false, true])
        .run(|run| {
            let queue = shared(Queue::bounded(1));
            queue.put(1).unwrap();
            let putter = with(&queue, |queue| {
                queue.put(2).unwrap();
                assert_eq!(queue.value(), 1);
            });
            yield_now();
            let in_line = queue.waiting() == 1;
            run.saw(if in_line { "in line" } else { "not in line" });
            queue.bump();
            assert_eq!(queue.get(), Ok(1));
            putter.join().unwrap();
            assert_eq!(queue.try_get(), Ok(2));
            queue.assert_quiet();
        });
}

/// One item reaches one getter; the other one goes on waiting and gets the next.
fn two_getters(check: Check) {
    check
        .outcomes(&["first", "second"])
        .overdue(&[false, true])
        .run(|run| {
            let queue = shared(Queue::bounded(1));
            let getters = [(); 2].map(|()| with(&queue, |queue| queue.get().unwrap()));
            queue.put(0).unwrap();
            queue.put(1).unwrap();
            let got = getters.map(|getter| getter.join().unwrap());
            assert_eq!(got[0] + got[1], 1);
            run.saw(["first", "second"][got[0]]);
            queue.assert_quiet();
        });
}

/// Two places, made one after the other, let two putters through.
fn two_putters(check: Check) {
    check
        .outcomes(&["first", "second"])
        .overdue(&[false, true])
        .run(|run| {
            let queue = shared(Queue::bounded(2));
            queue.put_many([8, 9]).unwrap();
            let putters = [0, 1].map(|item| with(&queue, move |queue| queue.put(item).unwrap()));
            assert_eq!(queue.get(), Ok(8));
            assert_eq!(queue.get(), Ok(9));
            for putter in putters {
                putter.join().unwrap();
            }
            let got = queue.drain();
            assert_eq!(got[0] + got[1], 1);
            run.saw(["first", "second"][got[0]]);
            queue.assert_quiet();
        });
}

/// Two items that come before any getter runs let two go (traps A42, C1).
fn each_put(check: Check) {
    check.outcomes(&["both", "less"]).run(|run| {
        let queue = shared(Queue::unbounded());
        let getters = [(); 2].map(|()| with(&queue, |queue| queue.get().unwrap()));
        yield_now();
        run.saw(if queue.waiting() == 2 { "both" } else { "less" });
        queue.put_many([1, 2]).unwrap();
        let got = getters.map(|getter| getter.join().unwrap());
        assert_eq!(got[0] + got[1], 3);
        queue.assert_quiet();
    });
}

fn get_timeout(check: Check) {
    check
        .outcomes(&["got", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .overdue(&[false, true])
        .run(|run| {
            let queue = shared(Queue::unbounded());
            let getter = with(&queue, |queue| {
                let got = queue.get_timeout(LONG);
                if got.is_ok() {
                    assert_eq!(queue.value(), 1);
                }
                got
            });
            queue.bump();
            queue.put(7).unwrap();
            let got = getter.join().unwrap();
            run.saw(if got.is_ok() { "got" } else { "timed out" });
            // Exactly one of both has it.
            if got.is_ok() {
                queue.put(8).unwrap();
                assert_eq!(got, Ok(7));
                assert_eq!(queue.get_deadline(Instant::now()), Ok(8));
            } else {
                assert_eq!(got, Err(GetError::TimedOut));
                assert_eq!(queue.get_deadline(Instant::now()), Ok(7));
            }
            queue.assert_quiet();
        });
}

fn put_timeout(check: Check) {
    check
        .outcomes(&["put", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .overdue(&[false, true])
        .run(|run| {
            let queue = shared(Queue::bounded(1));
            queue.put_deadline(1, Instant::now()).unwrap();
            let putter = with(&queue, |queue| queue.put_timeout(2, LONG));
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
            queue.put(1).unwrap();
            let putter = with(&queue, |queue| match queue.reserve_timeout(LONG) {
                Ok(slot) => slot.put(2).is_ok(),
                Err(error) => {
                    assert_eq!(error, PutError::TimedOut(()));
                    false
                }
            });
            assert_eq!(queue.get(), Ok(1));
            let put = putter.join().unwrap();
            run.saw(if put { "reserved" } else { "timed out" });
            assert_eq!(queue.try_get().is_ok(), put);
            drop(queue.reserve_deadline(Instant::now()).unwrap());
            queue.assert_quiet();
        });
}

/// A slot that is dropped lets the next putter go; one that is filled lets a getter go (trap B9).
fn slot(check: Check) {
    check.outcomes(&["in line", "not in line"]).run(|run| {
        let queue = shared(Queue::bounded(1));
        let slot = queue.reserve().unwrap();
        let putter = with(&queue, |queue| queue.put(1).unwrap());
        yield_now();
        let in_line = queue.waiting() == 1;
        run.saw(if in_line { "in line" } else { "not in line" });
        drop(slot);
        assert_eq!(queue.get(), Ok(1));
        putter.join().unwrap();
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
            let nothing = queue.get_many_timeout(9, Duration::ZERO);
            assert_eq!(nothing, Err(GetError::TimedOut));
            let putter = with(&queue, |queue| queue.put_many_timeout([1, 2], LONG));
            let mut got = queue.get_many(9).unwrap();
            let put = putter.join().unwrap();
            run.saw(if put.is_ok() { "put" } else { "timed out" });
            got.extend(queue.drain());
            got.extend(put.map_or_else(PutError::into_inner, |()| Vec::new()));
            assert_eq!(got, [1, 2]);
            queue.put_many_deadline([3], Instant::now()).unwrap();
            let last = queue.get_many_deadline(9, Instant::now());
            assert_eq!(last, Ok(vec![3]));
            queue.assert_quiet();
        });
}

/// More items than places, in whatever chunks, in their order.
fn many(check: Check) {
    check.outcomes(&["at once", "in parts"]).run(|run| {
        let queue = shared(Queue::bounded(2));
        let putter = with(&queue, |queue| queue.put_many([1, 2, 3]).unwrap());
        let mut got = queue.get_many(1).unwrap();
        got.extend(queue.get_many(3).unwrap());
        run.saw(if got.len() == 3 {
            "at once"
        } else {
            "in parts"
        });
        while got.len() < 3 {
            got.extend(queue.get_many(3).unwrap());
        }
        assert_eq!(got, [1, 2, 3]);
        putter.join().unwrap();
        queue.assert_quiet();
    });
}

/// Who joins sees what was done before the last `task_done`.
fn join(check: Check) {
    check.outcomes(&["in line", "not in line"]).run(|run| {
        let queue = shared(Queue::unbounded());
        queue.put(1).unwrap();
        let joiner = with(&queue, |queue| {
            queue.join();
            assert_eq!(queue.value(), 1);
        });
        yield_now();
        let in_line = queue.waiting() == 1;
        run.saw(if in_line { "in line" } else { "not in line" });
        queue.get().unwrap();
        queue.bump();
        queue.task_done().unwrap();
        if in_line {
            // What comes later does not concern who waits already.
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
            let joiner = with(&queue, |queue| queue.join_timeout(LONG).is_ok());
            queue.get().unwrap();
            queue.task_done().unwrap();
            let joined = joiner.join().unwrap();
            run.saw(if joined { "joined" } else { "timed out" });
            assert!(queue.join_deadline(Instant::now()).is_ok());
            queue.assert_quiet();
        });
}

fn lifo(check: Check) {
    check.outcomes(&["newest", "oldest"]).run(|run| {
        let queue = Arc::new(LifoQueue::bounded(2));
        let putter = spawn({
            let queue = Arc::clone(&queue);
            move || {
                queue.put(1).unwrap();
                queue.put(2).unwrap();
            }
        });
        let got = queue.get().unwrap();
        run.saw(["oldest", "newest"][got - 1]);
        assert_eq!(got + queue.get().unwrap(), 3);
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
                queue.put((5, 1)).unwrap();
                queue.put((3, 2)).unwrap();
                queue.shutdown(Shutdown::Graceful);
            }
        });
        let got: Vec<_> = queue.iter().collect();
        run.saw(if got[0] == (3, 2) { "least" } else { "first" });
        assert_eq!(got.len(), 2);
        putter.join().unwrap();
        queue.assert_quiet();
    });
}

/// What is put belongs to a getter that has waited for too long already: nobody else takes it.
fn overdue_getter(check: Check) {
    check
        .outcomes(&["waited", "came later"])
        .overdue(&[true])
        .run(|run| {
            let queue = shared(Queue::unbounded());
            let getter = with(&queue, |queue| queue.get().unwrap());
            // Lets the getter go first, at no cost to the search.
            yield_now();
            let waited = queue.waiting() == 1;
            run.saw(if waited { "waited" } else { "came later" });
            queue.put(1).unwrap();
            if let Ok(passed) = queue.try_get() {
                assert!(!waited, "an overdue getter was passed");
                queue.put(passed).unwrap();
            }
            assert_eq!(getter.join().unwrap(), 1);
            queue.assert_quiet();
        });
}
