//! A task's guard is given back by a task's wait: a thread that blocked for it would keep the whole executor waiting.
use core::time::Duration;
use syncline::task::{Lock, block_on};
use syncline::thread::Condition;

fn main() {
    let (stock, arrived) = (Lock::new(0), Condition::new());
    block_on(async {
        let guard = stock.lock().await;
        let (_guard, told) = arrived.wait_timeout(guard, Duration::ZERO);
        assert!(told.is_err());
    });
}
