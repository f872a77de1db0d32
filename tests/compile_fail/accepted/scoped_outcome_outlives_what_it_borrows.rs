//! It may be kept for as long as what it borrows.
use syncline::thread::ThreadPool;

fn main() {
    let pool = ThreadPool::new(1);
    let text = String::from("borrowed");
    let mut kept = None;
    {
        pool.scope(|scope| kept = Some(scope.submit(|| text.as_str())));
    }
    drop(kept);
}
