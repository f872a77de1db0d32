//! The outer guards lend the data while another thread has the lock.
use std::cell::Cell;
use syncline::thread::{Condition, RLock};

fn main() {
    let (stock, arrived) = (RLock::new(Cell::new(0)), Condition::new());
    if arrived.notify_one() {
        drop(arrived.wait_nested(stock.lock()));
    }
}
