//! A job of a scope takes along what belongs to one thread.
use std::rc::Rc;
use syncline::thread::ThreadPool;

fn main() {
    let pool = ThreadPool::new(1);
    let text = Rc::new(String::from("mine"));
    pool.scope(|scope| scope.submit(|| text.len()).detach());
}
