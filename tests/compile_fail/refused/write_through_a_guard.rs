//! There may be other guards, so none gives `&mut`.
use syncline::thread::RLock;

fn main() {
    let lock = RLock::new(0);
    *lock.lock() += 1;
}
