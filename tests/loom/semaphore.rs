//! Models of `Semaphore` for threads. Those for tasks, and for both together, are in files beside it.

use core::sync::atomic::{AtomicBool, Ordering::Relaxed};
use core::time::Duration;
use std::sync::Arc;

use syncline::internals::Quiet;
use syncline::loom::thread::{JoinHandle, spawn, yield_now};
use syncline::{OwnedPermit, thread};

use crate::kit::{Check, Guarded, Model, model};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("semaphore/thread/contention", contention),
    model!("semaphore/thread/two_of_three_inside", two_of_three),
    model!("semaphore/thread/each_release_lets_one_go", two_releases).dear(),
    model!("semaphore/thread/one_release_lets_two_go", one_release),
    model!("semaphore/thread/one_behind_many", behind_many),
    model!("semaphore/thread/many_behind_one", behind_one),
    model!("semaphore/thread/timed_out_head_passes_on", timed_out_head),
    model!("semaphore/thread/hand_off_against_barging", hand_off),
    model!(
        "semaphore/thread/fair_release_against_barging",
        fair_release
    ),
    model!("semaphore/thread/fair_release_of_too_few", fair_too_few),
    model!("semaphore/thread/forget_against_acquire", forget),
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

fn contention(check: Check) {
    check
        .outcomes(&["rival first", "rival second"])
        .overdue(&[false, true])
        .run(|run| {
            let semaphore = shared(1);
            let rival = with(&semaphore, |semaphore| {
                let permit = semaphore.acquire_owned();
                semaphore.bump();
                drop(permit);
            });
            let permit = semaphore.acquire();
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
        let permit = semaphore.acquire();
        let inside = semaphore.enter(2);
        // The model's own knowledge, of which loom and the semaphore know nothing.
        let holding = Arc::new(AtomicBool::new(true));
        let rivals = [(); 2].map(|()| {
            let holding = Arc::clone(&holding);
            with(&semaphore, move |semaphore| {
                let permit = semaphore.acquire();
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
        let permit = semaphore.acquire_many_owned(permits);
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

/// The second release finds the first waiter woken, and has to wake the second (traps B1, C1).
fn two_releases(check: Check) {
    one_in_line(check, [1, 1], &[1, 1]);
}

fn one_release(check: Check) {
    one_in_line(check.overdue(&[false, true]), [1, 1], &[2]);
}

/// The first release is not enough for the head, and the second is enough for both.
fn behind_many(check: Check) {
    one_in_line(check.overdue(&[false, true]), [2, 1], &[1, 2]);
}

fn behind_one(check: Check) {
    one_in_line(check.overdue(&[true]), [1, 2], &[2, 1]);
}

/// What was kept for a head that gives up is there for the next (trap C4).
fn timed_out_head(check: Check) {
    check
        .outcomes(&["next waited", "next found it free"])
        .expiries(&[Some(0)])
        .overdue(&[true])
        .run(|run| {
            let semaphore = shared(2);
            let (one, other) = (semaphore.acquire(), semaphore.acquire());
            let head = with(&semaphore, |semaphore| {
                assert!(semaphore.acquire_many_timeout(2, LONG).is_err());
            });
            let next = with(&semaphore, move |semaphore| {
                let permit = semaphore.try_acquire_owned();
                run.saw(match permit {
                    Some(_) => "next found it free",
                    None => "next waited",
                });
                permit.unwrap_or_else(|| semaphore.acquire_owned())
            });
            drop(one);
            head.join().unwrap();
            // The other permit does not come back before the next in line is through.
            drop(next.join().unwrap());
            drop(other);
            assert_eq!(semaphore.available_permits(), 2);
            semaphore.assert_quiet();
        });
}

/// A head that is overdue gets the permit from the releaser; one that is not may be passed.
fn hand_off(check: Check) {
    check
        .outcomes(&["waiter first", "barger first"])
        .overdue(&[false, true])
        .run(|run| {
            let semaphore = shared(1);
            let permit = semaphore.acquire();
            let waiter = with(&semaphore, |semaphore| {
                let permit = semaphore.acquire();
                semaphore.bump();
                drop(permit);
            });
            yield_now();
            let waits = semaphore.waiting() == 1;
            drop(permit);
            let permit = semaphore.acquire();
            let passed = semaphore.value() == 0;
            run.saw(if passed {
                "barger first"
            } else {
                "waiter first"
            });
            assert!(!(passed && waits && run.overdue()), "it was overdue");
            drop(permit);
            waiter.join().unwrap();
            semaphore.assert_quiet();
        });
}

fn fair_release(check: Check) {
    check
        .outcomes(&["handed over", "nobody waited"])
        .run(|run| {
            let semaphore = shared(1);
            let permit = semaphore.acquire();
            let waiter = with(&semaphore, |semaphore| {
                let permit = semaphore.acquire();
                semaphore.bump();
                drop(permit);
            });
            yield_now();
            let waits = semaphore.waiting() == 1;
            permit.release_fair();
            let permit = semaphore.acquire();
            run.saw(if waits {
                "handed over"
            } else {
                "nobody waited"
            });
            // Who was in line before the release has had the permit before whoever came after it.
            assert!(!waits || semaphore.value() == 1);
            drop(permit);
            waiter.join().unwrap();
            semaphore.assert_quiet();
        });
}

/// A fair release of less than the head wants is kept for it: no barger takes it meanwhile.
fn fair_too_few(check: Check) {
    check
        .outcomes(&["kept for the head", "nobody waited"])
        .run(|run| {
            let semaphore = shared(2);
            let (one, other) = (semaphore.acquire(), semaphore.acquire());
            let waiter = with(&semaphore, |semaphore| {
                let permit = semaphore.acquire_many(2);
                semaphore.bump();
                drop(permit);
            });
            yield_now();
            let waits = semaphore.waiting() == 1;
            one.release_fair();
            let barger = semaphore.try_acquire();
            run.saw(if waits {
                "kept for the head"
            } else {
                "nobody waited"
            });
            assert!(!(waits && barger.is_some()), "the head was passed");
            drop(barger);
            drop(other);
            waiter.join().unwrap();
            assert_eq!((semaphore.value(), semaphore.available_permits()), (1, 2));
            semaphore.assert_quiet();
        });
}

/// A permit that is taken away while somebody comes for it, and brought back, is there for them.
fn forget(check: Check) {
    check
        .outcomes(&["forgotten", "not free"])
        .overdue(&[false, true])
        .run(|run| {
            let semaphore = shared(1);
            let rival = with(&semaphore, |semaphore| {
                let permit = semaphore.acquire();
                semaphore.bump();
                drop(permit);
            });
            let forgotten = semaphore.forget(1);
            run.saw(["not free", "forgotten"][forgotten]);
            semaphore.release(forgotten).unwrap();
            rival.join().unwrap();
            assert_eq!((semaphore.value(), semaphore.available_permits()), (1, 1));
            semaphore.assert_quiet();
        });
}
