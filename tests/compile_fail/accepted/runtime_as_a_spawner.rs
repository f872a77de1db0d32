//! The handle of a pool is one; so is that of a runtime, with the feature `tokio`.
use syncline::task::{Spawn, Spawner, block_on};
use syncline::thread::ThreadPool;

fn spawn(spawner: impl Spawner) {
    assert_eq!(block_on(spawner.spawn(async { 7 })).unwrap(), 7);
}

fn main() {
    let pool = ThreadPool::new(1);
    spawn(pool.handle());
}
