//! Queues.
//!
//! An operation is an item that was put and got. A peer is the expression that
//! opens its two ends, `(putter, getter)`, anew for each round.

use std::sync::{Arc, mpsc};

use syncline::{task, thread};

use super::passage::{
    BATCH, await_ready, copies, mixed, one_thread, one_thread_in_batches, ours, ranked, shared,
    single, singly, threads, threads_in_batches, tokios,
};
use crate::cell::{Cell, peers};
use crate::peers::{ByCondvar, Listing, ParkingLotHeap, Singly};

/// Adds a body for each peer: the same expression every time, in which the name
/// before `=>` opens the peer's queue.
macro_rules! queues {
    ($cell:expr, $open:ident => $body:expr, { $($name:literal => $ends:expr),* $(,)? }) => {
        $cell$(.peer($name, {
            let $open = move || $ends;
            $body
        }))*
    };
}

/// Adds every peer with a bounded queue that any number of threads get from.
macro_rules! bounded {
    ($cell:expr, $capacity:expr, $open:ident => $body:expr) => {
        queues!($cell, $open => $body, {
            "syncline" => shared(thread::Queue::bounded($capacity)),
            "parking_lot" => shared(ByCondvar::bounded($capacity)),
            "crossbeam-channel" => crossbeam_channel::bounded($capacity),
            "kanal" => kanal::bounded($capacity),
            "flume" => flume::bounded($capacity),
            "async-channel" => async_channel::bounded($capacity),
            "asyncband" => asyncband::mpmc::bounded($capacity),
        })
    };
}

/// Adds every peer with a bounded queue that one thread gets from.
macro_rules! bounded_to_one {
    ($cell:expr, $capacity:expr, $open:ident => $body:expr) => {
        queues!($cell, $open => $body, {
            "std" => mpsc::sync_channel($capacity),
            "asyncband:mpsc" => asyncband::mpsc::bounded($capacity),
            "tokio" => tokio::sync::mpsc::channel($capacity),
        })
    };
}

/// Adds every peer with an unbounded queue that any number of threads get from.
macro_rules! unbounded {
    ($cell:expr, $open:ident => $body:expr) => {
        queues!($cell, $open => $body, {
            "syncline" => shared(thread::Queue::unbounded()),
            "parking_lot" => shared(ByCondvar::unbounded()),
            "crossbeam-channel" => crossbeam_channel::unbounded(),
            "kanal" => kanal::unbounded(),
            "flume" => flume::unbounded(),
            "async-channel" => async_channel::unbounded(),
            "asyncband" => asyncband::mpmc::unbounded(),
        })
    };
}

/// Adds every peer with an unbounded queue that one thread gets from.
macro_rules! unbounded_to_one {
    ($cell:expr, $open:ident => $body:expr) => {
        queues!($cell, $open => $body, {
            "std" => mpsc::channel(),
            "asyncband:mpsc" => asyncband::mpsc::unbounded(),
            "tokio" => tokio::sync::mpsc::unbounded_channel(),
        })
    };
}

/// Adds every peer with a bounded queue that any number of tasks get from.
macro_rules! bounded_tasks {
    ($cell:expr, $capacity:expr, $open:ident => $body:expr) => {
        queues!($cell, $open => $body, {
            "syncline" => shared(task::Queue::bounded($capacity)),
            "kanal" => kanal::bounded_async($capacity),
            "flume" => flume::bounded($capacity),
            "async-channel" => async_channel::bounded($capacity),
            "asyncband" => asyncband::mpmc::bounded($capacity),
        })
    };
}

/// Adds every peer with a bounded queue that one task gets from.
macro_rules! bounded_tasks_to_one {
    ($cell:expr, $capacity:expr, $open:ident => $body:expr) => {
        queues!($cell, $open => $body, {
            "tachyonix" => tachyonix::channel($capacity),
            "asyncband:mpsc" => asyncband::mpsc::bounded($capacity),
            "tokio" => tokio::sync::mpsc::channel($capacity),
        })
    };
}

