//! A part of the data is lent for longer than the lock lives.
use syncline::thread::{MappedRLockGuard, RLock, RLockGuard};

fn main() {
    let part: MappedRLockGuard<'_, u32>;
    {
        let lock = RLock::new((1, 2));
        part = RLockGuard::map(lock.lock(), |pair| &pair.1);
    }
    drop(part);
}
