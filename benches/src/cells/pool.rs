//! Pools of threads: many jobs, one job, forks, futures, items. All have two workers.

use core::hint::black_box;
use std::time::Instant;

use futures::executor::ThreadPool as FuturesPool;
use syncline::thread::ThreadPool;
use tokio::runtime::Runtime;

use crate::cell::{Cell, Effort, Sample, peers};
use crate::peers::{
    ByChunks, ByFutures, ChannelWorkers, Crew, Forking, Mapping, NestedScopes, RayonInstall,
    RayonJoin, RayonScope, RayonSpawn, SpawnBlocking, StdWorkers, TwoThreads, Unblock,
};
use crate::place;
use crate::stopwatch::Stopwatch;

/// Its Fibonacci number has so many sums as [`FORKS`] says.
pub(super) const DEPTH: u64 = 20;
/// How often work is divided on the way to it.
pub(super) const FORKS: u64 = 10_945;

/// Adds every peer that does jobs.
macro_rules! crews {
    ($cell:expr, $type:ident => $body:expr) => {
        peers!($cell, $type => $body, {
            "syncline" => ThreadPool,
            "rayon" => RayonSpawn,
            "rayon:scope" => RayonScope,
            "threadpool:no_result" => threadpool::ThreadPool,
            "crossbeam-channel" => ChannelWorkers,
            "std" => StdWorkers,
            "tokio" => ByFutures<Runtime>,
            "tokio:spawn_blocking" => SpawnBlocking,
            "blocking" => Unblock,
            "async-executor" => ByFutures<TwoThreads>,
            "futures" => ByFutures<FuturesPool>,
        })
    };
}

/// The cells about pools.
pub(super) fn cells() -> Vec<Cell> {
    // A round that is shorter than its jobs leaves their number as it is.
    let sized = |name: &str, jobs, about| Cell::counted(name, 1, about).at_least(jobs).of_threads();
    let about = "a job from one thread, with its result, all waited for";
    vec![
        crews!(
            sized("pool/jobs/100k", 100_000, about).with_instructions(),
            P => jobs::<P>
        ),
        crews!(sized("pool/jobs/1m", 1_000_000, about), P => jobs::<P>),
        crews!(
            sized(
                "pool/jobs_work/100k",
                100_000,
                "the same, processor time of all threads"
            ),
            P => work::<P>
        ),
        round_trip_cell(),
        fork_cell(),
        peers!(
            sized("pool/map/1m", 1_000_000, "a cheap item, results in order"),
            P => map::<P>,
            {
                "syncline" => ThreadPool,
                "syncline:chunks_of_1000" => ByChunks<ThreadPool>,
                "rayon" => RayonInstall,
                "crossbeam-channel:chunks_of_1000" => ByChunks<ChannelWorkers>,
            }
        ),
        peers!(
            sized("pool/futures/100k", 100_000, "a spawned future, all awaited"),
            P => jobs::<P>,
            {
                "syncline" => ByFutures<ThreadPool>,
                "tokio" => ByFutures<Runtime>,
                "async-executor" => ByFutures<TwoThreads>,
                "futures" => ByFutures<FuturesPool>,
            }
        ),
    ]
}

fn round_trip_cell() -> Cell {
    let cell = Cell::counted(
        "pool/round_trip",
        10,
        "a job alone, from submit to result, one after the other",
    )
    .of_threads();
    let cell = crews!(cell, P => round_trips::<P>);
    cell.peer("rayon:install", round_trips::<RayonInstall>)
}

fn fork_cell() -> Cell {
    let cell = Cell::counted(
        "pool/fork",
        10,
        "a fork on the way to the 20th Fibonacci number",
    );
    peers!(
        cell.at_least(FORKS).of_threads(),
        P => forks::<P>,
        {
            "syncline" => ThreadPool,
            "syncline:scope_each" => NestedScopes,
            "rayon" => RayonScope,
            "rayon:join" => RayonJoin,
            "tokio" => Runtime,
            "async-executor" => TwoThreads,
        }
    )
}

/// Threads that have been started, have done something, and are in their places.
fn warm<C: Crew>() -> C {
    let crew = C::new();
    do_all(&crew, 1000);
    place::settle();
    crew
}

fn do_all<C: Crew>(crew: &C, jobs: u64) {
    assert_eq!(crew.do_all(jobs), (0..jobs).sum::<u64>(), "a job was lost");
}

fn jobs<C: Crew>(effort: &Effort) -> Sample {
    let crew = warm::<C>();
    let start = Instant::now();
    do_all(&crew, effort.ops);
    Sample::new(start.elapsed(), effort.ops)
}

fn work<C: Crew>(effort: &Effort) -> Sample {
    let crew = warm::<C>();
    let start = Stopwatch::start_for_all_threads();
    do_all(&crew, effort.ops);
    Sample::new(start.elapsed(), effort.ops)
}

fn round_trips<C: Crew>(effort: &Effort) -> Sample {
    let crew = warm::<C>();
    let start = Instant::now();
    for _ in 0..effort.ops {
        do_all(&crew, black_box(1));
    }
    Sample::new(start.elapsed(), effort.ops)
}

fn forks<F: Forking>(effort: &Effort) -> Sample {
    let forking = F::new();
    let fork = || assert_eq!(forking.fibonacci(black_box(DEPTH)), 6765);
    fork();
    place::settle();
    let rounds = effort.ops.div_ceil(FORKS);
    let start = Instant::now();
    (0..rounds).for_each(|_| fork());
    Sample::new(start.elapsed(), rounds * FORKS)
}

fn map<M: Mapping>(effort: &Effort) -> Sample {
    let mapping = M::new();
    mapping.sum(1000, cheap);
    place::settle();
    let start = Instant::now();
    black_box(mapping.sum(effort.ops, cheap));
    Sample::new(start.elapsed(), effort.ops)
}

/// A few instructions, and no memory.
pub(super) fn cheap(item: u64) -> u64 {
    let item = black_box(item).wrapping_mul(0x5851_f42d_4c95_7f2d);
    item ^ (item >> 32)
}
