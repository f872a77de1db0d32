//! The least first, and of equals the oldest.
//!
//! A heap in which every place has four places below it: no item is less than the one above it. Four
//! rather than two, so that half as many items are moved and half as many lines of the cache are
//! touched.
//!
//! It is not std's, for that one loses an item when a comparison panics. Here every comparison comes
//! before the first move: `push` and `pop` look for the place where an item will go, and then move
//! those on the way, which cannot fail.

use core::cmp::Ordering;
use core::fmt;
use std::collections::VecDeque;

use super::memory::Memory;
use super::{Keep, Store};

/// How many places there are below each.
const FANOUT: usize = 4;

/// Gives out the item of the least priority, of equals the oldest: the store of a
/// `PriorityQueue`.
pub struct Priority<P, T> {
    pub(super) heap: Vec<Entry<P, T>>,
    /// How many items there have ever been.
    arrivals: u64,
}

pub(super) struct Entry<P, T> {
    priority: P,
    arrival: u64,
    item: T,
}

impl<P: Ord, T> Entry<P, T> {
    /// Which of two comes first, as an index.
    fn first_of(pair: [&Self; 2]) -> usize {
        let [left, right] = pair;
        usize::from(is_before(right.key(), left.key()))
    }

    fn key(&self) -> (&P, u64) {
        (&self.priority, self.arrival)
    }
}

/// Whether what has this priority and arrival comes before the other. Without a branch: which of two
/// is less cannot be foreseen.
#[inline]
fn is_before<P: Ord>(this: (&P, u64), other: (&P, u64)) -> bool {
    this.0.cmp(other.0).then(this.1.cmp(&other.1)) == Ordering::Less
}

/// The place above this one, which is not the first.
const fn above(place: usize) -> usize {
    (place - 1) / FANOUT
}

impl<P, T> Priority<P, T> {
    pub(crate) const fn new() -> Self {
        Self {
            heap: Vec::new(),
            arrivals: 0,
        }
    }
}

impl<P: Ord, T> Priority<P, T> {
    /// Where something new has to go: the highest place whose owner it comes before.
    fn place_of(&self, priority: &P) -> usize {
        let mut place = self.heap.len();
        while place > 0 && is_before((priority, self.arrivals), self.heap[above(place)].key()) {
            place = above(place);
        }
        place
    }

    /// Puts something new into its place, and those that were on the way there one place lower.
    fn insert(&mut self, goal: usize, (priority, item): (P, T)) {
        let arrival = self.arrivals;
        self.arrivals += 1;
        let mut place = self.heap.len();
        self.heap.push(Entry {
            priority,
            arrival,
            item,
        });
        while place > goal {
            self.heap.swap(place, above(place));
            place = above(place);
        }
    }

    /// Where the last item has to go when the first is given out: down along the least to the
    /// bottom, for it was there before, and from there up to where it belongs.
    fn place_of_last(&self) -> usize {
        let end = self.heap.len() - 1;
        let (last, heap) = (&self.heap[end], &self.heap[..end]);
        let mut place = 0;
        while let Some(below) = least_below(heap, place) {
            place = below;
        }
        while place > 0 && !is_before(heap[place].key(), last.key()) {
            place = above(place);
        }
        place
    }
}

/// Which of the places below this one has the least.
fn least_below<P: Ord, T>(heap: &[Entry<P, T>], place: usize) -> Option<usize> {
    let first = FANOUT * place + 1;
    let below = heap.get(first..)?;
    let least = if let [a, b, c, d, ..] = below {
        // Two pairs and their winners: the pairs do not wait for each other.
        let left = Entry::first_of([a, b]);
        let right = 2 + Entry::first_of([c, d]);
        [left, right][Entry::first_of([&below[left], &below[right]])]
    } else {
        let before = |&one: &usize, &other: &usize| below[one].key().cmp(&below[other].key());
        (0..below.len()).min_by(before)?
    };
    Some(first + least)
}

impl<P: Ord, T> Store for Priority<P, T> {
    type Item = (P, T);

    const NAME: &'static str = "PriorityQueue";
}

impl<P: Ord, T> Keep<(P, T)> for Priority<P, T> {
    const EMPTY: Self = Self::new();

    fn len(&self) -> usize {
        self.heap.len()
    }

    fn push(&mut self, item: &mut Option<(P, T)>) {
        let Some((priority, _)) = item else { return };
        let goal = self.place_of(priority);
        self.heap.reserve(1);
        if let Some(item) = item.take() {
            self.insert(goal, item);
        }
    }

