//! Models of `Semaphore` for tasks.

use core::pin::pin;
use core::sync::atomic::{AtomicBool, Ordering::Relaxed};
use core::task::Poll;
use core::time::Duration;
use std::sync::Arc;

use syncline::OwnedPermit;
use syncline::internals::Quiet;
use syncline::loom::thread::{JoinHandle, spawn, yield_now};
use syncline::task::{self, block_on};

use crate::kit::{Check, CountingWaker, Guarded, Model, model, poll_once};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("semaphore/task/contention", contention),
    model!("semaphore/task/two_of_three_inside", two_of_three),
    model!("semaphore/task/each_release_lets_one_go", two_releases),
    model!("semaphore/task/one_release_lets_two_go", one_release),
    model!("semaphore/task/drop_against_grant", drop_against_grant),
    model!("semaphore/task/drop_of_timed_against_grant", drop_timed),
    model!("semaphore/task/one_behind_many", behind_many),
    model!("semaphore/task/many_behind_one", behind_one),
    model!("semaphore/task/dropped_head_passes_on", dropped_head),
    model!("semaphore/task/dropped_grant_passes_on", dropped_grant),
    model!("semaphore/task/nobody_passes_a_waiting_task", no_passing),
];

/// A semaphore beside the cell that it is said to guard.
type Shared = Guarded<Arc<task::Semaphore>>;

const LONG: Duration = Duration::from_secs(60);

fn shared(permits: usize) -> Arc<Shared> {
    Arc::new(Guarded::new(Arc::new(task::Semaphore::new(permits))))
}

/// A thread that does something with the semaphore.
fn with<R: 'static>(
    semaphore: &Arc<Shared>,
    body: impl FnOnce(&Shared) -> R + 'static,
) -> JoinHandle<R> {
    let semaphore = Arc::clone(semaphore);
    spawn(move || body(&semaphore))
}

fn contention(check: Check) {
    check.outcomes(&["rival first", "rival second"]).run(|run| {
        let semaphore = shared(1);
        let rival = with(&semaphore, |semaphore| {
            let permit = block_on(semaphore.acquire_owned());
            semaphore.bump();
            drop(permit);
        });
        let permit = block_on(semaphore.acquire());
        run.saw(["rival second", "rival first"][semaphore.value()]);
        semaphore.bump();
        drop(permit);
        rival.join().unwrap();
        assert_eq!((semaphore.value(), semaphore.available_permits()), (2, 1));
        semaphore.assert_quiet();
    });
}

fn two_of_three(check: Check) {
    check.outcomes(&["alone", "two inside"]).run(|run| {
        let semaphore = shared(2);
        let permit = block_on(semaphore.acquire());
        let inside = semaphore.enter(2);
        // The model's own knowledge, of which loom and the semaphore know nothing.
        let holding = Arc::new(AtomicBool::new(true));
        let rivals = [(); 2].map(|()| {
            let holding = Arc::clone(&holding);
            with(&semaphore, move |semaphore| {
                let permit = block_on(semaphore.acquire());
                let inside = semaphore.enter(2);
                let two = holding.load(Relaxed);
                run.saw(if two { "two inside" } else { "alone" });
                drop(inside);
                drop(permit);
            })
        });
        drop(inside);
        holding.store(false, Relaxed);
        drop(permit);
        for rival in rivals {
            rival.join().unwrap();
        }
        assert_eq!(semaphore.available_permits(), 2);
        semaphore.assert_quiet();
    });
}

/// A thread that takes permits, and sees what was written before they were released.
fn taker(semaphore: &Arc<Shared>, permits: usize) -> JoinHandle<OwnedPermit> {
    with(semaphore, move |semaphore| {
        let permit = block_on(semaphore.acquire_many_owned(permits));
        assert_eq!(semaphore.value(), 1);
        permit
    })
}

/// One is in line and another one comes. The releases serve both, whoever runs when.
fn one_in_line(check: Check, wants: [usize; 2], releases: &'static [usize]) {
    check
        .outcomes(&["all taken", "some free", "nobody in line"])
        .run(move |run| {
            let semaphore = shared(0);
            let first = taker(&semaphore, wants[0]);
            yield_now();
            let in_line = semaphore.waiting() == 1;
            semaphore.bump();
            if !in_line {
                // Then it is as without a line, which is another model.
                run.saw("nobody in line");
                semaphore.release(wants[0]).unwrap();
                drop(first.join().unwrap());
                return;
            }
            let second = taker(&semaphore, wants[1]);
            for &permits in releases {
                semaphore.release(permits).unwrap();
            }
            let taken = semaphore.available_permits() == 0;
            run.saw(if taken { "all taken" } else { "some free" });
            drop((first.join().unwrap(), second.join().unwrap()));
            assert_eq!(semaphore.available_permits(), wants[0] + wants[1]);
            semaphore.assert_quiet();
        });
}

/// Two releases before any waiter runs let two go (traps A42, B1).
fn two_releases(check: Check) {
    one_in_line(check, [1, 1], &[1, 1]);
}

fn one_release(check: Check) {
    one_in_line(check, [1, 1], &[2]);
}

/// The first release is not enough for the head, and the second is enough for both.
fn behind_many(check: Check) {
    one_in_line(check, [2, 1], &[1, 2]);
}

fn behind_one(check: Check) {
    one_in_line(check, [1, 2], &[2, 1]);
}

