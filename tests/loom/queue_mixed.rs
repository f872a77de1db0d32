//! Models of a queue that threads and tasks use in one line.

use core::pin::pin;

use syncline::internals::Quiet;
use syncline::task::block_on;
use syncline::thread::Queue;

use crate::kit::{Check, Model, model};
use crate::queue::{shared, with};
use crate::queue_task::poll_and_drop;

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("queue/mixed/two_getters", mixed_getters),
    model!("queue/mixed/two_putters", mixed_putters),
    model!("queue/mixed/thread_behind_dropped_task", behind_dropped),
];

/// A thread and a task get in one line.
fn mixed_getters(check: Check) {
    check
        .outcomes(&["thread first", "task first"])
        .overdue(&[false, true])
        .run(|run| {
            let queue = shared(Queue::unbounded());
            let thread = with(&queue, |queue| queue.get().unwrap());
            let task = with(&queue, |queue| block_on(queue.as_task().get()).unwrap());
            queue.put(0).unwrap();
            queue.put(1).unwrap();
            let got = [thread.join().unwrap(), task.join().unwrap()];
            assert_eq!(got[0] + got[1], 1);
            run.saw(["thread first", "task first"][got[0]]);
            queue.assert_quiet();
        });
}

fn mixed_putters(check: Check) {
    check
        .outcomes(&["thread first", "task first"])
        .overdue(&[false, true])
        .run(|run| {
            let queue = shared(Queue::bounded(1));
            queue.put(9).unwrap();
            let thread = with(&queue, |queue| queue.put(0).unwrap());
            let task = with(&queue, |queue| block_on(queue.as_task().put(1)).unwrap());
            assert_eq!(queue.get(), Ok(9));
            let first = queue.get().unwrap();
            thread.join().unwrap();
            task.join().unwrap();
            assert_eq!(queue.try_get(), Ok(1 - first));
            run.saw(["thread first", "task first"][first]);
            queue.assert_quiet();
        });
}

/// Two getters of two faces, one item, and the task is dropped (trap A58).
fn behind_dropped(check: Check) {
    check.outcomes(&["got at once", "dropped"]).run(|run| {
        let queue = shared(Queue::unbounded());
        let task = with(&queue, |queue| {
            let get = queue.as_task().get();
            poll_and_drop(pin!(get)).is_some()
        });
        let thread = with(&queue, |queue| queue.get().unwrap());
        queue.put(1).unwrap();
        let got = task.join().unwrap();
        run.saw(if got { "got at once" } else { "dropped" });
        if got {
            queue.put(2).unwrap();
        }
        thread.join().unwrap();
        assert!(queue.is_empty());
        queue.assert_quiet();
    });
}
