//! A guard of a thread is looked at by another one.
use syncline::thread::RLock;

fn main() {
    let lock = RLock::new(0);
    let guard = lock.lock();
    std::thread::scope(|threads| {
        threads.spawn(|| assert_eq!(**&guard, 0));
    });
}
