//! First in, first out.

use core::fmt;
use std::collections::VecDeque;

use super::memory::Memory;
use super::{Keep, Store};

/// Gives out the oldest item: the store of a `Queue`.
pub struct Fifo<T>(pub(super) VecDeque<T>);

impl<T> Fifo<T> {
    pub(crate) const fn new() -> Self {
        Self(VecDeque::new())
    }
}

impl<T> Store for Fifo<T> {
    type Item = T;

    const NAME: &'static str = "Queue";
}

impl<T> Keep<T> for Fifo<T> {
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
            self.0.push_back(item);
        }
    }

    #[inline]
    fn pop(&mut self) -> Option<T> {
        let item = self.0.pop_front();
        self.0.shrink_if_sparse();
        item
    }

    fn push_many(&mut self, items: &mut VecDeque<T>, n: usize) {
        if n >= items.len() {
            self.0.append(items);
        } else {
            self.0.reserve(n);
            self.0.extend(items.drain(..n));
        }
    }

    fn pop_many(&mut self, n: usize, taken: &mut Vec<T>) {
        let n = n.min(self.0.len());
        taken.reserve(n);
        taken.extend(self.0.drain(..n));
        self.0.shrink_if_sparse();
    }

    fn shrink_to_fit(&mut self) {
        self.0.shrink_to_fit();
    }
}

impl<T> fmt::Debug for Fifo<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fifo")
            .field("len", &self.0.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_comes_first() {
        let mut store = Fifo::new();
        for item in 0..3 {
            store.push(&mut Some(item));
        }
        assert_eq!(store.pop(), Some(0));
        store.push(&mut Some(3));
        assert_eq!(store.len(), 3);
        let rest: Vec<_> = core::iter::from_fn(|| store.pop()).collect();
        assert_eq!(rest, [1, 2, 3]);
    }
}
