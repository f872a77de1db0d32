//! `Queue`: hand items over, oldest first.

use std::sync::Arc;

use syncline::thread::{self, Queue};
use syncline::{Shutdown, task};

pub(crate) fn run() -> super::Outcome {
    let orders = Arc::new(Queue::bounded(2));

    // A thread puts, and waits while two are queued.
    let theirs = Arc::clone(&orders);
    let shop = thread::spawn(move || {
        theirs.put_many(1..=5).expect("nobody else shuts it down");
        theirs.join(); // until each item has been processed
        theirs.shutdown(Shutdown::Graceful);
    });

    // A task gets, until the queue is shut down.
    let total = task::block_on(async {
        let mut total = 0;
        while let Ok(order) = orders.as_task().get().await {
            total += order;
            orders.task_done()?;
        }
        Ok::<_, syncline::TooManyDone>(total)
    })?;
    shop.wait()?;
    assert_eq!(total, 15);
    println!("five orders, 15 in total");
    Ok(())
}
