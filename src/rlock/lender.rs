//! Where a guard finds its lock: what may stand in for a re-entrant lock while somebody waits.

use std::sync::Arc;

use super::shared::RShared;
use super::{task, thread};
use crate::line::{Internal, Line, Place};
use crate::lock::LockWord;

/// Where a guard finds its lock: a reference, or something that owns one.
///
/// # Safety
///
/// * [`shared`](Self::shared) returns the same lock for as long as the place lives, also after it
///   has been moved; its line is the place's line.
pub(crate) unsafe trait Lender: Place<Word = LockWord> {
    /// What the lock guards.
    type Data: ?Sized;

    /// The lock.
    fn shared(&self) -> &RShared<Self::Data>;
}

// SAFETY: a shared reference names one lock, wherever it is moved.
unsafe impl<T: ?Sized> Place for &RShared<T> {
    type Word = LockWord;

    fn line(&self, _: Internal) -> &Line<LockWord> {
        &self.core.line
    }
}

// SAFETY: as above; the line is that of the same lock.
unsafe impl<T: ?Sized> Lender for &RShared<T> {
    type Data = T;

    fn shared(&self) -> &RShared<T> {
        self
    }
}

// SAFETY: an `Arc` keeps its lock alive and in place, wherever it is moved itself.
unsafe impl<T: ?Sized> Place for Arc<thread::RLock<T>> {
    type Word = LockWord;

    const OWNS: bool = true;

    fn line(&self, _: Internal) -> &Line<LockWord> {
        &self.shared.core.line
    }
}

// SAFETY: as above; the line is that of the same lock.
unsafe impl<T: ?Sized> Lender for Arc<thread::RLock<T>> {
    type Data = T;

    fn shared(&self) -> &RShared<T> {
        &self.shared
    }
}

// SAFETY: an `Arc` keeps its lock alive and in place, wherever it is moved itself.
unsafe impl<T: ?Sized> Place for Arc<task::RLock<T>> {
    type Word = LockWord;

    const OWNS: bool = true;

    fn line(&self, _: Internal) -> &Line<LockWord> {
        &self.shared.core.line
    }
}

// SAFETY: as above; the line is that of the same lock.
unsafe impl<T: ?Sized> Lender for Arc<task::RLock<T>> {
    type Data = T;

    fn shared(&self) -> &RShared<T> {
        &self.shared
    }
}
