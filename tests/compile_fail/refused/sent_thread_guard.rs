//! A guard of a thread goes to another thread, which does not own the lock.
use syncline::thread::RLock;

fn main() {
    let lock = RLock::new(0);
    let guard = lock.lock();
    std::thread::scope(|threads| {
        threads.spawn(move || drop(guard));
    });
}
