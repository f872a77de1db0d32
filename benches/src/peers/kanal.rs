//! kanal: the ends for threads and the ends for tasks are types of their own.

use std::thread;

use kanal::{AsyncReceiver, AsyncSender, Receiver, Sender};

use super::{AsyncGetter, AsyncPutter, BatchGetter, Getter, Listing, Putter};

/// Why the channel stays open.
const OPEN: &str = "both ends live until all items have passed";

/// Has kanal look how many cores there are. It does so once, when a thread first waits, and spins
/// otherwise where it has seen one; a thread that is pinned sees one.
pub(crate) fn let_kanal_count_cores() {
    let (sender, receiver) = kanal::bounded::<()>(0);
    let sends = thread::spawn(move || sender.send(()).expect(OPEN));
    receiver.recv().expect(OPEN);
    sends.join().expect("it has been received");
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

/// One by `recv`, the others by `drain_into`, which knows no limit.
impl BatchGetter for Listing<Receiver<u64>> {
    fn get_many(&mut self, _: u64, mut each: impl FnMut(u64)) {
        each(self.end.recv().expect(OPEN));
        self.end.drain_into(&mut self.items).expect(OPEN);
        self.items.drain(..).for_each(each);
    }
}

impl AsyncPutter for AsyncSender<u64> {
    async fn put(&mut self, item: u64) {
        self.send(item).await.expect(OPEN);
    }
}

impl AsyncGetter for AsyncReceiver<u64> {
    async fn get(&mut self) -> u64 {
        self.recv().await.expect(OPEN)
    }
}
