//! The semaphore.

use crate::bench::{Dice, Task, Work, poll_and_drop, run};
use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering::SeqCst;
use std::sync::Arc;
use std::time::Instant;
use syncline::internals::Quiet;
use syncline::task::block_on;
use syncline::thread::Semaphore;
use syncline::{OwnedPermit, Permit, task};

#[derive(Debug)]
struct Bench {
    semaphore: Arc<Semaphore>,
    permits: usize,
    /// Permits held at this instant.
    inside: AtomicUsize,
}

impl Bench {
    fn new(permits: usize) -> Self {
        Self {
            semaphore: Arc::new(Semaphore::new(permits)),
            permits,
            inside: AtomicUsize::new(0),
        }
    }

    /// Sees that no more permits are out than there are; to be called while `count` are held.
    fn enter(&self, count: usize) -> u64 {
        let before = self.inside.fetch_add(count, SeqCst);
        assert!(before + count <= self.permits, "too many are inside");
        core::hint::spin_loop();
        self.inside.fetch_sub(count, SeqCst);
        1
    }

    fn with(&self, permit: &Permit<'_>) -> u64 {
        self.enter(permit.count())
    }

    fn with_owned(&self, permit: &OwnedPermit) -> u64 {
        self.enter(permit.count())
    }

    /// Mostly one, sometimes many, and sometimes all.
    fn count(&self, dice: &mut Dice) -> usize {
        match dice.roll(8) {
            0 => self.permits,
            1 => 0,
            2 | 3 => 1 + dice.roll(self.permits),
            _ => 1,
        }
    }
}

impl Work for Bench {
    fn block(&self, dice: &mut Dice) -> u64 {
        let semaphore = &self.semaphore;
        let task: &task::Semaphore = semaphore.as_task();
        let count = self.count(dice);
        match dice.roll(12) {
            0 => semaphore
                .try_acquire_many(count)
                .map_or(0, |permit| self.with(&permit)),
            1 => semaphore
                .acquire_many_timeout(count, dice.timeout())
                .map_or(0, |permit| self.with(&permit)),
            2 => semaphore
                .acquire_many_owned_deadline(count, Instant::now() + dice.timeout())
                .map_or(0, |permit| self.with_owned(&permit)),
            3 => {
                let permit = semaphore.acquire_many(count);
                let done = self.with(&permit);
                permit.release_fair();
                done
            }
            4 => {
                let mut permit = semaphore.acquire_many(count);
                let part = permit.split(count / 2).expect("half of it");
                drop(permit);
                self.with(&part)
            }
            5 => {
                let permit = semaphore.acquire_many(count);
                // Interrupted inside: others pile up.
                std::thread::yield_now();
                self.with(&permit)
            }
            6 => {
                semaphore.acquire_many(count).forget();
                semaphore.release(count).unwrap();
                1
            }
            7 => {
                let gone = semaphore.forget(count);
                semaphore.release(gone).unwrap();
                1
            }
            8 => block_on(async { self.with(&task.acquire_many(count).await) }),
            9 => block_on(task.acquire_many_timeout(count, dice.timeout()))
                .map_or(0, |permit| self.with(&permit)),
            10 => {
                poll_and_drop(dice, task.acquire_many(count)).map_or(0, |permit| self.with(&permit))
            }
            _ => self.with(&semaphore.acquire()),
        }
    }

    fn poll<'a>(&'a self, dice: &'a mut Dice) -> Task<'a> {
        let semaphore = Arc::clone(&self.semaphore).into_task();
        let count = self.count(dice);
        Box::pin(async move {
            match dice.roll(6) {
                0 => semaphore
                    .acquire_many_timeout(count, dice.timeout())
                    .await
                    .map_or(0, |permit| self.with(&permit)),
                1 => {
                    let acquire = async { Some(semaphore.acquire_many(count).await) };
                    let drops = async {
                        tokio::task::yield_now().await;
                        None
                    };
                    futures_lite::future::or(acquire, drops)
                        .await
                        .map_or(0, |permit| self.with(&permit))
                }
                2 => {
                    let permit = semaphore.acquire_many_owned(count).await;
                    tokio::task::yield_now().await;
                    self.with_owned(&permit)
                }
                _ => self.with(&semaphore.acquire_many(count).await),
            }
        })
    }

    fn assert_conserved(&self, _done: u64) {
        self.semaphore.assert_quiet();
        assert_eq!(self.permits, self.semaphore.available_permits());
        assert_eq!(0, self.inside.load(SeqCst));
        assert_eq!(1, Arc::strong_count(&self.semaphore));
    }
}

#[test]
#[ignore = "runs minutes; cargo test --release --test stress -- --ignored"]
fn threads_and_tasks_share_one_permit() {
    run("threads_and_tasks_share_one_permit", Bench::new(1));
}

#[test]
#[ignore = "runs minutes; cargo test --release --test stress -- --ignored"]
fn threads_and_tasks_share_four_permits() {
    run("threads_and_tasks_share_four_permits", Bench::new(4));
}
