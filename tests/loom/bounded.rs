//! Models of `BoundedSemaphore`: what it adds to `Semaphore`, and each way to wait for it once.

use core::task::Poll;
use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use syncline::internals::Quiet;
use syncline::loom::thread::{JoinHandle, spawn, yield_now};
use syncline::task::block_on;
use syncline::{task, thread};

use crate::kit::{Check, CountingWaker, Guarded, Model, model, poll_once};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("bounded/thread/contention", thread_contention),
    model!("bounded/thread/timeout_against_grant", thread_timeout),
    model!("bounded/thread/many_timeout_against_grant", thread_many),
    model!(
        "bounded/thread/release_against_forget",
        thread_release_forget
    ),
    model!("bounded/thread/release_against_release", thread_releases),
    model!(
        "bounded/thread/forgotten_permit_comes_back",
        thread_comes_back
    ),
    model!("bounded/task/contention", task_contention),
    model!("bounded/task/timeout_against_grant", task_timeout),
    model!("bounded/task/many_timeout_against_grant", task_many),
    model!("bounded/task/drop_against_forget", task_drop),
    model!("bounded/task/forgotten_permit_comes_back", task_comes_back),
];

/// A semaphore beside the cell that it is said to guard.
type ForThreads = Guarded<Arc<thread::BoundedSemaphore>>;
/// The same for tasks.
type ForTasks = Guarded<Arc<task::BoundedSemaphore>>;

const LONG: Duration = Duration::from_secs(60);

fn for_threads(capacity: usize) -> Arc<ForThreads> {
    let semaphore = thread::BoundedSemaphore::new(capacity);
    Arc::new(Guarded::new(Arc::new(semaphore)))
}

fn for_tasks(capacity: usize) -> Arc<ForTasks> {
    let semaphore = task::BoundedSemaphore::new(capacity);
    Arc::new(Guarded::new(Arc::new(semaphore)))
}

/// A thread that does something with the semaphore.
fn with<P: Send + Sync + 'static, R: 'static>(
    semaphore: &Arc<Guarded<P>>,
    body: impl FnOnce(&Guarded<P>) -> R + 'static,
) -> JoinHandle<R> {
    let semaphore = Arc::clone(semaphore);
    spawn(move || body(&semaphore))
}

fn thread_contention(check: Check) {
    check
        .outcomes(&["rival first", "rival second"])
        .overdue(&[false, true])
        .run(|run| {
            let semaphore = for_threads(1);
            let rival = with(&semaphore, |semaphore| {
                let permit = semaphore.acquire_many_owned(1);
                semaphore.bump();
                drop(permit);
            });
            let permit = semaphore.acquire_many(1);
            run.saw(["rival second", "rival first"][semaphore.value()]);
            semaphore.bump();
            drop(permit);
            rival.join().unwrap();
            assert_eq!(semaphore.value(), 2);
            assert!(semaphore.release(1).is_err(), "none was forgotten");
            semaphore.assert_quiet();
        });
}

