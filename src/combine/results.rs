//! The results of futures that run together, in the order of the futures.

/// Results that come in any order.
pub(super) struct Results<T> {
    /// Those of the first futures, as long as they came in order.
    first: Vec<T>,
    /// Those of the others. Empty as long as they came in order.
    later: Vec<Option<T>>,
}

impl<T> Results<T> {
    /// None yet.
    pub(super) const fn new() -> Self {
        Self {
            first: Vec::new(),
            later: Vec::new(),
        }
    }

    /// Adds one of `count` results.
    pub(super) fn put(&mut self, place: usize, result: T, count: usize) {
        let Self { first, later } = self;
        if later.is_empty() {
            if first.is_empty() {
                first.reserve_exact(count);
            }
            if place == first.len() {
                first.push(result);
                return;
            }
            later.resize_with(count - first.len(), || None);
        }
        later[place - first.len()] = Some(result);
    }

    /// All of them.
    pub(super) fn all(self) -> Vec<T> {
        let Self { mut first, later } = self;
        let later = later.into_iter();
        first.extend(later.map(|result| result.expect("a future that has ended has a result")));
        first
    }
}

#[cfg(test)]
mod tests {
    use super::Results;

    #[test]
    fn results_are_in_order_however_they_come() {
        for order in [
            [0, 1, 2, 3],
            [3, 2, 1, 0],
            [0, 2, 1, 3],
            [0, 1, 3, 2],
            [1, 0, 3, 2],
        ] {
            let mut results = Results::new();
            for place in order {
                results.put(place, place * 10, 4);
            }
            assert_eq!(results.all(), [0, 10, 20, 30]);
        }
        assert!(Results::<u8>::new().all().is_empty());
    }
}
