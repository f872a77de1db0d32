//! The other face of the condition takes it.
use core::time::Duration;
use syncline::task::{Lock, block_on};
use syncline::thread::Condition;

fn main() {
    let (stock, arrived) = (Lock::new(0), Condition::new());
    block_on(async {
        let guard = stock.lock().await;
        let (_guard, told) = arrived.as_task().wait_timeout(guard, Duration::ZERO).await;
        assert!(told.is_err());
    });
}
