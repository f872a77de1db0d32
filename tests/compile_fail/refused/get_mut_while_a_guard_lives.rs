//! The data is borrowed exclusively while a guard still lends it.
use syncline::thread::RLock;

fn main() {
    let mut lock = RLock::new(0);
    let guard = lock.lock();
    *lock.get_mut() = 1;
    drop(guard);
}
