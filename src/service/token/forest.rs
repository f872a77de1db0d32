//! Who is below whom, among all tokens that come from one root.
//!
//! A forest of slots in one slab, linked by their keys. Nothing in here is recursive, whatever the
//! depth. A slot whose token is gone stays only where it has two children or more, as a *fork* without
//! a token: with one child the child takes its place, with none it goes. So there are fewer forks than
//! tokens, and every removal takes constant time.

use slab::Slab;

/// No slot.
const NONE: usize = usize::MAX;
/// A slab that has shrunk to nothing gives back its memory if it had room for more than this.
const ROOM: usize = 64;

/// Where a token stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key(usize);

struct Slot<N> {
    /// `None` for a fork.
    token: Option<N>,
    parent: usize,
    first: usize,
    last: usize,
    prev: usize,
    next: usize,
}

/// Trees of tokens.
pub(super) struct Forest<N> {
    slots: Slab<Slot<N>>,
}

impl<N> Forest<N> {
    /// A forest without trees.
    pub(super) const fn new() -> Self {
        Self { slots: Slab::new() }
    }

    /// Adds a token that is told its key: a child of another one, the youngest, or a root.
    pub(super) fn insert(&mut self, parent: Option<Key>, make: impl FnOnce(Key) -> N) -> N
    where
        N: Clone,
    {
        let entry = self.slots.vacant_entry();
        let key = entry.key();
        let token = make(Key(key));
        entry.insert(Slot {
            token: Some(token.clone()),
            parent: NONE,
            first: NONE,
            last: NONE,
            prev: NONE,
            next: NONE,
        });
        if let Some(Key(parent)) = parent {
            self.hang(key, parent);
        }
        token
    }

    /// Takes one token out. What is below it stays below what it was below.
    pub(super) fn remove(&mut self, Key(key): Key) -> Option<N> {
        let token = self.slots[key].token.take();
        let parent = self.slots[key].parent;
        self.tidy(key);
        // A fork has lost a child.
        if parent != NONE && self.slots[parent].token.is_none() {
            self.tidy(parent);
        }
        self.shrink();
        token
    }

    /// Takes out a token and all that are below it: parents before their children.
    pub(super) fn take(&mut self, Key(key): Key) -> Vec<N> {
        let parent = self.slots[key].parent;
        self.unhang(key);
        let (mut tokens, mut done) = (Vec::new(), 0);
        // The eldest of each group of siblings. The token itself is alone: it was taken from its parent.
        let mut groups = vec![key];
        while let Some(&eldest) = groups.get(done) {
            done += 1;
            let mut key = eldest;
            while key != NONE {
                let slot = self.slots.remove(key);
                tokens.extend(slot.token);
                if slot.first != NONE {
                    groups.push(slot.first);
                }
                key = slot.next;
            }
        }
        if parent != NONE && self.slots[parent].token.is_none() {
            self.tidy(parent);
        }
        self.shrink();
        tokens
    }

    /// How many slots are in use, forks included.
    #[cfg(test)]
    fn len(&self) -> usize {
        self.slots.len()
    }

    /// Makes a slot without a token disappear, unless it is a fork.
    fn tidy(&mut self, key: usize) {
        let Slot {
            first,
            last,
            parent,
            next,
            ..
        } = self.slots[key];
        if first != last {
            return;
        }
        self.unhang(key);
        self.slots.remove(key);
        if first == NONE {
            return;
        }
        // The only child takes its place.
        let child = &mut self.slots[first];
        (child.parent, child.prev, child.next) = (NONE, NONE, NONE);
        if parent != NONE {
            self.hang_before(first, parent, next);
        }
    }

    /// Makes a slot that hangs nowhere the last child of another.
    fn hang(&mut self, key: usize, parent: usize) {
        self.hang_before(key, parent, NONE);
    }

    /// The same, in front of one of its children.
    fn hang_before(&mut self, key: usize, parent: usize, next: usize) {
        let prev = if next == NONE {
            self.slots[parent].last
        } else {
            self.slots[next].prev
        };
        let slot = &mut self.slots[key];
        (slot.parent, slot.prev, slot.next) = (parent, prev, next);
        if prev == NONE {
            self.slots[parent].first = key;
        } else {
            self.slots[prev].next = key;
        }
        if next == NONE {
            self.slots[parent].last = key;
        } else {
            self.slots[next].prev = key;
        }
    }

    /// Takes a slot, with all below it, from its parent, if it has one.
    fn unhang(&mut self, key: usize) {
        let Slot {
            parent, prev, next, ..
        } = self.slots[key];
        if parent == NONE {
            return;
        }
        if prev == NONE {
            self.slots[parent].first = next;
        } else {
            self.slots[prev].next = next;
        }
        if next == NONE {
            self.slots[parent].last = prev;
        } else {
            self.slots[next].prev = prev;
        }
        let slot = &mut self.slots[key];
        (slot.parent, slot.prev, slot.next) = (NONE, NONE, NONE);
    }

