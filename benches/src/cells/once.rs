//! Cells that are set once.

use core::hint::black_box;

use syncline::{task, thread};

use super::repeat::{repeat, repeat_async};
use crate::cell::{Cell, Effort, Sample, peers};
use crate::peers::{AsyncOnce, Flights, Once};

/// Adds every peer whose cell threads fill.
macro_rules! thread_cells {
    ($cell:expr, $type:ident => $body:expr) => {
        peers!($cell, $type => $body, {
            "syncline" => thread::OnceCell<u64>,
            "std" => std::sync::OnceLock<u64>,
            "async-lock" => async_lock::OnceCell<u64>,
        })
    };
}

/// Adds every peer whose cell tasks fill.
macro_rules! task_cells {
    ($cell:expr, $type:ident => $body:expr) => {
        peers!($cell, $type => $body, {
            "syncline" => task::OnceCell<u64>,
            "tokio" => tokio::sync::OnceCell<u64>,
            "async-lock" => async_lock::OnceCell<u64>,
            "asyncband" => asyncband::once::OnceCell<u64>,
        })
    };
}

/// The cells about what is done once.
pub(super) fn cells() -> Vec<Cell> {
    vec![
        thread_cells!(
            Cell::counted("once/get", 5, "get of a cell that is set, one thread")
                .with_instructions(),
            P => get::<P>
        ),
        thread_cells!(
            Cell::counted("once/get_or_init", 5, "get_or_init of a cell that is set, one thread")
                .with_instructions(),
            P => get_or_init::<P>
        ),
        thread_cells!(
            Cell::counted("once/init", 5, "a new cell, and its get_or_init, one thread")
                .with_instructions(),
            P => init::<P>
        ),
        task_cells!(
            Cell::counted("once/await_get_or_init", 5, "get_or_init().await of a cell that is set, one task")
                .with_instructions(),
            P => await_get_or_init::<P>
        ),
        task_cells!(
            Cell::counted("once/await_init", 5, "a new cell, and its get_or_init().await, one task")
                .with_instructions(),
            P => await_init::<P>
        ),
        peers!(
            Cell::counted("single_flight/alone", 5, "work().await with a key that nobody else asks for, one task")
                .with_instructions(),
            P => alone::<P>,
            {
                "syncline" => task::SingleFlight<u64, u64>,
                "asyncband" => asyncband::singleflight::Group<u64, u64>,
            }
        ),
    ]
}

fn get<C: Once>(effort: &Effort) -> Sample {
    let cell = C::new();
    cell.get_or_init(|| 7);
    let cell = black_box(&cell);
    repeat(effort, || {
        black_box(black_box(cell).get());
    })
}

fn get_or_init<C: Once>(effort: &Effort) -> Sample {
    let cell = C::new();
    let cell = black_box(&cell);
    repeat(effort, || {
        black_box(black_box(cell).get_or_init(|| 7));
    })
}

fn init<C: Once>(effort: &Effort) -> Sample {
    repeat(effort, || {
        let cell = black_box(C::new());
        black_box(cell.get_or_init(|| black_box(7)));
    })
}

fn await_get_or_init<C: AsyncOnce>(effort: &Effort) -> Sample {
    let cell = C::new();
    let cell = black_box(&cell);
    repeat_async(effort, async || {
        black_box(black_box(cell).get_or_init(|| async { 7 }).await);
    })
}

fn await_init<C: AsyncOnce>(effort: &Effort) -> Sample {
    repeat_async(effort, async || {
        let cell = black_box(C::new());
        black_box(cell.get_or_init(|| async { black_box(7) }).await);
    })
}

fn alone<F: Flights>(effort: &Effort) -> Sample {
    let flights = F::new();
    let flights = black_box(&flights);
    let mut key = 0;
    repeat_async(effort, async || {
        key += 1;
        black_box(flights.work(key, || async { black_box(7) }).await);
    })
}
