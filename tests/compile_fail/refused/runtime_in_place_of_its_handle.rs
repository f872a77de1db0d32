//! What is spawned needs an owned way to what runs it, and a runtime has one owner.
use syncline::task::{block_on, shield};
use tokio::runtime::Builder;

fn main() {
    let runtime = Builder::new_current_thread().build().unwrap();
    assert_eq!(block_on(shield(&runtime, async { 7 })).unwrap(), 7);
}
