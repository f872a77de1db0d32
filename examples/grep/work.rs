//! The workers: take files from one queue, and put what is in them into the next.

use regex::bytes::Regex;
use syncline::thread::Queue;

use crate::pipeline::{File, Pipeline, Searched};
use crate::search;

/// Searches files until the queue of files has been shut down, and nothing is left in it.
pub(crate) fn search_files(pipeline: &Pipeline, pattern: &Regex) {
    for file in &pipeline.files {
        let _done = DoneOnDrop(&pipeline.files);
        let File {
            number,
            path,
            place,
        } = file;
        let found = search::file(&path, pattern, || pipeline.is_interrupted());
        // Fails only if nobody reads stdout any more.
        drop(pipeline.found.put((number, Searched { found, place })));
    }
}

/// Says that a file has been searched, also when the search panics: the walker waits for that.
struct DoneOnDrop<'a>(&'a Queue<File>);

impl Drop for DoneOnDrop<'_> {
    fn drop(&mut self) {
        self.0
            .task_done()
            .expect("each file that was got is done once");
    }
}
