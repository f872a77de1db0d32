//! What a queue keeps its items in, and thereby the order in which it gives them out.
//!
//! | store | gives out | of |
//! |---|---|---|
//! | [`Fifo`] | the oldest | `Queue` |
//! | [`Lifo`] | the newest | `LifoQueue` |
//! | [`Priority`] | the least, of equals the oldest | `PriorityQueue` |
//!
//! A store knows nothing of threads. It is used under the lock of its queue, so it drops nothing
//! that belongs to the user. A panicking comparison leaves the store unchanged.

mod fifo;
mod lifo;
mod priority;

pub use self::fifo::Fifo;
pub use self::lifo::Lifo;
pub use self::priority::Priority;

/// What a queue keeps its items in: [`Fifo`], [`Lifo`] or [`Priority`].
///
/// It cannot be implemented outside of this crate. Name it in code that works with every queue;
/// there is an example at [`BaseQueue`](crate::thread::BaseQueue).
pub trait Store: Keep<<Self as Store>::Item> {
    /// What a queue with this store hands over.
    type Item;

    /// What `Debug` calls a queue with this store.
    #[doc(hidden)]
    const NAME: &'static str;
}

pub(crate) mod sealed {
    use std::collections::VecDeque;

    /// What the queue does with its store.
    pub trait Keep<T>: Sized {
        /// A store with nothing in it.
        const EMPTY: Self;

        /// How many items there are.
        fn len(&self) -> usize;

        /// Takes the item over. If this panics, nothing has happened and the item is where it was.
        fn push(&mut self, item: &mut Option<T>);

        /// Gives out the next item. If this panics, nothing has happened.
        fn pop(&mut self) -> Option<T>;

        /// Takes up to `n` items over, the first first. If this panics, those that it has not taken
        /// are where they were.
        fn push_many(&mut self, items: &mut VecDeque<T>, n: usize);

        /// Gives out up to `n` items. If this panics, those that it has given out are in the list.
        fn pop_many(&mut self, n: usize, taken: &mut Vec<T>);

        /// Gives back the memory that its items do not need.
        fn shrink_to_fit(&mut self);
    }
}
pub(crate) use sealed::Keep;

/// A store with room for no more items than these keeps its memory.
const ALWAYS_KEPT: usize = 64;

/// Whether a store has so much room for so few items that half of it is to be given back. The other
/// half is still twice as much as they need, so that each item pays for a few moves at most.
#[inline]
const fn is_sparse<T>(len: usize, capacity: usize) -> bool {
    // What takes no memory has room for any number.
    capacity > ALWAYS_KEPT && size_of::<T>() > 0 && len < capacity / 4
}

/// For how many items a sparse store keeps room.
const fn enough(len: usize) -> usize {
    if 2 * len > ALWAYS_KEPT {
        2 * len
    } else {
        ALWAYS_KEPT
    }
}
