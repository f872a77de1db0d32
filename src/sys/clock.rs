//! The clock: the system's monotonic one.

use std::time::Instant;

pub(crate) use super::os::Parker;

/// What time it is.
#[inline]
pub(crate) fn now() -> Instant {
    Instant::now()
}
