//! Models of `Barrier` for tasks: the last arrival against those who leave, whose time is over, or
//! who break the round.

use core::pin::pin;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use core::task::Poll;
use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use syncline::internals::Quiet;
use syncline::loom::thread::{JoinHandle, spawn, yield_now};
use syncline::task::{Barrier, block_on};
use syncline::{Arrival, BrokenBarrier};

use crate::kit::{Check, CountingWaker, Guarded, Model, model, poll_once};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("barrier/task/all_see_what_all_did", publication),
    model!("barrier/task/fast_party_cannot_lap", lap),
    model!("barrier/task/drop_against_last_arrival", drop_against),
    model!("barrier/task/drop_against_action", drop_against_action),
    model!("barrier/task/timeout_against_last_arrival", timeout),
    model!("barrier/task/timeout_against_action", late_timeout),
    model!(
        "barrier/task/last_arrival_against_second_waker",
        waker_moves
    ),
    model!("barrier/task/abort_against_last_arrival", abort),
    model!("barrier/task/reset_against_last_arrival", reset),
];

const LONG: Duration = Duration::from_secs(60);

type Met = Result<Arrival, BrokenBarrier>;

/// A barrier for two, beside the cell of whoever writes before it arrives.
type Shared = Guarded<Barrier>;

fn shared() -> Arc<Shared> {
    Arc::new(Guarded::new(Barrier::new(2)))
}

/// A thread that does something with the barrier.
fn with<R: 'static>(
    barrier: &Arc<Shared>,
    body: impl FnOnce(&Shared) -> R + 'static,
) -> JoinHandle<R> {
    let barrier = Arc::clone(barrier);
    spawn(move || body(&barrier))
}

/// Writes the cell, and arrives as a task.
fn bump_and_wait(barrier: &Shared) -> Met {
    barrier.bump();
    block_on(barrier.wait())
}

fn assert_permutation(met: [Met; 2]) {
    let mut indices = met.map(|met| met.unwrap().index());
    indices.sort_unstable();
    assert_eq!(indices, [0, 1]);
}

/// Checks that both have met or both have not, and says which.
fn agreed(met: [Met; 2]) -> bool {
    assert_eq!(met[0].is_ok(), met[1].is_ok(), "half a round: {met:?}");
    if met[0].is_ok() {
        assert_permutation(met);
    }
    met[0].is_ok()
}

fn publication(check: Check) {
    check
        .outcomes(&["main leads", "the other leads"])
        .run(|run| {
            let barrier = shared();
            let mine = Arc::new(Guarded::new(()));
            let other = with(&barrier, {
                let mine = Arc::clone(&mine);
                move |barrier| {
                    let met = bump_and_wait(barrier);
                    assert_eq!(mine.value(), 1);
                    met
                }
            });
            mine.bump();
            let here = block_on(barrier.wait());
            assert_eq!(barrier.value(), 1);
            assert_permutation([here, other.join().unwrap()]);
            let leads = here.unwrap().is_leader();
            run.saw(if leads {
                "main leads"
            } else {
                "the other leads"
            });
            barrier.assert_quiet();
        });
}

/// A task that waits again at once waits for the next round (trap B4).
fn lap(check: Check) {
    check
        .outcomes(&["the same leader", "another leader"])
        .run(|run| {
            let barrier = shared();
            let other = with(&barrier, |barrier| {
                let first = bump_and_wait(barrier).unwrap();
                let second = block_on(barrier.wait()).unwrap();
                barrier.bump();
                [first, second]
            });
            let first = block_on(barrier.wait()).unwrap();
            assert_eq!(barrier.value(), 1);
            let second = block_on(barrier.wait()).unwrap();
            let other = other.join().unwrap();
            assert_permutation([Ok(first), Ok(other[0])]);
            assert_permutation([Ok(second), Ok(other[1])]);
            run.saw(["another leader", "the same leader"][usize::from(first == second)]);
            assert_eq!(barrier.value(), 2);
            barrier.assert_quiet();
        });
}

