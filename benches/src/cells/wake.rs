//! Wake-ups: a token that goes to and fro.
//!
//! Nothing is contended here: one side always sleeps, or is about to. What is
//! measured is the way from giving to the other side running again, twice.

use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Instant;

use syncline::{task, thread as blocking};

use super::semaphore::task_semaphores;
use crate::cell::{Cell, Effort, Sample, peers};
use crate::executor::{on_tokio, round_robin};
use crate::peers::{
    ByFlag, Channel, ListenerFlag, NotifyFlag, NotifySignal, Parking, ParkingLotFlag,
    ParkingLotSemaphore, Signal, StdFlag, StdSemaphore, Tokens,
};
use crate::place;
use crate::stopwatch::Stopwatch;
use crate::threads::Log;

/// The cells about wake-ups.
pub(super) fn cells() -> Vec<Cell> {
    let mut cells = vec![
        peers!(
            Cell::counted(
                "wake/semaphore",
                20,
                "round trip of a permit between two threads"
            )
            .of_threads(),
            P => round_trips::<P>,
            {
                "syncline" => blocking::Semaphore,
                "std:park" => Parking,
                "std" => StdSemaphore,
                "parking_lot" => ParkingLotSemaphore,
                "crossbeam-channel" => Channel,
                "tokio" => tokio::sync::Semaphore,
                "async-lock" => async_lock::Semaphore,
                "asyncband" => asyncband::semaphore::Semaphore,
                "saa" => saa::Semaphore,
            }
        ),
        peers!(
            Cell::counted(
                "wake/event",
                20,
                "round trip of a set, waited for and cleared, between two threads"
            )
            .of_threads(),
            P => round_trips::<P>,
            {
                "syncline" => ByFlag<blocking::Event>,
                "std:park" => Parking,
                "std" => ByFlag<StdFlag>,
                "parking_lot" => ByFlag<ParkingLotFlag>,
                "crossbeam-channel" => Channel,
                "event-listener" => ByFlag<ListenerFlag>,
                "tokio" => ByFlag<NotifyFlag>,
                "tokio:notify" => NotifySignal,
                "asyncband" => ByFlag<asyncband::event::ManualResetEvent>,
            }
        ),
    ];
    cells.push(task_semaphores!(
        Cell::counted(
            "wake/task/round_robin",
            5,
            "round trip of a permit between two tasks, our executor"
        ),
        P => move |effort| task_round_trips::<P>(effort, Executor::RoundRobin)
    ));
    cells.push(task_semaphores!(
        Cell::counted(
            "wake/task/tokio",
            5,
            "round trip of a permit between two tasks, tokio's current thread"
        ),
        P => move |effort| task_round_trips::<P>(effort, Executor::Tokio)
    ));
    cells
}

/// A token goes from one thread to another and back, `ops` times.
pub(super) fn round_trips<S: Signal>(effort: &Effort) -> Sample {
    let (there, back) = (S::new(), S::new());
    let ready = Barrier::new(2);
    thread::scope(|scope| {
        scope.spawn(|| {
            place::join(1);
            there.enrol();
            ready.wait();
            for _ in 0..effort.ops {
                there.take();
                back.give();
            }
        });
        let leader = scope.spawn(|| {
            place::join(0);
            back.enrol();
            let mut log = Log::new(effort);
            ready.wait();
            let start = Instant::now();
            for _ in 0..effort.ops {
                log.wait(|| {
                    there.give();
                    back.take();
                });
            }
            let mut sample = Sample::new(start.elapsed(), effort.ops);
            sample.waits = log.into_waits();
            sample
        });
        leader.join().expect("a thread of a cell panicked")
    })
}

/// What polls the tasks.
#[derive(Clone, Copy, Debug)]
enum Executor {
    RoundRobin,
    Tokio,
}

/// The same between two tasks of one thread.
fn task_round_trips<S: Tokens>(effort: &Effort, executor: Executor) -> Sample {
    let ops = effort.ops;
    let signals = Arc::new((S::create(0), S::create(0)));
    // Both sides are one future type, as the executors ask for.
    let side = |leads: bool| {
        let signals = Arc::clone(&signals);
        Box::pin(async move {
            let (there, back) = &*signals;
            for _ in 0..ops {
                if leads {
                    there.bring(1);
                    S::spend(back.acquire().await);
                } else {
                    S::spend(there.acquire().await);
                    back.bring(1);
                }
            }
        })
    };
    let tasks = vec![side(false), side(true)];
    let elapsed = match executor {
        Executor::RoundRobin => round_robin(tasks),
        Executor::Tokio => on_tokio(Stopwatch::start, tasks),
    };
    Sample::new(elapsed, ops)
}
