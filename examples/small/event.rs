//! `Event`: wait until something has happened.

use std::sync::Arc;
use std::time::Duration;

use syncline::task;
use syncline::thread::{self, Event};

pub(crate) fn run() -> super::Outcome {
    let ready = Arc::new(Event::new());
    assert!(ready.wait_timeout(Duration::from_millis(1)).is_err());

    // Any number of threads and tasks wait for one event.
    let theirs = Arc::clone(&ready);
    let waits = thread::spawn(move || theirs.wait());
    let sets = thread::spawn({
        let ready = Arc::clone(&ready);
        move || ready.set()
    });
    task::block_on(ready.as_task().wait());
    waits.wait()?;
    sets.wait()?;

    // It stays set until somebody clears it.
    assert!(ready.is_set());
    ready.clear();
    assert!(!ready.is_set());
    println!("a thread and a task heard it");
    Ok(())
}
