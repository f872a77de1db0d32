//! Models of `Semaphore` with deadlines: whoever gives up while the permits come either has them or not.

use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use syncline::internals::Quiet;
use syncline::loom::thread::{JoinHandle, spawn};
use syncline::task::{self, block_on};
use syncline::thread;

use crate::kit::{Check, Guarded, Model, model};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("semaphore/thread/timeout_against_grant", thread_timeout),
    model!(
        "semaphore/thread/owned_timeout_against_grant",
        thread_owned_timeout
    ),
    model!(
        "semaphore/thread/many_timeout_against_grant",
        thread_many_timeout
    ),
    model!(
        "semaphore/thread/many_owned_timeout_against_grant",
        thread_many_owned_timeout
    ),
    model!("semaphore/task/timeout_against_grant", task_timeout),
    model!(
        "semaphore/task/owned_timeout_against_grant",
        task_owned_timeout
    ),
    model!(
        "semaphore/task/many_timeout_against_grant",
        task_many_timeout
    ),
    model!(
        "semaphore/task/many_owned_timeout_against_grant",
        task_many_owned_timeout
    ),
];

/// A semaphore beside the cell that it is said to guard.
type ForThreads = Guarded<Arc<thread::Semaphore>>;
/// The same for tasks.
type ForTasks = Guarded<Arc<task::Semaphore>>;

const LONG: Duration = Duration::from_secs(60);

fn for_threads(permits: usize) -> Arc<ForThreads> {
    Arc::new(Guarded::new(Arc::new(thread::Semaphore::new(permits))))
}

fn for_tasks(permits: usize) -> Arc<ForTasks> {
    Arc::new(Guarded::new(Arc::new(task::Semaphore::new(permits))))
}

/// A thread that does something with the semaphore.
fn with<P: Send + Sync + 'static, R: 'static>(
    semaphore: &Arc<Guarded<P>>,
    body: impl FnOnce(&Guarded<P>) -> R + 'static,
) -> JoinHandle<R> {
    let semaphore = Arc::clone(semaphore);
    spawn(move || body(&semaphore))
}

