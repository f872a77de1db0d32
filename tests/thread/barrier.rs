//! The barrier, as threads see it.

use crate::rounds::Rounds;
use crate::watch::{until, until_past, until_waiting, watched};
use core::panic::AssertUnwindSafe;
use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering::Relaxed;
use core::time::Duration;
use std::panic::catch_unwind;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread::{self, JoinHandle};
use std::time::Instant;
use syncline::internals::Quiet;
use syncline::thread::Barrier;
use syncline::{Arrival, BrokenBarrier};

const SHORT: Duration = Duration::from_millis(5);
const HOUR: Duration = Duration::from_secs(3600);

type Met = Result<Arrival, BrokenBarrier>;

fn waits(barrier: &Arc<Barrier>) -> JoinHandle<Met> {
    let barrier = Arc::clone(barrier);
    thread::spawn(move || barrier.wait())
}

/// The indices of a round, in order.
fn indices(met: impl IntoIterator<Item = Met>) -> Vec<usize> {
    let mut indices: Vec<_> = met.into_iter().map(|met| met.unwrap().index()).collect();
    indices.sort_unstable();
    indices
}

/// Traps A56, B4: many rounds, each with all its indices, and nobody a round ahead.
#[test]
fn threads_meet_round_after_round_and_no_index_is_given_twice() {
    const PARTIES: usize = 4;
    const ROUNDS: usize = 300;
    let barrier = Arc::new(Barrier::new(PARTIES));
    let arrived = Arc::new(AtomicUsize::new(0));
    watched(&barrier, || {
        let party = |_| {
            let (barrier, arrived) = (Arc::clone(&barrier), Arc::clone(&arrived));
            thread::spawn(move || {
                let meet = |round| {
                    arrived.fetch_add(1, Relaxed);
                    let met = barrier.wait();
                    let seen = arrived.load(Relaxed);
                    assert!(seen >= PARTIES * (round + 1), "released early");
                    met
                };
                (0..ROUNDS).map(meet).collect::<Vec<_>>()
            })
        };
        let parties: Vec<_> = (0..PARTIES).map(party).collect();
        let met: Vec<_> = parties.into_iter().map(|p| p.join().unwrap()).collect();
        for round in 0..ROUNDS {
            assert_eq!([0, 1, 2, 3], indices(met.iter().map(|met| met[round]))[..]);
        }
    });
    barrier.assert_quiet();
}

/// Traps A56, C2, B20: 10,000 rounds, and in three of four one party is cancelled, late, or resets.
#[test]
fn four_parties_meet_although_one_is_cancelled_or_late_or_resets() {
    for seed in [1, 0x5eed] {
        let rounds = Rounds::new(10_000);
        watched(&rounds, || rounds.play(seed));
    }
}

#[test]
fn a_barrier_for_one_never_blocks() {
    static BARRIER: Barrier = Barrier::new(1);
    for _ in 0..3 {
        let arrival = BARRIER.wait().unwrap();
        assert_eq!((0, true), (arrival.index(), arrival.is_leader()));
    }
    assert!(BARRIER.wait_timeout(Duration::ZERO).is_ok());
    assert!(BARRIER.wait_deadline(Instant::now()).is_ok());
    BARRIER.assert_quiet();
}

#[test]
fn a_barrier_for_the_most_parties_waits_for_them() {
    let barrier = Arc::new(Barrier::new(usize::MAX));
    assert_eq!(usize::MAX, barrier.parties());
    watched(&barrier, || {
        let waiting = waits(&barrier);
        until_waiting(&*barrier, 1);
        barrier.reset();
        waiting.join().unwrap().unwrap_err();
        assert!(barrier.wait_timeout(SHORT).unwrap_err().timed_out());
    });
    barrier.assert_quiet();
}

#[test]
fn a_barrier_for_nobody_is_refused_where_it_is_made() {
    for make in [
        || Barrier::new(0),
        || Barrier::with_action(0, || unreachable!("there is no round")),
    ] {
        let panic = catch_unwind(make).unwrap_err();
        let message = panic.downcast_ref::<&str>().unwrap();
        assert_eq!("a barrier needs at least one party", *message);
    }
}

