//! `Promise`: a value that somebody delivers later, and the `Job` that waits for it.

use syncline::{JobError, Promise, task, thread};

pub(crate) fn run() -> super::Outcome {
    let (promise, answer) = Promise::new();
    let oracle = thread::spawn(move || promise.set(42));
    assert_eq!(task::block_on(answer)?, 42);
    assert_eq!(oracle.wait()?, Ok(()));

    // A promise that is dropped cancels its job: nobody waits for ever.
    let (promise, answer) = Promise::<u32>::new();
    drop(promise);
    assert!(matches!(answer.wait(), Err(JobError::Cancelled)));

    // And a cancelled job gives the value back to whoever brings it.
    let (promise, answer) = Promise::new();
    assert!(answer.cancel());
    assert_eq!(promise.set("too late"), Err("too late"));
    println!("one promise kept, one broken, one not wanted any more");
    Ok(())
}
