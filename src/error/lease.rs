//! Why a pool granted no lease.

use core::error::Error;
use core::fmt;

/// A [`LeasePool`](crate::service::LeasePool) granted no lease.
///
/// # Examples
///
/// ```
/// use syncline::service::LeaseError;
///
/// let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
/// assert_eq!(LeaseError::Open(refused).to_string(), "could not open an item: connection refused");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LeaseError<E> {
    /// The wait timed out: no item was given back in time, or opening one took too long.
    TimedOut,
    /// The pool is closed.
    Closed,
    /// The manager failed to open an item, with this error.
    Open(E),
}

impl<E> LeaseError<E> {
    /// Returns the manager's error, if there is one.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::service::LeaseError;
    ///
    /// assert_eq!(LeaseError::Open("refused").into_inner(), Some("refused"));
    /// assert_eq!(LeaseError::<&str>::TimedOut.into_inner(), None);
    /// ```
    pub fn into_inner(self) -> Option<E> {
        match self {
            Self::Open(error) => Some(error),
            Self::TimedOut | Self::Closed => None,
        }
    }
}

impl<E: fmt::Display> fmt::Display for LeaseError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimedOut => f.write_str("the wait for a lease timed out"),
            Self::Closed => f.write_str("the lease pool is closed"),
            Self::Open(error) => write!(f, "could not open an item: {error}"),
        }
    }
}

impl<E: Error + 'static> Error for LeaseError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Open(error) => error.source(),
            Self::TimedOut | Self::Closed => None,
        }
    }
}
