//! The same with a guard that owns its share: it can be left behind on another thread.
use std::cell::RefCell;
use std::sync::Arc;
use syncline::task::{RLock, block_on};

fn main() {
    let lock = Arc::new(RLock::new(RefCell::new(0)));
    *block_on(lock.lock_owned()).borrow_mut() = 1;
}
