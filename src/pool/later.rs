//! A closure that is not to be called yet.

use std::io;
use std::sync::{Arc, OnceLock, Weak};

use super::delay::Key;
use super::entry::Run;
use super::job::{Head, Unit, Work};
use super::shared::Shared;
use crate::name::Name;
use crate::rule::job::Verdict;

/// A closure that is queued later, with its job.
pub(super) struct Later<F, T> {
    work: Work<F, T>,
    pool: Weak<Shared>,
    /// Where it lies until its time has come.
    key: OnceLock<Key>,
}

impl<F: FnOnce() -> T, T> Later<F, T> {
    pub(super) fn new(shared: &Arc<Shared>, closure: F) -> Self {
        Self {
            work: Work::new(None, closure),
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

impl<F: FnOnce() -> T + Send, T: Send> Unit<T> for Later<F, T> {
    fn head(&self) -> &Head<T> {
        &self.work.head
    }

    fn cancel(&self) {
        self.work.refuse(Verdict::Cancelled);
        // A pool that is shut down does not wait for its time.
        if let Some(pool) = self.pool.upgrade()
            && let Some(key) = self.key.get()
        {
            pool.forget(*key);
        }
    }
}

impl<F: FnOnce() -> T + Send, T: Send> Run for Later<F, T> {
    fn run(self: Arc<Self>) {
        self.work.run();
        self.work.head.let_go();
    }

    fn refuse(self: Arc<Self>, verdict: Verdict) {
        self.work.refuse(verdict);
        self.work.head.let_go();
    }

    fn not_started(self: Arc<Self>, error: io::Error) {
        self.work.not_started(error);
        self.work.head.let_go();
    }

    fn name(&self) -> Option<&str> {
        self.work.head.name().map(Name::as_str)
    }
}
