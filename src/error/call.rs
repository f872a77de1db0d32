//! Why a call was not answered, or no request was received.

use core::error::Error;
use core::fmt;

/// A call was not answered; see [`Requests`](crate::bridge::Requests).
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
/// assert_eq!(error.to_string(), "every responder was dropped");
/// assert_eq!(error.into_inner(), Some("anybody there?"));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum CallError<Req> {
    /// Every responder was dropped before the request was sent; this is the request.
    Closed(Req),
    /// No answer came in time. Contains the request if there was no room to send it.
    TimedOut(Option<Req>),
    /// The request was sent, and dropped without a reply.
    NoReply,
}

impl<Req> CallError<Req> {
    /// Returns the request if it was not sent.
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
            Self::Closed(_) => "every responder was dropped",
            Self::TimedOut(Some(_)) => "the call timed out before there was room to send it",
            Self::TimedOut(None) => "the call timed out before it was answered",
            Self::NoReply => "the request was dropped without a reply",
        })
    }
}

impl<Req> Error for CallError<Req> {}

/// No request was received; see [`Requests`](crate::bridge::Requests).
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
/// assert_eq!(error.to_string(), "every caller was dropped, and all requests were received");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReceiveError {
    /// No request arrived before the wait timed out.
    TimedOut,
    /// Every caller was dropped, and all requests have been received.
    Closed,
}

impl fmt::Display for ReceiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TimedOut => "no request arrived before the wait timed out",
            Self::Closed => "every caller was dropped, and all requests were received",
        })
    }
}

impl Error for ReceiveError {}
