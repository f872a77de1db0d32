//! It may read what comes back.
use syncline::thread::ThreadPool;

fn main() {
    let pool = ThreadPool::new(1);
    let mut sum = 0;
    pool.scope(|scope| {
        let job = scope.submit(|| {
            sum += 1;
            sum
        });
        assert!(job.wait().unwrap() < 2);
    });
}
