//! Models of `Lock`: two threads or tasks and what can come between them.

use core::pin::pin;
use core::task::Poll;
use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use syncline::internals::Quiet;
use syncline::loom::thread::spawn;
use syncline::task::block_on;
use syncline::{OwnedLockGuard, task, thread};

use crate::kit::{Check, CountingWaker, Guarded, Model, Unlock, model, poll_once};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("lock/thread/contention", thread_contention),
    model!("lock/thread/timeout_against_grant", thread_timeout),
    model!(
        "lock/thread/owned_timeout_against_grant",
        thread_owned_timeout
    ),
    model!("lock/thread/hand_off_against_barging", thread_hand_off),
    model!(
        "lock/thread/fair_unlock_against_barging",
        thread_fair_unlock
    ),
    model!("lock/thread/three_in_line", thread_three),
    model!("lock/thread/nested_waits", thread_nested),
    model!("lock/task/contention", task_contention),
    model!("lock/task/timeout_against_grant", task_timeout),
    model!("lock/task/owned_timeout_against_grant", task_owned_timeout),
    model!("lock/task/drop_against_grant", task_drop),
    model!("lock/task/dropped_head_passes_on", task_dropped_head),
    model!("lock/task/timer_against_grant", task_timer),
    model!("lock/task/waker_moves_between_polls", task_waker_moves),
    model!("lock/task/transfer_against_unlock", task_transfer),
    model!("lock/mixed/thread_and_task", mixed_pair),
    model!("lock/mixed/thread_behind_dropped_task", mixed_thread_behind),
];

/// A lock around nothing, beside the cell that it is said to guard.
type ThreadLock = Guarded<Arc<thread::Lock<()>>>;
/// The same for tasks.
type TaskLock = Guarded<Arc<task::Lock<()>>>;

const LONG: Duration = Duration::from_mins(1);
const BOTH_UNLOCKS: &[Unlock] = &[Unlock::Asymmetric, Unlock::Swap];

fn thread_lock() -> Arc<ThreadLock> {
    Arc::new(Guarded::new(Arc::new(thread::Lock::new(()))))
}

fn task_lock() -> Arc<TaskLock> {
    Arc::new(Guarded::new(Arc::new(task::Lock::new(()))))
}

fn thread_contention(check: Check) {
    check
        .outcomes(&["rival first", "rival second"])
        .overdue(&[false, true])
        .unlocks(BOTH_UNLOCKS)
        .run(|run| {
            let lock = thread_lock();
            let rival = spawn({
                let lock = Arc::clone(&lock);
                move || {
                    let guard = lock.lock_owned();
                    lock.bump();
                    drop(guard);
                }
            });
            let guard = lock.lock();
            run.saw(["rival second", "rival first"][lock.value()]);
            lock.bump();
            drop(guard);
            rival.join().unwrap();
            assert_eq!(lock.value(), 2);
            lock.assert_quiet();
        });
}

