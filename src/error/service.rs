//! Errors of the services: cancelled, limited, rejected, shutting down, or out of attempts.

use core::error::Error;
use core::fmt;
use core::time::Duration;

/// A [`CancelToken`](crate::service::CancelToken) was cancelled.
///
/// # Examples
///
/// ```
/// use syncline::service::CancelToken;
///
/// let token = CancelToken::new();
/// token.cancel();
/// let cancelled = token.check().unwrap_err();
/// assert!(!cancelled.is_deadline());
/// assert_eq!(cancelled.to_string(), "cancelled");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Cancelled {
    by_deadline: bool,
}

impl Cancelled {
    pub(crate) const fn by_request() -> Self {
        Self { by_deadline: false }
    }

    pub(crate) const fn by_deadline() -> Self {
        Self { by_deadline: true }
    }

    /// Returns whether a deadline of the token or of an ancestor cancelled it.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use syncline::service::CancelToken;
    ///
    /// let token = CancelToken::new().child_timeout(Duration::ZERO);
    /// assert!(token.check().unwrap_err().is_deadline());
    /// ```
    #[must_use]
    pub const fn is_deadline(self) -> bool {
        self.by_deadline
    }
}

impl fmt::Display for Cancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.by_deadline {
            "cancelled by a deadline"
        } else {
            "cancelled"
        })
    }
}

impl Error for Cancelled {}

/// A [`RateLimiter`](crate::service::RateLimiter) had too few tokens.
///
/// # Examples
///
/// ```
/// let limiter = syncline::service::RateLimiter::per_second(1);
/// limiter.try_acquire()?;
/// let limited = limiter.try_acquire().unwrap_err();
/// assert!(limited.retry_after().is_some());
/// assert!(limited.to_string().starts_with("rate limited: try again in "));
/// # Ok::<(), syncline::Limited>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Limited {
    retry_after: Option<Duration>,
}

impl Limited {
    pub(crate) const fn until(retry_after: Duration) -> Self {
        Self {
            retry_after: Some(retry_after),
        }
    }

    pub(crate) const fn for_ever() -> Self {
        Self { retry_after: None }
    }

    /// Returns how long until the tokens would be available, after those that others wait for.
    ///
    /// `None` means never: the request exceeds the limiter's burst.
    ///
    /// # Examples
    ///
    /// See [`Limited`].
    #[must_use]
    pub const fn retry_after(self) -> Option<Duration> {
        self.retry_after
    }
}

impl fmt::Display for Limited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.retry_after {
            Some(wait) => write!(f, "rate limited: try again in {wait:?}"),
            None => f.write_str("rate limited: the request exceeds the burst"),
        }
    }
}

impl Error for Limited {}

/// A [`Breaker`](crate::service::Breaker) rejected a call.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use syncline::service::Breaker;
///
/// let breaker = Breaker::builder("api").open_for(Duration::from_secs(30)).build();
/// breaker.trip();
/// let rejection = breaker.admit().unwrap_err();
/// assert!(rejection.retry_after() <= Duration::from_secs(30));
/// assert!(rejection.to_string().starts_with("rejected by a circuit breaker"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rejection {
    retry_after: Duration,
}

impl Rejection {
    pub(crate) const fn new(retry_after: Duration) -> Self {
        Self { retry_after }
    }

    /// Returns the earliest time at which a call may be admitted, counted from now.
    ///
    /// # Examples
    ///
    /// See [`Rejection`].
    #[must_use]
    pub const fn retry_after(self) -> Duration {
        self.retry_after
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wait = self.retry_after;
        write!(f, "rejected by a circuit breaker: try again in {wait:?}")
    }
}

impl Error for Rejection {}

/// A [`Shutdown`](crate::service::Shutdown) has been requested, so no new work is accepted.
///
/// # Examples
///
/// ```
/// let shutdown = syncline::service::Shutdown::builder().build();
/// shutdown.request();
/// let refused = shutdown.track("GET /").unwrap_err();
/// assert_eq!(refused.to_string(), "shutting down: no new work is accepted");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ShuttingDown {
    _private: (),
}

