//! A guard of a task may go.
use syncline::task::{RLock, block_on};

fn main() {
    let lock = RLock::new(0);
    let guard = block_on(lock.lock());
    std::thread::scope(|threads| {
        threads.spawn(move || drop(guard));
    });
}