    fn pop(&mut self) -> Option<(P, T)> {
        if self.heap.is_empty() {
            return None;
        }
        let mut place = self.place_of_last();
        let mut moving = self.heap.pop()?;
        // From its place up to the first, each goes one place higher, and the first goes out.
        if !self.heap.is_empty() {
            core::mem::swap(&mut self.heap[place], &mut moving);
            while place > 0 {
                place = above(place);
                core::mem::swap(&mut self.heap[place], &mut moving);
            }
        }
        self.heap.shrink_if_sparse();
        Some((moving.priority, moving.item))
    }

    fn push_many(&mut self, items: &mut VecDeque<(P, T)>, n: usize) {
        let n = n.min(items.len());
        self.heap.reserve(n);
        for _ in 0..n {
            let Some((priority, _)) = items.front() else {
                return;
            };
            let goal = self.place_of(priority);
            if let Some(item) = items.pop_front() {
                self.insert(goal, item);
            }
        }
    }

    fn pop_many(&mut self, n: usize, taken: &mut Vec<(P, T)>) {
        let n = n.min(self.heap.len());
        taken.reserve(n);
        for _ in 0..n {
            taken.extend(self.pop());
        }
    }

    fn shrink_to_fit(&mut self) {
        self.heap.shrink_to_fit();
    }
}

impl<P, T> fmt::Debug for Priority<P, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Priority")
            .field("len", &self.heap.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use core::cell::Cell;
    use core::panic::AssertUnwindSafe;
    use std::panic::catch_unwind;

    use super::*;

    #[test]
    fn the_least_comes_first_and_equals_in_order_of_arrival() {
        let mut store = Priority::new();
        for (index, priority) in [3, 1, 2, 1, 3, 0, 1].into_iter().enumerate() {
            store.push(&mut Some((priority, index)));
        }
        let all: Vec<_> = core::iter::from_fn(|| store.pop()).collect();
        assert_eq!(
            all,
            [(0, 5), (1, 1), (1, 3), (1, 6), (2, 2), (3, 0), (3, 4)]
        );
    }

    #[test]
    fn it_sorts_whatever_is_put_and_taken_in_between() {
        let mut store = Priority::new();
        let mut all: Vec<(u32, u32)> = Vec::new();
        let mut random = 1_u32;
        for arrival in 0..2000 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let priority = (random >> 16) % 50;
            if random >> 30 == 0 {
                let least = all.iter().copied().min();
                all.retain(|entry| Some(*entry) != least);
                assert_eq!(store.pop(), least);
            } else {
                all.push((priority, arrival));
                store.push(&mut Some((priority, arrival)));
            }
        }
        all.sort_unstable();
        let rest: Vec<_> = core::iter::from_fn(|| store.pop()).collect();
        assert_eq!(rest, all);
    }

    /// A priority whose comparisons panic when they have used up their budget.
    struct Brittle<'a>(u32, &'a Cell<u32>);

    impl Ord for Brittle<'_> {
        fn cmp(&self, other: &Self) -> Ordering {
            let left = self.1.get().checked_sub(1).expect("the budget is used up");
            self.1.set(left);
            self.0.cmp(&other.0)
        }
    }

    impl PartialOrd for Brittle<'_> {
        fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
            Some(self.cmp(other))
        }
    }

    impl PartialEq for Brittle<'_> {
        fn eq(&self, other: &Self) -> bool {
            self.0 == other.0
        }
    }

    impl Eq for Brittle<'_> {}

    #[test]
    fn a_comparison_that_panics_changes_nothing() {
        let budget = Cell::new(u32::MAX);
        let mut store = Priority::new();
        for priority in [5, 2, 7, 1, 9, 3, 8, 4, 6, 0] {
            store.push(&mut Some((Brittle(priority, &budget), priority)));
        }
        for allowed in 0.. {
            budget.set(allowed);
            let mut item = Some((Brittle(0, &budget), 10));
            let pushed = catch_unwind(AssertUnwindSafe(|| store.push(&mut item))).is_ok();
            assert_eq!(pushed, item.is_none());
            budget.set(u32::MAX);
            if pushed {
                break;
            }
            assert_eq!(store.len(), 10);
        }
        for allowed in 0.. {
            budget.set(allowed);
            let popped = catch_unwind(AssertUnwindSafe(|| store.pop()));
            budget.set(u32::MAX);
            if let Ok(popped) = popped {
                assert_eq!(popped.map(|(_, item)| item), Some(0));
                break;
            }
            assert_eq!(store.len(), 11);
        }
        let rest: Vec<_> = core::iter::from_fn(|| store.pop())
            .map(|(_, item)| item)
            .collect();
        assert_eq!(rest, [10, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }
}
