//! Last in, first out.

use core::fmt;
use std::collections::VecDeque;

use super::{Keep, Store, enough, is_sparse};

/// Gives out the newest item: the store of a `LifoQueue`.
pub struct Lifo<T>(Vec<T>);

impl<T> Lifo<T> {
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    #[inline]
    fn shrink_if_sparse(&mut self) {
        if is_sparse::<T>(self.0.len(), self.0.capacity()) {
            self.shrink();
        }
    }

    #[cold]
    fn shrink(&mut self) {
        self.0.shrink_to(enough(self.0.len()));
    }
}

impl<T> Store for Lifo<T> {
    type Item = T;

    const NAME: &'static str = "LifoQueue";
}

impl<T> Keep<T> for Lifo<T> {
    const EMPTY: Self = Self::new();

    #[inline]
    fn len(&self) -> usize {
        self.0.len()
    }

    #[inline]
    fn push(&mut self, item: &mut Option<T>) {
        // What may fail comes before the item is moved.
        if self.0.len() == self.0.capacity() {
            self.0.reserve(1);
        }
        if let Some(item) = item.take() {
            self.0.push(item);
        }
    }

    #[inline]
    fn pop(&mut self) -> Option<T> {
        let item = self.0.pop();
        self.shrink_if_sparse();
        item
    }

    fn push_many(&mut self, items: &mut VecDeque<T>, n: usize) {
        let n = n.min(items.len());
        self.0.reserve(n);
        self.0.extend(items.drain(..n));
    }

    fn pop_many(&mut self, n: usize, taken: &mut Vec<T>) {
        let n = n.min(self.0.len());
        taken.reserve(n);
        taken.extend(self.0.drain(self.0.len() - n..).rev());
        self.shrink_if_sparse();
    }

    fn shrink_to_fit(&mut self) {
        self.0.shrink_to_fit();
    }
}

impl<T> fmt::Debug for Lifo<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lifo")
            .field("len", &self.0.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::super::ALWAYS_KEPT;
    use super::*;

    #[test]
    fn the_newest_comes_first() {
        let mut store = Lifo::new();
        for item in 0..3 {
            store.push(&mut Some(item));
        }
        assert_eq!(store.pop(), Some(2));
        store.push(&mut Some(3));
        assert_eq!(store.len(), 3);
        let rest: Vec<_> = core::iter::from_fn(|| store.pop()).collect();
        assert_eq!(rest, [3, 1, 0]);
    }

    #[test]
    fn what_a_burst_has_taken_is_given_back_as_it_is_taken_out() {
        let mut store = Lifo::new();
        for n in 0..10_000 {
            store.push(&mut Some(n));
        }
        let full = store.0.capacity();
        while store.pop().is_some() {
            let (len, room) = (store.len(), store.0.capacity());
            assert!(
                room < 4 * (len.max(ALWAYS_KEPT) + 1),
                "room for {room}, {len} in it"
            );
        }
        assert!(full >= 10_000 && store.0.capacity() <= ALWAYS_KEPT);
        // All at once.
        let mut items = (0..10_000).collect();
        store.push_many(&mut items, 10_000);
        let mut taken = Vec::new();
        store.pop_many(9_990, &mut taken);
        assert_eq!(taken.len(), 9_990);
        assert!(store.0.capacity() <= 4 * ALWAYS_KEPT);
        // And the rest, when that is asked for.
        store.shrink_to_fit();
        assert_eq!((store.len(), store.0.capacity()), (10, 10));
    }
}
