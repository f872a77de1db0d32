//! Locks for readers and writers.

use syncline::{task, thread};

use super::contention::{Outside, TIMED, await_ready, contended, uncontended};
use super::task::ours;
use crate::cell::{Cell, peers};
use crate::peers::{Mixed, Read, Write};

/// Adds every peer whose lock threads can wait for, seen in one way.
macro_rules! thread_locks {
    ($cell:expr, $Way:ident, $type:ident => $body:expr) => {
        peers!($cell, $type => $body, {
            "syncline" => $Way<thread::RwLock<u64>>,
            "std" => $Way<std::sync::RwLock<u64>>,
            "parking_lot" => $Way<parking_lot::RwLock<u64>>,
            "tokio" => $Way<tokio::sync::RwLock<u64>>,
            "async-lock" => $Way<async_lock::RwLock<u64>>,
        })
    };
}

/// Adds every peer whose lock tasks can wait for, seen in one way.
macro_rules! task_locks {
    ($cell:expr, $Way:ident, $type:ident => $body:expr) => {
        peers!($cell, $type => $body, {
            "syncline" => $Way<task::RwLock<u64>>,
            "tokio" => $Way<tokio::sync::RwLock<u64>>,
            "async-lock" => $Way<async_lock::RwLock<u64>>,
            "asyncband" => $Way<asyncband::rwlock::RwLock<u64>>,
        })
    };
}

/// The cells about locks for readers and writers.
pub(super) fn cells() -> Vec<Cell> {
    let mut cells = vec![
        thread_locks!(
            Cell::counted("rwlock/read", 5, "read + unlock, one thread").with_instructions(),
            Read, P => uncontended::<P>
        ),
        thread_locks!(
            Cell::counted("rwlock/write", 5, "write + unlock, one thread").with_instructions(),
            Write, P => uncontended::<P>
        ),
        task_locks!(
            Cell::counted("rwlock/await_read", 5, "read().await of a free lock + unlock, one task")
                .with_instructions(),
            Read, P => await_ready::<P>
        ),
        task_locks!(
            Cell::counted("rwlock/await_write", 5, "write().await of a free lock + unlock, one task")
                .with_instructions(),
            Write, P => await_ready::<P>
        ),
    ];
    for threads in [2, 8] {
        cells.push(thread_locks!(
            Cell::timed(
                format!("rwlock/readers/{threads}"),
                TIMED,
                "read, one look, unlock; threads compete without pause"
            )
            .of_threads(),
            Read, P => move |effort| contended::<P>(effort, 1, threads, Outside::Nothing)
        ));
        cells.push(thread_locks!(
            Cell::timed(
                format!("rwlock/mixed/{threads}"),
                TIMED,
                "the same, one in 16 writes; threads compete without pause"
            )
            .of_threads(),
            Mixed, P => move |effort| contended::<P>(effort, 1, threads, Outside::Nothing)
        ));
        cells.push(thread_locks!(
            Cell::timed(
                format!("rwlock/mixed_200ns/{threads}"),
                TIMED,
                "the same with 200 ns of work outside; threads compete"
            )
            .of_threads(),
            Mixed, P => move |effort| contended::<P>(effort, 1, threads, Outside::Work)
        ));
    }
    for tasks in [8, 64] {
        let about = "read, one in 16 write; one yield, unlock; tasks of one thread compete";
        cells.push(task_locks!(
            Cell::counted(format!("rwlock/tasks_mixed/{tasks}"), 8, about).at_least(4 * tasks as u64),
            Mixed, P => move |effort| ours::<P>(effort, 1, tasks)
        ));
        let about = "write, one yield, unlock; tasks of one thread compete";
        cells.push(task_locks!(
            Cell::counted(format!("rwlock/tasks_write/{tasks}"), 8, about).at_least(4 * tasks as u64),
            Write, P => move |effort| ours::<P>(effort, 1, tasks)
        ));
    }
    cells
}
