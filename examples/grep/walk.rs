//! The walker: finds the files, numbers them, and puts them into the first queue.

use std::path::Path;

use syncline::Shutdown;
use walkdir::{DirEntry, WalkDir};

use crate::pipeline::{File, Pipeline, Searched};
use crate::search::Found;

/// Puts all files under `folder`, in the order of their paths, and ends both queues.
pub(crate) fn put_files(pipeline: &Pipeline, folder: &Path) {
    let mut number = 0;
    for entry in WalkDir::new(folder).sort_by_file_name() {
        // After Ctrl-C, a put would fail; a tree without files would have none.
        if pipeline.files.is_shut_down() {
            break;
        }
        if put(pipeline, number, entry) {
            number += 1;
        }
    }
    // No more files will come: each worker ends when it finds nothing left.
    pipeline.files.shutdown(Shutdown::Graceful);
    // Nothing is left, but some are still at work. Each says `task_done` after its last put.
    pipeline.files.join();
    // Nothing more will be found: the printer ends when it has got everything.
    pipeline.found.shutdown(Shutdown::Graceful);
}

/// Puts what is worth a number, and says whether it was.
fn put(pipeline: &Pipeline, number: u64, entry: walkdir::Result<DirEntry>) -> bool {
    match entry {
        Ok(entry) if !entry.file_type().is_file() => return false,
        Ok(entry) => {
            let place = pipeline.place();
            let path = entry.into_path();
            // A put that fails gives its file back, to be dropped with its place.
            drop(pipeline.files.put(File {
                number,
                path,
                place,
            }));
        }
        // A folder that cannot be read is reported in its place, too.
        Err(error) => {
            let place = pipeline.place();
            let path = error.path().unwrap_or(Path::new("")).to_owned();
            let error = error
                .into_io_error()
                .expect("links are not followed in circles");
            let found = Found::trouble(&path, &error);
            drop(pipeline.found.put((number, Searched { found, place })));
        }
    }
    true
}
