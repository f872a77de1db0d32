//! An atomic does not mind; and a thread may lock the cell.
use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use syncline::task::{RLock, block_on};

fn main() {
    let lock = RLock::new(AtomicU32::new(0));
    block_on(async { lock.lock().await.store(1, Relaxed) });
    let lock = RLock::new(Cell::new(0));
    lock.as_thread().lock().set(1);
}
