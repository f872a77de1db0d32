//! `Requests`: ask the owner of the data, and get an answer.

use syncline::bridge::Requests;
use syncline::{task, thread};

pub(crate) fn run() -> super::Outcome {
    let (counter, requests) = Requests::<u32, u32>::new(8);

    // The owner's state needs no lock.
    let owner = thread::spawn_named("counter", move || {
        let mut total = 0;
        for request in &requests {
            total += *request;
            request.reply(total).ok(); // fails if the caller has left
        }
        total
    });

    assert_eq!(counter.call(2).wait()?, 2); // a thread blocks
    assert_eq!(task::block_on(counter.call(3))?, 5); // a task awaits
    drop(counter); // the last caller: the owner's loop ends
    println!("the total is {}", owner.wait()?);
    Ok(())
}