/// Adds every peer with an unbounded queue that any number of tasks get from.
macro_rules! unbounded_tasks {
    ($cell:expr, $open:ident => $body:expr) => {
        queues!($cell, $open => $body, {
            "syncline" => shared(task::Queue::unbounded()),
            "kanal" => kanal::unbounded_async(),
            "flume" => flume::unbounded(),
            "async-channel" => async_channel::unbounded(),
            "asyncband" => asyncband::mpmc::unbounded(),
        })
    };
}

/// Adds every peer with an unbounded queue that one task gets from.
macro_rules! unbounded_tasks_to_one {
    ($cell:expr, $open:ident => $body:expr) => {
        queues!($cell, $open => $body, {
            "asyncband:mpsc" => asyncband::mpsc::unbounded(),
            "tokio" => tokio::sync::mpsc::unbounded_channel(),
        })
    };
}

/// The cells about queues.
pub(super) fn cells() -> Vec<Cell> {
    let mut cells = one_thread_cells();
    cells.extend(thread_cells());
    cells.extend(task_cells());
    cells.push(mixed_cell());
    cells.extend(batch_cells());
    cells.extend(priority_cells());
    cells
}

fn one_thread_cells() -> Vec<Cell> {
    let about = "put + get, one thread";
    let cell = |name: String| Cell::counted(name, 5, about).with_instructions();
    let mut cells = Vec::new();
    for capacity in [1, 1024] {
        let cell = cell(format!("queue/one_thread/bounded_{capacity}"));
        let cell = bounded!(cell, capacity, open => move |effort| one_thread(effort, open()));
        cells.push(
            bounded_to_one!(cell, capacity, open => move |effort| one_thread(effort, open())),
        );
    }
    let cell = cell("queue/one_thread/unbounded".to_owned());
    let cell = unbounded!(cell, open => move |effort| one_thread(effort, open()));
    cells.push(unbounded_to_one!(cell, open => move |effort| one_thread(effort, open())));
    let cell = Cell::counted("queue/await_ready/bounded_1024", 5, "put + get, one task")
        .with_instructions();
    let cell = bounded_tasks!(cell, 1024, open => move |effort| await_ready(effort, open()));
    cells
        .push(bounded_tasks_to_one!(cell, 1024, open => move |effort| await_ready(effort, open())));
    cells
}

fn thread_cells() -> Vec<Cell> {
    let mut cells = Vec::new();
    for pairs in [1, 2, 4, 8] {
        let cell = |queue: &str| {
            Cell::counted(
                format!("queue/threads/{pairs}P{pairs}C/{queue}"),
                10,
                "an item put by some threads, got by others",
            )
            .at_least(64)
            .of_threads()
        };
        for capacity in [1, 1024] {
            let mut cell = bounded!(
                cell(&format!("bounded_{capacity}")), capacity,
                open => move |effort| threads(effort, copies(open(), pairs))
            );
            if pairs == 1 {
                cell = bounded_to_one!(
                    cell, capacity, open => move |effort| threads(effort, single(open()))
                );
            }
            cells.push(cell);
        }
        let mut cell = unbounded!(
            cell("unbounded"), open => move |effort| threads(effort, copies(open(), pairs))
        );
        if pairs == 1 {
            cell = unbounded_to_one!(cell, open => move |effort| threads(effort, single(open())));
        }
        cells.push(cell);
    }
    cells
}

