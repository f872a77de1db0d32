//! The queues between the threads, how much is in them, and how they end.

use core::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use regex::bytes::Regex;
use syncline::thread::{Event, PriorityQueue, Queue, Semaphore};
use syncline::{OwnedPermit, Shutdown, task};

use crate::lengths;
use crate::options::Options;
use crate::print::{self, Printed};
use crate::search::Found;
use crate::walk;
use crate::work;

/// Files that wait for each worker: enough that none waits for the walker.
const WAITING: usize = 4;

/// Files in flight for each worker: how far the others may get ahead of one large file.
const IN_FLIGHT: usize = 64;

/// A file on its way to a worker.
pub(crate) struct File {
    /// Its place in the order of the paths.
    pub(crate) number: u64,
    pub(crate) path: PathBuf,
    pub(crate) place: OwnedPermit,
}

/// A searched file on its way to the printer. Its number is its priority.
pub(crate) struct Searched {
    pub(crate) found: Found,
    /// Free again when this is dropped: the file has been printed then.
    pub(crate) place: OwnedPermit,
}

/// What the walker, the workers and the printer share.
///
/// The files between being walked and being printed are bounded by a semaphore, not by the
/// capacity of `found`. With a capacity, what was found in later files could fill the queue,
/// and the one file that the printer waits for would find no room in it: a deadlock. So a worker
/// can always put; the one who waits is the walker, who holds nothing that anybody needs.
pub(crate) struct Pipeline {
    pub(crate) files: Queue<File>,
    pub(crate) found: PriorityQueue<u64, Searched>,
    places: Arc<Semaphore>,
    in_flight: usize,
    interrupted: Event,
}

impl Pipeline {
    pub(crate) fn new(jobs: usize) -> Self {
        let in_flight = jobs * IN_FLIGHT;
        Self {
            files: Queue::bounded(jobs * WAITING),
            found: PriorityQueue::unbounded(),
            places: Arc::new(Semaphore::new(in_flight)),
            in_flight,
            interrupted: Event::new(),
        }
    }

    /// Starts everybody, prints on the calling thread, and returns when all have ended.
    ///
    /// # Errors
    ///
    /// The system's error if it refuses to start a thread, or to take what is printed.
    pub(crate) fn search(
        &self,
        folder: &Path,
        pattern: &Regex,
        options: &Options,
    ) -> io::Result<Printed> {
        let done = Event::new();
        thread::scope(|scope| {
            // However this ends, by a closed stdout, an error or a panic: nobody waits any more.
            let ending = Ending(self, &done);
            let start = |name: &str| thread::Builder::new().name(name.to_owned());
            if options.verbose {
                start("lengths").spawn_scoped(scope, || lengths::show(self, &done))?;
            }
            for _ in 0..options.jobs {
                start("worker").spawn_scoped(scope, || {
                    let _panic = AbandonOnPanic(self);
                    work::search_files(self, pattern);
                })?;
            }
            start("walker").spawn_scoped(scope, || {
                let _panic = AbandonOnPanic(self);
                walk::put_files(self, folder);
            })?;
            // The workers put as threads, the printer gets as a task: `as_task` is a view, not
            // a copy. It has this thread for itself, and may block in a write.
            let printed = task::block_on(print::in_order(self.found.as_task()));
            drop(ending);
            printed
        })
    }

    /// Waits until fewer files are in flight than may be.
    pub(crate) fn place(&self) -> OwnedPermit {
        self.places.acquire_owned()
    }

    /// Ends the search, and says how many files were waiting for it.
    ///
    /// Those are dropped, and their places are free again. What has been found stays in its queue,
    /// and the walker shuts that one down gracefully, as always: it is printed.
    pub(crate) fn interrupt(&self) -> usize {
        self.interrupted.set();
        self.files.shutdown(Shutdown::Immediate)
    }

    pub(crate) fn is_interrupted(&self) -> bool {
        self.interrupted.is_set()
    }

    /// Ends everything: also what has been found has no reader any more.
    fn abandon(&self) {
        self.files.shutdown(Shutdown::Immediate);
        self.found.shutdown(Shutdown::Immediate);
    }
}

/// How long the queues are, at this instant.
impl fmt::Display for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} files to search, {} to print, {} of {} in flight",
            self.files.len(),
            self.found.len(),
            self.in_flight - self.places.available_permits(),
            self.in_flight
        )
    }
}

/// Ends everything when the printer has ended, which comes last.
struct Ending<'a>(&'a Pipeline, &'a Event);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.abandon();
        self.1.set();
    }
}

/// Ends everything when its thread panics: a file that never comes would be waited for.
struct AbandonOnPanic<'a>(&'a Pipeline);

impl Drop for AbandonOnPanic<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.abandon();
        }
    }
}
