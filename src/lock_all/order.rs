//! In which order several locks are taken.

/// A lock's address, and its place among those that were named.
pub(super) type Named = (usize, usize);

/// As many as a tuple has at most.
pub(super) const MOST: usize = 6;

/// Where a lock lies.
pub(super) fn address<T: ?Sized>(lock: &T) -> usize {
    core::ptr::from_ref(lock).cast::<()>().addr()
}

/// Puts them into the order in which they are taken.
///
/// # Panics
///
/// Panics if one stands there twice.
#[track_caller]
pub(super) fn sort(named: &mut [Named]) {
    named.sort_unstable();
    for pair in named.windows(2) {
        assert!(
            pair[0].0 != pair[1].0,
            "`lock_all` was given the same lock twice, at positions {} and {}",
            pair[0].1,
            pair[1].1
        );
    }
}

/// The order of those of a slice, told by their addresses.
///
/// # Panics
///
/// Panics if one stands there twice.
#[track_caller]
pub(super) fn of_slice(addresses: impl Iterator<Item = usize>) -> Vec<Named> {
    let mut named: Vec<Named> = addresses.zip(0..).collect();
    sort(&mut named);
    named
}

#[cfg(test)]
mod tests {
    use super::{address, sort};

    #[test]
    fn locks_are_taken_by_address_and_keep_their_places() {
        let mut named = [(30, 0), (10, 1), (20, 2)];
        sort(&mut named);
        assert_eq!(named, [(10, 1), (20, 2), (30, 0)]);
        sort(&mut []);
        sort(&mut named[..1]);
    }

    #[test]
    #[should_panic(expected = "the same lock twice, at positions 0 and 2")]
    fn one_that_is_named_twice_is_refused() {
        sort(&mut [(7, 0), (5, 1), (7, 2)]);
    }

    #[test]
    fn the_address_of_an_unsized_value_is_that_of_its_data() {
        let array = [1, 2];
        let slice: &[i32] = &array;
        assert_eq!(address(slice), address(&array));
        assert_ne!(address(&array[0]), address(&array[1]));
    }
}
