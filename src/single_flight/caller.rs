//! Somebody who is at a call.

use core::fmt;
use core::hash::Hash;

use super::calls::{Calls, Owner};
use crate::line::{Internal, Line, Place};
use crate::once::{Holder, Once, TurnWord};
use crate::sys;

/// Somebody who is at a call, until this is dropped.
pub(crate) struct Caller<'a, K, V> {
    calls: &'a Calls<K, V>,
    call: Owner<K, V>,
}

impl<'a, K: Hash + Eq, V> Caller<'a, K, V> {
    #[track_caller]
    pub(super) fn of(calls: &'a Calls<K, V>, key: K) -> Self {
        Self {
            calls,
            call: calls.join(key),
        }
    }
}

impl<K, V: Clone> Caller<'_, K, V> {
    /// What came of the call. Somebody who was alone with it gets it as it is.
    pub(super) fn value(self) -> V {
        let mut call = self.call.clone();
        drop(self);
        let value = (call.take_if_alone()).or_else(|| call.once.get().cloned());
        value.expect("who was let go was let go because there is a value")
    }
}

impl<K, V> Drop for Caller<'_, K, V> {
    fn drop(&mut self) {
        if !sys::is_over() {
            self.calls.leave(&self.call);
        }
    }
}

// SAFETY: an `Arc` keeps its call alive and in place, wherever it is moved itself, and also if it is leaked.
unsafe impl<K, V> Place for Caller<'_, K, V> {
    type Word = TurnWord;

    const OWNS: bool = true;

    fn line(&self, _: Internal) -> &Line<TurnWord> {
        &self.call.once.line
    }
}

// SAFETY: both return what is in the same `Once`.
unsafe impl<K, V> Holder for Caller<'_, K, V> {
    type Value = V;

    fn once(&self) -> &Once<V> {
        &self.call.once
    }

    fn written(&self) {
        self.calls.unlist(&self.call);
    }
}

impl<K, V> fmt::Debug for Caller<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller").finish_non_exhaustive()
    }
}
