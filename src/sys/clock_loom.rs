//! The clock of models, which they move: a step like any other.

use core::sync::atomic::Ordering::{AcqRel, Acquire};
use core::time::Duration;
use std::sync::LazyLock;
use std::time::Instant;

use super::flavour::AtomicU64;

::loom::lazy_static! {
    /// How far the clock has been moved in this execution, in nanoseconds.
    static ref MOVED: AtomicU64 = AtomicU64::new(0);
}

/// What the clock says that nobody has moved.
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// What time it is: some moment, and what the model has added to it.
pub(crate) fn now() -> Instant {
    *START + Duration::from_nanos(nanos())
}

/// The nanoseconds that the model has added to the time.
pub(crate) fn nanos() -> u64 {
    MOVED.load(Acquire)
}

/// When [`nanos`] says so many nanoseconds.
pub(crate) fn instant(at: u64) -> Option<Instant> {
    START.checked_add(Duration::from_nanos(at))
}

/// Moves the clock.
pub(super) fn advance(nanos: u64) {
    MOVED.fetch_add(nanos, AcqRel);
}
