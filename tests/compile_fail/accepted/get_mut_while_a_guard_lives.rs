//! The guard is gone.
use syncline::thread::RLock;

fn main() {
    let mut lock = RLock::new(0);
    let guard = lock.lock();
    drop(guard);
    *lock.get_mut() = 1;
}
