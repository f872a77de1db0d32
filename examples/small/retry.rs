//! `retry`: try again what fails now and then, with growing pauses.

use std::time::Duration;

use syncline::service::Backoff;
use syncline::{task, thread};

pub(crate) fn run() -> super::Outcome {
    let backoff = Backoff::exponential(Duration::from_millis(1)).attempts(4);

    // In a thread.
    let mut calls = 0;
    let page = thread::retry(|_| {
        calls += 1;
        if calls < 3 { Err("busy") } else { Ok("a page") }
    })
    .with(backoff.clone())
    .wait();
    assert_eq!((page.unwrap(), calls), ("a page", 3));

    // In a task. An error that is not worth another try ends it at once.
    let refused = task::retry(|_| async { Err::<(), _>("not found") })
        .with(backoff)
        .when(|error| *error != "not found");
    println!("{}", task::block_on(refused).unwrap_err());
    Ok(())
}
