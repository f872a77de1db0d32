//! Models of `Barrier` for threads, and for both faces together.

use core::task::Poll;
use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use syncline::internals::Quiet;
use syncline::loom::thread::{JoinHandle, spawn, yield_now};
use syncline::task::block_on;
use syncline::thread::Barrier;
use syncline::{Arrival, BrokenBarrier};

use crate::kit::{Check, CountingWaker, Guarded, Model, model, poll_once};

/// The models of this file.
pub(crate) const MODELS: &[Model] = &[
    model!("barrier/thread/all_see_what_all_did", publication),
    model!("barrier/thread/action_comes_between", action),
    model!("barrier/thread/fast_party_cannot_lap", lap),
    model!("barrier/thread/timeout_against_last_arrival", timeout),
    model!("barrier/thread/timeout_tells_who_waits", timeout_of_three),
    model!("barrier/thread/timeout_against_action", late_timeout),
    model!("barrier/thread/one_try_against_arrival", one_try),
    model!("barrier/thread/abort_against_last_arrival", abort),
    model!("barrier/thread/reset_against_last_arrival", reset),
    model!("barrier/mixed/thread_and_task_meet", mixed),
    model!("barrier/mixed/three_parties_meet", three),
    model!("barrier/mixed/task_leaves_threads", leaves),
];

const LONG: Duration = Duration::from_secs(60);

type Met = Result<Arrival, BrokenBarrier>;

/// A barrier, and a cell for each party, which that party writes before it arrives.
struct Shared {
    barrier: Barrier,
    cells: [Guarded<()>; 3],
}

impl Shared {
    fn new(barrier: Barrier) -> Arc<Self> {
        Arc::new(Self {
            barrier,
            cells: [(); 3].map(|()| Guarded::new(())),
        })
    }

    /// Writes one party's cell, waits, and reads the cells of all if they have met.
    fn meet(&self, party: usize, wait: impl FnOnce(&Barrier) -> Met) -> Met {
        self.cells[party].bump();
        let met = wait(&self.barrier);
        if met.is_ok() {
            for cell in &self.cells[..self.barrier.parties()] {
                assert_eq!(cell.value(), 1, "a party is missing");
            }
        }
        met
    }
}

/// A thread that does something with what is shared.
fn with<R: 'static>(
    shared: &Arc<Shared>,
    body: impl FnOnce(&Shared) -> R + 'static,
) -> JoinHandle<R> {
    let shared = Arc::clone(shared);
    spawn(move || body(&shared))
}

/// Checks that the indices of a round are all there, once each.
fn assert_permutation<const N: usize>(met: [Met; N]) {
    let mut indices = met.map(|met| met.unwrap().index());
    indices.sort_unstable();
    assert_eq!(indices, core::array::from_fn(|index| index));
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
            let shared = Shared::new(Barrier::new(2));
            let other = with(&shared, |shared| shared.meet(1, Barrier::wait));
            let here = shared.meet(0, Barrier::wait);
            assert_permutation([here, other.join().unwrap()]);
            let leads = here.unwrap().is_leader();
            run.saw(if leads {
                "main leads"
            } else {
                "the other leads"
            });
            shared.barrier.assert_quiet();
        });
}

/// The action runs once, after all have arrived, and before anybody goes on.
fn action(check: Check) {
    check
        .outcomes(&["main leads", "the other leads"])
        .run(|run| {
            let acted = Arc::new(Guarded::new(()));
            let shared = Shared::new(Barrier::with_action(2, {
                let acted = Arc::clone(&acted);
                move || {
                    yield_now();
                    acted.bump();
                }
            }));
            let other = with(&shared, {
                let acted = Arc::clone(&acted);
                move |shared| {
                    let met = shared.meet(1, Barrier::wait);
                    assert_eq!(acted.value(), 1, "before the action");
                    met
                }
            });
            let here = shared.meet(0, Barrier::wait);
            assert_eq!(acted.value(), 1, "before the action");
            assert_permutation([here, other.join().unwrap()]);
            let leads = here.unwrap().is_leader();
            run.saw(if leads {
                "main leads"
            } else {
                "the other leads"
            });
            shared.barrier.assert_quiet();
        });
}

