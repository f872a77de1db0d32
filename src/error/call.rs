//! Calls that were not answered, and requests that did not come.

use core::error::Error;
use core::fmt;

/// A call that was not answered; see [`Requests`](crate::bridge::Requests).
///
/// # Examples
///
/// ```
/// use syncline::{CallError, bridge::Requests};
///
/// let (caller, responder) = Requests::<&str, i32>::new(1);
/// drop(responder);
/// let error = caller.call("anybody there?").wait().unwrap_err();
/// assert_eq!(error, CallError::Closed("anybody there?"));
/// assert_eq!(error.to_string(), "nobody is left to answer the call");
/// assert_eq!(error.into_inner(), Some("anybody there?"));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum CallError<Req> {
    /// No responder was left before the request was sent; here it is back.
    Closed(Req),
    /// There was no answer in time. If the request had not been sent, for want of room, here it is back.
    TimedOut(Option<Req>),
    /// The request was sent, and dropped without an answer.
    NoReply,
}

impl<Req> CallError<Req> {
    /// The request, if it was not sent.
    ///
    /// # Examples
    ///
    /// See [`CallError`].
    pub fn into_inner(self) -> Option<Req> {
        match self {
            Self::Closed(request) => Some(request),
            Self::TimedOut(request) => request,
            Self::NoReply => None,
        }
    }
}

impl<Req> fmt::Debug for CallError<Req> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed(_) => "Closed(..)",
            Self::TimedOut(Some(_)) => "TimedOut(Some(..))",
            Self::TimedOut(None) => "TimedOut(None)",
            Self::NoReply => "NoReply",
        })
    }
}

impl<Req> fmt::Display for CallError<Req> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed(_) => "nobody is left to answer the call",
            Self::TimedOut(Some(_)) => "the call could not be sent before it timed out",
            Self::TimedOut(None) => "the call was not answered before it timed out",
            Self::NoReply => "the call was dropped without an answer",
        })
    }
}

impl<Req> Error for CallError<Req> {}

/// There was no request to receive; see [`Requests`](crate::bridge::Requests).
///
/// # Examples
///
/// ```
/// use syncline::{ReceiveError, bridge::Requests};
///
/// let (caller, responder) = Requests::<&str, i32>::new(1);
/// drop(caller);
/// let error = responder.receive().wait().unwrap_err();
/// assert_eq!(error, ReceiveError::Closed);
/// assert_eq!(error.to_string(), "nobody is left to call");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReceiveError {
    /// There was no request in time.
    TimedOut,
    /// No caller is left, and all requests have been received.
    Closed,
}

impl fmt::Display for ReceiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TimedOut => "nobody called before the wait timed out",
            Self::Closed => "nobody is left to call",
        })
    }
}

impl Error for ReceiveError {}
