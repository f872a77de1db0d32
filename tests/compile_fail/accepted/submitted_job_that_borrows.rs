//! It may take along what it owns.
use syncline::thread::ThreadPool;

fn main() {
    let pool = ThreadPool::new(1);
    let text = String::from("owned");
    pool.submit(move || text.len()).detach();
}
