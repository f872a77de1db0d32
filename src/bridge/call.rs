//! A call, from the request to the answer.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;
use std::time::Instant;

use pin_project_lite::pin_project;

use super::requests::Request;
use crate::error::{CallError, JobError, PutError, TimedOut};
use crate::identity::may_block;
use crate::job::{Job, Promise};
use crate::line::Timeout;
use crate::queue::future::Put;
use crate::queue::store::Fifo;
use crate::queue::task::Queue;

type Requests<Req, Resp> = Queue<Request<Req, Resp>>;
type Sending<'a, Req, Resp> = Put<'a, Fifo<Request<Req, Resp>>>;

pin_project! {
    /// Sends a request and waits for its answer. Created by [`Caller::call`](super::Caller::call).
    ///
    /// A task awaits it, or a thread [waits](Self::wait) for it. Nothing is sent before that. To send now and wait later, spawn the
    /// call: `pool.spawn(async move { caller.call(7).await })`.
    ///
    /// # Cancel safety
    ///
    /// Dropping a call that waits for room drops the request. Later, dropping it abandons the request: it is skipped, or
    /// [`Request::is_abandoned`] tells the responder that its answer is not wanted.
    /// An answer that has been given already is dropped with the call. A thread whose wait times out
    /// still gets such an answer.
    ///
    /// # Deadlocks
    ///
    /// A responder that calls itself and waits for the answer.
    ///
    /// # Examples
    ///
    /// See [`Requests`](super::Requests).
    #[must_use = "nothing is sent before the call is awaited or waited for"]
    pub struct CallWait<'a, Req, Resp> where Resp: Send, Resp: 'static {
        requests: &'a Requests<Req, Resp>,
        // Until it is sent.
        request: Option<Request<Req, Resp>>,
        #[pin]
        put: Option<Sending<'a, Req, Resp>>,
        job: Job<Resp>,
    }
}

impl<'a, Req, Resp: Send + 'static> CallWait<'a, Req, Resp> {
    pub(super) fn new(requests: &'a Requests<Req, Resp>, asked: Req) -> Self {
        let (promise, job) = Promise::new();
        Self {
            requests,
            request: Some(Request::new(asked, promise)),
            put: None,
            job: job.cancel_on_drop(),
        }
    }

    /// Blocks until the answer arrives.
    ///
    /// # Errors
    ///
    /// Returns [`CallError::Closed`] or [`CallError::NoReply`] if no answer will come.
    ///
    /// # Examples
    ///
    /// See [`Requests`](super::Requests).
    #[track_caller]
    pub fn wait(self) -> Result<Resp, CallError<Req>> {
        self.wait_until(Timeout::Never)
    }

    /// Blocks until the answer arrives, for at most `timeout`, including the wait for room.
    ///
    /// # Errors
    ///
    /// See [`wait`](Self::wait). Returns [`CallError::TimedOut`] after the timeout, with the request if it had not been sent.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use syncline::{CallError, bridge::Requests};
    ///
    /// let (caller, _responder) = Requests::<&str, i32>::new(1);
    /// let limit = Duration::from_millis(1);
    /// assert_eq!(caller.call("one").wait_timeout(limit), Err(CallError::TimedOut(None)));
    /// // The first still lies there.
    /// assert_eq!(caller.call("two").wait_timeout(limit), Err(CallError::TimedOut(Some("two"))));
    /// ```
    #[track_caller]
    pub fn wait_timeout(self, timeout: Duration) -> Result<Resp, CallError<Req>> {
        self.wait_until(Timeout::After(timeout))
    }

    /// Blocks until the answer arrives, or until `deadline`.
    ///
    /// # Errors
    ///
    /// See [`wait_timeout`](Self::wait_timeout).
    ///
    /// # Examples
    ///
    /// ```
    /// let (caller, _responder) = syncline::bridge::Requests::<i32, i32>::new(1);
    /// assert!(caller.call(1).wait_deadline(std::time::Instant::now()).is_err());
    /// ```
    #[track_caller]
    pub fn wait_deadline(self, deadline: Instant) -> Result<Resp, CallError<Req>> {
        self.wait_until(Timeout::At(deadline))
    }

    #[track_caller]
    fn wait_until(mut self, timeout: Timeout) -> Result<Resp, CallError<Req>> {
        // What is refused has not been sent.
        if !timeout.is_over() {
            may_block();
        }
        let request = (self.request.take()).expect("a call that was awaited is not waited for");
        let queue = self.requests.as_thread();
        // Read once, for both waits.
        let timeout = timeout.fixed();
        let put = match timeout {
            Timeout::Never => queue.put(request),
            Timeout::At(at) => queue.put_deadline(request, at),
            Timeout::After(_) => queue.try_put(request),
        };
        put.map_err(not_sent)?;
        let ended = match timeout {
            Timeout::Never => return self.job.wait().map_err(no_reply),
            Timeout::At(at) => self.job.wait_deadline(at),
            Timeout::After(_) => self.job.wait_timeout(Duration::ZERO),
        };
        let answer = match ended {
            Ok(answer) => answer,
            // Whoever is answering at this very moment has the answer back, or it is taken.
            Err(TimedOut { .. }) if self.job.cancel() => return Err(CallError::TimedOut(None)),
            Err(TimedOut { .. }) => {
                self.job.outlast();
                self.job.take()
            }
        };
        answer.map_err(no_reply)
    }
}

fn not_sent<Req, Resp: Send + 'static>(error: PutError<Request<Req, Resp>>) -> CallError<Req> {
    let asked = |request: Request<Req, Resp>| request.into_parts().0;
    match error {
        PutError::ShutDown(request) => CallError::Closed(asked(request)),
        PutError::Full(request) | PutError::TimedOut(request) => {
            CallError::TimedOut(Some(asked(request)))
        }
    }
}

fn no_reply<Req>(_error: JobError) -> CallError<Req> {
    CallError::NoReply
}

impl<Req, Resp: Send + 'static> Future for CallWait<'_, Req, Resp> {
    type Output = Result<Resp, CallError<Req>>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if let Some(request) = this.request.take() {
            this.put.set(Some(this.requests.put(request)));
        }
        if let Some(put) = this.put.as_mut().as_pin_mut() {
            let sent = ready!(put.poll(context));
            this.put.set(None);
            sent.map_err(not_sent)?;
        }
        Pin::new(this.job).poll(context).map_err(no_reply)
    }
}

impl<Req, Resp: Send + 'static> fmt::Debug for CallWait<'_, Req, Resp> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallWait").finish_non_exhaustive()
    }
}
