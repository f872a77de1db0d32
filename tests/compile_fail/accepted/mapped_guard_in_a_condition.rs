//! A guard of the whole can wait.
use core::time::Duration;
use syncline::thread::{Condition, Lock};

fn main() {
    let (stock, arrived) = (Lock::new((0, "apple")), Condition::new());
    let guard = stock.lock();
    let (_guard, told) = arrived.wait_timeout(guard, Duration::ZERO);
    assert!(told.is_err());
}