/// A dropped wait takes its arrival back, or the round was complete before (traps A56, C2).
fn drop_against(check: Check) {
    check
        .outcomes(&["dropped first", "met, then dropped"])
        .min_executions(4)
        .run(|run| {
            let barrier = shared();
            let wakers = [(); 2].map(|()| CountingWaker::new());
            let mut leaving = Box::pin(barrier.wait());
            assert!(poll_once(leaving.as_mut(), &wakers[0]).is_pending());
            let other = with(&barrier, |barrier| {
                let waker = CountingWaker::new();
                let mut arriving = pin!(barrier.wait());
                let met = match poll_once(arriving.as_mut(), &waker) {
                    Poll::Ready(met) => Some(met.unwrap()),
                    Poll::Pending => None,
                };
                assert_eq!(waker.wakes(), 0);
                met
            });
            drop(leaving);
            let met = other.join().unwrap();
            run.saw(if met.is_some() {
                "met, then dropped"
            } else {
                "dropped first"
            });
            assert!(met.is_none_or(Arrival::is_leader));
            assert!(wakers[0].wakes() <= usize::from(met.is_some()));
            assert_eq!(wakers[0].clones(), 0);
            // The barrier is whole: two meet.
            let mut first = pin!(barrier.wait());
            assert!(poll_once(first.as_mut(), &wakers[1]).is_pending());
            assert_eq!(block_on(barrier.wait()).unwrap().index(), 1);
            let Poll::Ready(first) = poll_once(first.as_mut(), &wakers[1]) else {
                panic!("the barrier has grown");
            };
            assert_eq!(first.unwrap().index(), 0);
            barrier.assert_quiet();
        });
}

/// A wait that is dropped while the action runs has been passed: nobody else notices.
fn drop_against_action(check: Check) {
    check
        .outcomes(&["before", "during", "between"])
        .min_executions(4)
        .run(|run| {
            // The model's own knowledge of the action, of which loom and the barrier know nothing.
            let stage = Arc::new(AtomicUsize::new(0));
            let acted = Arc::new(Guarded::new(()));
            let barrier = Arc::new(Guarded::new(Barrier::with_action(2, {
                let (stage, acted) = (Arc::clone(&stage), Arc::clone(&acted));
                move || {
                    stage.store(1, Relaxed);
                    // A place to be interrupted at.
                    drop(acted.enter(2));
                    acted.bump();
                    stage.store(2, Relaxed);
                }
            })));
            let waker = CountingWaker::new();
            let mut leaving = Box::pin(barrier.wait());
            assert!(poll_once(leaving.as_mut(), &waker).is_pending());
            let other = with(&barrier, |barrier| {
                let arriving = pin!(barrier.wait());
                poll_once(arriving, &CountingWaker::new()).is_ready()
            });
            drop(acted.enter(2));
            let before = stage.load(Relaxed);
            drop(leaving);
            let after = stage.load(Relaxed);
            let met = other.join().unwrap();
            run.saw(match (before, after) {
                (1, 1) => "during",
                (0, 0) if !met => "before",
                _ => "between",
            });
            assert_eq!(acted.value(), usize::from(met));
            assert_eq!(waker.clones(), 0);
            barrier.assert_quiet();
        });
}

fn timeout(check: Check) {
    check
        .outcomes(&["met", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let barrier = shared();
            let other = with(&barrier, bump_and_wait);
            let here = block_on(barrier.wait_timeout(LONG));
            if here.is_ok() {
                assert_eq!(barrier.value(), 1);
            }
            let met = agreed([here, other.join().unwrap()]);
            run.saw(if met { "met" } else { "timed out" });
            assert_eq!(barrier.is_broken(), !met);
            assert_eq!(here.is_err_and(BrokenBarrier::timed_out), !met);
            if !met {
                let late = block_on(barrier.wait_deadline(Instant::now() + LONG));
                assert!(!late.unwrap_err().timed_out(), "refused at once");
            }
            barrier.assert_quiet();
        });
}

