//! `to_thread`: a blocking call from a task.

use std::fs;

use syncline::JobError;
use syncline::bridge::to_thread;
use syncline::task::{self, gather};

pub(crate) fn run() -> super::Outcome {
    task::block_on(async {
        // The executor goes on meanwhile: both calls are made at the same time.
        let here = to_thread(|| fs::read_dir(".").map(Iterator::count));
        let temporary = to_thread(|| fs::read_dir(std::env::temp_dir()).map(Iterator::count));
        let (here, temporary) = gather((here, temporary)).await;

        // The outer error says how the call ended, the inner one is the closure's own.
        println!(
            "{} entries here, {} in the temporary directory",
            here??, temporary??
        );

        let careless = to_thread(|| std::panic::resume_unwind(Box::new("no more tea")));
        assert!(matches!(
            careless.await,
            Err::<(), _>(JobError::Panicked(_))
        ));
        Ok(())
    })
}