    /// Gives memory back when only a root is left, or nothing.
    fn shrink(&mut self) {
        if self.slots.len() <= 1 && self.slots.capacity() > ROOM {
            self.slots.shrink_to_fit();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Forest, Key};

    /// A token that knows its number and its key.
    #[derive(Clone, Copy, Debug)]
    struct Token(usize, Key);

    fn numbers(tokens: &[Token]) -> Vec<usize> {
        let mut numbers: Vec<_> = tokens.iter().map(|token| token.0).collect();
        numbers.sort_unstable();
        numbers
    }

    /// What is true of tokens, the slow way: everybody remembers the parent that it was made with.
    #[derive(Default)]
    struct Oracle {
        parents: Vec<Option<usize>>,
        alive: Vec<bool>,
    }

    impl Oracle {
        fn is_below(&self, mut token: usize, ancestor: usize) -> bool {
            loop {
                if token == ancestor {
                    return true;
                }
                match self.parents[token] {
                    Some(parent) => token = parent,
                    None => return false,
                }
            }
        }

        fn take(&mut self, root: usize) -> Vec<usize> {
            let below: Vec<_> = (0..self.parents.len())
                .filter(|&token| self.alive[token] && self.is_below(token, root))
                .collect();
            for &token in &below {
                self.alive[token] = false;
            }
            below
        }
    }

    #[test]
    fn any_history_of_makes_drops_and_cancels_reaches_whom_the_naive_tree_reaches() {
        for seed in 0..300 {
            let mut random = fastrand::Rng::with_seed(seed);
            let (mut forest, mut oracle) = (Forest::<Token>::new(), Oracle::default());
            let mut keys: Vec<Key> = Vec::new();
            for number in 0..40 {
                let parents: Vec<_> = (0..number).filter(|&n| oracle.alive[n]).collect();
                let parent = random.choice(&parents).copied();
                let parent = parent.filter(|_| random.u8(..10) > 0);
                let token = forest.insert(parent.map(|n| keys[n]), |key| Token(number, key));
                keys.push(token.1);
                oracle.parents.push(parent);
                oracle.alive.push(true);
                let alive: Vec<_> = (0..=number).filter(|&n| oracle.alive[n]).collect();
                let victim = *random.choice(&alive).unwrap();
                match random.u8(..6) {
                    0 => assert_eq!(
                        numbers(&forest.take(keys[victim])),
                        oracle.take(victim),
                        "seed {seed}"
                    ),
                    1 | 2 => {
                        assert_eq!(forest.remove(keys[victim]).unwrap().0, victim);
                        oracle.alive[victim] = false;
                    }
                    _ => {}
                }
                let alive = oracle.alive.iter().filter(|alive| **alive).count();
                assert!(
                    forest.len() < 2 * alive.max(1),
                    "{} slots for {alive} tokens, seed {seed}",
                    forest.len()
                );
            }
        }
    }

    #[test]
    fn parents_come_before_their_children_and_elder_ones_before_younger_ones() {
        let mut forest = Forest::<Token>::new();
        let root = forest.insert(None, |key| Token(0, key));
        let one = forest.insert(Some(root.1), |key| Token(1, key));
        forest.insert(Some(root.1), |key| Token(2, key));
        forest.insert(Some(one.1), |key| Token(3, key));
        let order: Vec<_> = forest.take(root.1).iter().map(|token| token.0).collect();
        assert_eq!(order, [0, 1, 2, 3]);
        assert_eq!(forest.len(), 0);
    }

    #[test]
    fn a_chain_whose_ends_are_dropped_again_and_again_stays_short() {
        let mut forest = Forest::<Token>::new();
        let mut last = forest.insert(None, |key| Token(0, key));
        let root = last;
        for number in 1..10_000 {
            let next = forest.insert(Some(last.1), |key| Token(number, key));
            if number > 1 {
                forest.remove(last.1);
            }
            last = next;
        }
        assert_eq!(forest.len(), 2);
        assert_eq!(numbers(&forest.take(root.1)), [0, 9999]);
    }

    #[test]
    fn a_root_whose_children_are_gone_keeps_no_memory_of_them() {
        let mut forest = Forest::<Token>::new();
        let root = forest.insert(None, |key| Token(0, key));
        let children: Vec<_> = (1..10_000)
            .map(|number| forest.insert(Some(root.1), |key| Token(number, key)))
            .collect();
        for child in children {
            forest.remove(child.1);
        }
        assert_eq!(forest.len(), 1);
        assert!(forest.slots.capacity() < 100, "{}", forest.slots.capacity());
    }
}
