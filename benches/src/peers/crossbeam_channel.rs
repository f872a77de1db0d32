//! crossbeam-channel: its channels, and one of them for a single token.

use crossbeam_channel::{Receiver, Sender, bounded};

use super::{Getter, Putter, Signal};

/// Why the channel stays open.
const OPEN: &str = "both ends live until all items have passed";

/// Both ends of the channel.
pub(crate) struct Channel {
    sender: Sender<()>,
    receiver: Receiver<()>,
}

impl Signal for Channel {
    fn new() -> Self {
        let (sender, receiver) = bounded(1);
        Self { sender, receiver }
    }

    fn give(&self) {
        self.sender.send(()).expect(OPEN);
    }

    fn take(&self) {
        self.receiver.recv().expect(OPEN);
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