impl ShuttingDown {
    pub(crate) const fn new() -> Self {
        Self { _private: () }
    }
}

impl fmt::Display for ShuttingDown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("shutting down: no new work is accepted")
    }
}

impl Error for ShuttingDown {}

/// A call through a [`Breaker`](crate::service::Breaker) was rejected, or failed.
///
/// # Examples
///
/// ```
/// use syncline::service::{Breaker, BreakerError};
///
/// let breaker = Breaker::builder("api").build();
/// assert_eq!(breaker.call(|| Err::<(), _>("down")), Err(BreakerError::Inner("down")));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BreakerError<E> {
    /// The call was not made.
    Rejected(Rejection),
    /// The call was made, and failed with this.
    Inner(E),
}

impl<E> BreakerError<E> {
    /// Returns whether the call was rejected, and so not made.
    ///
    /// # Examples
    ///
    /// See [`Breaker`](crate::service::Breaker).
    pub const fn is_rejected(&self) -> bool {
        matches!(self, Self::Rejected(_))
    }

    /// Returns the error of the call, if it was made.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::service::Breaker;
    ///
    /// let breaker = Breaker::builder("api").build();
    /// let error = breaker.call(|| Err::<(), _>("down")).unwrap_err();
    /// assert_eq!(error.into_inner(), Some("down"));
    /// ```
    pub fn into_inner(self) -> Option<E> {
        match self {
            Self::Rejected(_) => None,
            Self::Inner(error) => Some(error),
        }
    }
}

impl<E: fmt::Display> fmt::Display for BreakerError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rejected(rejection) => rejection.fmt(f),
            Self::Inner(error) => error.fmt(f),
        }
    }
}

impl<E: Error + 'static> Error for BreakerError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Rejected(_) => None,
            Self::Inner(error) => error.source(),
        }
    }
}

/// Why a [`Retry`](crate::service::Retry) gave up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum GaveUp {
    /// All attempts were used.
    Exhausted,
    /// The error was not retryable.
    NotRetryable,
    /// The next attempt would have started after the deadline.
    Deadline,
    /// The budget of retries was used up.
    NoBudget,
    /// The token was cancelled.
    Cancelled,
}

/// A [`Retry`](crate::service::Retry) did not succeed.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use syncline::{service::{Backoff, GaveUp}, thread};
///
/// let backoff = Backoff::fixed(Duration::ZERO).attempts(3);
/// let error = thread::retry(|_| Err::<(), _>("no route")).with(backoff).wait().unwrap_err();
/// assert_eq!((error.last, error.attempts, error.why), (Some("no route"), 3, GaveUp::Exhausted));
/// assert_eq!(error.to_string(), "gave up after 3 attempts: no route");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryError<E> {
    /// The error of the last attempt that ended; `None` if none did.
    pub last: Option<E>,
    /// How many attempts were started.
    pub attempts: u32,
    /// How long the retry took, from the start of its first attempt, pauses included.
    pub elapsed: Duration,
    /// Why it gave up.
    pub why: GaveUp,
}

impl<E: fmt::Display> fmt::Display for RetryError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.why {
            GaveUp::Exhausted | GaveUp::NotRetryable => "gave up after ",
            GaveUp::Deadline => "gave up for lack of time after ",
            GaveUp::NoBudget => "gave up for lack of budget after ",
            GaveUp::Cancelled => "cancelled after ",
        })?;
        let plural = if self.attempts == 1 { "" } else { "s" };
        write!(f, "{} attempt{plural}", self.attempts)?;
        match &self.last {
            Some(error) => write!(f, ": {error}"),
            None => Ok(()),
        }
    }
}

impl<E: Error + 'static> Error for RetryError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.last.as_ref().and_then(Error::source)
    }
}
