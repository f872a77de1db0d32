//! A spawner is an owned way, which can be cloned.
use syncline::task::{Spawner, block_on};
use tokio::runtime::Builder;

fn spawn(spawner: impl Spawner) {
    assert_eq!(block_on(spawner.spawn(async { 7 })).unwrap(), 7);
}

fn main() {
    let runtime = Builder::new_current_thread().build().unwrap();
    spawn(runtime);
}
