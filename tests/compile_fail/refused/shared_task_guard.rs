//! A guard of a task may go to another thread, but not be on two at once (trap C15).
use syncline::task::{RLock, RLockGuard, block_on};

fn main() {
    let lock = RLock::new(0);
    let guard = block_on(lock.lock());
    std::thread::scope(|threads| {
        threads.spawn(|| assert_eq!(RLockGuard::depth(&guard), 1));
    });
}
