//! The re-entrant lock.

use crate::bench::{Dice, Task, Work, poll_and_drop, run};
use core::ops::Deref;
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::Arc;
use std::time::Instant;
use syncline::internals::Quiet;
use syncline::task::{self, block_on, identified};
use syncline::thread::{RLock, RLockGuard};

/// Two numbers that are the same whenever the lock is free. Not changed by read-modify-writes, so
/// that two who are inside at once lose counts.
type Pair = (AtomicU64, AtomicU64);

#[derive(Debug)]
struct Bench(Arc<RLock<Pair>>);

/// Changes the first number under one guard, and the second under another one.
fn enter<O: Deref<Target = Pair>, I: Deref<Target = Pair>>(
    outer: O,
    lock: impl FnOnce() -> I,
) -> u64 {
    let seen = outer.0.load(Relaxed);
    assert_eq!(seen, outer.1.load(Relaxed), "two are inside");
    outer.0.store(seen + 1, Relaxed);
    let inner = lock();
    drop(outer);
    core::hint::spin_loop();
    inner.1.store(seen + 1, Relaxed);
    1
}

impl Work for Bench {
    fn block(&self, dice: &mut Dice) -> u64 {
        let lock = &self.0;
        let task: &task::RLock<Pair> = lock.as_task();
        let again = || lock.lock();
        match dice.roll(10) {
            0 => lock.try_lock().map_or(0, |guard| enter(guard, again)),
            1 => {
                let guard = lock.lock_timeout(dice.timeout());
                guard.map_or(0, |guard| enter(guard, again))
            }
            2 => {
                let guard = lock.lock_owned_deadline(Instant::now() + dice.timeout());
                guard.map_or(0, |guard| enter(guard, again))
            }
            3 => {
                let guard = lock.lock();
                let done = enter(lock.lock_owned(), again);
                RLockGuard::unlock_fair(guard);
                done
            }
            4 => {
                let guard = lock.lock();
                // Interrupted inside: others pile up.
                std::thread::yield_now();
                enter(guard, again)
            }
            5 => block_on(async {
                let guard = task.lock().await;
                enter(guard, || task.try_lock().expect("its own"))
            }),
            6 => block_on(async {
                let guard = task.lock_timeout(dice.timeout()).await;
                guard.map_or(0, |guard| {
                    enter(guard, || task.try_lock().expect("its own"))
                })
            }),
            7 => block_on(async {
                let guard = poll_and_drop(dice, task.lock());
                guard.map_or(0, |guard| {
                    enter(guard, || task.try_lock().expect("its own"))
                })
            }),
            _ => enter(lock.lock(), again),
        }
    }

    fn poll<'a>(&'a self, dice: &'a mut Dice) -> Task<'a> {
        let lock = Arc::clone(&self.0).into_task();
        Box::pin(identified(async move {
            let again = || lock.try_lock().expect("its own");
            match dice.roll(6) {
                0 => lock.try_lock().map_or(0, |guard| enter(guard, again)),
                1 => {
                    let guard = lock.lock_timeout(dice.timeout()).await;
                    guard.map_or(0, |guard| enter(guard, again))
                }
                2 => {
                    // The last guard is dropped by a thread, while this task locks again.
                    let guard = lock.lock_owned().await;
                    let drops = tokio::task::spawn_blocking(move || drop(guard));
                    let done = enter(lock.lock().await, again);
                    drops.await.unwrap();
                    done
                }
                3 => {
                    let outer = lock.lock_owned().await;
                    tokio::task::yield_now().await;
                    let inner = lock.lock().await;
                    tokio::task::yield_now().await;
                    drop(outer);
                    enter(inner, again)
                }
                4 => {
                    let both = futures_lite::future::zip(lock.lock(), lock.lock_owned());
                    let (one, other) = both.await;
                    drop(one);
                    enter(other, again)
                }
                _ => enter(lock.lock().await, again),
            }
        }))
    }

    fn assert_conserved(&self, done: u64) {
        let guard = self.0.try_lock().expect("free again");
        assert_eq!((done, done), (guard.0.load(Relaxed), guard.1.load(Relaxed)));
        drop(guard);
        assert_eq!(1, Arc::strong_count(&self.0));
        self.0.assert_quiet();
    }
}

#[test]
#[ignore = "runs half a minute; cargo test --release --test stress -- --ignored"]
fn threads_and_tasks_share_a_re_entrant_lock() {
    let lock = Arc::new(RLock::new((AtomicU64::new(0), AtomicU64::new(0))));
    run("threads_and_tasks_share_a_re_entrant_lock", Bench(lock));
}
