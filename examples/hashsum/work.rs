//! The files on their way through the pool, in either order.
//!
//! Neither way has a job for every file of the tree at once:
//!
//! * [`as_they_end`] submits a window of files, and the next one behind it. When the results of the
//!   first have all been printed, the second takes its place, and a third is submitted: the
//!   pool has something to do while the last files of a window are waited for.
//! * [`in_order`] leaves it to `map`, which takes only as many files from the walk as it has room
//!   for.
//!
//! The walk goes on when the printer does, so a slow reader of stdout stops everything.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use syncline::Job;
use syncline::thread::as_completed;

use crate::interrupt::Interrupt;
use crate::report::Report;
use crate::sum::{self, Sum};
use crate::walk::Files;

/// Files in a window, for each worker: how many others may be done while one large file is.
const WINDOW: usize = 64;

/// What a job brings.
#[derive(Debug)]
pub(crate) struct Summed {
    pub(crate) path: PathBuf,
    pub(crate) sum: io::Result<Sum>,
}

impl Summed {
    fn new(path: PathBuf) -> Self {
        let sum = sum::of(&path);
        Self { path, sum }
    }
}

/// Prints the sums in the order in which they are ready, as far as a window goes.
///
/// # Errors
///
/// The system's, if it does not take what is printed.
pub(crate) fn as_they_end(
    mut files: Files<'_>,
    report: &Report,
    interrupt: &Interrupt,
) -> io::Result<()> {
    let pool = &interrupt.pool;
    let size = pool.workers() * WINDOW;
    let mut submit_window = || -> Vec<Job<Summed>> {
        (files.by_ref().take(size))
            .map(|path| pool.submit(|| Summed::new(path)))
            .collect()
    };
    let mut window = submit_window();
    while !window.is_empty() {
        let next = submit_window();
        for (_, job) in as_completed(window) {
            // It has ended: this waits for nothing.
            if !report.file(job.wait().map(Some))? {
                return Ok(());
            }
        }
        window = next;
    }
    Ok(())
}

/// Prints the sums in the order of the paths.
///
/// # Errors
///
/// The system's, if it does not take what is printed.
pub(crate) fn in_order(files: Files<'_>, report: &Report, interrupt: &Interrupt) -> io::Result<()> {
    let stop = Arc::clone(&interrupt.come);
    // `map` does several small files in one job. So a job that has begun looks before each.
    let summed = move |path| (!stop.is_set()).then(|| Summed::new(path));
    for outcome in interrupt.pool.map(files, summed) {
        if !report.file(outcome)? {
            return Ok(());
        }
    }
    Ok(())
}
