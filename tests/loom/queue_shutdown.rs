//! Models of a queue that is shut down while others use it, on both faces.

use core::pin::pin;
use core::task::Poll;

use syncline::internals::Quiet;
use syncline::task::block_on;
use syncline::thread::Queue;
use syncline::{GetError, PutError, Shutdown};

use crate::kit::{Check, CountingWaker, Model, model, poll_once};
use crate::queue::{shared, with};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!(
        "queue/thread/graceful_shutdown_against_get",
        thread_graceful_get
    ),
    model!(
        "queue/task/graceful_shutdown_against_get",
        task_graceful_get
    ),
    model!(
        "queue/thread/graceful_shutdown_against_put",
        thread_graceful_put
    ),
    model!(
        "queue/task/graceful_shutdown_against_put",
        task_graceful_put
    ),
    model!(
        "queue/thread/immediate_shutdown_against_get",
        thread_immediate_get
    ),
    model!(
        "queue/task/immediate_shutdown_against_get",
        task_immediate_get
    ),
    model!(
        "queue/thread/immediate_shutdown_against_join",
        thread_immediate_join
    ),
    model!(
        "queue/task/immediate_shutdown_against_join",
        task_immediate_join
    ),
    model!(
        "queue/task/immediate_shutdown_against_reservation",
        reservation
    ),
    model!("queue/mixed/slot_outlives_graceful_shutdown", slot),
];

/// Two getters, one item, and the end: one gets the item, the other hears of the end (trap A13).
fn graceful_get(check: Check, on_task: bool) {
    check
        .outcomes(&["first", "second"])
        .overdue(&[false, true])
        .run(move |run| {
            let queue = shared(Queue::unbounded());
            let getters = [(); 2].map(|()| {
                with(&queue, move |queue| {
                    if on_task {
                        block_on(queue.as_task().get())
                    } else {
                        queue.get()
                    }
                })
            });
            queue.put(1).unwrap();
            assert_eq!(queue.shutdown(Shutdown::Graceful), 0);
            let got = getters.map(|getter| getter.join().unwrap());
            run.saw(if got[0].is_ok() { "first" } else { "second" });
            assert!(got.contains(&Ok(1)) && got.contains(&Err(GetError::ShutDown)));
            queue.assert_quiet();
        });
}

fn thread_graceful_get(check: Check) {
    graceful_get(check, false);
}

fn task_graceful_get(check: Check) {
    graceful_get(check, true);
}

/// A putter that waits comes back with its item, unless a get has made a place for it before.
fn graceful_put(check: Check, on_task: bool) {
    check.outcomes(&["put", "refused"]).run(move |run| {
        let queue = shared(Queue::bounded(1));
        queue.put(1).unwrap();
        let putter = with(&queue, move |queue| {
            if on_task {
                block_on(queue.as_task().put(2))
            } else {
                queue.put(2)
            }
        });
        let getter = with(&queue, |queue| queue.get());
        queue.shutdown(Shutdown::Graceful);
        let put = putter.join().unwrap();
        assert_eq!(getter.join().unwrap(), Ok(1));
        run.saw(if put.is_ok() { "put" } else { "refused" });
        let rest = queue.get();
        match put {
            Ok(()) => assert_eq!(rest, Ok(2)),
            Err(error) => {
                assert_eq!(error, PutError::ShutDown(2));
                assert_eq!(rest, Err(GetError::ShutDown));
            }
        }
        queue.assert_quiet();
    });
}

fn thread_graceful_put(check: Check) {
    graceful_put(check, false);
}

fn task_graceful_put(check: Check) {
    graceful_put(check, true);
}

/// The item is got or dropped, never both, and the getter does not hang.
fn immediate_get(check: Check, on_task: bool) {
    check
        .outcomes(&["got", "dropped"])
        .overdue(&[false, true])
        .run(move |run| {
            let queue = shared(Queue::unbounded());
            let getter = with(&queue, move |queue| {
                if on_task {
                    block_on(queue.as_task().get())
                } else {
                    queue.get()
                }
            });
            queue.put(1).unwrap();
            let dropped = queue.shutdown(Shutdown::Immediate);
            let got = getter.join().unwrap();
            run.saw(["got", "dropped"][dropped]);
            assert_eq!(got.is_err(), dropped == 1);
            // What was got is not done yet, what was dropped is.
            assert_eq!(queue.unfinished(), 1 - dropped);
            queue.assert_quiet();
        });
}

fn thread_immediate_get(check: Check) {
    immediate_get(check, false);
}

fn task_immediate_get(check: Check) {
    immediate_get(check, true);
}

/// A join waits for what has been taken, also after an immediate shutdown (trap A14).
fn immediate_join(check: Check, on_task: bool) {
    check
        .outcomes(&["done first", "shut down first"])
        .run(move |run| {
            let queue = shared(Queue::unbounded());
            queue.put_many([1, 2]).unwrap();
            queue.get().unwrap();
            let worker = with(&queue, |queue| {
                queue.bump();
                queue.task_done().unwrap();
            });
            let joiner = with(&queue, move |queue| {
                if on_task {
                    block_on(queue.as_task().join());
                } else {
                    queue.join();
                }
                assert_eq!(queue.value(), 1);
            });
            run.saw(if queue.unfinished() == 1 {
                "done first"
            } else {
                "shut down first"
            });
            assert_eq!(queue.shutdown(Shutdown::Immediate), 1);
            worker.join().unwrap();
            joiner.join().unwrap();
            queue.assert_quiet();
        });
}

fn thread_immediate_join(check: Check) {
    immediate_join(check, false);
}

fn task_immediate_join(check: Check) {
    immediate_join(check, true);
}

/// A reservation that nobody has claimed is void after an immediate shutdown.
fn reservation(check: Check) {
    check.outcomes(&["claimed", "void"]).run(|run| {
        let queue = shared(Queue::unbounded());
        let getter = with(&queue, |queue| {
            let task = CountingWaker::new();
            let mut get = pin!(queue.as_task().get());
            match poll_once(get.as_mut(), &task) {
                Poll::Ready(got) => got,
                Poll::Pending => block_on(get),
            }
        });
        queue.put(1).unwrap();
        let dropped = queue.shutdown(Shutdown::Immediate);
        let got = getter.join().unwrap();
        run.saw(if got.is_ok() { "claimed" } else { "void" });
        assert_eq!(dropped, usize::from(got.is_err()));
        assert!(queue.is_empty());
        queue.assert_quiet();
    });
}

/// A graceful shutdown leaves a slot its place: who gets waits for it.
fn slot(check: Check) {
    check.outcomes(&["filled", "given back"]).run(|run| {
        let queue = shared(Queue::bounded(1));
        let slot = queue.try_reserve().unwrap();
        let getter = with(&queue, |queue| queue.get());
        let other = with(&queue, |queue| queue.shutdown(Shutdown::Graceful));
        let fills = queue.is_shut_down();
        if fills {
            slot.put(1).unwrap();
        } else {
            drop(slot);
        }
        run.saw(if fills { "filled" } else { "given back" });
        other.join().unwrap();
        let got = getter.join().unwrap();
        assert_eq!(
            got,
            if fills {
                Ok(1)
            } else {
                Err(GetError::ShutDown)
            }
        );
        queue.assert_quiet();
    });
}
