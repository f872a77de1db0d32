//! A pool gives away owned ways to it; so does the handle of a runtime, with the feature `tokio`.
use syncline::task::{block_on, shield};
use syncline::thread::ThreadPool;

fn main() {
    let runtime = ThreadPool::new(1);
    assert_eq!(block_on(shield(&runtime, async { 7 })).unwrap(), 7);
}
