//! Histories of a counter behind a lock, and whether a counter that nobody shares could have had them: each
//! operation takes effect at one moment between its beginning and its end.
//!
//! A counter says of each operation where it stands among the others: the addition that finds 3 is the fourth, and
//! a look that finds 3 comes between the third and the fourth. So there is nothing to search: an order is
//! possible if nobody who comes later in it had ended before somebody began who comes earlier.

use core::sync::atomic::{AtomicUsize, Ordering::SeqCst};

/// What an operation has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// So many, and has left them.
    Looked(usize),
    /// So many, and has added one.
    Added(usize),
}

impl Found {
    /// Where it stands among the others. Looks that have found the same stand beside each other.
    fn place(self) -> usize {
        match self {
            Self::Looked(found) => 2 * found,
            Self::Added(found) => 2 * found + 1,
        }
    }
}

/// An operation between two moments.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Event {
    pub(crate) found: Found,
    pub(crate) begin: usize,
    pub(crate) end: usize,
}

/// Does something, and says when.
pub(crate) fn timed(clock: &AtomicUsize, body: impl FnOnce() -> Found) -> Event {
    let begin = clock.fetch_add(1, SeqCst);
    let found = body();
    Event {
        found,
        begin,
        end: clock.fetch_add(1, SeqCst),
    }
}

/// Whether a counter that nobody shares could have had this history, in full.
pub(crate) fn is_linearizable(events: &[Event]) -> bool {
    let additions = |wanted| {
        let is_it = |event: &&Event| event.found == Found::Added(wanted);
        events.iter().filter(is_it).count()
    };
    let is_add = |event: &&Event| matches!(event.found, Found::Added(_));
    let total = events.iter().filter(is_add).count();
    let all_once = (0..total).all(|at| additions(at) == 1);
    let in_range = |event: &Event| event.found.place() <= 2 * total;
    let in_order = |first: &Event, second: &Event| {
        first.found.place() >= second.found.place() || first.begin < second.end
    };
    all_once
        && events.iter().all(in_range)
        && (events.iter()).all(|first| events.iter().all(|second| in_order(first, second)))
}
