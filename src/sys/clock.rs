//! The clock: the system's monotonic one.

use core::time::Duration;
use std::time::Instant;

pub(crate) use super::os::{Parker, nanos};

/// What time it is.
#[inline]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// When [`nanos`] says so many nanoseconds, or a little later: by as much as passes between two looks at the
/// clock. `None`: never, as far as the clock is concerned.
pub(crate) fn instant(at: u64) -> Option<Instant> {
    let read = nanos();
    let now = now();
    match at.checked_sub(read) {
        Some(ahead) => now.checked_add(Duration::from_nanos(ahead)),
        None => now.checked_sub(Duration::from_nanos(read - at)),
    }
}
