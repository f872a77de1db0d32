//! What a waiting task costs when ten wait, and when a million do.
//!
//! The tasks are polled by hand, each with a waker of its own. With few waiters
//! there are several lines, so that a stretch between two clock reads is always
//! four thousand waiters or more.

use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use core::time::Duration;

use syncline::task;

use crate::cell::{Cell, Effort, Sample, peers};
use crate::executor::numbered_waker;
use crate::peers::{AsyncFlag, NotifyFlag, Tokens};
use crate::random::Random;
use crate::stopwatch::Stopwatch;

/// The least number of waiters between two clock reads.
const STRETCH: usize = 4_000;

/// Which part of a waiter's life is timed.
#[derive(Clone, Copy, Debug)]
enum Phase {
    /// Create the future and poll it once.
    Enqueue,
    /// Drop it while it waits, in random order.
    Cancel,
    /// Let all go at once, poll each to its end and drop it.
    Grant,
}

/// The cells about many waiters.
pub(super) fn cells() -> Vec<Cell> {
    let phases = [
        (
            Phase::Enqueue,
            "enqueue",
            "create and poll once, per waiter",
        ),
        (
            Phase::Cancel,
            "cancel",
            "drop while waiting, in random order, per waiter",
        ),
        (
            Phase::Grant,
            "grant",
            "let all go at once, poll each to its end, per waiter",
        ),
    ];
    let mut cells = Vec::new();
    for waiters in [10, 100, 1_000, 10_000, 100_000, 1_000_000] {
        let least = waiters.max(STRETCH) as u64;
        for (phase, name, about) in phases {
            cells.push(peers!(
                Cell::counted(format!("scale/semaphore/{name}/{waiters}"), 5, about)
                    .at_least(least),
                P => move |effort| semaphore::<P>(effort, waiters, phase),
                {
                    "syncline" => task::Semaphore,
                    "tokio" => tokio::sync::Semaphore,
                    "asyncband" => asyncband::semaphore::Semaphore,
                }
            ));
        }
        for (phase, name, about) in phases {
            cells.push(peers!(
                Cell::counted(format!("scale/event/{name}/{waiters}"), 5, about).at_least(least),
                P => move |effort| event::<P>(effort, waiters, phase),
                {
                    "syncline" => task::Event,
                    "tokio" => NotifyFlag,
                    "asyncband" => asyncband::event::ManualResetEvent,
                }
            ));
        }
    }
    cells
}

/// Waiters for a permit each.
fn semaphore<S: Tokens>(effort: &Effort, waiters: usize, phase: Phase) -> Sample {
    let lines: Vec<S> = lines_of(waiters).map(|_| S::create(0)).collect();
    live(
        effort,
        waiters,
        phase,
        &Line {
            wait: |line: usize| lines[line].acquire(),
            release: |line: usize| lines[line].bring(waiters),
            finish: S::spend,
            restore: |_| {},
        },
    )
}

/// Waiters for an event.
fn event<F: AsyncFlag>(effort: &Effort, waiters: usize, phase: Phase) -> Sample {
    let lines: Vec<F> = lines_of(waiters).map(|_| F::new()).collect();
    live(
        effort,
        waiters,
        phase,
        &Line {
            wait: |line: usize| lines[line].wait(),
            release: |line: usize| lines[line].set(),
            finish: |()| {},
            restore: |line: usize| lines[line].clear(),
        },
    )
}

/// As many lines of `waiters` as make a stretch.
fn lines_of(waiters: usize) -> core::ops::Range<usize> {
    0..STRETCH.div_ceil(waiters)
}

/// What can be done with line number so-and-so.
struct Line<W, R, D, S> {
    /// Makes a waiter.
    wait: W,
    /// Lets all waiters go.
    release: R,
    /// Takes what a waiter got.
    finish: D,
    /// Makes the line as it was.
    restore: S,
}

/// Has waiters live and end, and times one phase of it, for about `ops` waiters.
fn live<F: Future>(
    effort: &Effort,
    waiters: usize,
    phase: Phase,
    line: &Line<impl Fn(usize) -> F, impl Fn(usize), impl Fn(F::Output), impl Fn(usize)>,
) -> Sample {
    let count = lines_of(waiters).len();
    let total = count * waiters;
    let mut random = Random::new();
    let wakers: Vec<Waker> = (0..total).map(numbered_waker).collect();
    let mut slots: Vec<Slot<F>> = (0..total).map(|_| Box::pin(None)).collect();
    let repetitions = (effort.ops / total as u64).max(1);
    let mut elapsed = Duration::ZERO;
    for _ in 0..repetitions {
        let start = Stopwatch::start();
        for (index, slot) in slots.iter_mut().enumerate() {
            slot.set(Some((line.wait)(index / waiters)));
            let enqueued = poll(slot, &wakers[index]).is_pending();
            assert!(enqueued, "there was nothing to be had yet");
        }
        let enqueued = start.elapsed();
        match phase {
            Phase::Enqueue => {
                empty(&mut slots);
                elapsed += enqueued;
            }
            Phase::Cancel => {
                for slots in slots.chunks_mut(waiters) {
                    random.shuffle(slots);
                }
                let start = Stopwatch::start();
                empty(&mut slots);
                elapsed += start.elapsed();
            }
            Phase::Grant => {
                let start = Stopwatch::start();
                (0..count).for_each(&line.release);
                for (slot, waker) in slots.iter_mut().zip(&wakers) {
                    let Poll::Ready(output) = poll(slot, waker) else {
                        panic!("a waiter was passed over");
                    };
                    (line.finish)(output);
                    slot.set(None);
                }
                elapsed += start.elapsed();
                (0..count).for_each(&line.restore);
            }
        }
    }
    Sample::new(elapsed, repetitions * total as u64)
}

/// A place for a waiter, allocated before anything is timed.
type Slot<F> = Pin<Box<Option<F>>>;

/// Drops the waiters in the order of their places.
fn empty<F>(slots: &mut [Slot<F>]) {
    for slot in slots {
        slot.set(None);
    }
}

fn poll<F: Future>(slot: &mut Slot<F>, waker: &Waker) -> Poll<F::Output> {
    let future = slot.as_mut().as_pin_mut().expect("the slot is filled");
    future.poll(&mut Context::from_waker(waker))
}
