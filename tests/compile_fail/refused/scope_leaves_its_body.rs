//! The scope itself is kept, and takes jobs after its end.
use syncline::thread::ThreadPool;

fn main() {
    let pool = ThreadPool::new(1);
    let scope = pool.scope(|scope| scope);
    drop(scope.submit(|| ()));
}
