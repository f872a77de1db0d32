//! std: `mpsc`, for threads, with one end to get from.

use std::sync::mpsc::{Receiver, Sender, SyncSender};

use super::{Getter, Putter};

/// Why the channel stays open.
const OPEN: &str = "both ends live until all items have passed";

impl Putter for SyncSender<u64> {
    fn put(&mut self, item: u64) {
        self.send(item).expect(OPEN);
    }
}

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
