//! Last in, first out.

use core::fmt;
use std::collections::VecDeque;

use super::memory::Memory;
use super::{Keep, Store};

/// Gives out the newest item: the store of a `LifoQueue`.
pub struct Lifo<T>(pub(super) Vec<T>);

impl<T> Lifo<T> {
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
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
        self.0.shrink_if_sparse();
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
        self.0.shrink_if_sparse();
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
}
