//! The other face of the condition takes it.
use core::time::Duration;
use syncline::task::Condition;
use syncline::thread::Lock;

fn main() {
    let (stock, arrived) = (Lock::new(0), Condition::new());
    let guard = stock.lock();
    let (_guard, told) = arrived.as_thread().wait_timeout(guard, Duration::ZERO);
    assert!(told.is_err());
}
