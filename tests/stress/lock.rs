//! The lock.

use crate::bench::{Dice, Task, Work, poll_and_drop, run};
use std::sync::Arc;
use std::time::Instant;
use syncline::internals::Quiet;
use syncline::task::{self, block_on};
use syncline::thread::{Lock, LockGuard};

/// Two numbers that are the same whenever the lock is free.
type Pair = (u64, u64);

#[derive(Debug)]
struct Bench(Arc<Lock<Pair>>);

/// Enters the lock: sees whether somebody else is inside.
fn enter(pair: &mut Pair) -> u64 {
    assert_eq!(pair.0, pair.1, "two are inside");
    pair.0 += 1;
    core::hint::spin_loop();
    pair.1 += 1;
    1
}

impl Work for Bench {
    fn block(&self, dice: &mut Dice) -> u64 {
        let lock = &self.0;
        let task: &task::Lock<Pair> = lock.as_task();
        match dice.roll(12) {
            0 => lock.try_lock().map_or(0, |mut guard| enter(&mut guard)),
            1 => lock
                .lock_timeout(dice.timeout())
                .map_or(0, |mut guard| enter(&mut guard)),
            2 => lock
                .lock_owned_deadline(Instant::now() + dice.timeout())
                .map_or(0, |mut guard| enter(&mut guard)),
            3 => {
                let mut guard = lock.lock();
                let done = enter(&mut guard);
                LockGuard::unlock_fair(guard);
                done
            }
            4 => {
                let mut guard = lock.lock();
                let done = enter(&mut guard);
                LockGuard::unlocked(&mut guard, std::thread::yield_now);
                done + enter(&mut guard)
            }
            5 => {
                let mut guard = lock.lock();
                // Interrupted inside: others pile up.
                std::thread::yield_now();
                enter(&mut guard)
            }
            6 => block_on(async { enter(&mut *task.lock().await) }),
            7 => {
                block_on(task.lock_timeout(dice.timeout())).map_or(0, |mut guard| enter(&mut guard))
            }
            8 => poll_and_drop(dice, task.lock()).map_or(0, |mut guard| enter(&mut guard)),
            _ => enter(&mut lock.lock()),
        }
    }

    fn poll<'a>(&'a self, dice: &'a mut Dice) -> Task<'a> {
        let lock = Arc::clone(&self.0).into_task();
        Box::pin(async move {
            match dice.roll(6) {
                0 => lock.try_lock().map_or(0, |mut guard| enter(&mut guard)),
                1 => lock
                    .lock_timeout(dice.timeout())
                    .await
                    .map_or(0, |mut guard| enter(&mut guard)),
                2 => {
                    let never = async { tokio::task::yield_now().await };
                    let lock = async { Some(lock.lock().await) };
                    let drops = async {
                        never.await;
                        None
                    };
                    futures_lite::future::or(lock, drops)
                        .await
                        .map_or(0, |mut guard| enter(&mut guard))
                }
                3 => {
                    let mut guard = lock.lock_owned().await;
                    tokio::task::yield_now().await;
                    enter(&mut guard)
                }
                _ => enter(&mut *lock.lock().await),
            }
        })
    }

    fn assert_conserved(&self, done: u64) {
        assert_eq!((done, done), *self.0.try_lock().expect("free again"));
        assert_eq!(1, Arc::strong_count(&self.0));
        self.0.assert_quiet();
    }
}

#[test]
#[ignore = "runs minutes; cargo test --release --test stress -- --ignored"]
fn threads_and_tasks_share_a_lock() {
    let lock = Arc::new(Lock::new((0, 0)));
    run("threads_and_tasks_share_a_lock", Bench(lock));
}