fn thread_timeout(check: Check) {
    check
        .outcomes(&["granted", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let semaphore = for_threads(1);
            let permit = semaphore.acquire_owned();
            let rival = with(&semaphore, |semaphore| {
                match semaphore.acquire_deadline(Instant::now()) {
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
            assert!(semaphore.release(1).is_err(), "none was forgotten");
            assert_eq!(semaphore.available_permits(), 1);
            semaphore.assert_quiet();
        });
}

fn thread_many(check: Check) {
    check
        .outcomes(&["granted", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let semaphore = for_threads(2);
            let permit = semaphore.acquire();
            let rival = with(&semaphore, |semaphore| {
                match semaphore.acquire_many_owned_deadline(2, Instant::now()) {
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
            assert!(semaphore.acquire_many_timeout(2, LONG).is_ok());
            assert_eq!(semaphore.available_permits(), 2);
            semaphore.assert_quiet();
        });
}

/// A release succeeds only for a permit that somebody has forgotten; one that is out is not.
fn thread_release_forget(check: Check) {
    check
        .outcomes(&["released", "refused", "could not forget"])
        .run(|run| {
            let semaphore = for_threads(1);
            let forgetter = with(&semaphore, |semaphore| semaphore.forget(1));
            let releaser = with(&semaphore, |semaphore| semaphore.release(1).is_ok());
            let permit = semaphore.try_acquire();
            let held = permit.as_ref().map_or(0, syncline::Permit::count);
            let forgotten = forgetter.join().unwrap();
            let released = usize::from(releaser.join().unwrap());
            run.saw(match (forgotten, released) {
                (0, _) => "could not forget",
                (_, 0) => "refused",
                _ => "released",
            });
            assert!(released <= forgotten, "a release too many");
            let missing = forgotten - released;
            assert_eq!(semaphore.available_permits() + held + missing, 1);
            assert!(semaphore.release(missing + 1).is_err(), "a permit is out");
            semaphore.release(missing).unwrap();
            drop(permit);
            assert_eq!(semaphore.available_permits(), 1);
            semaphore.assert_quiet();
        });
}

/// Two bring back one permit: one of them is refused, and the capacity is not exceeded.
fn thread_releases(check: Check) {
    check
        .outcomes(&["rival released", "rival refused"])
        .min_executions(4)
        .run(|run| {
            let semaphore = for_threads(2);
            semaphore.acquire().forget();
            let rival = with(&semaphore, |semaphore| semaphore.release(1).is_ok());
            let released = semaphore.release(1).is_ok();
            let rival_released = rival.join().unwrap();
            run.saw(if rival_released {
                "rival released"
            } else {
                "rival refused"
            });
            assert_ne!(released, rival_released);
            assert_eq!(semaphore.available_permits(), semaphore.capacity());
            semaphore.assert_quiet();
        });
}

/// Who waits for a permit that is forgotten gets it when it is released.
fn thread_comes_back(check: Check) {
    check
        .outcomes(&["somebody waits", "nobody waits"])
        .overdue(&[false, true])
        .run(|run| {
            let semaphore = for_threads(1);
            let permit = semaphore.acquire();
            let waiter = with(&semaphore, |semaphore| {
                let permit = semaphore.acquire_many_deadline(1, Instant::now());
                assert_eq!(semaphore.value(), 1);
                drop(permit.unwrap());
                assert_eq!(semaphore.forget(1), 1);
            });
            permit.forget();
            semaphore.bump();
            yield_now();
            run.saw(["nobody waits", "somebody waits"][semaphore.waiting()]);
            semaphore.release(1).unwrap();
            waiter.join().unwrap();
            semaphore.release(1).unwrap();
            assert!(semaphore.release(1).is_err(), "that is the capacity");
            let permit = semaphore.acquire_many_owned_timeout(1, LONG);
            assert!(permit.is_ok());
            drop(permit);
            assert!(semaphore.acquire_timeout(LONG).is_ok());
            assert!(semaphore.acquire_owned_deadline(Instant::now()).is_ok());
            semaphore.assert_quiet();
        });
}

fn task_contention(check: Check) {
    check.outcomes(&["rival first", "rival second"]).run(|run| {
        let semaphore = for_tasks(1);
        let rival = with(&semaphore, |semaphore| {
            let permit = block_on(semaphore.acquire_many_owned(1));
            semaphore.bump();
            drop(permit);
        });
        let permit = block_on(semaphore.acquire_many(1));
        run.saw(["rival second", "rival first"][semaphore.value()]);
        semaphore.bump();
        drop(permit);
        rival.join().unwrap();
        assert_eq!(semaphore.value(), 2);
        assert!(semaphore.release(1).is_err(), "none was forgotten");
        semaphore.assert_quiet();
    });
}

fn task_timeout(check: Check) {
    check
        .outcomes(&["granted", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let semaphore = for_tasks(1);
            let permit = block_on(semaphore.acquire_owned());
            let rival = with(&semaphore, |semaphore| {
                match block_on(semaphore.acquire_deadline(Instant::now())) {
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
            assert!(semaphore.release(1).is_err(), "none was forgotten");
            assert_eq!(semaphore.available_permits(), 1);
            semaphore.assert_quiet();
        });
}

fn task_many(check: Check) {
    check
        .outcomes(&["granted", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let semaphore = for_tasks(2);
            let permit = block_on(semaphore.acquire());
            let rival = with(&semaphore, |semaphore| {
                match block_on(semaphore.acquire_many_owned_deadline(2, Instant::now())) {
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
            assert!(block_on(semaphore.acquire_many_timeout(2, LONG)).is_ok());
            assert_eq!(semaphore.available_permits(), 2);
            semaphore.assert_quiet();
        });
}

/// A request for all is dropped while a permit is taken away: none is lost, none is new.
fn task_drop(check: Check) {
    check
        .outcomes(&["nothing was free", "one was free", "both were free"])
        .run(|run| {
            let semaphore = for_tasks(2);
            let held = semaphore.try_acquire().unwrap();
            let waker = CountingWaker::new();
            let mut waiting = Box::pin(semaphore.acquire_many(2));
            assert!(poll_once(waiting.as_mut(), &waker).is_pending());
            let forgetter = with(&semaphore, |semaphore| semaphore.forget(2));
            drop(held);
            drop(waiting);
            let forgotten = forgetter.join().unwrap();
            run.saw(["nothing was free", "one was free", "both were free"][forgotten]);
            assert_eq!(semaphore.available_permits() + forgotten, 2);
            assert!(semaphore.release(forgotten + 1).is_err());
            semaphore.release(forgotten).unwrap();
            assert_eq!(semaphore.available_permits(), 2);
            assert_eq!(waker.clones(), 0);
            semaphore.assert_quiet();
        });
}

fn task_comes_back(check: Check) {
    check
        .outcomes(&["granted", "not forgotten yet"])
        .min_executions(4)
        .run(|run| {
            let semaphore = for_tasks(1);
            let permit = semaphore.try_acquire_owned().unwrap();
            let waker = CountingWaker::new();
            let mut waiting = Box::pin(semaphore.acquire_many_deadline(1, Instant::now()));
            assert!(poll_once(waiting.as_mut(), &waker).is_pending());
            let forgetter = with(&semaphore, |semaphore| {
                semaphore.bump();
                permit.forget();
            });
            // Whether it may be released, only the semaphore knows.
            let released = semaphore.release(1).is_ok();
            run.saw(if released {
                "granted"
            } else {
                "not forgotten yet"
            });
            forgetter.join().unwrap();
            assert_eq!(released, semaphore.release(1).is_err(), "one, once");
            let Poll::Ready(Ok(permit)) = poll_once(waiting.as_mut(), &waker) else {
                panic!("it is the only one in line")
            };
            assert_eq!((waker.wakes(), waker.clones()), (1, 0));
            drop(permit);
            let again = semaphore.acquire_many_owned_timeout(1, LONG);
            assert!(block_on(again).is_ok());
            assert!(block_on(semaphore.acquire_timeout(LONG)).is_ok());
            let again = semaphore.acquire_owned_deadline(Instant::now());
            assert!(block_on(again).is_ok());
            assert_eq!(semaphore.available_permits(), 1);
            semaphore.assert_quiet();
        });
}
