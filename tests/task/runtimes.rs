//! The same tasks on every executor: no runtime is special.

use crate::executors::{on_every_executor, task};
use crate::watch::watched;
use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering::SeqCst;
use futures_lite::future::yield_now;
use std::sync::Arc;
use std::thread;
use syncline::internals::Quiet;
use syncline::task::{Lock, Semaphore};

const TASKS: u64 = 8;
const ROUNDS: u64 = 50;

#[test]
fn a_lock_excludes_tasks_on_every_executor() {
    let lock = Arc::new(Lock::new(0));
    watched(&lock, || {
        on_every_executor(|| {
            let add = |_| {
                let lock = Arc::clone(&lock);
                task(async move {
                    for _ in 0..ROUNDS {
                        let mut guard = lock.lock().await;
                        let seen = *guard;
                        yield_now().await;
                        *guard = seen + 1;
                    }
                })
            };
            (0..TASKS).map(add).collect()
        });
    });
    assert_eq!(4 * TASKS * ROUNDS, *lock.try_lock().unwrap());
    lock.assert_quiet();
}

/// Trap B1: as many as there are permits, never more, and all get through.
#[test]
fn a_semaphore_admits_no_more_than_its_permits_on_every_executor() {
    let semaphore = Arc::new(Semaphore::new(3));
    let inside = Arc::new(AtomicUsize::new(0));
    watched(&semaphore, || {
        on_every_executor(|| {
            let enter = |place| {
                let (semaphore, inside) = (Arc::clone(&semaphore), Arc::clone(&inside));
                task(async move {
                    let weight = 1 + usize::from(place % 2 == 1);
                    for _ in 0..ROUNDS {
                        let permit = semaphore.acquire_many_owned(weight).await;
                        assert!(inside.fetch_add(weight, SeqCst) + weight <= 3);
                        yield_now().await;
                        inside.fetch_sub(weight, SeqCst);
                        drop(permit);
                    }
                })
            };
            (0..TASKS).map(enter).collect()
        });
    });
    assert_eq!(3, semaphore.available_permits());
    semaphore.assert_quiet();
}

/// Threads and tasks of any runtime in one line.
#[test]
fn threads_and_tasks_of_every_executor_share_one_lock() {
    let lock = Arc::new(Lock::new(0));
    watched(&lock, || {
        let blocking = thread::spawn({
            let lock = Arc::clone(&lock).into_thread();
            move || (0..1000).for_each(|_| *lock.lock() += 1)
        });
        on_every_executor(|| {
            let add = |_| {
                let lock = Arc::clone(&lock);
                task(async move {
                    for _ in 0..ROUNDS {
                        *lock.lock().await += 1;
                    }
                })
            };
            (0..TASKS).map(add).collect()
        });
        blocking.join().unwrap();
    });
    assert_eq!(1000 + 4 * TASKS * ROUNDS, *lock.try_lock().unwrap());
    lock.assert_quiet();
}

/// Trap A9: a task that gets the lock drops the last reference to it.
#[test]
fn the_last_task_frees_the_lock_on_every_executor() {
    watched(&"owned guards", || {
        for _ in 0..20 {
            on_every_executor(|| {
                let lock = Arc::new(Lock::new(()));
                let enter = |_| {
                    let lock = Arc::clone(&lock);
                    task(async move {
                        let guard = lock.lock_owned().await;
                        drop(lock);
                        yield_now().await;
                        drop(guard);
                    })
                };
                (0..3).map(enter).collect()
            });
        }
    });
}
