//! A closure that is not to be called yet.

use std::sync::{Arc, OnceLock, Weak};

use super::delay::Key;
use super::entry::Way;
use super::shared::Shared;

/// It is queued later.
pub(super) struct Later {
    pool: Weak<Shared>,
    /// Where it lies until its time has come.
    key: OnceLock<Key>,
}

impl Later {
    pub(super) fn new(shared: &Arc<Shared>) -> Self {
        Self {
            pool: Arc::downgrade(shared),
            key: OnceLock::new(),
        }
    }

    /// Says where it lies, before anybody can cancel it.
    pub(super) fn lies_at(&self, key: Key) {
        let known = self.key.set(key);
        debug_assert!(known.is_ok(), "it lies in one place");
    }
}

impl Way for Later {
    fn cancelled(&self) {
        // A pool that is shut down does not wait for its time.
        if let (Some(pool), Some(key)) = (self.pool.upgrade(), self.key.get()) {
            pool.forget(*key);
        }
    }
}
