//! `PriorityQueue`: hand items over, lowest priority value first.

use syncline::task;
use syncline::thread::PriorityQueue;

pub(crate) fn run() -> super::Outcome {
    let tickets = PriorityQueue::unbounded();
    tickets.put((2, "a typo"))?;
    tickets.put((1, "data loss"))?;
    tickets.put((2, "a wish"))?;

    // Only priorities are compared. Equal ones keep their order.
    let first = tickets.get()?;
    let second = task::block_on(tickets.as_task().get())?;
    assert_eq!((first, second), ((1, "data loss"), (2, "a typo")));
    println!("first {}, then {}", first.1, second.1);
    Ok(())
}
