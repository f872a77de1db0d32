//! Why a request failed, and whether the next one may do better.

use core::fmt;
use core::time::Duration;
use std::io::ErrorKind;

use syncline::service::Verdict;

/// A request that failed.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) reason: Reason,
    /// What the one who noticed it says, if that says more.
    detail: String,
    /// When the server wants to be asked again, if it said so.
    pub(crate) retry_after: Option<Duration>,
}

/// Why a request failed, as the summary counts it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reason {
    BadUrl,
    NoTls,
    Refused,
    TimedOut,
    LeftAlone,
    CutOff,
    BadAnswer,
    HeaderTooLong,
    BodyTooLong,
    TooManyRedirects,
    Status(u16),
    Network,
    Panicked,
}

impl Failure {
    pub(crate) fn new(reason: Reason, detail: impl fmt::Display) -> Self {
        Self {
            reason,
            detail: detail.to_string(),
            retry_after: None,
        }
    }

    /// An answer that is an error, and when the server wants to be asked again.
    pub(crate) fn status(status: u16, retry_after: Option<Duration>) -> Self {
        Self {
            retry_after,
            ..Reason::Status(status).into()
        }
    }

    /// What it says about the host: an answer is an answer, however bad.
    pub(crate) fn verdict(&self) -> Verdict {
        match self.reason {
            Reason::Refused | Reason::TimedOut | Reason::Network => Verdict::Failure,
            Reason::BadUrl | Reason::NoTls | Reason::LeftAlone | Reason::Panicked => {
                Verdict::Ignore
            }
            _ => Verdict::Success,
        }
    }

    /// Whether the same request may go well later.
    pub(crate) fn may_pass(&self) -> bool {
        match self.reason {
            Reason::Refused | Reason::TimedOut | Reason::CutOff | Reason::Network => true,
            Reason::Status(status) => matches!(status, 408 | 429 | 500..),
            _ => false,
        }
    }
}

impl From<Reason> for Failure {
    fn from(reason: Reason) -> Self {
        Self::new(reason, "")
    }
}

impl From<ureq::Error> for Failure {
    fn from(error: ureq::Error) -> Self {
        use ureq::Error;

        match error {
            Error::StatusCode(status) => Reason::Status(status).into(),
            Error::Timeout(_) => Reason::TimedOut.into(),
            Error::TooManyRedirects => Reason::TooManyRedirects.into(),
            Error::TlsRequired | Error::Tls(_) => Reason::NoTls.into(),
            Error::BadUri(_) | Error::Http(_) => Self::new(Reason::BadUrl, error),
            Error::LargeResponseHeader(..) => Reason::HeaderTooLong.into(),
            Error::Protocol(_) | Error::RedirectFailed => Self::new(Reason::BadAnswer, error),
            Error::Io(error) => match error.kind() {
                ErrorKind::ConnectionRefused => Reason::Refused.into(),
                ErrorKind::TimedOut | ErrorKind::WouldBlock => Reason::TimedOut.into(),
                ErrorKind::UnexpectedEof
                | ErrorKind::ConnectionReset
                | ErrorKind::ConnectionAborted
                | ErrorKind::BrokenPipe => Reason::CutOff.into(),
                _ => Self::new(Reason::Network, error),
            },
            error => Self::new(Reason::Network, error),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reason.fmt(f)?;
        if self.detail.is_empty() {
            return Ok(());
        }
        // A server may have had a say in it, and is not to talk to the terminal.
        write!(f, " ({})", self.detail.escape_debug())
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BadUrl => "bad URL",
            Self::NoTls => "https is not supported: this program has no TLS",
            Self::Refused => "connection refused",
            Self::TimedOut => "timed out",
            Self::LeftAlone => "left alone: the host does not answer",
            Self::CutOff => "the answer was cut off",
            Self::BadAnswer => "the answer is not HTTP",
            Self::HeaderTooLong => "the header is too long",
            Self::BodyTooLong => "the body is too long",
            Self::TooManyRedirects => "too many redirects",
            Self::Status(status) => return write!(f, "status {status}"),
            Self::Network => "network trouble",
            Self::Panicked => "the call broke",
        })
    }
}
