//! Threads and tasks lock several locks each with functions of their own.
use syncline::{task, thread};

fn main() {
    let (a, b) = (thread::Lock::new(1), task::Lock::new(2));
    drop(thread::lock_all((&a, b.as_thread())));
    drop(task::lock_all((a.as_task(), &b)));
}
