//! What a checker of a counter's histories accepts, and what it does not.

use crate::counter_history::Found::{Added, Looked};
use crate::counter_history::{Event, Found, is_linearizable, timed};
use core::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use proptest::prelude::*;

fn event(found: Found, begin: usize, end: usize) -> Event {
    Event { found, begin, end }
}

#[test]
fn what_overlaps_may_have_come_in_either_order() {
    let of = |found| [event(Added(0), 0, 3), event(Looked(found), 1, 2)];
    assert!(is_linearizable(&of(0)) && is_linearizable(&of(1)));
    assert!(!is_linearizable(&of(2)), "nobody has added two");
}

#[test]
fn what_has_ended_is_seen() {
    assert!(is_linearizable(&[
        event(Added(0), 0, 1),
        event(Looked(1), 2, 3)
    ]));
    assert!(!is_linearizable(&[
        event(Added(0), 0, 1),
        event(Looked(0), 2, 3)
    ]));
    assert!(!is_linearizable(&[
        event(Looked(1), 0, 1),
        event(Added(0), 2, 3)
    ]));
}

#[test]
fn an_addition_that_is_lost_or_counted_twice_is_none() {
    assert!(!is_linearizable(&[
        event(Added(0), 0, 3),
        event(Added(0), 1, 2)
    ]));
    assert!(!is_linearizable(&[
        event(Added(0), 0, 3),
        event(Added(2), 1, 2)
    ]));
}

#[test]
fn two_looks_do_not_go_back_in_time() {
    let of = |first, second| {
        [
            event(Added(0), 0, 9),
            event(Looked(first), 1, 2),
            event(Looked(second), 3, 4),
        ]
    };
    assert!(is_linearizable(&of(0, 1)));
    assert!(!is_linearizable(&of(1, 0)));
}

proptest! {
    /// What was done one after the other is accepted, and still is if operations take longer than they did.
    #[test]
    fn a_history_that_happened_is_accepted(adds in proptest::collection::vec((any::<bool>(), 0_usize..3), 0..12)) {
        let (clock, mut count, mut events) = (AtomicUsize::new(100), 0, Vec::new());
        for (add, longer) in adds {
            let mut event = timed(&clock, || {
                let found = count;
                count += usize::from(add);
                if add { Added(found) } else { Looked(found) }
            });
            event.begin -= longer;
            events.push(event);
        }
        prop_assert!(is_linearizable(&events));
        prop_assert!(clock.load(SeqCst) >= 100);
    }
}
