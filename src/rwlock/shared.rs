//! The lock as both of its faces have it: a line, and the data.

use core::cell::UnsafeCell;
use core::fmt;
use std::sync::Arc;

use super::task;
use super::word::RwWord;
use crate::line::{Internal, Line, Place, Quiet};
use crate::sys::constructor;
use crate::sys::who::Traceable;

/// A lock, its line and its data: what both faces of `RwLock` are views of.
pub struct Shared<T: ?Sized> {
    pub(super) line: Line<RwWord>,
    pub(super) data: UnsafeCell<T>,
}

// SAFETY: readers on several threads share the data, hence `T: Sync`; a writer has it alone, on whatever
// thread that is, as if it were sent there, hence `T: Send`.
unsafe impl<T: ?Sized + Send + Sync> Sync for Shared<T> {}

impl<T> Shared<T> {
    constructor! {
        #[track_caller]
        pub(super) const fn new(data: T) -> Self {
            Self {
                line: Line::of(Traceable::RwLock, RwWord::new()),
                data: UnsafeCell::new(data),
            }
        }
    }

    pub(super) fn into_inner(self) -> T {
        self.data.into_inner()
    }
}

impl<T: ?Sized> Shared<T> {
    pub(super) const fn get_mut(&mut self) -> &mut T {
        self.data.get_mut()
    }
}

impl<T: ?Sized> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl<T: ?Sized> Quiet for Shared<T> {
    fn assert_quiet(&self) {
        self.line.assert_quiet();
    }

    fn waiting(&self) -> usize {
        self.line.waiting()
    }
}

/// Where a guard finds its lock: a reference to it, or an `Arc`.
///
/// # Safety
///
/// * [`shared`](Self::shared) returns the same lock for as long as the keeper lives, also after it has been
///   moved, and it is the one whose line the keeper is the place of, and that of its rest.
pub(super) unsafe trait Keeper: Place<Word = RwWord> {
    /// What the lock guards.
    type Data: ?Sized;
    /// What a guard of a part of the data keeps.
    type Rest: Place<Word = RwWord>;

    /// The lock.
    fn shared(&self) -> &Shared<Self::Data>;

    /// The keeper without what it knows of the data.
    fn into_rest(self) -> Self::Rest;
}

// SAFETY: a shared reference names one lock, wherever it is moved.
unsafe impl<T: ?Sized> Place for &Shared<T> {
    type Word = RwWord;

    fn line(&self, _: Internal) -> &Line<RwWord> {
        &self.line
    }
}

// SAFETY: as above; the rest is a reference to the same line.
unsafe impl<'a, T: ?Sized> Keeper for &'a Shared<T> {
    type Data = T;
    type Rest = &'a Line<RwWord>;

    #[inline]
    fn shared(&self) -> &Shared<T> {
        self
    }

    fn into_rest(self) -> &'a Line<RwWord> {
        &self.line
    }
}

// SAFETY: an `Arc` keeps its lock alive and in place, wherever it is moved itself.
unsafe impl<T: ?Sized> Place for Arc<task::RwLock<T>> {
    type Word = RwWord;

    const OWNS: bool = true;

    fn line(&self, _: Internal) -> &Line<RwWord> {
        &self.shared.line
    }
}

// SAFETY: as above; the rest is the same `Arc`.
unsafe impl<T: ?Sized> Keeper for Arc<task::RwLock<T>> {
    type Data = T;
    type Rest = Self;

    #[inline]
    fn shared(&self) -> &Shared<T> {
        &self.shared
    }

    fn into_rest(self) -> Self {
        self
    }
}
