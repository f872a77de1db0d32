//! crossbeam-channel: a channel for one token.

use crossbeam_channel::{Receiver, Sender, bounded};

use super::Signal;

/// Why the channel stays open.
const OPEN: &str = "both ends live as long as the token";

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
