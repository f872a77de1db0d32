//! It is dropped before the await.
use std::future::{Future, ready};
use syncline::thread::RLock;

static LOCK: RLock<u32> = RLock::new(0);

fn spawn(_: impl Future<Output = ()> + Send) {}

fn main() {
    spawn(async {
        drop(LOCK.lock());
        ready(()).await;
    });
}