/// Between two rounds each reads what the other wrote before the first, and writes after the
/// second: a party that passed twice would write while the other still reads.
fn lap(check: Check) {
    check
        .outcomes(&["the same leader", "another leader"])
        .run(|run| {
            let shared = Shared::new(Barrier::new(2));
            let rounds = |party: usize| {
                move |shared: &Shared| {
                    let first = shared.meet(party, Barrier::wait).unwrap();
                    let second = shared.barrier.wait().unwrap();
                    shared.cells[party].bump();
                    [first, second]
                }
            };
            let other = with(&shared, rounds(1));
            let here = rounds(0)(&shared);
            let other = other.join().unwrap();
            for round in [0, 1] {
                assert_permutation([Ok(here[round]), Ok(other[round])]);
            }
            let same = here[0] == here[1];
            run.saw(["another leader", "the same leader"][usize::from(same)]);
            assert_eq!(shared.cells[1].value(), 2);
            shared.barrier.assert_quiet();
        });
}

fn timeout(check: Check) {
    check
        .outcomes(&["met", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let shared = Shared::new(Barrier::new(2));
            let timed = with(&shared, |shared| {
                shared.meet(1, |barrier| barrier.wait_timeout(LONG))
            });
            let here = shared.meet(0, Barrier::wait);
            let there = timed.join().unwrap();
            let met = agreed([here, there]);
            run.saw(if met { "met" } else { "timed out" });
            assert_eq!(shared.barrier.is_broken(), !met);
            if !met {
                assert!(there.unwrap_err().timed_out());
                assert!(!here.unwrap_err().timed_out());
                let late = shared.barrier.wait_deadline(Instant::now() + LONG);
                assert!(!late.unwrap_err().timed_out(), "refused at once");
            }
            shared.barrier.assert_quiet();
        });
}

/// A deadline that breaks the round is told to all who wait in it, threads and tasks.
fn timeout_of_three(check: Check) {
    check
        .outcomes(&["met", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let shared = Shared::new(Barrier::new(3));
            shared.cells[0].bump();
            let waker = CountingWaker::new();
            let mut task = Box::pin(shared.barrier.as_task().wait());
            assert!(poll_once(task.as_mut(), &waker).is_pending());
            let timed = with(&shared, |shared| {
                shared.meet(1, |barrier| barrier.wait_timeout(LONG))
            });
            let waits = with(&shared, |shared| shared.meet(2, Barrier::wait));
            let there = [timed.join().unwrap(), waits.join().unwrap()];
            assert_eq!(waker.wakes(), 1, "the task was not told");
            let Poll::Ready(here) = poll_once(task.as_mut(), &waker) else {
                panic!("woken for nothing");
            };
            assert_eq!(there[0].is_ok(), there[1].is_ok(), "half a round");
            if here.is_ok() {
                assert_permutation([here, there[0], there[1]]);
                run.saw("met");
            } else {
                assert!(there[0].unwrap_err().timed_out());
                run.saw("timed out");
            }
            shared.barrier.assert_quiet();
        });
}

/// A deadline that passes while the action runs comes too late: the round was complete.
fn late_timeout(check: Check) {
    check
        .outcomes(&["met", "timed out"])
        .expiries(&[Some(0), Some(1), None])
        .run(|run| {
            let acted = Arc::new(Guarded::new(()));
            let shared = Shared::new(Barrier::with_action(2, {
                let acted = Arc::clone(&acted);
                move || {
                    yield_now();
                    acted.bump();
                }
            }));
            let timed = with(&shared, |shared| {
                shared.meet(1, |barrier| barrier.wait_timeout(LONG))
            });
            let here = shared.meet(0, Barrier::wait);
            let there = timed.join().unwrap();
            let met = agreed([here, there]);
            run.saw(if met { "met" } else { "timed out" });
            assert_eq!(acted.value(), usize::from(met));
            shared.barrier.assert_quiet();
        });
}

/// Zero is one try: the last to arrive succeeds, everybody else breaks the barrier.
fn one_try(check: Check) {
    check.outcomes(&["met", "broken"]).run(|run| {
        let shared = Shared::new(Barrier::new(2));
        let other = with(&shared, |shared| shared.meet(1, Barrier::wait));
        let here = shared.meet(0, |barrier| barrier.wait_timeout(Duration::ZERO));
        let met = agreed([here, other.join().unwrap()]);
        run.saw(if met { "met" } else { "broken" });
        assert_eq!(met, here.is_ok_and(Arrival::is_leader));
        assert_eq!(!met, here.is_err_and(BrokenBarrier::timed_out));
        shared.barrier.assert_quiet();
    });
}

fn abort(check: Check) {
    check.outcomes(&["met", "aborted"]).run(|run| {
        let shared = Shared::new(Barrier::new(2));
        let other = with(&shared, |shared| shared.meet(1, Barrier::wait));
        let aborts = with(&shared, |shared| {
            shared.cells[2].bump();
            shared.barrier.abort();
        });
        let here = shared.meet(0, Barrier::wait);
        let met = agreed([here, other.join().unwrap()]);
        run.saw(if met { "met" } else { "aborted" });
        if !met {
            // Whoever is told that it broke sees what was done before.
            assert_eq!(shared.cells[2].value(), 1);
        }
        aborts.join().unwrap();
        assert!(shared.barrier.is_broken());
        shared.barrier.assert_quiet();
    });
}

