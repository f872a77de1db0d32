//! Receiving requests.

use core::fmt;
use core::future::Future;
use core::iter::FusedIterator;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;
use std::time::Instant;

use futures_core::Stream;
use pin_project_lite::pin_project;

use super::requests::Request;
use crate::error::{GetError, ReceiveError};
use crate::job::quietly;
use crate::line::Timeout;
use crate::queue::future::Get;
use crate::queue::store::Fifo;
use crate::queue::task::Queue;

pin_project! {
    /// Waits for the next request. Created by [`Responder::receive`](super::Responder::receive).
    ///
    /// A task awaits it, or a thread [waits](Self::wait) for it.
    ///
    /// # Cancel safety
    ///
    /// Dropping it loses no request.
    ///
    /// # Examples
    ///
    /// See [`Requests`](super::Requests).
    #[must_use = "nothing is received before this is awaited or waited for"]
    pub struct ReceiveWait<'a, Req, Resp> where Resp: Send, Resp: 'static {
        requests: &'a Queue<Request<Req, Resp>>,
        #[pin]
        get: Option<Get<'a, Fifo<Request<Req, Resp>>>>,
    }
}

impl<'a, Req, Resp: Send + 'static> ReceiveWait<'a, Req, Resp> {
    pub(super) const fn new(requests: &'a Queue<Request<Req, Resp>>) -> Self {
        Self {
            requests,
            get: None,
        }
    }

    /// Blocks until there is a request.
    ///
    /// # Errors
    ///
    /// Returns [`ReceiveError::Closed`] when all callers have left.
    ///
    /// # Examples
    ///
    /// See [`Request`].
    #[track_caller]
    pub fn wait(self) -> Result<Request<Req, Resp>, ReceiveError> {
        self.wait_until(Timeout::Never)
    }

    /// Blocks until there is a request, for at most `timeout`. A timeout of zero only looks.
    ///
    /// # Errors
    ///
    /// Returns [`ReceiveError::TimedOut`] if there was none in time, and [`ReceiveError::Closed`] when all callers have left.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use syncline::{ReceiveError, bridge::Requests};
    ///
    /// let (caller, responder) = Requests::<i32, i32>::new(1);
    /// let look = || responder.receive().wait_timeout(Duration::ZERO).unwrap_err();
    /// assert_eq!(look(), ReceiveError::TimedOut);
    /// drop(caller);
    /// assert_eq!(look(), ReceiveError::Closed);
    /// ```
    #[track_caller]
    pub fn wait_timeout(self, timeout: Duration) -> Result<Request<Req, Resp>, ReceiveError> {
        self.wait_until(Timeout::After(timeout))
    }

    /// Blocks until there is a request, or until `deadline`.
    ///
    /// # Errors
    ///
    /// See [`wait_timeout`](Self::wait_timeout).
    ///
    /// # Examples
    ///
    /// ```
    /// let (_caller, responder) = syncline::bridge::Requests::<i32, i32>::new(1);
    /// assert!(responder.receive().wait_deadline(std::time::Instant::now()).is_err());
    /// ```
    #[track_caller]
    pub fn wait_deadline(self, deadline: Instant) -> Result<Request<Req, Resp>, ReceiveError> {
        self.wait_until(Timeout::At(deadline))
    }

    #[track_caller]
    fn wait_until(self, timeout: Timeout) -> Result<Request<Req, Resp>, ReceiveError> {
        let queue = self.requests.as_thread();
        let timeout = timeout.fixed();
        loop {
            let got = match timeout {
                Timeout::Never => queue.get(),
                Timeout::At(at) => queue.get_deadline(at),
                Timeout::After(_) => queue.try_get(),
            };
            match got {
                Ok(request) if request.is_abandoned() => quietly(|| drop(request)),
                Ok(request) => return Ok(request),
                Err(GetError::ShutDown) => return Err(ReceiveError::Closed),
                Err(GetError::Empty | GetError::TimedOut) => return Err(ReceiveError::TimedOut),
            }
        }
    }

    /// As the future does; `None` when all callers have left.
    fn poll_next(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Request<Req, Resp>>> {
        let mut this = self.project();
        loop {
            if this.get.is_none() {
                this.get.set(Some(this.requests.get()));
            }
            let Some(get) = this.get.as_mut().as_pin_mut() else {
                return Poll::Pending;
            };
            let got = ready!(get.poll(context));
            this.get.set(None);
            match got {
                Ok(request) if request.is_abandoned() => quietly(|| drop(request)),
                got => return Poll::Ready(got.ok()),
            }
        }
    }
}

impl<Req, Resp: Send + 'static> Future for ReceiveWait<'_, Req, Resp> {
    type Output = Result<Request<Req, Resp>, ReceiveError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.poll_next(context)
            .map(|request| request.ok_or(ReceiveError::Closed))
    }
}

impl<Req, Resp: Send + 'static> fmt::Debug for ReceiveWait<'_, Req, Resp> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReceiveWait").finish_non_exhaustive()
    }
}

pin_project! {
    /// An iterator over requests. Created by [`Responder::iter`](super::Responder::iter).
    ///
    /// A thread loops over it. A task uses it as a [`Stream`]: pin it first, because an unpinned one is also an iterator with a `next` of
    /// its own.
    ///
    /// # Cancel safety
    ///
    /// No request is lost when it is dropped, or the wait for its next request is.
    ///
    /// # Examples
    ///
    /// A loop of a thread: see [`Requests`](super::Requests). A stream of a task:
    ///
    /// ```
    /// use core::pin::pin;
    /// use futures_lite::{StreamExt, future::zip};
    /// use syncline::{bridge::Requests, task::block_on};
    ///
    /// let (caller, responder) = Requests::<u32, u32>::new(1);
    /// let asks = async move { caller.call(3).await };
    /// let answers = async {
    ///     let mut requests = pin!(responder.iter());
    ///     while let Some(request) = requests.next().await {
    ///         let square = *request * *request;
    ///         request.reply(square).ok();
    ///     }
    /// };
    /// let (answer, ()) = block_on(zip(asks, answers));
    /// assert_eq!(answer, Ok(9));
    /// ```
    #[must_use = "nothing is received before this is asked for the next request"]
    pub struct Incoming<'a, Req, Resp> where Resp: Send, Resp: 'static {
        #[pin]
        receive: ReceiveWait<'a, Req, Resp>,
    }
}

impl<'a, Req, Resp: Send + 'static> Incoming<'a, Req, Resp> {
    pub(super) const fn new(receive: ReceiveWait<'a, Req, Resp>) -> Self {
        Self { receive }
    }
}

impl<Req, Resp: Send + 'static> Iterator for Incoming<'_, Req, Resp> {
    type Item = Request<Req, Resp>;

    #[track_caller]
    fn next(&mut self) -> Option<Request<Req, Resp>> {
        ReceiveWait::new(self.receive.requests).wait().ok()
    }
}

impl<Req, Resp: Send + 'static> FusedIterator for Incoming<'_, Req, Resp> {}

impl<Req, Resp: Send + 'static> Stream for Incoming<'_, Req, Resp> {
    type Item = Request<Req, Resp>;

    fn poll_next(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Request<Req, Resp>>> {
        self.project().receive.poll_next(context)
    }
}

impl<Req, Resp: Send + 'static> fmt::Debug for Incoming<'_, Req, Resp> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incoming").finish_non_exhaustive()
    }
}
