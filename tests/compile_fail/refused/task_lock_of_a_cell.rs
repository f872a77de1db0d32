//! A task may lock on one thread, leave the guard there, and lock again on another one.
use std::cell::Cell;
use syncline::task::{RLock, block_on};

fn main() {
    let lock = RLock::new(Cell::new(0));
    block_on(async { lock.lock().await.set(1) });
}
