//! The body reads what a job writes.
use syncline::thread::ThreadPool;

fn main() {
    let pool = ThreadPool::new(1);
    let mut sum = 0;
    pool.scope(|scope| {
        let job = scope.submit(|| sum += 1);
        assert!(sum < 2);
        job.wait().unwrap();
    });
}
