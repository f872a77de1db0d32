//! Semaphores.

use syncline::{task, thread};

use super::contention::{
    LONG_TIMED, Outside, TIMED, await_ready, contended, trying, uncontended, worst_wait,
};
use crate::cell::{Cell, peers};
use crate::peers::{ParkingLotSemaphore, StdSemaphore};

/// Adds every peer whose semaphore threads can wait for.
macro_rules! thread_semaphores {
    ($cell:expr, $type:ident => $body:expr) => {
        peers!($cell, $type => $body, {
            "syncline" => thread::Semaphore,
            "std" => StdSemaphore,
            "parking_lot" => ParkingLotSemaphore,
            "tokio" => tokio::sync::Semaphore,
            "async-lock" => async_lock::Semaphore,
            "asyncband" => asyncband::semaphore::Semaphore,
            "saa" => saa::Semaphore,
        })
    };
}

/// Adds every peer whose semaphore tasks can wait for.
macro_rules! task_semaphores {
    ($cell:expr, $type:ident => $body:expr) => {
        peers!($cell, $type => $body, {
            "syncline" => task::Semaphore,
            "tokio" => tokio::sync::Semaphore,
            "async-lock" => async_lock::Semaphore,
            "asyncband" => asyncband::semaphore::Semaphore,
            "saa" => saa::Semaphore,
        })
    };
}
pub(super) use task_semaphores;

/// The cells about semaphores.
pub(super) fn cells() -> Vec<Cell> {
    let mut cells = vec![
        thread_semaphores!(
            Cell::counted(
                "semaphore/uncontended",
                5,
                "acquire + release, one thread, one permit"
            )
            .with_instructions(),
            P => uncontended::<P>
        ),
        thread_semaphores!(
            Cell::counted(
                "semaphore/try",
                5,
                "try_acquire + release, one thread, one permit"
            )
            .with_instructions(),
            P => trying::<P>
        ),
        task_semaphores!(
            Cell::counted(
                "semaphore/await_ready",
                5,
                "acquire().await of a free permit + release, one task"
            )
            .with_instructions(),
            P => await_ready::<P>
        ),
    ];
    for (permits, outside) in [
        (1, Outside::Nothing),
        (4, Outside::Nothing),
        (4, Outside::Work),
    ] {
        let (suffix, about) = match outside {
            Outside::Nothing => ("", "acquire, one addition, release; threads compete"),
            Outside::Work => (
                "_200ns",
                "acquire, one addition, release, 200 ns of work outside; threads compete",
            ),
        };
        cells.push(thread_semaphores!(
            Cell::timed(
                format!("semaphore/contended{suffix}/8_on_{permits}"),
                TIMED,
                about
            )
            .of_threads(),
            P => move |effort| contended::<P>(effort, permits, 8, outside)
        ));
    }
    cells.push(thread_semaphores!(
        Cell::timed(
            "semaphore/worst_wait/4",
            LONG_TIMED,
            "acquire the only permit, hold for 200 us, release; 4 threads without pause"
        )
        .of_threads(),
        P => move |effort| worst_wait::<P>(effort, 4)
    ));
    cells
}