fn thread_timeout(check: Check) {
    check
        .outcomes(&["granted", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .unlocks(BOTH_UNLOCKS)
        .run(|run| {
            let lock = thread_lock();
            let guard = lock.lock();
            let rival = spawn({
                let lock = Arc::clone(&lock);
                move || match lock.lock_timeout(LONG) {
                    Ok(guard) => {
                        lock.bump();
                        drop(guard);
                        "granted"
                    }
                    Err(_) => "timed out",
                }
            });
            lock.bump();
            drop(guard);
            run.saw(rival.join().unwrap());
            assert!(lock.lock_deadline(Instant::now()).is_ok());
            lock.assert_quiet();
        });
}

fn thread_owned_timeout(check: Check) {
    check
        .outcomes(&["granted", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let lock = thread_lock();
            let guard = lock.lock_owned();
            let rival = spawn({
                let lock = Arc::clone(&lock);
                move || match lock.lock_owned_timeout(LONG) {
                    Ok(guard) => {
                        lock.bump();
                        drop(guard);
                        "granted"
                    }
                    Err(_) => "timed out",
                }
            });
            lock.bump();
            drop(guard);
            run.saw(rival.join().unwrap());
            assert!(lock.lock_owned_deadline(Instant::now()).is_ok());
            lock.assert_quiet();
        });
}

/// A head that is overdue gets the lock from the holder; one that is not may be passed.
fn thread_hand_off(check: Check) {
    check
        .outcomes(&["waiter first", "barger first"])
        .overdue(&[false, true])
        .unlocks(BOTH_UNLOCKS)
        .run(|run| {
            let lock = thread_lock();
            let guard = lock.lock();
            let waiter = spawn({
                let lock = Arc::clone(&lock);
                move || {
                    let guard = lock.lock();
                    lock.bump();
                    drop(guard);
                }
            });
            lock.bump();
            drop(guard);
            let guard = lock.lock();
            run.saw(["", "barger first", "waiter first"][lock.value()]);
            drop(guard);
            waiter.join().unwrap();
            lock.assert_quiet();
        });
}

fn thread_fair_unlock(check: Check) {
    check
        .outcomes(&["handed over", "nobody waited"])
        .unlocks(BOTH_UNLOCKS)
        .run(|run| {
            let lock = thread_lock();
            let guard = lock.lock_owned();
            let waiter = spawn({
                let lock = Arc::clone(&lock);
                move || {
                    let guard = lock.lock();
                    lock.bump();
                    drop(guard);
                }
            });
            let waits = lock.waiting() == 1;
            OwnedLockGuard::unlock_fair(guard);
            let guard = lock.lock();
            run.saw(if waits {
                "handed over"
            } else {
                "nobody waited"
            });
            // Who was in line before the unlock has had the lock before whoever came after it.
            assert!(!waits || lock.value() == 1);
            drop(guard);
            waiter.join().unwrap();
            lock.assert_quiet();
        });
}

fn thread_three(check: Check) {
    check
        .outcomes(&["all"])
        .overdue(&[false, true])
        .min_executions(100)
        .run(|run| {
            let lock = thread_lock();
            let rivals = [(); 2].map(|()| {
                let lock = Arc::clone(&lock);
                spawn(move || {
                    let guard = lock.lock();
                    lock.bump();
                    drop(guard);
                })
            });
            for rival in rivals {
                rival.join().unwrap();
            }
            assert_eq!(lock.value(), 2);
            lock.assert_quiet();
            run.saw("all");
        });
}

/// A thread that polls a future, and blocks in the middle of the poll: neither wait may eat the
/// wake of the other.
fn thread_nested(check: Check) {
    check.outcomes(&["outer waited", "outer ready"]).run(|run| {
        let outer = task_lock();
        let inner = thread_lock();
        let (outer_guard, inner_guard) = (outer.try_lock_owned().unwrap(), inner.lock_owned());
        let releaser = spawn(move || {
            drop(outer_guard);
            drop(inner_guard);
        });
        let mut first = None;
        let mut waiting = pin!(outer.lock());
        let guard = block_on(core::future::poll_fn(|context| {
            let poll = waiting.as_mut().poll(context);
            first.get_or_insert(poll.is_ready());
            drop(inner.lock());
            poll
        }));
        run.saw(match first {
            Some(true) => "outer ready",
            _ => "outer waited",
        });
        drop(guard);
        releaser.join().unwrap();
        outer.assert_quiet();
        inner.assert_quiet();
    });
}

fn task_contention(check: Check) {
    check
        .outcomes(&["rival first", "rival second"])
        .unlocks(BOTH_UNLOCKS)
        .run(|run| {
            let lock = task_lock();
            let rival = spawn({
                let lock = Arc::clone(&lock);
                move || {
                    block_on(async {
                        let guard = lock.lock_owned().await;
                        lock.bump();
                        drop(guard);
                    });
                }
            });
            block_on(async {
                let guard = lock.lock().await;
                run.saw(["rival second", "rival first"][lock.value()]);
                lock.bump();
                drop(guard);
            });
            rival.join().unwrap();
            assert_eq!(lock.value(), 2);
            lock.assert_quiet();
        });
}

fn task_timeout(check: Check) {
    check
        .outcomes(&["granted", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let lock = task_lock();
            let guard = lock.try_lock_owned().unwrap();
            let rival = spawn({
                let lock = Arc::clone(&lock);
                move || match block_on(lock.lock_timeout(LONG)) {
                    Ok(guard) => {
                        lock.bump();
                        drop(guard);
                        "granted"
                    }
                    Err(_) => "timed out",
                }
            });
            lock.bump();
            drop(guard);
            run.saw(rival.join().unwrap());
            assert!(block_on(lock.lock_deadline(Instant::now())).is_ok());
            lock.assert_quiet();
        });
}

fn task_owned_timeout(check: Check) {
    check
        .outcomes(&["granted", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let lock = task_lock();
            let guard = block_on(lock.lock_owned());
            let rival = spawn({
                let lock = Arc::clone(&lock);
                move || match block_on(lock.lock_owned_timeout(LONG)) {
                    Ok(guard) => {
                        lock.bump();
                        drop(guard);
                        "granted"
                    }
                    Err(_) => "timed out",
                }
            });
            lock.bump();
            drop(guard);
            run.saw(rival.join().unwrap());
            assert!(block_on(lock.lock_owned_deadline(Instant::now())).is_ok());
            lock.assert_quiet();
        });
}

fn task_drop(check: Check) {
    check
        .outcomes(&["granted before the drop", "dropped before the grant"])
        .unlocks(BOTH_UNLOCKS)
        .run(|run| {
            let lock = task_lock();
            let guard = lock.try_lock_owned().unwrap();
            let holder = spawn({
                let lock = Arc::clone(&lock);
                move || {
                    lock.bump();
                    drop(guard);
                }
            });
            let waker = CountingWaker::new();
            {
                let mut waiting = pin!(lock.lock());
                if poll_once(waiting.as_mut(), &waker).is_ready() {
                    // It never waited.
                    run.saw("granted before the drop");
                } else if waker.wakes() == 1 {
                    run.saw("granted before the drop");
                } else {
                    run.saw("dropped before the grant");
                }
            }
            holder.join().unwrap();
            // Whatever happened, the lock is free, and what the holder wrote is seen.
            let guard = lock.try_lock().expect("nobody has it");
            assert_eq!(lock.value(), 1);
            drop(guard);
            assert_eq!(waker.clones(), 0);
            lock.assert_quiet();
        });
}

fn task_dropped_head(check: Check) {
    check
        .outcomes(&["head was granted", "head was not granted"])
        .run(|run| {
            let lock = task_lock();
            let guard = lock.try_lock_owned().unwrap();
            let waker = CountingWaker::new();
            let mut head = Box::pin(lock.lock());
            assert!(poll_once(head.as_mut(), &waker).is_pending());
            let next = spawn({
                let lock = Arc::clone(&lock);
                move || {
                    block_on(async {
                        let guard = lock.lock().await;
                        lock.bump();
                        drop(guard);
                    });
                }
            });
            let holder = spawn({
                let lock = Arc::clone(&lock);
                move || {
                    lock.bump();
                    drop(guard);
                }
            });
            drop(head);
            let granted = waker.wakes() == 1;
            run.saw(if granted {
                "head was granted"
            } else {
                "head was not granted"
            });
            next.join().unwrap();
            holder.join().unwrap();
            assert_eq!(lock.value(), 2);
            lock.assert_quiet();
        });
}

/// The timer wakes, the poll decides: its wake may meet a grant, a poll, and the end of the wait.
fn task_timer(check: Check) {
    check
        .outcomes(&["granted", "timed out"])
        .expiries(&[Some(1)])
        .run(|run| {
            let lock = task_lock();
            let guard = lock.try_lock_owned().unwrap();
            let timer = spawn(syncline::internals::fire_timers);
            let waiter = spawn({
                let lock = Arc::clone(&lock);
                move || match block_on(lock.lock_timeout(LONG)) {
                    Ok(guard) => {
                        lock.bump();
                        drop(guard);
                        "granted"
                    }
                    Err(_) => "timed out",
                }
            });
            lock.bump();
            drop(guard);
            run.saw(waiter.join().unwrap());
            timer.join().unwrap();
            lock.assert_quiet();
        });
}

/// A future that is polled with another waker wakes that one alone.
fn task_waker_moves(check: Check) {
    check
        .outcomes(&["granted at the second poll", "granted after it"])
        .min_executions(4)
        .run(|run| {
            let lock = task_lock();
            let guard = lock.try_lock_owned().unwrap();
            let first = CountingWaker::new();
            let mut waiting = pin!(lock.lock());
            assert!(poll_once(waiting.as_mut(), &first).is_pending());
            let holder = spawn({
                let lock = Arc::clone(&lock);
                move || {
                    lock.bump();
                    drop(guard);
                }
            });
            let second = CountingWaker::new();
            if poll_once(waiting.as_mut(), &second).is_ready() {
                run.saw("granted at the second poll");
            } else {
                run.saw("granted after it");
                holder.join().unwrap();
                assert_eq!((first.wakes(), second.wakes()), (0, 1));
                assert!(poll_once(waiting.as_mut(), &second).is_ready());
                lock.assert_quiet();
                return;
            }
            holder.join().unwrap();
            assert_eq!(second.wakes(), 0);
            lock.assert_quiet();
        });
}

/// Two requests of one task: whichever is granted, the one that is polled gets it, once.
fn task_transfer(check: Check) {
    check
        .outcomes(&[
            "granted by transfer",
            "granted in turn",
            "polled before the unlock",
        ])
        .min_executions(4)
        .run(|run| {
            let lock = task_lock();
            let guard = lock.try_lock_owned().unwrap();
            let waker = CountingWaker::new();
            let mut first = pin!(lock.lock());
            assert!(poll_once(first.as_mut(), &waker).is_pending());
            let holder = spawn({
                let lock = Arc::clone(&lock);
                move || {
                    lock.bump();
                    drop(guard);
                }
            });
            let mut second = pin!(lock.lock());
            let early = poll_once(second.as_mut(), &waker);
            let woken_early = waker.wakes() > 0;
            holder.join().unwrap();
            let got = match early {
                Poll::Ready(guard) => {
                    assert!(woken_early, "only a grant can be transferred");
                    run.saw("granted by transfer");
                    guard
                }
                Poll::Pending => {
                    run.saw("polled before the unlock");
                    match poll_once(second.as_mut(), &waker) {
                        Poll::Ready(guard) => guard,
                        Poll::Pending => unreachable!("the first request's grant is ours"),
                    }
                }
            };
            // The other request is back in line, and waits.
            lock.bump();
            assert!(poll_once(first.as_mut(), &waker).is_pending());
            drop(got);
            match poll_once(first.as_mut(), &waker) {
                Poll::Ready(guard) => drop(guard),
                Poll::Pending => unreachable!("it is the only one in line"),
            }
            run.saw("granted in turn");
            assert_eq!(lock.value(), 2);
            lock.assert_quiet();
        });
}

fn mixed_pair(check: Check) {
    check
        .outcomes(&["thread first", "task first"])
        .overdue(&[false, true])
        .unlocks(BOTH_UNLOCKS)
        .run(|run| {
            let lock = thread_lock();
            let guard = lock.lock_owned();
            let waiting_task = spawn({
                let lock = Arc::clone(&lock);
                move || {
                    block_on(async {
                        let guard = lock.as_task().lock().await;
                        lock.bump();
                        drop(guard);
                    });
                }
            });
            drop(guard);
            let guard = lock.lock();
            run.saw(["thread first", "task first"][lock.value()]);
            lock.bump();
            drop(guard);
            waiting_task.join().unwrap();
            assert_eq!(lock.value(), 2);
            lock.assert_quiet();
        });
}

fn mixed_thread_behind(check: Check) {
    check
        .outcomes(&["task was granted", "task was not granted"])
        .overdue(&[false, true])
        .run(|run| {
            let lock = thread_lock();
            let guard = lock.lock_owned();
            let waker = CountingWaker::new();
            let mut head = Box::pin(lock.as_task().lock());
            assert!(poll_once(head.as_mut(), &waker).is_pending());
            let next = spawn({
                let lock = Arc::clone(&lock);
                move || {
                    let guard = lock.lock();
                    lock.bump();
                    drop(guard);
                }
            });
            let holder = spawn(move || drop(guard));
            drop(head);
            let granted = waker.wakes() == 1;
            run.saw(if granted {
                "task was granted"
            } else {
                "task was not granted"
            });
            next.join().unwrap();
            holder.join().unwrap();
            assert_eq!(lock.value(), 1);
            lock.assert_quiet();
        });
}
