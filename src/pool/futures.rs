//! Which futures of a pool have not ended.
//!
//! Together they count as one thing that the pool waits for before it ends, from the first that comes to
//! the last that goes; so the roster hears of them only where there was none, or is none any more.

use core::num::NonZeroUsize;
use std::io;
use std::sync::Arc;

use slab::Slab;

use super::driven::Stop;
use super::entry::same;
use super::job::quietly;
use super::shared::Shared;
use crate::rule::job::Verdict;
use crate::sys::Mutex;

/// Those that have not ended.
pub(super) struct Futures(Mutex<Slab<Arc<dyn Stop>>>);

impl Futures {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Slab::new()))
    }

    fn all(&self) -> Vec<Arc<dyn Stop>> {
        let futures = self.0.lock();
        futures.iter().map(|(_, one)| Arc::clone(one)).collect()
    }
}

/// Where the pool knows a future, or several that are known together.
#[derive(Debug)]
pub(crate) struct Known(NonZeroUsize);

/// It came too late, and is to end like this.
pub(crate) struct Late(pub(crate) Arc<dyn Stop>, pub(crate) Verdict);

impl Shared {
    /// Takes a future in, and says where it is known.
    pub(super) fn enter(&self, future: Arc<dyn Stop>) -> Result<Known, Late> {
        let mut futures = self.futures.0.lock();
        let open = if futures.is_empty() {
            self.expect_one()
        } else {
            // The pool does not end before those that are there; a close at this very moment is
            // behind this one.
            !self.is_closed()
        };
        if !open {
            return Err(Late(future, self.verdict()));
        }
        let key = futures.insert(future) + 1;
        Ok(Known(NonZeroUsize::new(key).expect("keys are small")))
    }

    /// A future has ended.
    pub(super) fn exit(&self, known: Known) {
        let mut futures = self.futures.0.lock();
        let future = futures.remove(known.0.get() - 1);
        let last = futures.is_empty();
        drop(futures);
        future.let_go();
        if last {
            self.expected_one();
        }
    }

    /// Ends all futures.
    pub(super) fn stop_all(&self, verdict: Verdict) {
        for future in self.futures.all() {
            quietly(|| future.stop(verdict));
        }
    }

    /// Ends all futures that wait, for want of a thread.
    pub(super) fn start_none(&self, error: &io::Error) {
        for future in self.futures.all() {
            quietly(|| future.not_started(same(error)));
        }
    }
}
