//! The closure keeps the data beyond the guard.
use syncline::thread::{RLock, RLockGuard};

fn main() {
    let lock = RLock::new((1, 2));
    let mut kept = None;
    drop(RLockGuard::map(lock.lock(), |pair: &(u32, u32)| {
        kept = Some(&pair.0);
        &pair.1
    }));
    assert_eq!(kept, Some(&1));
}
