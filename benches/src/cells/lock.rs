//! Locks.

use syncline::{task, thread};

use super::contention::{
    LONG_TIMED, Outside, TIMED, await_ready, contended, trying, uncontended, worst_wait,
};
use crate::cell::{Cell, peers};

/// Adds every peer whose lock threads can wait for.
macro_rules! thread_locks {
    ($cell:expr, $type:ident => $body:expr) => {
        peers!($cell, $type => $body, {
            "syncline" => thread::Lock<u64>,
            "std" => std::sync::Mutex<u64>,
            "parking_lot" => parking_lot::Mutex<u64>,
            "tokio" => tokio::sync::Mutex<u64>,
            "async-lock" => async_lock::Mutex<u64>,
            "asyncband" => asyncband::mutex::Mutex<u64>,
            "saa" => saa::Lock,
            "futures" => futures::lock::Mutex<u64>,
        })
    };
}

/// Adds every peer whose lock tasks can wait for.
macro_rules! task_locks {
    ($cell:expr, $type:ident => $body:expr) => {
        peers!($cell, $type => $body, {
            "syncline" => task::Lock<u64>,
            "tokio" => tokio::sync::Mutex<u64>,
            "async-lock" => async_lock::Mutex<u64>,
            "asyncband" => asyncband::mutex::Mutex<u64>,
            "saa" => saa::Lock,
            "futures" => futures::lock::Mutex<u64>,
        })
    };
}
pub(super) use task_locks;

/// The cells about locks.
pub(super) fn cells() -> Vec<Cell> {
    let mut cells = vec![
        thread_locks!(
            Cell::counted("lock/uncontended", 5, "lock + unlock, one thread").with_instructions(),
            P => uncontended::<P>
        ),
        thread_locks!(
            Cell::counted("lock/try", 5, "try_lock + unlock, one thread").with_instructions(),
            P => trying::<P>
        ),
        task_locks!(
            Cell::counted(
                "lock/await_ready",
                5,
                "lock().await of a free lock + unlock, one task"
            )
            .with_instructions(),
            P => await_ready::<P>
        ),
    ];
    for threads in [2, 4, 8, 16] {
        cells.push(thread_locks!(
            Cell::timed(
                format!("lock/contended/{threads}"),
                TIMED,
                "lock, one addition, unlock; threads compete without pause"
            )
            .of_threads(),
            P => move |effort| contended::<P>(effort, 1, threads, Outside::Nothing)
        ));
    }
    for threads in [2, 4, 8] {
        cells.push(thread_locks!(
            Cell::timed(
                format!("lock/contended_200ns/{threads}"),
                TIMED,
                "lock, one addition, unlock, 200 ns of work outside; threads compete"
            )
            .of_threads(),
            P => move |effort| contended::<P>(effort, 1, threads, Outside::Work)
        ));
    }
    for threads in [2, 4, 8] {
        cells.push(thread_locks!(
            Cell::timed(
                format!("lock/worst_wait/{threads}"),
                LONG_TIMED,
                "lock, hold for 200 us, unlock; threads compete without pause"
            )
            .of_threads(),
            P => move |effort| worst_wait::<P>(effort, threads)
        ));
    }
    cells
}
