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
mod memory;
mod priority;

pub use self::fifo::Fifo;
pub use self::lifo::Lifo;
pub use self::priority::Priority;

/// What a queue keeps its items in: [`Fifo`], [`Lifo`] or [`Priority`].
///
/// It cannot be implemented outside this crate. Name it in code that works with every queue; there is an example at
/// [`BaseQueue`](crate::thread::BaseQueue).
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

#[cfg(test)]
mod tests {
    use super::memory::ALWAYS_KEPT;
    use super::*;

    /// Fills a store and empties it again: item by item, and then many at once.
    fn gives_back_what_a_burst_has_taken<T, S: Keep<T>>(
        mut store: S,
        room: fn(&S) -> usize,
        item: fn(u32) -> T,
    ) {
        for n in 0..10_000 {
            store.push(&mut Some(item(n)));
        }
        let full = room(&store);
        while store.pop().is_some() {
            let (len, room) = (store.len(), room(&store));
            assert!(
                room < 4 * (len + 1) + ALWAYS_KEPT,
                "room for {room}, {len} in it"
            );
        }
        assert!(full >= 10_000 && room(&store) <= ALWAYS_KEPT);
        let mut items = (0..10_000).map(item).collect();
        store.push_many(&mut items, 10_000);
        let mut taken = Vec::new();
        store.pop_many(9_990, &mut taken);
        assert_eq!(taken.len(), 9_990);
        assert!(room(&store) <= 4 * ALWAYS_KEPT);
        // And the rest, when that is asked for.
        store.shrink_to_fit();
        assert_eq!((store.len(), room(&store)), (10, 10));
    }

    #[test]
    fn what_a_burst_has_taken_is_given_back_as_it_is_taken_out() {
        gives_back_what_a_burst_has_taken(Fifo::new(), |store| store.0.capacity(), |n| n);
        gives_back_what_a_burst_has_taken(Lifo::new(), |store| store.0.capacity(), |n| n);
        gives_back_what_a_burst_has_taken(
            Priority::new(),
            |store| store.heap.capacity(),
            |n| (n % 7, n),
        );
    }
}
