//! `CancelToken`: stop threads, closures and tasks, and everything below them.

use syncline::service::CancelToken;
use syncline::task::{self, Event};
use syncline::thread;

pub(crate) fn run() -> super::Outcome {
    let program = CancelToken::new();
    let request = program.child(); // cancelled with its parent

    // A thread looks between two steps.
    let heard = request.clone();
    let worker = thread::spawn(move || {
        let mut steps = 0_u64;
        while heard.check().is_ok() {
            steps += 1;
            std::thread::yield_now(); // a step of the work
        }
        steps
    });

    // A task is dropped where it waits.
    let canceller = thread::spawn(move || program.cancel());
    let never = Event::new();
    let outcome = task::block_on(request.run_until_cancelled(never.wait()));
    assert!(outcome.is_err());
    canceller.wait()?;
    println!("the worker stopped after {} steps", worker.wait()?);
    Ok(())
}
