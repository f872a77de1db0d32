//! `thread::spawn`: a thread of its own, and its result.

use std::time::Duration;

use syncline::JobError;
use syncline::thread::{self, Event};

static STOP: Event = Event::new();

pub(crate) fn run() -> super::Outcome {
    let mut counter = thread::spawn_named("counter", || {
        let mut rounds = 1;
        while STOP.wait_timeout(Duration::from_millis(1)).is_err() {
            rounds += 1;
        }
        rounds
    });
    // Unlike `std::thread::JoinHandle`, it can be waited for with a limit, and awaited.
    assert!(counter.wait_timeout(Duration::from_millis(5)).is_err());
    STOP.set();
    assert!(counter.wait()? >= 1);

    let careless = thread::spawn(|| std::panic::resume_unwind(Box::new("no more tea")));
    assert!(matches!(
        careless.wait(),
        Err::<(), _>(JobError::Panicked(_))
    ));
    println!("one thread ended, one panicked, and both said so");
    Ok(())
}
