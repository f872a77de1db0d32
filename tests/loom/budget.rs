//! Models of what happens when a task has spent its budget: what it has not begun comes later, its
//! children keep their turns, and it goes behind what was queued before.

use core::cell::Cell;
use core::future::poll_fn;
use core::pin::pin;
use std::sync::Arc;

use syncline::JobError;
use syncline::internals::Quiet;
use syncline::loom::sync::Mutex;
use syncline::loom::thread::{spawn, yield_now as others_first};
use syncline::task::{Event, Lock, Semaphore, block_on, gather, yield_now};
use syncline::thread::{PoolShutdown, ThreadPool};

use crate::kit::{Check, CountingWaker, Guarded, Model, model, poll_once};
use crate::pool::cell;

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("task/budget/deferred_lock_against_unlock", deferred),
    model!("task/budget/rest_of_the_children_against_wakes", rest),
    model!("task/budget/cancel_against_greedy", greedy).fewer_preemptions(2),
    model!("task/budget/yield_behind_a_sibling", behind).fewer_preemptions(2),
];

/// A request that was deferred has no place in line: it is not forgotten, whenever the lock is free.
fn deferred(check: Check) {
    check.operations(1).outcomes(&["free", "held"]).run(|run| {
        let lock = Arc::new(Guarded::new(Lock::new(())));
        let there = Arc::clone(&lock);
        let rival = spawn(move || {
            let _held = there.as_thread().lock();
            there.bump();
        });
        block_on(async {
            drop(Semaphore::new(1).acquire().await);
            let mut locks = pin!(lock.lock());
            let mut polls = 0;
            let _held = poll_fn(|context| {
                polls += 1;
                locks.as_mut().poll(context)
            })
            .await;
            lock.bump();
            // The executor may poll once more for no reason.
            run.saw(if polls == 2 { "free" } else { "held" });
        });
        rival.join().unwrap();
        assert_eq!(lock.value(), 2);
        lock.assert_quiet();
    });
}

/// Children that were woken, and not polled because the budget was spent, are polled next, also if
/// they are woken again meanwhile.
fn rest(check: Check) {
    check
        .operations(1)
        .outcomes(&["woken before", "woken after"])
        .run(|run| {
            let events = [(); 3].map(|()| Arc::new(Guarded::new(Event::new())));
            let semaphore = Semaphore::new(1);
            let polls = Cell::new(0);
            let child = async |event: Arc<Guarded<Event>>| {
                event.wait().await;
                // The budget was spent by the wait, and is by each of those who come behind.
                drop(semaphore.acquire().await);
                event.value()
            };
            let mut all = pin!(gather(events.clone().map(child)));
            assert!(poll_once(all.as_mut(), &CountingWaker::new()).is_pending());
            let sets = |event: &Arc<Guarded<Event>>| {
                event.bump();
                event.set();
            };
            sets(&events[0]);
            sets(&events[1]);
            let last = Arc::clone(&events[2]);
            let thread = spawn(move || {
                last.bump();
                last.set();
            });
            let ends = block_on(poll_fn(|context| {
                if polls.replace(polls.get() + 1) == 1 {
                    run.saw(if events[2].is_set() {
                        "woken before"
                    } else {
                        "woken after"
                    });
                }
                all.as_mut().poll(context)
            }));
            assert_eq!(ends, [1, 1, 1]);
            thread.join().unwrap();
            for event in &events {
                event.assert_quiet();
            }
        });
}

/// A future that would go on for ever is cancelled between two of its polls, and is gone then.
fn greedy(check: Check) {
    check
        .operations(1)
        .outcomes(&["cancelled", "done"])
        .run(|run| {
            let pool = pool();
            let cell = cell();
            let inside = Bump(Arc::clone(&cell));
            let job = pool.spawn(async move {
                let _inside = inside;
                let semaphore = Semaphore::new(1);
                for _ in 0..3 {
                    drop(semaphore.acquire().await);
                }
            });
            job.cancel();
            let outcome = job.wait();
            assert_eq!(cell.value(), 1);
            run.saw(match outcome {
                Ok(()) => "done",
                Err(JobError::Cancelled) => "cancelled",
                Err(error) => panic!("{error}"),
            });
            pool.shutdown(PoolShutdown::Drain);
        });
}

/// A future that yields goes behind a sibling that was queued before, however that one ends.
fn behind(check: Check) {
    check.outcomes(&["done", "cancelled"]).run(|run| {
        let pool = pool();
        let spawner = pool.spawner();
        let siblings = Arc::new(Mutex::new(None));
        let kept = Arc::clone(&siblings);
        let cell = cell();
        let seen = Arc::clone(&cell);
        let job = pool.spawn(async move {
            let done = Arc::new(core::sync::atomic::AtomicBool::new(false));
            let ends = SetOnDrop(Arc::clone(&done));
            let sibling = spawner.spawn(async move {
                let _ends = ends;
                seen.bump();
            });
            *kept.lock().unwrap() = Some(sibling);
            yield_now().await;
            assert!(
                done.load(core::sync::atomic::Ordering::Relaxed),
                "the sibling was queued before"
            );
        });
        let sibling = loop {
            let spawned = siblings.lock().unwrap().take();
            if let Some(sibling) = spawned {
                break sibling;
            }
            others_first();
        };
        sibling.cancel();
        job.wait().unwrap();
        run.saw(match sibling.wait() {
            Ok(()) => "done",
            Err(JobError::Cancelled) => "cancelled",
            Err(error) => panic!("{error}"),
        });
        assert!(cell.value() <= 1);
        pool.shutdown(PoolShutdown::Drain);
    });
}

fn pool() -> ThreadPool {
    ThreadPool::builder().workers(1).max_blocked(0).build()
}

/// Bumps a cell when it is dropped.
struct Bump(Arc<Guarded<()>>);

impl Drop for Bump {
    fn drop(&mut self) {
        self.0.bump();
    }
}

/// Says that it has been dropped.
struct SetOnDrop(Arc<core::sync::atomic::AtomicBool>);

impl Drop for SetOnDrop {
    fn drop(&mut self) {
        self.0.store(true, core::sync::atomic::Ordering::Relaxed);
    }
}
