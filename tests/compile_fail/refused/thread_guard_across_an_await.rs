//! A guard of a thread is held across an await in a task that may move to another thread.
use std::future::{Future, ready};
use syncline::thread::RLock;

static LOCK: RLock<u32> = RLock::new(0);

fn spawn(_: impl Future<Output = ()> + Send) {}

fn main() {
    spawn(async {
        let guard = LOCK.lock();
        ready(()).await;
        drop(guard);
    });
}
