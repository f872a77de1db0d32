//! A job of the pool itself borrows from the stack.
use syncline::thread::ThreadPool;

fn main() {
    let pool = ThreadPool::new(1);
    let text = String::from("borrowed");
    pool.submit(|| text.len()).detach();
}
