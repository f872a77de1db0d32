//! Models of `BoundedSemaphore::set_capacity`: a debt that releases pay, and permits that appear.

use core::sync::atomic::{AtomicBool, Ordering::Relaxed};
use core::task::Poll;
use std::sync::Arc;

use syncline::OwnedPermit;
use syncline::internals::Quiet;
use syncline::loom::thread::{JoinHandle, spawn, yield_now};
use syncline::task::{self, block_on};
use syncline::thread;

use crate::kit::{Check, CountingWaker, Guarded, Model, model, poll_once};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!(
        "capacity/thread/releases_pay_the_debt_first",
        thread_releases
    ),
    model!("capacity/task/releases_pay_the_debt_first", task_releases),
    model!(
        "capacity/mixed/fair_release_pays_the_debt_first",
        fair_release
    ),
    model!("capacity/thread/lower_against_release", thread_lower),
    model!("capacity/task/lower_against_release", task_lower),
    model!("capacity/thread/lower_below_a_request", thread_below),
    model!("capacity/task/lower_below_a_request", task_below),
    model!("capacity/thread/raise_against_acquire", thread_raise),
    model!("capacity/task/raise_against_acquire", task_raise),
    model!("capacity/mixed/raise_lets_both_faces_go", mixed_raise).dear(),
    model!("capacity/task/raise_against_drop", raise_against_drop),
    model!("capacity/thread/two_at_once", two_at_once),
];

/// A semaphore beside the cell that it is said to guard.
type Shared = Guarded<Arc<task::BoundedSemaphore>>;

fn shared(capacity: usize) -> Arc<Shared> {
    let semaphore = task::BoundedSemaphore::new(capacity);
    Arc::new(Guarded::new(Arc::new(semaphore)))
}

/// A thread that does something with the semaphore.
fn with<R: 'static>(
    semaphore: &Arc<Shared>,
    body: impl FnOnce(&Shared) -> R + 'static,
) -> JoinHandle<R> {
    let semaphore = Arc::clone(semaphore);
    spawn(move || body(&semaphore))
}

/// How somebody acquires permits.
type Acquire = fn(&Shared, usize) -> OwnedPermit;

fn as_thread(semaphore: &Shared, permits: usize) -> OwnedPermit {
    let semaphore: Arc<thread::BoundedSemaphore> = semaphore.to_thread();
    semaphore.acquire_many_owned(permits)
}

fn as_task(semaphore: &Shared, permits: usize) -> OwnedPermit {
    block_on(semaphore.acquire_many_owned(permits))
}

/// Two permits are out, of which one is too many, and somebody waits. The first that comes back is not for
/// them: then two would be inside.
fn pay(check: Check, acquire: Acquire, fair: bool) {
    check
        .outcomes(&["in line", "late"])
        .overdue(&[false, true])
        .run(move |run| {
            let semaphore = shared(2);
            let held = [(); 2].map(|()| {
                let permit = semaphore.try_acquire_owned().unwrap();
                (permit, semaphore.enter(2))
            });
            let waiter = with(&semaphore, move |semaphore| {
                let permit = acquire(semaphore, 1);
                let inside = semaphore.enter(1);
                drop(inside);
                drop(permit);
            });
            yield_now();
            let in_line = semaphore.waiting() == 1;
            run.saw(if in_line { "in line" } else { "late" });
            semaphore.set_capacity(1);
            for (permit, inside) in held {
                drop(inside);
                if fair {
                    permit.release_fair();
                } else {
                    drop(permit);
                }
            }
            waiter.join().unwrap();
            assert_eq!(semaphore.available_permits(), 1);
            semaphore.assert_quiet();
        });
}

fn thread_releases(check: Check) {
    pay(check, as_thread, false);
}

fn task_releases(check: Check) {
    pay(check, as_task, false);
}

fn fair_release(check: Check) {
    pay(check, as_thread, true);
}

/// What comes back after the capacity has been lowered is not given out again; what came back before, is.
fn lower(check: Check, acquire: Acquire) {
    check
        .outcomes(&["granted before", "debt paid", "nobody in line"])
        .overdue(&[false, true])
        .run(move |run| {
            let semaphore = shared(2);
            let first = semaphore.try_acquire_owned().unwrap();
            let second = semaphore.try_acquire_owned().unwrap();
            let waiter = with(&semaphore, move |semaphore| acquire(semaphore, 1));
            yield_now();
            if semaphore.waiting() == 0 {
                run.saw("nobody in line");
                drop((first, second));
                drop(waiter.join().unwrap());
                return;
            }
            // The model's own knowledge, of which loom and the semaphore know nothing.
            let begun = Arc::new(AtomicBool::new(false));
            let release = with(&semaphore, {
                let begun = Arc::clone(&begun);
                move |semaphore| {
                    begun.store(true, Relaxed);
                    semaphore.bump();
                    drop(first);
                }
            });
            semaphore.set_capacity(1);
            let before = !begun.load(Relaxed);
            release.join().unwrap();
            let waits = semaphore.waiting() == 1 && semaphore.available_permits() == 0;
            run.saw(if waits { "debt paid" } else { "granted before" });
            assert!(waits || !before, "more than the capacity allows");
            drop(second);
            drop(waiter.join().unwrap());
            assert_eq!(semaphore.value(), 1);
            assert_eq!(
                (semaphore.available_permits(), semaphore.capacity()),
                (1, 1)
            );
            semaphore.assert_quiet();
        });
}

