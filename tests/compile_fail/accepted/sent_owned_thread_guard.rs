//! That of a task may go.
use std::sync::Arc;
use syncline::task::{RLock, block_on};

fn main() {
    let guard = block_on(Arc::new(RLock::new(0)).lock_owned());
    std::thread::spawn(move || drop(guard));
}