/// A poll after the deadline, while the action runs, waits on for the round that was complete.
fn late_timeout(check: Check) {
    check
        .outcomes(&["timed out", "met", "met late"])
        .expiries(&[Some(1)])
        .run(|run| {
            let acted = Arc::new(Guarded::new(()));
            let barrier = Arc::new(Guarded::new(Barrier::with_action(2, {
                let acted = Arc::clone(&acted);
                move || {
                    yield_now();
                    acted.bump();
                }
            })));
            let waker = CountingWaker::new();
            let mut timed = pin!(barrier.wait_timeout(LONG));
            assert!(poll_once(timed.as_mut(), &waker).is_pending());
            let other = with(&barrier, bump_and_wait);
            let polled = poll_once(timed.as_mut(), &waker);
            let there = other.join().unwrap();
            let (here, outcome) = match polled {
                Poll::Ready(met) => (met, if met.is_ok() { "met" } else { "timed out" }),
                Poll::Pending => {
                    assert_eq!(waker.wakes(), 1);
                    let Poll::Ready(met) = poll_once(timed.as_mut(), &waker) else {
                        panic!("woken for nothing");
                    };
                    assert!(met.is_ok(), "broken after it was complete");
                    (met, "met late")
                }
            };
            run.saw(outcome);
            let met = agreed([here, there]);
            assert_eq!(acted.value(), usize::from(met));
            if met {
                assert_eq!(barrier.value(), 1);
            }
            barrier.assert_quiet();
        });
}

/// A future that is polled with another waker wakes that one alone.
fn waker_moves(check: Check) {
    check
        .outcomes(&["met at the second poll", "met after it"])
        .min_executions(4)
        .run(|run| {
            let barrier = shared();
            let (old, new) = (CountingWaker::new(), CountingWaker::new());
            let mut waiting = pin!(barrier.wait());
            assert!(poll_once(waiting.as_mut(), &old).is_pending());
            let other = with(&barrier, bump_and_wait);
            let early = poll_once(waiting.as_mut(), &new).is_ready();
            let there = other.join().unwrap();
            assert_eq!(there.unwrap().index(), 1);
            if early {
                run.saw("met at the second poll");
                assert_eq!(new.wakes(), 0);
            } else {
                run.saw("met after it");
                assert_eq!((old.wakes(), new.wakes()), (0, 1));
                assert!(poll_once(waiting.as_mut(), &new).is_ready());
            }
            assert_eq!((barrier.value(), old.clones(), new.clones()), (1, 0, 0));
            barrier.assert_quiet();
        });
}

fn abort(check: Check) {
    check.outcomes(&["met", "aborted"]).run(|run| {
        let barrier = shared();
        let other = with(&barrier, |barrier| block_on(barrier.wait()));
        let aborts = with(&barrier, |barrier| {
            barrier.bump();
            barrier.abort();
        });
        let here = block_on(barrier.wait());
        let met = agreed([here, other.join().unwrap()]);
        run.saw(if met { "met" } else { "aborted" });
        if !met {
            assert_eq!(barrier.value(), 1);
        }
        aborts.join().unwrap();
        assert!(barrier.is_broken());
        barrier.assert_quiet();
    });
}

/// Whoever is thrown out by a reset comes again, and meets the other in the fresh round.
fn reset(check: Check) {
    check
        .outcomes(&["met at once", "met after the reset"])
        .run(|run| {
            let barrier = shared();
            let again = |barrier: &Shared| {
                block_on(async {
                    match barrier.wait().await {
                        Ok(arrival) => (arrival, 0),
                        Err(_) => (barrier.wait().await.unwrap(), 1),
                    }
                })
            };
            let other = with(&barrier, again);
            let resets = with(&barrier, |barrier| barrier.reset());
            let (here, mine) = again(&barrier);
            let (there, theirs) = other.join().unwrap();
            resets.join().unwrap();
            assert_permutation([Ok(here), Ok(there)]);
            run.saw(["met at once", "met after the reset"][mine + theirs]);
            assert!(!barrier.is_broken());
            barrier.assert_quiet();
        });
}
