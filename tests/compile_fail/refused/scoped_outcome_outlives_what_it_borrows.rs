//! A job is kept whose outcome borrows what is gone.
use syncline::thread::ThreadPool;

fn main() {
    let pool = ThreadPool::new(1);
    let mut kept = None;
    {
        let text = String::from("borrowed");
        pool.scope(|scope| kept = Some(scope.submit(|| text.as_str())));
    }
    drop(kept);
}