fn thread_timeout(check: Check) {
    check
        .outcomes(&["granted", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .overdue(&[false, true])
        .run(|run| {
            let semaphore = for_threads(1);
            let permit = semaphore.acquire();
            let rival = with(&semaphore, |semaphore| {
                match semaphore.acquire_timeout(LONG) {
                    Ok(permit) => {
                        semaphore.bump();
                        drop(permit);
                        "granted"
                    }
                    Err(_) => "timed out",
                }
            });
            semaphore.bump();
            drop(permit);
            run.saw(rival.join().unwrap());
            assert!(semaphore.acquire_deadline(Instant::now()).is_ok());
            assert_eq!(semaphore.available_permits(), 1);
            semaphore.assert_quiet();
        });
}

fn thread_owned_timeout(check: Check) {
    check
        .outcomes(&["granted", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let semaphore = for_threads(1);
            let permit = semaphore.acquire_owned();
            let rival = with(&semaphore, |semaphore| {
                match semaphore.acquire_owned_deadline(Instant::now()) {
                    Ok(permit) => {
                        semaphore.bump();
                        drop(permit);
                        "granted"
                    }
                    Err(_) => "timed out",
                }
            });
            semaphore.bump();
            drop(permit);
            run.saw(rival.join().unwrap());
            assert!(semaphore.acquire_owned_timeout(LONG).is_ok());
            assert_eq!(semaphore.available_permits(), 1);
            semaphore.assert_quiet();
        });
}

/// A request for two that comes back, or gives up when it has been passed or when one is free.
fn thread_many_timeout(check: Check) {
    check
        .outcomes(&["granted", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .overdue(&[false, true])
        .run(|run| {
            let semaphore = for_threads(2);
            let (one, other) = (semaphore.acquire(), semaphore.acquire());
            let rival = with(&semaphore, |semaphore| {
                match semaphore.acquire_many_timeout(2, LONG) {
                    Ok(permit) => {
                        semaphore.bump();
                        drop(permit);
                        "granted"
                    }
                    Err(_) => "timed out",
                }
            });
            semaphore.bump();
            drop(one);
            drop(other);
            run.saw(rival.join().unwrap());
            assert!(semaphore.acquire_many_deadline(2, Instant::now()).is_ok());
            assert_eq!(semaphore.available_permits(), 2);
            semaphore.assert_quiet();
        });
}

fn thread_many_owned_timeout(check: Check) {
    check
        .outcomes(&["granted", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let semaphore = for_threads(2);
            let permit = semaphore.acquire_many_owned(2);
            let rival = with(&semaphore, |semaphore| {
                match semaphore.acquire_many_owned_timeout(2, LONG) {
                    Ok(permit) => {
                        semaphore.bump();
                        drop(permit);
                        "granted"
                    }
                    Err(_) => "timed out",
                }
            });
            semaphore.bump();
            drop(permit);
            run.saw(rival.join().unwrap());
            let again = semaphore.acquire_many_owned_deadline(2, Instant::now());
            assert_eq!(again.unwrap().count(), 2);
            assert_eq!(semaphore.available_permits(), 2);
            semaphore.assert_quiet();
        });
}

fn task_timeout(check: Check) {
    check
        .outcomes(&["granted", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let semaphore = for_tasks(1);
            let permit = semaphore.try_acquire().unwrap();
            let rival = with(&semaphore, |semaphore| {
                match block_on(semaphore.acquire_timeout(LONG)) {
                    Ok(permit) => {
                        semaphore.bump();
                        drop(permit);
                        "granted"
                    }
                    Err(_) => "timed out",
                }
            });
            semaphore.bump();
            drop(permit);
            run.saw(rival.join().unwrap());
            assert!(block_on(semaphore.acquire_deadline(Instant::now())).is_ok());
            assert_eq!(semaphore.available_permits(), 1);
            semaphore.assert_quiet();
        });
}

fn task_owned_timeout(check: Check) {
    check
        .outcomes(&["granted", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let semaphore = for_tasks(1);
            let permit = semaphore.try_acquire_owned().unwrap();
            let rival = with(&semaphore, |semaphore| {
                match block_on(semaphore.acquire_owned_deadline(Instant::now())) {
                    Ok(permit) => {
                        semaphore.bump();
                        drop(permit);
                        "granted"
                    }
                    Err(_) => "timed out",
                }
            });
            semaphore.bump();
            drop(permit);
            run.saw(rival.join().unwrap());
            assert!(block_on(semaphore.acquire_owned_timeout(LONG)).is_ok());
            assert_eq!(semaphore.available_permits(), 1);
            semaphore.assert_quiet();
        });
}

/// A request for two that is granted, or gives up while one permit is kept for it.
fn task_many_timeout(check: Check) {
    check
        .outcomes(&["granted", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let semaphore = for_tasks(2);
            let (one, other) = (semaphore.try_acquire(), semaphore.try_acquire());
            let rival = with(&semaphore, |semaphore| {
                match block_on(semaphore.acquire_many_timeout(2, LONG)) {
                    Ok(permit) => {
                        semaphore.bump();
                        drop(permit);
                        "granted"
                    }
                    Err(_) => "timed out",
                }
            });
            semaphore.bump();
            drop(one);
            drop(other);
            run.saw(rival.join().unwrap());
            let again = block_on(semaphore.acquire_many_deadline(2, Instant::now()));
            assert!(again.is_ok());
            drop(again);
            assert_eq!(semaphore.available_permits(), 2);
            semaphore.assert_quiet();
        });
}

fn task_many_owned_timeout(check: Check) {
    check
        .outcomes(&["granted", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let semaphore = for_tasks(2);
            let permit = block_on(semaphore.acquire_many_owned(2));
            let rival = with(&semaphore, |semaphore| {
                match block_on(semaphore.acquire_many_owned_timeout(2, LONG)) {
                    Ok(permit) => {
                        semaphore.bump();
                        drop(permit);
                        "granted"
                    }
                    Err(_) => "timed out",
                }
            });
            semaphore.bump();
            drop(permit);
            run.saw(rival.join().unwrap());
            let again = block_on(semaphore.acquire_many_owned_deadline(2, Instant::now()));
            assert_eq!(again.unwrap().count(), 2);
            assert_eq!(semaphore.available_permits(), 2);
            semaphore.assert_quiet();
        });
}
