//! Values whose drops are counted.

use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering::SeqCst;
use std::sync::Arc;

/// How many of its values are alive, and how many have been dropped.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counter(Arc<[AtomicUsize; 2]>);

/// A value that is counted.
#[derive(Debug)]
pub(crate) struct Counted(Counter);

impl Counter {
    pub(crate) fn value(&self) -> Counted {
        self.0[0].fetch_add(1, SeqCst);
        Counted(self.clone())
    }

    pub(crate) fn alive(&self) -> usize {
        self.0[0].load(SeqCst)
    }

    pub(crate) fn dropped(&self) -> usize {
        self.0[1].load(SeqCst)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.0[0].fetch_sub(1, SeqCst);
        self.0.0[1].fetch_add(1, SeqCst);
    }
}

/// Panics when it is dropped, unless a panic is under way.
#[derive(Debug)]
pub(crate) struct Thorny;

impl Drop for Thorny {
    fn drop(&mut self) {
        assert!(std::thread::panicking(), "this destructor panics");
    }
}
