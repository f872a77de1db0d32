//! Models of queues with water marks, and of those that count: who waits for the low mark, against those who bring it about; who
//! waits and is counted.

use core::pin::pin;
use core::time::Duration;
use std::sync::Arc;

use syncline::internals::{Quiet, script};
use syncline::loom::thread::{spawn, yield_now};
use syncline::thread::Queue;

use crate::kit::{Check, CountingWaker, Model, model, poll_once};
use crate::queue::{LONG, Shared, shared, with};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("queue/thread/low_mark_against_putters", putters),
    model!("queue/thread/try_put_against_the_low_mark", try_put),
    model!("queue/thread/slot_against_the_low_mark", slot),
    model!("queue/task/withdrawal_against_the_low_mark", withdrawal),
    model!("queue/thread/counted_wait_against_put", counted),
    model!("queue/task/counted_wait_dropped_against_put", dropped),
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

const HOUR: Duration = Duration::from_secs(3600);

/// Nobody waits any more, so that no time is added; says how often a getter has waited, and for how long.
fn counted_waits(queue: &Shared) -> (u64, Duration) {
    let stats = queue.stats().unwrap();
    assert_eq!((stats.putters, stats.getters), (0, 0));
    script::advance(HOUR);
    assert_eq!(queue.stats().unwrap().get_waited, stats.get_waited);
    (stats.get_waits, stats.get_waited)
}

/// A getter whose time may be over, against an hour and an item: its wait is counted from the line to its end, or
/// there was none.
fn counted(check: Check) {
    check
        .outcomes(&["no wait", "no time", "an hour", "timed out"])
        .expiries(&[Some(0), None])
        .overdue(&[false, true])
        .run(|run| {
            let queue = shared(Queue::unbounded().with_stats());
            let getter = with(&queue, |queue| queue.get_timeout(LONG));
            script::advance(HOUR);
            queue.put(7).unwrap();
            let got = getter.join().unwrap();
            let (waits, waited) = counted_waits(&queue);
            run.saw(match (got.is_ok(), waits) {
                (true, 0) => "no wait",
                (true, _) if waited == HOUR => "an hour",
                (true, _) => "no time",
                (false, _) => "timed out",
            });
            assert_eq!(waits, u64::from(waits > 0 || got.is_err()));
            assert!(waited == Duration::ZERO || waits == 1 && waited == HOUR);
            let stats = queue.stats().unwrap();
            assert_eq!((stats.put, stats.got), (1, u64::from(got.is_ok())));
            assert_eq!(queue.try_get().is_ok(), got.is_err());
            queue.assert_quiet();
        });
}

/// A getter is dropped while an hour passes and its item comes: its wait ends there, granted or not.
fn dropped(check: Check) {
    check
        .outcomes(&["no time", "an hour", "granted"])
        .run(|run| {
            let queue = shared(Queue::unbounded().with_stats());
            let waker = CountingWaker::new();
            let putter = {
                let mut dropped = pin!(Some(queue.as_task().get()));
                let get = dropped.as_mut().as_pin_mut().unwrap();
                assert!(poll_once(get, &waker).is_pending());
                let putter = with(&queue, |queue| {
                    script::advance(HOUR);
                    queue.put(7).unwrap();
                });
                yield_now();
                let granted = waker.wakes() > 0;
                dropped.set(None);
                let (waits, waited) = {
                    let stats = queue.stats().unwrap();
                    assert_eq!(stats.getters, 0);
                    (stats.get_waits, stats.get_waited)
                };
                assert_eq!(waits, 1);
                assert!(waited == HOUR || !granted && waited == Duration::ZERO);
                run.saw(match waited {
                    _ if granted => "granted",
                    HOUR => "an hour",
                    _ => "no time",
                });
                putter
            };
            putter.join().unwrap();
            assert_eq!(counted_waits(&queue).0, 1);
            assert_eq!(queue.try_get(), Ok(7));
            assert_eq!(waker.clones(), 0);
            queue.assert_quiet();
        });
}