fn drop_against_grant(check: Check) {
    check
        .outcomes(&[
            "never waited",
            "granted, then dropped",
            "dropped while waiting",
        ])
        .run(|run| {
            let semaphore = shared(1);
            let permit = semaphore.try_acquire_owned().unwrap();
            let holder = with(&semaphore, |semaphore| {
                semaphore.bump();
                drop(permit);
            });
            let waker = CountingWaker::new();
            let mut waiting = Box::pin(semaphore.acquire());
            let at_once = poll_once(waiting.as_mut(), &waker).is_ready();
            drop(waiting);
            run.saw(match (at_once, waker.wakes()) {
                (true, _) => "never waited",
                (false, 0) => "dropped while waiting",
                (false, _) => "granted, then dropped",
            });
            holder.join().unwrap();
            // Whatever happened, the permit is free, and what the holder wrote is seen.
            let permit = semaphore.try_acquire().expect("nobody has it");
            assert_eq!(semaphore.value(), 1);
            drop(permit);
            assert_eq!(waker.clones(), 0);
            semaphore.assert_quiet();
        });
}

/// As above, with an alarm in the future that is dropped.
fn drop_timed(check: Check) {
    check
        .outcomes(&[
            "never waited",
            "granted, then dropped",
            "dropped while waiting",
        ])
        .run(|run| {
            let semaphore = shared(2);
            let permit = semaphore.try_acquire_many_owned(2).unwrap();
            let holder = with(&semaphore, |semaphore| {
                semaphore.bump();
                drop(permit);
            });
            let waker = CountingWaker::new();
            let mut waiting = Box::pin(semaphore.acquire_many_owned_timeout(2, LONG));
            let at_once = poll_once(waiting.as_mut(), &waker).is_ready();
            drop(waiting);
            run.saw(match (at_once, waker.wakes()) {
                (true, _) => "never waited",
                (false, 0) => "dropped while waiting",
                (false, _) => "granted, then dropped",
            });
            holder.join().unwrap();
            let permit = semaphore.try_acquire_many(2).expect("nobody has them");
            assert_eq!(semaphore.value(), 1);
            drop(permit);
            assert_eq!(waker.clones(), 0);
            semaphore.assert_quiet();
        });
}

/// A head that wants more than is free is dropped: who stands behind it goes (trap C4).
fn dropped_head(check: Check) {
    check
        .outcomes(&["next stood behind it", "next came later"])
        .run(|run| {
            let semaphore = shared(2);
            let held = semaphore.try_acquire().unwrap();
            let waker = CountingWaker::new();
            let mut head = Box::pin(semaphore.acquire_many(2));
            assert!(poll_once(head.as_mut(), &waker).is_pending());
            let next = with(&semaphore, |semaphore| {
                let permit = block_on(semaphore.acquire());
                semaphore.bump();
                drop(permit);
            });
            yield_now();
            let behind = semaphore.waiting() == 2;
            drop(head);
            run.saw(if behind {
                "next stood behind it"
            } else {
                "next came later"
            });
            // The other permit does not come back before the next in line is through.
            next.join().unwrap();
            drop(held);
            assert_eq!((semaphore.value(), semaphore.available_permits()), (1, 2));
            assert_eq!((waker.wakes(), waker.clones()), (0, 0));
            semaphore.assert_quiet();
        });
}

/// A head is dropped while it is granted two permits: both go on.
fn dropped_grant(check: Check) {
    check
        .outcomes(&["head was granted", "head was not granted"])
        .run(|run| {
            let semaphore = shared(2);
            let permit = semaphore.try_acquire_many_owned(2).unwrap();
            let waker = CountingWaker::new();
            let mut head = Box::pin(semaphore.acquire_many(2));
            assert!(poll_once(head.as_mut(), &waker).is_pending());
            let next = with(&semaphore, |semaphore| {
                let permit = block_on(semaphore.acquire());
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
                "head was granted"
            } else {
                "head was not granted"
            });
            next.join().unwrap();
            holder.join().unwrap();
            assert_eq!((semaphore.value(), semaphore.available_permits()), (2, 2));
            assert_eq!(waker.clones(), 0);
            semaphore.assert_quiet();
        });
}

/// What is free is kept for a task that wants more: no thread and no task takes it meanwhile.
fn no_passing(check: Check) {
    check
        .outcomes(&["tried before the grant", "tried after the grant"])
        .run(|run| {
            let semaphore = shared(2);
            let held = semaphore.try_acquire_owned().unwrap();
            let waker = Arc::new(CountingWaker::new());
            let mut head = pin!(semaphore.acquire_many(2));
            assert!(poll_once(head.as_mut(), &waker).is_pending());
            let barger = with(&semaphore, {
                let waker = Arc::clone(&waker);
                move |semaphore| {
                    assert!(semaphore.as_thread().try_acquire().is_none());
                    assert!(semaphore.try_acquire().is_none());
                    waker.wakes() > 0
                }
            });
            semaphore.bump();
            drop(held);
            let after = barger.join().unwrap();
            run.saw(if after {
                "tried after the grant"
            } else {
                "tried before the grant"
            });
            let Poll::Ready(permit) = poll_once(head.as_mut(), &waker) else {
                panic!("both permits are its own")
            };
            assert_eq!(semaphore.value(), 1);
            drop(permit);
            assert_eq!(semaphore.available_permits(), 2);
            semaphore.assert_quiet();
        });
}
