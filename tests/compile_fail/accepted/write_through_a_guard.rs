//! What is to be changed goes into a cell.
use std::cell::Cell;
use syncline::thread::RLock;

fn main() {
    let lock = RLock::new(Cell::new(0));
    lock.lock().set(1);
}
