//! While the lock is released, somebody else may take away the part that a mapped guard lends.
use core::time::Duration;
use syncline::thread::{Condition, Lock, LockGuard};

fn main() {
    let (stock, arrived) = (Lock::new((0, "apple")), Condition::new());
    let guard = LockGuard::map(stock.lock(), |pair| &mut pair.1);
    let (_guard, told) = arrived.wait_timeout(guard, Duration::ZERO);
    assert!(told.is_err());
}
