//! Why a wait for a new value of a `Watch` failed.

use core::error::Error;
use core::fmt;

use super::WatchClosed;

/// The value of a watch did not change in time, or can no longer change.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use syncline::{ChangeError, thread::Watch};
///
/// let watch = Watch::new(1);
/// let mut observer = watch.subscribe();
/// let error = observer.changed_timeout(Duration::ZERO).unwrap_err();
/// assert_eq!(error, ChangeError::TimedOut);
/// assert_eq!(error.to_string(), "the wait timed out before the value changed");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChangeError {
    /// The value did not change before the wait timed out.
    TimedOut,
    /// Every [`Watch`](crate::thread::Watch) was dropped.
    Closed,
}

impl fmt::Display for ChangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TimedOut => "the wait timed out before the value changed",
            Self::Closed => "every `Watch` was dropped, so no further value will come",
        })
    }
}

impl Error for ChangeError {}

impl From<WatchClosed> for ChangeError {
    fn from(_: WatchClosed) -> Self {
        Self::Closed
    }
}
