//! Models of `Semaphore` with threads and tasks in one line.

use core::time::Duration;
use std::sync::Arc;

use syncline::internals::Quiet;
use syncline::loom::thread::{JoinHandle, spawn, yield_now};
use syncline::task::block_on;
use syncline::thread;

use crate::kit::{Check, CountingWaker, Guarded, Model, model, poll_once};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("semaphore/mixed/task_behind_thread", thread_first).dear(),
    model!("semaphore/mixed/thread_behind_task", task_first),
    model!("semaphore/mixed/thread_behind_dropped_task", behind_task),
    model!(
        "semaphore/mixed/task_behind_timed_out_thread",
        behind_thread
    ),
    model!("semaphore/mixed/fair_release_skips_nobody", fair_release),
];

/// A semaphore beside the cell that it is said to guard.
type Shared = Guarded<Arc<thread::Semaphore>>;

const LONG: Duration = Duration::from_secs(60);

fn shared(permits: usize) -> Arc<Shared> {
    Arc::new(Guarded::new(Arc::new(thread::Semaphore::new(permits))))
}

/// A thread that does something with the semaphore.
fn with<R: 'static>(
    semaphore: &Arc<Shared>,
    body: impl FnOnce(&Shared) -> R + 'static,
) -> JoinHandle<R> {
    let semaphore = Arc::clone(semaphore);
    spawn(move || body(&semaphore))
}

/// A thread in line, and a task that comes: two releases serve both.
fn thread_first(check: Check) {
    check
        .outcomes(&["all taken", "some free", "nobody in line"])
        .overdue(&[false, true])
        .run(|run| {
            let semaphore = shared(0);
            let thread = with(&semaphore, |semaphore| {
                let permit = semaphore.acquire_owned();
                assert_eq!(semaphore.value(), 1);
                permit
            });
            yield_now();
            let in_line = semaphore.waiting() == 1;
            semaphore.bump();
            if !in_line {
                run.saw("nobody in line");
                semaphore.release(1).unwrap();
                drop(thread.join().unwrap());
                return;
            }
            let task = with(&semaphore, |semaphore| {
                let permit = block_on(Arc::clone(semaphore).into_task().acquire_owned());
                assert_eq!(semaphore.value(), 1);
                permit
            });
            semaphore.release(1).unwrap();
            semaphore.release(1).unwrap();
            let taken = semaphore.available_permits() == 0;
            run.saw(if taken { "all taken" } else { "some free" });
            drop((thread.join().unwrap(), task.join().unwrap()));
            assert_eq!(semaphore.available_permits(), 2);
            semaphore.assert_quiet();
        });
}

/// A task in line, and a thread that comes: the task is served first.
fn task_first(check: Check) {
    check
        .outcomes(&["all taken", "one free"])
        .overdue(&[false, true])
        .run(|run| {
            let semaphore = shared(0);
            let waker = CountingWaker::new();
            let mut task = Box::pin(semaphore.as_task().acquire());
            assert!(poll_once(task.as_mut(), &waker).is_pending());
            let thread = with(&semaphore, |semaphore| {
                let permit = semaphore.acquire_owned();
                assert_eq!(semaphore.value(), 1);
                permit
            });
            semaphore.bump();
            semaphore.release(1).unwrap();
            assert_eq!(waker.wakes(), 1);
            semaphore.release(1).unwrap();
            let taken = semaphore.available_permits() == 0;
            run.saw(if taken { "all taken" } else { "one free" });
            let permit = thread.join().unwrap();
            assert!(poll_once(task.as_mut(), &waker).is_ready());
            drop(permit);
            assert_eq!(semaphore.available_permits(), 2);
            semaphore.assert_quiet();
        });
}

/// When the only task leaves, the line no longer hands over, and the thread is woken instead.
fn behind_task(check: Check) {
    check
        .outcomes(&["task was granted", "task was not granted"])
        .overdue(&[false, true])
        .run(|run| {
            let semaphore = shared(1);
            let permit = semaphore.acquire_owned();
            let waker = CountingWaker::new();
            let mut head = Box::pin(semaphore.as_task().acquire());
            assert!(poll_once(head.as_mut(), &waker).is_pending());
            let next = with(&semaphore, |semaphore| {
                let permit = semaphore.acquire();
                semaphore.bump();
                drop(permit);
            });
            let holder = with(&semaphore, |semaphore| {
                semaphore.bump();
                drop(permit);
            });
            drop(head);
            let granted = waker.wakes() == 1;
            run.saw(if granted {
                "task was granted"
            } else {
                "task was not granted"
            });
            next.join().unwrap();
            holder.join().unwrap();
            assert_eq!((semaphore.value(), semaphore.available_permits()), (2, 1));
            assert_eq!(waker.clones(), 0);
            semaphore.assert_quiet();
        });
}

/// A thread that wants more than is free gives up: the task behind it goes.
fn behind_thread(check: Check) {
    check
        .outcomes(&["task waited", "task found it free"])
        .expiries(&[Some(0)])
        .overdue(&[false, true])
        .run(|run| {
            let semaphore = shared(2);
            let held = semaphore.acquire();
            let head = with(&semaphore, |semaphore| {
                assert!(semaphore.acquire_many_timeout(2, LONG).is_err());
            });
            let permit = semaphore.as_task().try_acquire();
            run.saw(match permit {
                Some(_) => "task found it free",
                None => "task waited",
            });
            let permit = permit.unwrap_or_else(|| block_on(semaphore.as_task().acquire()));
            head.join().unwrap();
            drop(permit);
            drop(held);
            assert_eq!(semaphore.available_permits(), 2);
            semaphore.assert_quiet();
        });
}

/// A fair release of two goes to both who wait, whoever they are, and to no barger.
fn fair_release(check: Check) {
    check
        .outcomes(&["both wait", "one waits", "none waits"])
        .run(|run| {
            let semaphore = shared(2);
            let permit = semaphore.acquire_many(2);
            let thread = with(&semaphore, |semaphore| {
                semaphore.acquire().forget();
            });
            let task = with(&semaphore, |semaphore| {
                block_on(semaphore.as_task().acquire()).forget();
            });
            yield_now();
            let waiting = semaphore.waiting();
            run.saw(["none waits", "one waits", "both wait"][waiting]);
            permit.release_fair();
            if waiting == 2 {
                assert!(semaphore.try_acquire().is_none(), "both are handed over");
            }
            thread.join().unwrap();
            task.join().unwrap();
            assert_eq!(semaphore.available_permits(), 0);
            semaphore.assert_quiet();
        });
}
