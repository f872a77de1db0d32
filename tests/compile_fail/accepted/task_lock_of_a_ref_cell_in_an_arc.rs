//! A lock inside does what the cell would.
use std::sync::Arc;
use syncline::task::{RLock, block_on};
use syncline::thread::Lock;

fn main() {
    let lock = Arc::new(RLock::new(Lock::new(0)));
    *block_on(lock.lock_owned()).lock() = 1;
}
