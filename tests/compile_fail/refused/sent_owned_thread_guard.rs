//! A guard that owns its share of the lock is a guard of its thread all the same.
use std::sync::Arc;
use syncline::thread::RLock;

fn main() {
    let guard = Arc::new(RLock::new(0)).lock_owned();
    std::thread::spawn(move || drop(guard));
}
