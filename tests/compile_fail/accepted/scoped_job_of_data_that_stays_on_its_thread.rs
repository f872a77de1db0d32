//! What is not shared may be borrowed.
use std::rc::Rc;
use syncline::thread::ThreadPool;

fn main() {
    let pool = ThreadPool::new(1);
    let text = Rc::new(String::from("mine"));
    let text = text.as_str();
    pool.scope(|scope| scope.submit(|| text.len()).detach());
}
