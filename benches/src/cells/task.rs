//! Tasks that compete on one thread.
//!
//! Each task holds the resource across one yield, so that the others really
//! wait. The round ends when all tasks together have had their number of turns;
//! a peer that lets one task pass the others shows it in the max/min column.

use core::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};

use super::lock::task_locks;
use super::semaphore::task_semaphores;
use crate::cell::{Cell, Effort, Sample, peers};
use crate::executor::{on_tokio, round_robin, yield_now};
use crate::peers::Awaiting;
use crate::stopwatch::Stopwatch;
use syncline::task;

/// The cells about tasks.
pub(super) fn cells() -> Vec<Cell> {
    let mut cells = Vec::new();
    for tasks in [2, 64, 1000] {
        let about = "lock, one yield, unlock; tasks of one thread compete (our executor)";
        cells.push(task_locks!(
            Cell::counted(format!("task/lock/{tasks}"), 8, about).at_least(4 * tasks as u64),
            P => move |effort| ours::<P>(effort, 1, tasks)
        ));
        let about = "lock, one yield, unlock; tasks of one thread compete (tokio's)";
        cells.push(task_locks!(
            Cell::counted(format!("task/lock_tokio/{tasks}"), 8, about).at_least(4 * tasks as u64),
            P => move |effort| tokios::<P>(effort, 1, tasks)
        ));
    }
    for tasks in [8, 64, 1000] {
        let about = "acquire 1 of 4, one yield, release; tasks compete (our executor)";
        cells.push(task_semaphores!(
            Cell::counted(format!("task/semaphore_4/{tasks}"), 8, about).at_least(4 * tasks as u64),
            P => move |effort| ours::<P>(effort, 4, tasks)
        ));
        let about = "acquire 1 of 4, one yield, release; tasks compete (tokio's)";
        cells.push(task_semaphores!(
            Cell::counted(format!("task/semaphore_4_tokio/{tasks}"), 8, about).at_least(4 * tasks as u64),
            P => move |effort| tokios::<P>(effort, 4, tasks)
        ));
    }
    cells
}

/// What the tasks of a round share.
struct Contest<R> {
    resource: R,
    turns: u64,
    taken: AtomicU64,
    shares: Box<[AtomicU64]>,
    start: OnceLock<Stopwatch>,
    end: OnceLock<Stopwatch>,
}

// ORDERING: Relaxed throughout: all tasks run on one thread.

impl<R: Awaiting> Contest<R> {
    fn new(effort: &Effort, permits: usize, tasks: usize) -> Arc<Self> {
        Arc::new(Self {
            resource: R::create(permits),
            turns: effort.ops,
            taken: AtomicU64::new(0),
            shares: (0..tasks).map(|_| AtomicU64::new(0)).collect(),
            start: OnceLock::new(),
            end: OnceLock::new(),
        })
    }

    /// One task: takes turns until all turns are taken.
    async fn compete(self: Arc<Self>, task: usize) {
        self.start.get_or_init(Stopwatch::start);
        while self.taken.load(Relaxed) < self.turns {
            let held = self.resource.acquire().await;
            yield_now().await;
            drop(held);
            add_one(&self.shares[task]);
            if add_one(&self.taken) == self.turns {
                self.end.get_or_init(Stopwatch::start);
            }
        }
    }

    fn sample(&self) -> Sample {
        let ends = self.start.get().zip(self.end.get());
        let (start, end) = ends.expect("all turns were taken");
        let mut sample = Sample::new(end.since(*start), self.turns);
        sample.shares = self
            .shares
            .iter()
            .map(|share| share.load(Relaxed))
            .collect();
        sample
    }
}

/// Adds one without the price of an atomic addition, and returns the sum.
fn add_one(number: &AtomicU64) -> u64 {
    let sum = number.load(Relaxed) + 1;
    number.store(sum, Relaxed);
    sum
}

/// On our executor.
pub(super) fn ours<R: Awaiting>(effort: &Effort, permits: usize, tasks: usize) -> Sample {
    let contest = Contest::<R>::new(effort, permits, tasks);
    let tasks = (0..tasks)
        .map(|task| Box::pin(Arc::clone(&contest).compete(task)))
        .collect();
    round_robin(tasks);
    contest.sample()
}

/// On tokio's current-thread runtime.
fn tokios<R: Awaiting>(effort: &Effort, permits: usize, tasks: usize) -> Sample {
    let contest = Contest::<R>::new(effort, permits, tasks);
    let tasks = (0..tasks)
        .map(|task| Box::pin(Arc::clone(&contest).compete(task)))
        .collect();
    on_tokio(Stopwatch::start, tasks);
    contest.sample()
}
