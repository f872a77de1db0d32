//! Models of `Lock`: two threads or tasks and what can come between them.

use core::future::poll_fn;
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
    model!("lock/task/transfer_against_claim", transfer_against_claim),
    model!(
        "lock/task/transfer_comes_again_by_itself",
        transfer_comes_again
    ),
    model!("lock/task/request_keeps_its_task", keeps_its_task),
    model!("lock/mixed/thread_and_task", mixed_pair),
    model!("lock/mixed/thread_behind_dropped_task", mixed_thread_behind),
];

/// A lock around nothing, beside the cell that it is said to guard.
type ThreadLock = Guarded<Arc<thread::Lock<()>>>;
/// The same for tasks.
type TaskLock = Guarded<Arc<task::Lock<()>>>;

const LONG: Duration = Duration::from_secs(60);
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
        let guard = block_on(poll_fn(|context| {
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

/// Two requests of one task: the one that is polled has the grant of the other one at the second
/// poll that finds it, and not before.
fn task_transfer(check: Check) {
    check
        .outcomes(&["seen before the unlock was over", "seen after it"])
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
            assert!(
                poll_once(second.as_mut(), &waker).is_pending(),
                "a first poll takes nothing"
            );
            holder.join().unwrap();
            let got = match poll_once(second.as_mut(), &waker) {
                Poll::Ready(guard) => {
                    run.saw("seen before the unlock was over");
                    guard
                }
                Poll::Pending => {
                    run.saw("seen after it");
                    match poll_once(second.as_mut(), &waker) {
                        Poll::Ready(guard) => guard,
                        Poll::Pending => unreachable!("the first request's grant is ours"),
                    }
                }
            };
            // Once for the grant, once to come again.
            assert_eq!(waker.wakes(), 2);
            // The other request is back in line, and waits.
            lock.bump();
            assert!(poll_once(first.as_mut(), &waker).is_pending());
            drop(got);
            match poll_once(first.as_mut(), &waker) {
                Poll::Ready(guard) => drop(guard),
                Poll::Pending => unreachable!("it is the only one in line"),
            }
            assert_eq!(lock.value(), 2);
            lock.assert_quiet();
        });
}

/// A request claims its grant while another one of its task takes it over: one of them has it.
fn transfer_against_claim(check: Check) {
    check
        .outcomes(&["claimed", "taken over"])
        .unlocks(BOTH_UNLOCKS)
        .run(|run| {
            let lock = task_lock();
            let waker = Arc::new(CountingWaker::new());
            let guard = lock.try_lock_owned().unwrap();
            let mut first = Box::pin(lock.lock_owned());
            assert!(poll_once(first.as_mut(), &waker).is_pending());
            drop(guard);
            let mut second = Box::pin(lock.lock());
            assert!(poll_once(second.as_mut(), &waker).is_pending());
            let other = spawn({
                let (lock, waker) = (Arc::clone(&lock), Arc::clone(&waker));
                move || match poll_once(first.as_mut(), &waker) {
                    Poll::Ready(guard) => {
                        lock.bump();
                        drop(guard);
                        "claimed"
                    }
                    Poll::Pending => "taken over",
                }
            });
            let mine = poll_once(second.as_mut(), &waker);
            if mine.is_ready() {
                lock.bump();
            }
            drop(mine);
            let seen = other.join().unwrap();
            run.saw(seen);
            drop(second);
            let guard = lock.try_lock().expect("nobody has it, and nobody waits");
            assert!(lock.value() > 0);
            drop(guard);
            assert_eq!(waker.clones(), 0);
            lock.assert_quiet();
        });
}

/// A task waits for itself for no longer than a poll: whoever has seen a grant comes again by itself.
fn transfer_comes_again(check: Check) {
    check
        .outcomes(&["waited behind itself", "had not to wait"])
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
            block_on(async {
                let mut queued = pin!(lock.lock());
                let first = poll_fn(|context| Poll::Ready(queued.as_mut().poll(context))).await;
                run.saw(match &first {
                    Poll::Pending => "waited behind itself",
                    Poll::Ready(_) => "had not to wait",
                });
                let waits = first.is_pending();
                drop(first);
                let guard = lock.lock().await;
                lock.bump();
                drop(guard);
                if waits {
                    drop(queued.await);
                }
            });
            holder.join().unwrap();
            assert_eq!(lock.value(), 2);
            lock.assert_quiet();
        });
}

/// What a request keeps of its task outlives the wake: the address of its waker is nobody else's
/// until the grant has been claimed.
fn keeps_its_task(check: Check) {
    check
        .outcomes(&["granted"])
        .unlocks(BOTH_UNLOCKS)
        .min_executions(2)
        .run(|run| {
            let lock = task_lock();
            let guard = lock.try_lock_owned().unwrap();
            let waker = CountingWaker::new();
            let mut waiting = Box::pin(lock.lock());
            assert!(poll_once(waiting.as_mut(), &waker).is_pending());
            let holder = spawn({
                let lock = Arc::clone(&lock);
                move || {
                    lock.bump();
                    drop(guard);
                }
            });
            holder.join().unwrap();
            assert_eq!(waker.wakes(), 1);
            assert!(waker.clones() > 0, "its address may be used again");
            run.saw("granted");
            assert!(poll_once(waiting.as_mut(), &waker).is_ready());
            assert_eq!(waker.clones(), 0);
            drop(waiting);
            assert_eq!(lock.value(), 1);
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
