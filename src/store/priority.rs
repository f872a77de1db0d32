//! The least first, and of equals the oldest.
//!
//! A binary heap: no item is less than its parent. It is not std's, for that one loses an item
//! when a comparison panics. Here every comparison comes before the first move: `push` and `pop`
//! look for the path along which items will move, and then move them, which cannot fail.

use core::cmp::Ordering;
use core::fmt;

use super::Keep;

/// Gives out the item of the least priority, of equals the oldest: the store of a
/// `PriorityQueue`.
pub struct Priority<P, T> {
    heap: Vec<Entry<P, T>>,
    /// How many items there have ever been.
    arrivals: u64,
}

struct Entry<P, T> {
    priority: P,
    arrival: u64,
    item: T,
}

impl<P: Ord, T> Entry<P, T> {
    fn is_before(&self, other: &Self) -> bool {
        is_before(
            (&self.priority, self.arrival),
            (&other.priority, other.arrival),
        )
    }
}

/// Whether what has this priority and arrival comes before the other.
fn is_before<P: Ord>(this: (&P, u64), other: (&P, u64)) -> bool {
    match this.0.cmp(other.0) {
        Ordering::Less => true,
        Ordering::Equal => this.1 < other.1,
        Ordering::Greater => false,
    }
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
        while place > 0 {
            let parent = &self.heap[(place - 1) / 2];
            if !is_before(
                (priority, self.arrivals),
                (&parent.priority, parent.arrival),
            ) {
                break;
            }
            place = (place - 1) / 2;
        }
        place
    }

    /// Where the last item has to go when it takes the place of the first, which is given out:
    /// down along the lesser children to the bottom, and from there up to where it belongs.
    fn place_of_last(&self) -> (u64, u32) {
        let end = self.heap.len() - 1;
        let (last, heap) = (&self.heap[end], &self.heap[..end]);
        let (mut steps, mut depth, mut place) = (0_u64, 0_u32, 0);
        while 2 * place + 1 < end {
            let left = 2 * place + 1;
            let right = left + 1 < heap.len() && heap[left + 1].is_before(&heap[left]);
            steps |= u64::from(right) << depth;
            depth += 1;
            place = left + usize::from(right);
        }
        while depth > 0 && !heap[place].is_before(last) {
            depth -= 1;
            place = (place - 1) / 2;
        }
        (steps, depth)
    }
}

impl<P: Ord, T> Keep for Priority<P, T> {
    type Item = (P, T);

    const EMPTY: Self = Self::new();

    fn len(&self) -> usize {
        self.heap.len()
    }

    fn push(&mut self, item: &mut Option<(P, T)>) {
        let Some((priority, _)) = item else { return };
        let goal = self.place_of(priority);
        self.heap.reserve(1);
        let mut place = self.heap.len();
        if let Some((priority, item)) = item.take() {
            self.heap.push(Entry {
                priority,
                arrival: self.arrivals,
                item,
            });
        }
        self.arrivals += 1;
        while place > goal {
            let parent = (place - 1) / 2;
            self.heap.swap(place, parent);
            place = parent;
        }
    }

    fn pop(&mut self) -> Option<(P, T)> {
        if self.heap.is_empty() {
            return None;
        }
        let (steps, depth) = self.place_of_last();
        let Entry { priority, item, .. } = self.heap.swap_remove(0);
        let mut place = 0;
        for step in 0..depth {
            let right = usize::from((steps >> step) & 1 == 1);
            let child = 2 * place + 1 + right;
            self.heap.swap(place, child);
            place = child;
        }
        Some((priority, item))
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
