//! `Runner`: a thread that polls futures, for a program of threads.

use std::sync::Arc;

use syncline::bridge::Runner;
use syncline::thread::Event;

pub(crate) fn run() -> super::Outcome {
    let runner = Runner::start()?;
    let go = Arc::new(Event::new());

    // In the background.
    let theirs = Arc::clone(&go);
    let waits = runner.spawn(async move {
        theirs.as_task().wait().await;
        "heard it"
    });
    go.set(); // from this thread, directly
    assert_eq!(waits.wait()?, "heard it");

    // In the foreground: a future that borrows, and is waited for here.
    let text = String::from("borrowed");
    let length = runner.run(async { text.len() })?;
    println!("{length} bytes");
    Ok(()) // the drop cancels what still runs
}
