//! tachyonix: for tasks, bounded, with one end to get from; threads put through a `block_on`.

use futures::executor::block_on;
use tachyonix::{Receiver, Sender};

use super::{AsyncGetter, AsyncPutter, Putter};

/// Why the channel stays open.
const OPEN: &str = "both ends live until all items have passed";

impl Putter for Sender<u64> {
    fn put(&mut self, item: u64) {
        block_on(self.send(item)).expect(OPEN);
    }
}

impl AsyncPutter for Sender<u64> {
    async fn put(&mut self, item: u64) {
        self.send(item).await.expect(OPEN);
    }
}

impl AsyncGetter for Receiver<u64> {
    async fn get(&mut self) -> u64 {
        self.recv().await.expect(OPEN)
    }
}
