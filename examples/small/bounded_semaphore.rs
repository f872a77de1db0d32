//! `BoundedSemaphore`: at most n at a time, where an extra release is an error.

use syncline::task;
use syncline::thread::BoundedSemaphore;

pub(crate) fn run() -> super::Outcome {
    let licences = BoundedSemaphore::new(2);

    // One side takes a permit and forgets it, the other gives it back.
    licences.acquire().forget();
    task::block_on(async { licences.as_task().acquire().await.forget() });
    assert!(licences.try_acquire().is_none());
    licences.release(2)?;

    // Nothing is out any more: a third release is a bug, and changes nothing.
    let error = licences.release(1).unwrap_err();
    assert_eq!(licences.available_permits(), 2);
    println!("refused: {error}");
    Ok(())
}