/// Whoever is thrown out by a reset comes again, and meets the other in the fresh round.
fn reset(check: Check) {
    check
        .outcomes(&["met at once", "met after the reset"])
        .run(|run| {
            let shared = Shared::new(Barrier::new(2));
            let waker = CountingWaker::new();
            let mut task = Box::pin(shared.barrier.as_task().wait());
            assert!(poll_once(task.as_mut(), &waker).is_pending());
            let other = with(&shared, |shared| {
                shared.cells[1].bump();
                shared.barrier.wait()
            });
            let resets = with(&shared, |shared| shared.barrier.reset());
            resets.join().unwrap();
            assert!(!shared.barrier.is_broken(), "as new");
            let first = match poll_once(task.as_mut(), &waker) {
                Poll::Ready(met) => met,
                // Complete, and about to be told.
                Poll::Pending => block_on(task),
            };
            run.saw(if first.is_ok() {
                "met at once"
            } else {
                "met after the reset"
            });
            let here = first.or_else(|_| shared.barrier.wait());
            assert_eq!(shared.cells[1].value(), 1);
            assert_permutation([here, other.join().unwrap()]);
            shared.barrier.assert_quiet();
        });
}

/// Two threads and a task, which comes first and is told first.
fn three(check: Check) {
    check
        .outcomes(&["party 1 leads", "party 2 leads"])
        .run(|run| {
            let shared = Shared::new(Barrier::new(3));
            shared.cells[0].bump();
            let waker = CountingWaker::new();
            let mut task = Box::pin(shared.barrier.as_task().wait());
            assert!(poll_once(task.as_mut(), &waker).is_pending());
            let threads =
                [1, 2].map(|party| with(&shared, move |shared| shared.meet(party, Barrier::wait)));
            let there = threads.map(|thread| thread.join().unwrap());
            assert_eq!(waker.wakes(), 1);
            let Poll::Ready(here) = poll_once(task.as_mut(), &waker) else {
                panic!("woken for nothing");
            };
            assert_eq!(here.unwrap().index(), 0);
            assert_permutation([here, there[0], there[1]]);
            let leads = there[0].unwrap().is_leader();
            run.saw(["party 2 leads", "party 1 leads"][usize::from(leads)]);
            for cell in &shared.cells {
                assert_eq!(cell.value(), 1);
            }
            shared.barrier.assert_quiet();
        });
}

fn mixed(check: Check) {
    check
        .outcomes(&["the task leads", "the thread leads"])
        .run(|run| {
            let shared = Shared::new(Barrier::new(2));
            let task = with(&shared, |shared| {
                shared.meet(1, |barrier| block_on(barrier.as_task().wait()))
            });
            let here = shared.meet(0, Barrier::wait);
            assert_permutation([here, task.join().unwrap()]);
            let leads = here.unwrap().is_leader();
            run.saw(["the task leads", "the thread leads"][usize::from(leads)]);
            shared.barrier.assert_quiet();
        });
}

/// A task that has arrived and is dropped leaves, or has met the thread before.
fn leaves(check: Check) {
    check
        .outcomes(&[
            "the task met the thread",
            "the threads meet",
            "main is alone",
        ])
        .run(|run| {
            let shared = Shared::new(Barrier::new(2));
            let waker = CountingWaker::new();
            let mut task = Box::pin(shared.barrier.as_task().wait());
            assert!(poll_once(task.as_mut(), &waker).is_pending());
            let thread = with(&shared, |shared| shared.barrier.wait());
            drop(task);
            yield_now();
            // One try: whoever is alone breaks the barrier, and nobody waits for ever.
            let here = shared.barrier.wait_timeout(Duration::ZERO);
            let there = thread.join().unwrap();
            run.saw(match (here, there) {
                (Ok(here), Ok(there)) => {
                    assert_eq!((here.index(), there.index()), (1, 0));
                    "the threads meet"
                }
                (Err(here), Ok(there)) => {
                    assert!(here.timed_out() && there.is_leader());
                    "the task met the thread"
                }
                (here, there) => {
                    assert!(here.unwrap_err().timed_out());
                    assert!(!there.unwrap_err().timed_out());
                    "main is alone"
                }
            });
            assert_eq!(waker.clones(), 0);
            shared.barrier.assert_quiet();
        });
}
