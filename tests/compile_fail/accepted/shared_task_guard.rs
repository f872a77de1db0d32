//! It is moved there instead.
use syncline::task::{RLock, RLockGuard, block_on};

fn main() {
    let lock = RLock::new(0);
    let guard = block_on(lock.lock());
    std::thread::scope(|threads| {
        threads.spawn(move || assert_eq!(RLockGuard::depth(&guard), 1));
    });
}
