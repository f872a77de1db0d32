//! The workers: as many threads as the semaphore has permits, one lock for what they find.

use std::io;
use std::path::Path;
use std::thread;

use syncline::task;
use syncline::thread::{Event, Lock, Semaphore};

use crate::counts::Counts;
use crate::progress::{self, Progress};
use crate::tally::Tally;
use crate::text::{Kind, Reader};
use crate::walk::{self, Batch};

/// Counts all files under `folder` with at most `jobs` worker threads.
///
/// The calling thread walks the tree. It waits for a permit before it collects a batch and
/// starts a worker for it, so at most `jobs` batches are in memory, however large the tree is.
///
/// # Errors
///
/// Returns the system's error if it refuses to start a thread.
pub(crate) fn count(folder: &Path, jobs: usize, progress: &Progress) -> io::Result<Tally> {
    let idle = Semaphore::new(jobs);
    let total = Lock::new(Tally::default());
    let done = Event::new();
    thread::scope(|scope| {
        // Set also when this ends by an error or a panic: else the reporter would wait for ever.
        let all_counted = SetOnDrop(&done);
        thread::Builder::new()
            .name("reporter".to_owned())
            .spawn_scoped(scope, || {
                task::block_on(progress::follow(&total, &done, progress));
            })?;
        thread::scope(|workers| -> io::Result<()> {
            let mut batches = walk::batches(folder);
            loop {
                let permit = idle.acquire();
                let Some(batch) = batches.next() else {
                    return Ok(());
                };
                let total = &total;
                let work = move || {
                    let mut found = count_batch(batch);
                    total.lock().absorb(&mut found);
                    drop(permit);
                };
                thread::Builder::new()
                    .name("worker".to_owned())
                    .spawn_scoped(workers, work)?;
            }
        })?;
        drop(all_counted);
        Ok::<_, io::Error>(())
    })?;
    Ok(total.into_inner())
}

/// Counts the files of one batch, each apart: one that turns out to be binary after a while
/// leaves no words behind.
fn count_batch(batch: Batch) -> Tally {
    let mut found = Tally {
        unreadable: batch.unreadable,
        ..Tally::default()
    };
    let mut reader = Reader::default();
    let mut words = Counts::default();
    for file in batch.files {
        match reader.count(&file, &mut words) {
            Ok(Kind::Text { bytes }) => {
                found.files += 1;
                found.bytes += bytes;
                found.counts.absorb(&mut words);
            }
            Ok(Kind::Binary) => found.binary += 1,
            Err(_) => found.unreadable += 1,
        }
        words.clear();
    }
    found
}

/// Sets an event when it goes out of scope.
struct SetOnDrop<'a>(&'a Event);

impl Drop for SetOnDrop<'_> {
    fn drop(&mut self) {
        self.0.set();
    }
}
