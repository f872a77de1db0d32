//! The data may be looked at, where it is `Sync`.
use syncline::thread::RLock;

fn main() {
    let lock = RLock::new(0);
    let guard = lock.lock();
    let data: &i32 = &guard;
    std::thread::scope(|threads| {
        threads.spawn(|| assert_eq!(*data, 0));
    });
}
