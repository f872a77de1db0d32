//! Why a wait for another value of a watch ended without one.

use core::error::Error;
use core::fmt;

use super::WatchClosed;

/// There was no change of a watch in time, or there will be none.
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
/// assert_eq!(error.to_string(), "the value did not change until the wait timed out");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChangeError {
    /// There was none in time.
    TimedOut,
    /// Nobody is left who could send another value.
    Closed,
}

impl fmt::Display for ChangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TimedOut => "the value did not change until the wait timed out",
            Self::Closed => "nobody is left who could send another value",
        })
    }
}

impl Error for ChangeError {}

impl From<WatchClosed> for ChangeError {
    fn from(_: WatchClosed) -> Self {
        Self::Closed
    }
}