fn task_cells() -> Vec<Cell> {
    let mut cells = Vec::new();
    for pairs in [1, 2, 4] {
        let cell = |queue: &str| {
            Cell::counted(
                format!("queue/tasks/{pairs}P{pairs}C/{queue}"),
                5,
                "an item put by some tasks, got by others, our executor",
            )
            .at_least(64)
        };
        for capacity in [1, 1024] {
            let mut cell = bounded_tasks!(
                cell(&format!("bounded_{capacity}")), capacity,
                open => move |effort| ours(effort, copies(open(), pairs), u64::MAX)
            );
            if pairs == 1 {
                cell = bounded_tasks_to_one!(
                    cell, capacity, open => move |effort| ours(effort, single(open()), u64::MAX)
                );
            }
            cells.push(cell);
        }
        let mut cell = unbounded_tasks!(
            cell("unbounded"), open => move |effort| ours(effort, copies(open(), pairs), BATCH)
        );
        if pairs == 1 {
            cell = unbounded_tasks_to_one!(
                cell, open => move |effort| ours(effort, single(open()), BATCH)
            );
        }
        cells.push(cell);
    }
    let cell = Cell::counted(
        "queue/tasks_tokio/1P1C/bounded_1024",
        5,
        "an item put by a task, got by another, tokio's current thread",
    );
    let cell = bounded_tasks!(cell, 1024, open => move |effort| tokios(effort, copies(open(), 1)));
    cells.push(
        bounded_tasks_to_one!(cell, 1024, open => move |effort| tokios(effort, single(open()))),
    );
    cells
}

fn mixed_cell() -> Cell {
    let cell = Cell::counted(
        "queue/mixed/1P1C/bounded_1024",
        10,
        "an item put by a thread, got by a task on another thread",
    )
    .at_least(64)
    .of_threads();
    queues!(cell, open => move |effort| mixed(effort, open()), {
        "syncline" => {
            let queue = Arc::new(thread::Queue::bounded(1024));
            (Arc::clone(&queue), queue.into_task())
        },
        "kanal" => {
            let (sender, receiver) = kanal::bounded(1024);
            (sender, receiver.to_async())
        },
        "flume" => flume::bounded(1024),
        "async-channel" => async_channel::bounded(1024),
        "tachyonix" => tachyonix::channel(1024),
        "asyncband" => asyncband::mpmc::bounded(1024),
        "asyncband:mpsc" => asyncband::mpsc::bounded(1024),
        "tokio" => tokio::sync::mpsc::channel(1024),
    })
}

/// Adds the peers of a batch cell to it.
macro_rules! batches {
    ($cell:expr, $open:ident => $body:expr) => {
        queues!($cell, $open => $body, {
            "syncline" => shared(thread::Queue::bounded(1024)),
            "syncline:single" => singly(shared(thread::Queue::bounded(1024))),
            "parking_lot" => shared(ByCondvar::bounded(1024)),
            "std:single" => singly(mpsc::sync_channel(1024)),
            "crossbeam-channel:single" => singly(crossbeam_channel::bounded(1024)),
            "kanal:single" => singly(kanal::bounded(1024)),
            "kanal" => {
                let (sender, receiver) = kanal::bounded(1024);
                (Singly(sender), Listing::new(receiver))
            },
            "tokio" => {
                let (sender, receiver) = tokio::sync::mpsc::channel(1024);
                (Singly(sender), Listing::new(receiver))
            },
        })
    };
}

fn batch_cells() -> Vec<Cell> {
    let cell = Cell::counted(
        "queue/batch/one_thread",
        5,
        "put_many + get_many of 64 items, one thread, per item",
    )
    .at_least(BATCH)
    .with_instructions();
    let one_thread = batches!(cell, open => move |effort| one_thread_in_batches(effort, open()));
    let cell = Cell::counted(
        "queue/batch/1P1C",
        10,
        "put_many by one thread, get_many by another, of 64 items, per item",
    )
    .at_least(BATCH)
    .of_threads();
    let threads = batches!(cell, open => move |effort| threads_in_batches(effort, open()));
    vec![one_thread, threads]
}

fn priority_cells() -> Vec<Cell> {
    let cell = |(residents, name)| {
        peers!(
            Cell::counted(
                format!("queue/priority/{name}"),
                8,
                "get the least, put one at random above it, one thread, beside so many others"
            )
            .at_least(1_000)
            .with_instructions(),
            P => move |effort| ranked::<P>(effort, residents),
            {
                "syncline" => thread::PriorityQueue<u64, u64>,
                "parking_lot" => ParkingLotHeap,
            }
        )
    };
    [(1_000, "1k"), (100_000, "100k")].map(cell).into()
}
