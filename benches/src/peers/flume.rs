//! flume: both faces of one channel.

use flume::{Receiver, Sender};

use super::{AsyncGetter, AsyncPutter, Getter, Putter};

/// Why the channel stays open.
const OPEN: &str = "both ends live until all items have passed";

impl Putter for Sender<u64> {
    fn put(&mut self, item: u64) {
        self.send(item).expect(OPEN);
    }
}

impl Getter for Receiver<u64> {
    fn get(&mut self) -> u64 {
        self.recv().expect(OPEN)
    }
}

impl AsyncPutter for Sender<u64> {
    async fn put(&mut self, item: u64) {
        self.send_async(item).await.expect(OPEN);
    }
}

impl AsyncGetter for Receiver<u64> {
    async fn get(&mut self) -> u64 {
        self.recv_async().await.expect(OPEN)
    }
}
