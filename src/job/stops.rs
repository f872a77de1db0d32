//! Those that can be stopped, as a pool or a group knows them.

use std::sync::Arc;

use slab::Slab;

use super::driven::Stop;

/// A list with room for no more than these keeps its memory.
const ALWAYS_KEPT: usize = 64;

/// Those that have not ended, each under a key that stays the same.
pub(crate) struct Stops {
    all: Slab<Arc<dyn Stop>>,
    /// So many more leave before it is tried to give memory back.
    until_look: usize,
}

impl Stops {
    pub(crate) const fn new() -> Self {
        Self {
            all: Slab::new(),
            until_look: ALWAYS_KEPT,
        }
    }

    /// Adds one, and says under which key.
    #[inline]
    pub(crate) fn insert(&mut self, one: Arc<dyn Stop>) -> usize {
        self.all.insert(one)
    }

    /// Takes one out. What a burst has taken is given back on the way.
    #[inline]
    pub(crate) fn remove(&mut self, key: usize) -> Arc<dyn Stop> {
        let one = self.all.remove(key);
        self.until_look -= 1;
        if self.until_look == 0 || self.is_empty() {
            self.shrink_if_sparse();
        }
        one
    }

    /// Only what lies behind the last that is there can be given back, which is worth the while if that is
    /// half of the room.
    #[cold]
    fn shrink_if_sparse(&mut self) {
        let room = self.room();
        self.until_look = (room / 8).max(ALWAYS_KEPT);
        if room <= ALWAYS_KEPT {
            return;
        }
        if self.is_empty() {
            self.all = Slab::new();
        } else if self.len() < room / 4 {
            let last = self.all.iter().next_back();
            if last.is_some_and(|(key, _)| key < room / 2) {
                self.all.shrink_to_fit();
            }
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<dyn Stop>> {
        self.all.iter().map(|(_, one)| one)
    }

    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// For how many there is room.
    pub(crate) fn room(&self) -> usize {
        self.all.capacity()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{ALWAYS_KEPT, Stop, Stops};
    use crate::job::Outcome;

    struct Nobody;

    impl Stop for Nobody {
        fn stop(self: Arc<Self>, _outcome: Outcome) {}

        fn tell(&self, _names: &mut Vec<String>) {}

        fn let_go(self: Arc<Self>) {}
    }

    fn full(count: usize) -> (Stops, Vec<usize>) {
        let mut stops = Stops::new();
        let keys = (0..count).map(|_| stops.insert(Arc::new(Nobody))).collect();
        (stops, keys)
    }

    #[test]
    fn what_a_burst_has_taken_is_given_back() {
        let (mut stops, keys) = full(10_000);
        assert!(stops.room() >= 10_000);
        for key in keys {
            stops.remove(key);
        }
        assert!(stops.is_empty() && stops.room() <= ALWAYS_KEPT);
    }

    #[test]
    fn one_that_stays_keeps_its_key_and_what_lies_before_it() {
        let (mut stops, mut keys) = full(10_000);
        let stays = keys.remove(5_000);
        for key in keys.into_iter().rev() {
            stops.remove(key);
        }
        assert_eq!(stops.len(), 1);
        assert!(stops.room() > 5_000 && stops.room() < 10_000);
        // Whoever comes takes the places that are free.
        let room = stops.room();
        let keys: Vec<_> = (0..5_000).map(|_| stops.insert(Arc::new(Nobody))).collect();
        assert!(!keys.contains(&stays) && stops.room() == room);
        for key in keys {
            stops.remove(key);
        }
        stops.remove(stays);
        assert!(stops.is_empty() && stops.room() <= ALWAYS_KEPT);
    }
}