/// The one whose deadline it was is told so, and the others are not.
#[test]
fn a_deadline_breaks_the_barrier_for_all_until_it_is_reset() {
    let barrier = Arc::new(Barrier::new(3));
    watched(&barrier, || {
        let waiting = waits(&barrier);
        until_waiting(&*barrier, 1);
        let start = Instant::now();
        assert!(barrier.wait_timeout(SHORT).unwrap_err().timed_out());
        assert!(start.elapsed() >= SHORT);
        assert!(!waiting.join().unwrap().unwrap_err().timed_out());
        assert!(barrier.is_broken());
        assert_eq!(0, barrier.waiting());
        // Broken for everybody who comes, at once and whatever the deadline.
        assert!(!barrier.wait().unwrap_err().timed_out());
        assert!(!barrier.wait_timeout(HOUR).unwrap_err().timed_out());
        let late = barrier.wait_deadline(Instant::now());
        assert!(!late.unwrap_err().timed_out());
        barrier.reset();
        assert!(!barrier.is_broken());
        let others = [waits(&barrier), waits(&barrier)];
        let here = barrier.wait_timeout(HOUR);
        let met = others.map(|other| other.join().unwrap());
        assert_eq!([0, 1, 2], indices(met.into_iter().chain([here]))[..]);
    });
    barrier.assert_quiet();
}

#[test]
fn one_try_succeeds_for_the_last_and_breaks_the_barrier_for_others() {
    let barrier = Arc::new(Barrier::new(2));
    watched(&barrier, || {
        for deadline in [false, true] {
            let one_try = || {
                if deadline {
                    barrier.wait_deadline(Instant::now())
                } else {
                    barrier.wait_timeout(Duration::ZERO)
                }
            };
            let waiting = waits(&barrier);
            until_waiting(&*barrier, 1);
            assert!(one_try().unwrap().is_leader());
            assert_eq!(0, waiting.join().unwrap().unwrap().index());
            assert!(one_try().unwrap_err().timed_out());
            assert!(barrier.is_broken());
            barrier.reset();
        }
    });
    barrier.assert_quiet();
}

#[test]
fn an_abort_ends_all_waits_and_lasts_until_the_reset() {
    let barrier = Arc::new(Barrier::new(42));
    watched(&barrier, || {
        // More than one batch of wakers.
        let waiting: Vec<_> = (0..40).map(|_| waits(&barrier)).collect();
        until_waiting(&*barrier, 40);
        barrier.abort();
        for thread in waiting {
            assert!(!thread.join().unwrap().unwrap_err().timed_out());
        }
        barrier.abort();
        barrier.wait().unwrap_err();
        barrier.reset();
        let waiting: Vec<_> = (0..41).map(|_| waits(&barrier)).collect();
        until_waiting(&*barrier, 41);
        let here = barrier.wait();
        assert!(here.unwrap().is_leader());
        let met = waiting.into_iter().map(|thread| thread.join().unwrap());
        let all: Vec<_> = (0..42).collect();
        assert_eq!(all, indices(met.chain([here])));
    });
    barrier.assert_quiet();
}

#[test]
fn a_reset_throws_out_who_waits_and_leaves_a_fresh_barrier() {
    let barrier = Arc::new(Barrier::new(2));
    watched(&barrier, || {
        let thrown_out = waits(&barrier);
        until_waiting(&*barrier, 1);
        barrier.reset();
        thrown_out.join().unwrap().unwrap_err();
        assert!(!barrier.is_broken());
        let other = waits(&barrier);
        assert_eq!([0, 1], indices([barrier.wait(), other.join().unwrap()])[..]);
    });
    barrier.assert_quiet();
}

#[test]
fn the_action_runs_once_in_each_round_before_anybody_goes_on() {
    let runs = Arc::new(AtomicUsize::new(0));
    let barrier = Arc::new(Barrier::with_action(3, {
        let runs = Arc::clone(&runs);
        move || {
            runs.fetch_add(1, Relaxed);
        }
    }));
    watched(&barrier, || {
        let party = |_| {
            let (barrier, runs) = (Arc::clone(&barrier), Arc::clone(&runs));
            thread::spawn(move || {
                for round in 1..=100 {
                    barrier.wait().unwrap();
                    let seen = runs.load(Relaxed);
                    assert!(seen == round || seen == round + 1, "{seen} in {round}");
                }
            })
        };
        let parties: Vec<_> = (0..3).map(party).collect();
        for party in parties {
            party.join().unwrap();
        }
    });
    assert_eq!(100, runs.load(Relaxed));
    // The action goes with the barrier.
    assert_eq!(2, Arc::strong_count(&runs));
    drop(barrier);
    assert_eq!(1, Arc::strong_count(&runs));
}

