//! Data behind a [gate](super::gate): state that is looked at and changed in a few instructions.

use core::marker::PhantomData;
use core::ops::{Deref, DerefMut};
use core::panic::UnwindSafe;

use super::gate::Gate;
use crate::line::LineLock;
use crate::sys::{Cell, constructor};

/// Data that a gate guards. Nothing of the user's runs while it is locked.
pub(crate) struct Gated<T> {
    gate: Gate,
    data: Cell<T>,
}

// SAFETY: the data is reached through one guard at a time (invariant of `GatedGuard`), from
// whatever thread that is on: as if it were sent there, hence `T: Send`; no two threads see it at
// once.
unsafe impl<T: Send> Sync for Gated<T> {}

// Whoever panics while it is locked unlocks it, as with the lock of `parking_lot`.
impl<T: UnwindSafe> UnwindSafe for Gated<T> {}

impl<T> Gated<T> {
    constructor! {
        pub(crate) const fn new(data: T) -> Self {
            Self {
                gate: Gate::new(),
                data: Cell::new(data),
            }
        }
    }

    #[inline]
    pub(crate) fn lock(&self) -> GatedGuard<'_, T> {
        GatedGuard {
            _held: LineLock::lock(&self.gate),
            data: &self.data,
            _borrow: PhantomData,
        }
    }
}

/// The data of a gate that is held; dropping it unlocks.
///
/// Invariant: one exists for each time the gate was taken, and no other way leads to the data.
pub(crate) struct GatedGuard<'a, T> {
    _held: <Gate as LineLock>::Held<'a>,
    data: &'a Cell<T>,
    /// Behaves like the `&mut T` that it lends.
    _borrow: PhantomData<&'a mut T>,
}

impl<T> Deref for GatedGuard<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: `self` holds the gate (its invariant), so nothing else reaches the data; the
        // shared borrow of `self` excludes the `&mut T` below.
        self.data.with(|data| unsafe { &*data })
    }
}

impl<T> DerefMut for GatedGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above; the exclusive borrow of `self` excludes every other borrow.
        self.data.with(|data| unsafe { &mut *data })
    }
}
