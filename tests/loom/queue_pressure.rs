//! Models of queues with water marks: who waits for the low mark, against those who bring it about.

use core::pin::pin;
use std::sync::Arc;

use syncline::internals::Quiet;
use syncline::loom::thread::{spawn, yield_now};
use syncline::thread::Queue;

use crate::kit::{Check, CountingWaker, Model, model, poll_once};
use crate::queue::{Shared, shared, with};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("queue/thread/low_mark_against_putters", putters),
    model!("queue/thread/try_put_against_the_low_mark", try_put),
    model!("queue/thread/slot_against_the_low_mark", slot),
    model!("queue/task/withdrawal_against_the_low_mark", withdrawal),
];

/// A queue that is throttled by two items until it is empty.
fn throttled() -> Arc<Shared> {
    let queue = shared(Queue::unbounded().watermarks(2, 0));
    queue.put_many([1, 2]).unwrap();
    queue
}

/// Two putters wait for the low mark, or come when it has been reached; both get through, and see what the getter did.
fn putters(check: Check) {
    check
        .outcomes(&["both in line", "one in line", "none in line"])
        .overdue(&[false, true])
        .run(|run| {
            let queue = throttled();
            let putters = [3, 4].map(|item| {
                with(&queue, move |queue| {
                    queue.put(item).unwrap();
                    assert_eq!(queue.value(), 1);
                })
            });
            assert_eq!(queue.get(), Ok(1));
            queue.bump();
            let in_line = queue.waiting();
            assert_eq!(queue.get(), Ok(2));
            run.saw(["none in line", "one in line", "both in line"][in_line]);
            for putter in putters {
                putter.join().unwrap();
            }
            assert_eq!(queue.len(), 2);
            assert!(queue.is_throttled());
            assert_eq!(queue.drain().iter().sum::<usize>(), 7);
            queue.assert_quiet();
        });
}

/// Whoever tries to put succeeds only when the low mark has been reached, and from then on.
fn try_put(check: Check) {
    check
        .outcomes(&["both", "second", "none"])
        .min_executions(6)
        .run(|run| {
            let queue = throttled();
            let putter = with(&queue, |queue| {
                let puts = [3, 4].map(|item| {
                    let put = queue.try_put(item).is_ok();
                    if put {
                        assert_eq!(queue.value(), 1);
                    }
                    put
                });
                assert!(puts[1] || !puts[0]);
                puts.into_iter().filter(|put| *put).count()
            });
            assert_eq!(queue.get(), Ok(1));
            queue.bump();
            assert_eq!(queue.get(), Ok(2));
            let puts = putter.join().unwrap();
            assert_eq!((queue.len(), queue.is_throttled()), (puts, puts == 2));
            run.saw(["none", "second", "both"][puts]);
            assert_eq!(queue.drain().len(), puts);
            queue.assert_quiet();
        });
}

/// The last place in use is a reserved one that is given back: the putter goes.
fn slot(check: Check) {
    check
        .outcomes(&["slot last", "item last"])
        .overdue(&[false, true])
        .run(|run| {
            let queue = shared(Queue::unbounded().watermarks(2, 0));
            queue.put(1).unwrap();
            let slot = queue.reserve().unwrap();
            let putter = with(&queue, |queue| queue.put(2).unwrap());
            let getter = with(&queue, |queue| {
                assert_eq!(queue.get(), Ok(1));
                queue.is_throttled()
            });
            drop(slot);
            let throttled = getter.join().unwrap();
            putter.join().unwrap();
            assert_eq!(queue.try_get(), Ok(2));
            run.saw(if throttled { "slot last" } else { "item last" });
            queue.assert_quiet();
        });
}

/// A putter is dropped while the low mark is reached, which may have let it go: the one behind it gets through.
fn withdrawal(check: Check) {
    check.outcomes(&["granted", "waiting"]).run(|run| {
        let queue = shared(Queue::unbounded().watermarks(1, 0));
        queue.put(1).unwrap();
        let waker = CountingWaker::new();
        let (putter, getter) = {
            let mut dropped = pin!(Some(queue.as_task().put(2)));
            let first = dropped.as_mut().as_pin_mut().unwrap();
            assert!(poll_once(first, &waker).is_pending());
            let behind = Arc::clone(&queue);
            let putter = spawn(move || behind.put(3).unwrap());
            let getter = with(&queue, |queue| assert_eq!(queue.get(), Ok(1)));
            yield_now();
            let granted = waker.wakes() > 0;
            dropped.set(None);
            run.saw(if granted { "granted" } else { "waiting" });
            (putter, getter)
        };
        getter.join().unwrap();
        putter.join().unwrap();
        assert_eq!(queue.try_get(), Ok(3));
        assert_eq!(waker.clones(), 0);
        queue.assert_quiet();
    });
}