fn thread_lower(check: Check) {
    lower(check, as_thread);
}

fn task_lower(check: Check) {
    lower(check, as_task);
}

/// A request for more than the capacity keeps its place, and is served when there is enough again.
fn below(check: Check, acquire: Acquire) {
    check
        .outcomes(&["waits", "was served before", "has not come"])
        .overdue(&[false, true])
        .run(move |run| {
            let semaphore = shared(2);
            let held = semaphore.try_acquire_owned().unwrap();
            let waiter = with(&semaphore, move |semaphore| {
                let permit = acquire(semaphore, 2);
                assert_eq!(semaphore.value(), 1);
                permit
            });
            yield_now();
            if semaphore.waiting() == 0 {
                // Its request could come too late, and panic.
                run.saw("has not come");
                semaphore.bump();
                drop(held);
                return drop(waiter.join().unwrap());
            }
            let lowers = with(&semaphore, |semaphore| semaphore.set_capacity(1));
            semaphore.bump();
            drop(held);
            lowers.join().unwrap();
            let waits = semaphore.waiting() == 1;
            run.saw(if waits { "waits" } else { "was served before" });
            semaphore.set_capacity(2);
            assert_eq!(waiter.join().unwrap().count(), 2);
            assert_eq!(semaphore.available_permits(), 2);
            semaphore.assert_quiet();
        });
}

fn thread_below(check: Check) {
    below(check, as_thread);
}

fn task_below(check: Check) {
    below(check, as_task);
}

/// Who takes a permit that has just been added sees what was done before.
fn raise(check: Check, acquire: Acquire) {
    check
        .outcomes(&["waited", "found it free"])
        .overdue(&[false, true])
        .run(move |run| {
            let semaphore = shared(1);
            let held = semaphore.try_acquire_owned().unwrap();
            let waiter = with(&semaphore, move |semaphore| {
                let permit = semaphore.to_thread().try_acquire_owned();
                run.saw(match permit {
                    Some(_) => "found it free",
                    None => "waited",
                });
                let permit = permit.unwrap_or_else(|| acquire(semaphore, 1));
                assert_eq!(semaphore.value(), 1);
                permit
            });
            semaphore.bump();
            semaphore.set_capacity(2);
            // The other permit does not come back before the waiter is through.
            drop(waiter.join().unwrap());
            drop(held);
            assert_eq!(
                (semaphore.available_permits(), semaphore.capacity()),
                (2, 2)
            );
            semaphore.assert_quiet();
        });
}

fn thread_raise(check: Check) {
    raise(check, as_thread);
}

fn task_raise(check: Check) {
    raise(check, as_task);
}

/// A task and a thread wait; both go when there is one permit for each.
fn mixed_raise(check: Check) {
    check
        .outcomes(&["both taken", "some free"])
        .overdue(&[false, true])
        .run(|run| {
            let semaphore = shared(0);
            // Nobody may ask for a permit of none.
            semaphore.set_capacity(1);
            let held = semaphore.try_acquire_owned().unwrap();
            let waiters = [as_thread as Acquire, as_task].map(|acquire| {
                with(&semaphore, move |semaphore| {
                    let permit = acquire(semaphore, 1);
                    assert_eq!(semaphore.value(), 1);
                    permit
                })
            });
            semaphore.bump();
            semaphore.set_capacity(3);
            let free = semaphore.available_permits();
            run.saw(if free == 0 { "both taken" } else { "some free" });
            drop(waiters.map(|waiter| waiter.join().unwrap()));
            drop(held);
            assert_eq!(semaphore.available_permits(), 3);
            semaphore.assert_quiet();
        });
}

/// A wait is dropped while the permit that it waits for appears: it stays in the semaphore.
fn raise_against_drop(check: Check) {
    check
        .outcomes(&["was granted", "was not granted"])
        .min_executions(4)
        .run(|run| {
            let semaphore = shared(1);
            let held = semaphore.try_acquire_owned().unwrap();
            let waker = CountingWaker::new();
            let mut waiting = Box::pin(semaphore.acquire());
            assert!(poll_once(waiting.as_mut(), &waker).is_pending());
            let raises = with(&semaphore, |semaphore| semaphore.set_capacity(2));
            let granted = matches!(poll_once(waiting.as_mut(), &waker), Poll::Ready(_));
            run.saw(if granted {
                "was granted"
            } else {
                "was not granted"
            });
            drop(waiting);
            raises.join().unwrap();
            assert_eq!(semaphore.available_permits(), 1);
            drop(held);
            assert_eq!(semaphore.available_permits(), 2);
            assert_eq!(waker.clones(), 0);
            semaphore.assert_quiet();
        });
}

/// Two change the capacity: it is as one of them has said, and there are that many permits.
fn two_at_once(check: Check) {
    check.outcomes(&["three", "none"]).run(|run| {
        let semaphore = shared(2);
        let held = semaphore.try_acquire_owned().unwrap();
        let rival = with(&semaphore, |semaphore| semaphore.set_capacity(0));
        semaphore.set_capacity(3);
        drop(held);
        rival.join().unwrap();
        let capacity = semaphore.capacity();
        run.saw(if capacity == 3 { "three" } else { "none" });
        assert_eq!(semaphore.available_permits(), capacity);
        assert!(semaphore.release(1).is_err(), "none was forgotten");
        semaphore.assert_quiet();
    });
}
