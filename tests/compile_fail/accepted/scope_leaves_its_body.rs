//! What its jobs bring may leave.
use syncline::thread::ThreadPool;

fn main() {
    let pool = ThreadPool::new(1);
    let job = pool.scope(|scope| scope.submit(|| ()));
    drop(job);
}
