//! What a process has one of. See `native.rs` for why a child does not get that of its parent.

use core::ops::Deref;
use core::ptr;
use core::sync::atomic::AtomicPtr;
use core::sync::atomic::Ordering::{Acquire, Release};

use super::process::Born;

/// A value that each process makes when it first uses it, and never drops.
///
/// That may be done by several threads at once; the first to end wins. Nobody waits for anybody, for whoever
/// was waited for might not be there after a `fork`.
pub(crate) struct PerProcess<T> {
    /// Null, or a box that is never freed; perhaps one of a parent.
    here: AtomicPtr<Made<T>>,
    make: fn() -> T,
}

/// What was made, and where.
struct Made<T> {
    value: T,
    born: Born,
}

impl<T: Send + Sync> PerProcess<T> {
    pub(crate) const fn new(make: fn() -> T) -> Self {
        Self {
            here: AtomicPtr::new(ptr::null_mut()),
            make,
        }
    }

    /// The box of this process, or what is there instead of it.
    fn look(&self) -> Result<&T, *mut Made<T>> {
        // ORDERING: Acquire pairs with the release half of the exchange in `make`: who sees the box sees what is
        // in it.
        let there = self.here.load(Acquire);
        // SAFETY: it is null, or a box that is never freed.
        (unsafe { there.as_ref() }.filter(|made| made.born.is_here()))
            .map(|made| &made.value)
            .ok_or(there)
    }

    #[cold]
    fn make(&self, mut before: *mut Made<T>) -> &T {
        let new = Box::into_raw(Box::new(Made {
            value: (self.make)(),
            born: Born::here(),
        }));
        loop {
            // ORDERING: Release pairs with the Acquire in `look`: it publishes the box. Acquire on
            // failure is that of `look`, which follows.
            if (self.here.compare_exchange(before, new, Release, Acquire)).is_ok() {
                // SAFETY: it has just been made, and is never freed.
                return unsafe { &(*new).value };
            }
            match self.look() {
                Ok(first) => {
                    // SAFETY: nobody else has seen it.
                    drop(unsafe { Box::from_raw(new) });
                    return first;
                }
                Err(now) => before = now,
            }
        }
    }
}

impl<T: Send + Sync> Deref for PerProcess<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        self.look().unwrap_or_else(|before| self.make(before))
    }
}
