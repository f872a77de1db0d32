//! `Condition`: wait until data under a lock satisfies a predicate.

use std::sync::Arc;

use syncline::task;
use syncline::thread::{self, Condition, Lock};

#[derive(Default)]
struct Kitchen {
    plates: Lock<u32>,
    changed: Condition,
}

pub(crate) fn run() -> super::Outcome {
    let kitchen = Arc::new(Kitchen::default());

    let theirs = Arc::clone(&kitchen);
    let cook = thread::spawn(move || {
        for _ in 0..3 {
            *theirs.plates.lock() += 1;
            theirs.changed.notify_all();
        }
    });

    // A thread: the lock is released while it waits, and held again when `wait_for` returns.
    let plates = kitchen.plates.lock();
    let mut plates = kitchen.changed.wait_for(plates, |plates| *plates >= 1);
    *plates -= 1;
    drop(plates);

    // A task, on the same condition and the same lock.
    task::block_on(async {
        let (plates, changed) = (kitchen.plates.as_task(), kitchen.changed.as_task());
        let mut plates = changed
            .wait_for(plates.lock().await, |plates| *plates >= 2)
            .await;
        *plates -= 2;
    });
    cook.wait()?;
    println!("three plates were served");
    Ok(())
}
