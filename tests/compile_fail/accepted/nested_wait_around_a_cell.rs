//! A plain wait gives up one guard, of which there are no others.
use std::cell::Cell;
use syncline::thread::{Condition, RLock};

fn main() {
    let (stock, arrived) = (RLock::new(Cell::new(0)), Condition::new());
    if arrived.notify_one() {
        drop(arrived.wait(stock.lock()));
    }
}
