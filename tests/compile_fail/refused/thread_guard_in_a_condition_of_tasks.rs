//! A thread's guard belongs to its thread, and a task may go on on another one.
use core::time::Duration;
use syncline::task::{Condition, block_on};
use syncline::thread::Lock;

fn main() {
    let (stock, arrived) = (Lock::new(0), Condition::new());
    let guard = stock.lock();
    let (_guard, told) = block_on(arrived.wait_timeout(guard, Duration::ZERO));
    assert!(told.is_err());
}
