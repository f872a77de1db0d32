//! event-listener: an event as its documentation builds one, a flag beside it.

use core::sync::atomic::{AtomicBool, Ordering};

use event_listener::{Event, Listener as _, listener};

use super::{AsyncFlag, Flag};

/// The flag and those who listen.
pub(crate) struct ListenerFlag {
    is_set: AtomicBool,
    event: Event,
}

// ORDERING: SeqCst on `is_set`: a waiter listens before it looks at the flag, the
// setter writes the flag before it notifies; one of them sees the other.

impl Flag for ListenerFlag {
    fn new() -> Self {
        Self {
            is_set: AtomicBool::new(false),
            event: Event::new(),
        }
    }

    fn set(&self) {
        self.is_set.store(true, Ordering::SeqCst);
        self.event.notify(usize::MAX);
    }

    fn clear(&self) {
        self.is_set.store(false, Ordering::SeqCst);
    }

    fn wait(&self) {
        while !self.is_set.load(Ordering::SeqCst) {
            listener!(self.event => listener);
            if self.is_set.load(Ordering::SeqCst) {
                return;
            }
            listener.wait();
        }
    }
}

impl AsyncFlag for ListenerFlag {
    fn new() -> Self {
        Flag::new()
    }

    fn set(&self) {
        Flag::set(self);
    }

    fn clear(&self) {
        Flag::clear(self);
    }

    async fn wait(&self) {
        while !self.is_set.load(Ordering::SeqCst) {
            listener!(self.event => listener);
            if self.is_set.load(Ordering::SeqCst) {
                return;
            }
            listener.await;
        }
    }
}
