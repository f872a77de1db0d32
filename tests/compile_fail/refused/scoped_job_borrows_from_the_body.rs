//! A job of a scope borrows what the body of the scope owns, and may outlive it.
use syncline::thread::ThreadPool;

fn main() {
    let pool = ThreadPool::new(1);
    pool.scope(|scope| {
        let mut sum = 0;
        scope.submit(|| sum += 1).detach();
    });
}
