//! The lock lives longer.
use syncline::thread::{MappedRLockGuard, RLock, RLockGuard};

fn main() {
    let lock = RLock::new((1, 2));
    let part: MappedRLockGuard<'_, u32>;
    {
        part = RLockGuard::map(lock.lock(), |pair| &pair.1);
    }
    drop(part);
}
