//! Barriers: one round after the other.

use core::pin::Pin;
use core::time::Duration;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Instant;

use syncline::{task, thread as blocking};

use crate::cell::{Cell, Effort, Sample, peers};
use crate::executor::{on_tokio, round_robin};
use crate::peers::{AsyncMeeting, Meeting, ParkingLotBarrier};
use crate::place;
use crate::stopwatch::Stopwatch;

/// Adds every peer whose barrier tasks can wait at.
macro_rules! task_barriers {
    ($cell:expr, $type:ident => $body:expr) => {
        peers!($cell, $type => $body, {
            "syncline" => task::Barrier,
            "tokio" => tokio::sync::Barrier,
            "async-lock" => async_lock::Barrier,
            "asyncband" => asyncband::barrier::Barrier,
        })
    };
}

/// The cells about barriers.
pub(super) fn cells() -> Vec<Cell> {
    let mut cells = Vec::new();
    for parties in [2, 4, 8] {
        cells.push(peers!(
            Cell::counted(
                format!("barrier/threads/{parties}"),
                20,
                "one round, in which every thread waits once"
            )
            .of_threads(),
            P => move |effort| thread_rounds::<P>(effort, parties),
            {
                "syncline" => blocking::Barrier,
                "std" => Barrier,
                "parking_lot" => ParkingLotBarrier,
                "tokio" => tokio::sync::Barrier,
                "async-lock" => async_lock::Barrier,
                "asyncband" => asyncband::barrier::Barrier,
            }
        ));
    }
    for parties in [2, 8, 64] {
        cells.push(task_barriers!(
            Cell::counted(
                format!("barrier/tasks/{parties}"),
                5,
                "one round, in which every task waits once, our executor"
            ),
            P => move |effort| task_rounds::<P>(effort, parties, round_robin)
        ));
    }
    cells.push(task_barriers!(
        Cell::counted(
            "barrier/tasks/tokio/8",
            5,
            "the same on tokio's current thread"
        ),
        P => move |effort| task_rounds::<P>(effort, 8, |tasks| on_tokio(Stopwatch::start, tasks))
    ));
    cells
}

fn thread_rounds<M: Meeting>(effort: &Effort, parties: usize) -> Sample {
    let meeting = M::new(parties);
    let ready = Barrier::new(parties);
    let ops = effort.ops;
    let rounds = &|index| {
        place::join(index);
        ready.wait();
        let start = Instant::now();
        for _ in 0..ops {
            meeting.meet();
        }
        start.elapsed()
    };
    let elapsed = thread::scope(|scope| {
        let threads: Vec<_> = (0..parties)
            .map(|index| scope.spawn(move || rounds(index)))
            .collect();
        let times = threads.into_iter().map(thread::ScopedJoinHandle::join);
        times
            .map(|time| time.expect("a thread of a cell panicked"))
            .max()
    });
    Sample::new(elapsed.unwrap_or_default(), ops)
}

/// A task as the executors take it.
type Boxed = Pin<Box<dyn Future<Output = ()> + Send>>;

fn task_rounds<M: AsyncMeeting>(
    effort: &Effort,
    parties: usize,
    run: impl Fn(Vec<Pin<Box<Boxed>>>) -> Duration,
) -> Sample {
    let meeting = Arc::new(M::create(parties));
    let ops = effort.ops;
    let tasks = (0..parties)
        .map(|_| {
            let meeting = Arc::clone(&meeting);
            let task: Boxed = Box::pin(async move {
                for _ in 0..ops {
                    meeting.join().await;
                }
            });
            Box::pin(task)
        })
        .collect();
    Sample::new(run(tasks), ops)
}