/// The round is complete before the action: neither an abort, nor a reset, nor a deadline that
/// passes meanwhile concerns those in it.
#[test]
fn while_the_action_runs_its_round_cannot_be_broken() {
    let (began, begins) = channel();
    let (goes_on, go_on) = channel();
    let go_on = std::sync::Mutex::new(go_on);
    let barrier = Arc::new(Barrier::with_action(3, move || {
        began.send(()).unwrap();
        go_on.lock().unwrap().recv().unwrap();
    }));
    watched(&barrier, || {
        loop {
            let plain = waits(&barrier);
            until_waiting(&*barrier, 1);
            let at = Instant::now() + Duration::from_millis(50);
            let timed = thread::spawn({
                let barrier = Arc::clone(&barrier);
                move || barrier.wait_deadline(at)
            });
            until("two in line", || {
                barrier.waiting() == 2 || barrier.is_broken()
            });
            let leads = waits(&barrier);
            let mut acts = false;
            until("the action", || {
                acts = begins.try_recv().is_ok();
                acts || barrier.is_broken()
            });
            let mut threads = [plain, timed, leads].into_iter();
            if !acts {
                // A slow machine was late for the deadline; once more.
                assert!(threads.all(|thread| thread.join().unwrap().is_err()));
                barrier.reset();
                continue;
            }
            until_past(at);
            barrier.abort();
            assert!(barrier.is_broken());
            // An arrival belongs to the next round, too.
            barrier.wait().unwrap_err();
            barrier.reset();
            let next = waits(&barrier);
            until_waiting(&*barrier, 1);
            goes_on.send(()).unwrap();
            let met = threads.map(|thread| thread.join().unwrap().unwrap().index());
            assert_eq!([0, 1, 2], met.collect::<Vec<_>>()[..]);
            barrier.reset();
            next.join().unwrap().unwrap_err();
            break;
        }
    });
    barrier.assert_quiet();
}

#[test]
fn a_panic_of_the_action_goes_on_in_the_leader_and_breaks_the_round_of_the_others() {
    let runs = Arc::new(AtomicUsize::new(0));
    let barrier = Arc::new(Barrier::with_action(3, {
        let runs = Arc::clone(&runs);
        move || assert_ne!(0, runs.fetch_add(1, Relaxed), "on purpose")
    }));
    watched(&barrier, || {
        let others = [waits(&barrier), waits(&barrier)];
        until_waiting(&*barrier, 2);
        let panic = catch_unwind(AssertUnwindSafe(|| barrier.wait())).unwrap_err();
        let message = panic.downcast_ref::<String>().unwrap();
        assert!(message.contains("on purpose"), "{message}");
        for other in others {
            assert!(!other.join().unwrap().unwrap_err().timed_out());
        }
        assert!(barrier.is_broken());
        barrier.wait().unwrap_err();
        barrier.reset();
        let others = [waits(&barrier), waits(&barrier)];
        let here = barrier.wait();
        let met = others.map(|other| other.join().unwrap());
        assert_eq!([0, 1, 2], indices(met.into_iter().chain([here]))[..]);
    });
    assert_eq!(2, runs.load(Relaxed));
    barrier.assert_quiet();
}

/// An action may wait for something else: this thread's parker is not taken then.
#[test]
fn the_action_may_use_other_primitives() {
    let inner = Arc::new(Barrier::new(2));
    let barrier = Arc::new(Barrier::with_action(2, {
        let inner = Arc::clone(&inner);
        move || {
            inner.wait().unwrap();
        }
    }));
    watched(&barrier, || {
        let others = [waits(&barrier), waits(&inner)];
        let here = barrier.wait();
        let [there, _] = others.map(|other| other.join().unwrap());
        assert_eq!([0, 1], indices([here, there])[..]);
    });
    barrier.assert_quiet();
    inner.assert_quiet();
}

#[test]
fn debug_output_shows_the_barrier() {
    let barrier = Barrier::with_action(2, || ());
    barrier.abort();
    let shown = format!("{barrier:?}");
    assert!(shown.contains("parties: 2") && shown.contains("is_broken: true"));
}
