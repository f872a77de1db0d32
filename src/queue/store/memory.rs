//! When a store gives memory back.

use std::collections::VecDeque;

/// A store with room for no more items than these keeps its memory.
pub(super) const ALWAYS_KEPT: usize = 64;

/// Whether a store has so much room for so few items that half of it is to be given back. The other
/// half is still twice as much as they need, so that each item pays for a few moves at most.
#[inline]
const fn is_sparse<T>(len: usize, capacity: usize) -> bool {
    // What takes no memory has room for any number. One comparison, for each item that is taken out pays it.
    size_of::<T>() > 0 && len + ALWAYS_KEPT / 4 < capacity / 4
}

/// For how many items a sparse store keeps room.
const fn enough(len: usize) -> usize {
    if 2 * len > ALWAYS_KEPT {
        2 * len
    } else {
        ALWAYS_KEPT
    }
}

/// What a store has its items in.
pub(super) trait Memory {
    /// Gives memory back if there is room for far more items than there are.
    fn shrink_if_sparse(&mut self);
}

impl<T> Memory for Vec<T> {
    #[inline]
    fn shrink_if_sparse(&mut self) {
        if is_sparse::<T>(self.len(), self.capacity()) {
            shrink(self, enough(self.len()), Self::shrink_to);
        }
    }
}

impl<T> Memory for VecDeque<T> {
    #[inline]
    fn shrink_if_sparse(&mut self) {
        if is_sparse::<T>(self.len(), self.capacity()) {
            shrink(self, enough(self.len()), Self::shrink_to);
        }
    }
}

/// Seldom happens, and stays out of the way of what is taken out.
#[cold]
fn shrink<C>(items: &mut C, room: usize, shrink_to: fn(&mut C, usize)) {
    shrink_to(items, room);
}
