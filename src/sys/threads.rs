//! Which threads this crate has started in this process, and what each of them does.

use core::cell::RefCell;
use core::sync::atomic::AtomicU8;
use core::sync::atomic::Ordering::Relaxed;
use std::sync::Arc;
use std::thread::{self, ThreadId};

use parking_lot::Mutex;

use super::{PerProcess, ThreadState};

/// A thread that has not ended.
struct Record {
    id: ThreadId,
    name: Option<String>,
    state: AtomicU8,
}

/// All of them, in the order in which they began.
static THREADS: PerProcess<Mutex<Vec<Arc<Record>>>> = PerProcess::new(|| Mutex::new(Vec::new()));

thread_local! {
    /// The record of this thread.
    static MINE: RefCell<Option<Arc<Record>>> = const { RefCell::new(None) };
}

/// Keeps this thread in the list for as long as it lives.
pub(super) struct Listed(Arc<Record>);

impl Listed {
    /// Puts this thread into the list.
    pub(super) fn new() -> Self {
        let this = thread::current();
        let record = Arc::new(Record {
            id: this.id(),
            name: this.name().map(str::to_owned),
            state: AtomicU8::new(ThreadState::Running as u8),
        });
        MINE.set(Some(Arc::clone(&record)));
        THREADS.lock().push(Arc::clone(&record));
        Self(record)
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        MINE.set(None);
        // In the child of a process that forked in this thread the list is another one, without it.
        THREADS.lock().retain(|other| !Arc::ptr_eq(other, &self.0));
    }
}

/// Notes what this thread does from now on, if it is in the list.
pub(crate) fn note_state(state: ThreadState) {
    let _ended = MINE.try_with(|mine| {
        if let Some(record) = &*mine.borrow() {
            // ORDERING: Relaxed: nothing is read by way of it.
            record.state.store(state as u8, Relaxed);
        }
    });
}

/// What is known of each of them, in the order in which they began.
pub(crate) fn threads() -> Vec<(Option<String>, ThreadId, ThreadState)> {
    let records = THREADS.lock();
    (records.iter())
        .map(|record| {
            // ORDERING: Relaxed, as above: it may have changed since.
            let state = ThreadState::from(record.state.load(Relaxed));
            (record.name.clone(), record.id, state)
        })
        .collect()
}

/// How many there are.
pub(crate) fn thread_count() -> usize {
    THREADS.lock().len()
}
