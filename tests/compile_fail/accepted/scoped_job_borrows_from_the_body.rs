//! What outlives the scope may be borrowed.
use syncline::thread::ThreadPool;

fn main() {
    let pool = ThreadPool::new(1);
    let mut sum = 0;
    pool.scope(|scope| {
        scope.submit(|| sum += 1).detach();
    });
    assert_eq!(sum, 1);
}
