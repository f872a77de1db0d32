//! Questions and answers, between any two sides.

use core::fmt;
use core::marker::PhantomData;
use std::sync::Arc;

use super::call::CallWait;
use super::receive::{Incoming, ReceiveWait};
use crate::job::{Promise, quietly};
use crate::line::Quiet;
use crate::queue::Shutdown;
use crate::queue::task::Queue;
use crate::sys::ArcOrder;

/// Sends requests to somebody else, and returns an answer to each.
///
/// [`new`](Self::new) creates the two ends. A [`Caller`] sends a request and waits for its answer; a [`Responder`] receives requests and
/// replies. Either may be a thread or a task. Both ends can be cloned and sent.
///
/// Use it if one side owns something that others need: a connection, a file, a state that belongs to one
/// task. Do not use it if no answer is needed ([`Queue`]), or if anybody may do the work
/// ([`ThreadPool`](crate::thread::ThreadPool)).
///
/// # Fairness
///
/// Requests are received in the order in which they were sent. While `capacity` requests are queued, callers wait for room, first
/// come, first served.
///
/// # What if the other side goes
///
/// * No responder is left, now or while a call waits: [`CallError::Closed`](crate::CallError::Closed), with the request, or
///   [`CallError::NoReply`](crate::CallError::NoReply) if it had been sent and not received. One that has been received can still be answered.
/// * A request is dropped without a reply, for example by a panic: `NoReply`. So no call waits for an answer that cannot come.
/// * A caller has left, because it timed out or its future was dropped: a request that has not been received is
///   skipped, and `reply` returns the answer to the responder.
/// * No caller is left: when all requests have been received, [`receive`](Responder::receive) fails with
///   [`ReceiveError::Closed`](crate::ReceiveError::Closed), and loops over them end.
///
/// # Memory effects
///
/// What happened before a call was waited for or polled happens before its request is received; what happened before the reply
/// happens before everything after the call.
///
/// # Examples
///
/// A thread that owns a counter, and a task that asks it:
///
/// ```
/// use syncline::{bridge::Requests, task, thread};
///
/// let (caller, responder) = Requests::<u64, u64>::new(8);
/// let counter = thread::spawn_named("counter", move || {
///     let mut count = 0;
///     for request in &responder {
///         count += *request;
///         request.reply(count).ok(); // whoever waits no longer need not know
///     }
///     count
/// });
///
/// assert_eq!(caller.call(1).wait()?, 1);
/// let sum = task::block_on(async {
///     caller.call(2).await?;
///     caller.call(3).await
/// });
/// assert_eq!(sum?, 6);
/// drop(caller);
/// assert_eq!(counter.wait()?, 6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias("actor", "RPC"))]
pub struct Requests<Req, Resp>(PhantomData<(Req, Resp)>);

impl<Req, Resp: Send + 'static> Requests<Req, Resp> {
    /// Creates the two ends. At most `capacity` requests are queued.
    ///
    /// # Panics
    ///
    /// Panics if `capacity` is zero.
    ///
    /// # Examples
    ///
    /// See [`Requests`].
    #[expect(clippy::new_ret_no_self, reason = "it is its two ends")]
    #[must_use]
    #[track_caller]
    pub fn new(capacity: usize) -> (Caller<Req, Resp>, Responder<Req, Resp>) {
        let both = Arc::new(Both {
            queue: Queue::bounded(capacity),
            arc_order: ArcOrder::new(),
        });
        let responders = Responders(Arc::clone(&both));
        (
            Caller(Arc::new(Callers(both))),
            Responder(Arc::new(responders)),
        )
    }
}

impl<Req, Resp> fmt::Debug for Requests<Req, Resp> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Requests").finish_non_exhaustive()
    }
}

/// What the ends share.
pub(super) struct Both<Req, Resp: Send + 'static> {
    pub(super) queue: Queue<Request<Req, Resp>>,
    arc_order: ArcOrder,
}

impl<Req, Resp: Send + 'static> Drop for Both<Req, Resp> {
    fn drop(&mut self) {
        self.arc_order.end();
    }
}

/// All callers.
struct Callers<Req, Resp: Send + 'static>(Arc<Both<Req, Resp>>);

impl<Req, Resp: Send + 'static> Drop for Callers<Req, Resp> {
    fn drop(&mut self) {
        self.0.queue.shutdown(Shutdown::Graceful);
        self.0.arc_order.let_go();
    }
}

/// All responders.
struct Responders<Req, Resp: Send + 'static>(Arc<Both<Req, Resp>>);

impl<Req, Resp: Send + 'static> Drop for Responders<Req, Resp> {
    fn drop(&mut self) {
        // Whoever waits for an answer learns that there will be none. Requests are foreign data.
        quietly(|| {
            self.0.queue.shutdown(Shutdown::Immediate);
        });
        self.0.arc_order.let_go();
    }
}

/// Sends requests and waits for their answers. Created by [`Requests::new`].
///
/// # Examples
///
/// See [`Requests`].
pub struct Caller<Req, Resp: Send + 'static>(Arc<Callers<Req, Resp>>);

impl<Req, Resp: Send + 'static> Caller<Req, Resp> {
    /// Returns a call, which sends the request when a task awaits it or a thread [waits for it](CallWait::wait).
    ///
    /// # Examples
    ///
    /// See [`Requests`].
    pub fn call(&self, request: Req) -> CallWait<'_, Req, Resp> {
        CallWait::new(&self.0.0.queue, request)
    }

    /// Returns whether no responder is left at this instant.
    ///
    /// # Examples
    ///
    /// ```
    /// let (caller, responder) = syncline::bridge::Requests::<i32, i32>::new(1);
    /// assert!(!caller.is_closed());
    /// drop(responder);
    /// assert!(caller.is_closed());
    /// ```
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.0.0.queue.is_shut_down()
    }
}

impl<Req, Resp: Send + 'static> Clone for Caller<Req, Resp> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<Req, Resp: Send + 'static> Drop for Caller<Req, Resp> {
    fn drop(&mut self) {
        self.0.0.arc_order.let_go();
    }
}

impl<Req, Resp: Send + 'static> fmt::Debug for Caller<Req, Resp> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Caller")
            .field("is_closed", &self.is_closed())
            .finish_non_exhaustive()
    }
}

impl<Req, Resp: Send + 'static> Quiet for Caller<Req, Resp> {
    fn assert_quiet(&self) {
        self.0.0.queue.assert_quiet();
    }

    fn waiting(&self) -> usize {
        self.0.0.queue.waiting()
    }
}

/// Receives requests and answers them. Created by [`Requests::new`].
///
/// # Examples
///
/// See [`Requests`].
pub struct Responder<Req, Resp: Send + 'static>(Arc<Responders<Req, Resp>>);

impl<Req, Resp: Send + 'static> Responder<Req, Resp> {
    /// Waits for the next request. A task awaits the result, a thread [waits for it](ReceiveWait::wait).
    ///
    /// Requests whose callers have left are skipped.
    ///
    /// # Errors
    ///
    /// Returns [`ReceiveError::Closed`](crate::ReceiveError::Closed) when all callers have left and no request is queued.
    ///
    /// # Cancel safety
    ///
    /// No request is lost when the future is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{bridge::Requests, task, thread};
    ///
    /// let (caller, responder) = Requests::<&str, usize>::new(1);
    /// let asks = thread::spawn_named("asks", move || caller.call("how long").wait());
    /// task::block_on(async {
    ///     while let Ok(request) = responder.receive().await {
    ///         let length = request.len();
    ///         request.reply(length).ok();
    ///     }
    /// });
    /// assert_eq!(asks.wait()??, 8);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn receive(&self) -> ReceiveWait<'_, Req, Resp> {
        ReceiveWait::new(&self.0.0.queue)
    }

    /// Returns an iterator for threads and a `Stream` for tasks, which ends when all callers have left. See [`Incoming`].
    ///
    /// # Examples
    ///
    /// See [`Requests`], where a loop goes over `&responder`.
    pub fn iter(&self) -> Incoming<'_, Req, Resp> {
        Incoming::new(self.receive())
    }

    /// Returns how many requests are queued at this instant, including those whose callers have left.
    ///
    /// # Examples
    ///
    /// ```
    /// let (_caller, responder) = syncline::bridge::Requests::<i32, i32>::new(1);
    /// assert_eq!(responder.waiting(), 0);
    /// ```
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.0.0.queue.len()
    }
}

impl<Req, Resp: Send + 'static> Clone for Responder<Req, Resp> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<Req, Resp: Send + 'static> Drop for Responder<Req, Resp> {
    fn drop(&mut self) {
        self.0.0.arc_order.let_go();
    }
}

impl<'a, Req, Resp: Send + 'static> IntoIterator for &'a Responder<Req, Resp> {
    type Item = Request<Req, Resp>;
    type IntoIter = Incoming<'a, Req, Resp>;

    fn into_iter(self) -> Incoming<'a, Req, Resp> {
        self.iter()
    }
}

impl<Req, Resp: Send + 'static> fmt::Debug for Responder<Req, Resp> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Responder")
            .field("waiting", &self.waiting())
            .finish_non_exhaustive()
    }
}

/// A request whose caller waits for an answer.
///
/// It dereferences to the request. Dropping it without a [`reply`](Self::reply) ends its call as
/// [`CallError::NoReply`](crate::CallError::NoReply).
///
/// # Examples
///
/// See [`Responder::receive`].
#[must_use = "a request that is dropped is not answered"]
pub struct Request<Req, Resp: Send + 'static> {
    asked: Req,
    promise: Promise<Resp>,
}

impl<Req, Resp: Send + 'static> Request<Req, Resp> {
    pub(super) const fn new(asked: Req, promise: Promise<Resp>) -> Self {
        Self { asked, promise }
    }

    /// Sends the answer to the caller.
    ///
    /// # Errors
    ///
    /// Returns the answer if the caller has left.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use syncline::{bridge::Requests, thread};
    ///
    /// let (caller, responder) = Requests::<i32, i32>::new(1);
    /// let asks = thread::spawn_named("asks", move || caller.call(1).wait_timeout(Duration::from_millis(1)));
    /// if let Ok(request) = responder.receive().wait() {
    ///     assert!(asks.wait()?.is_err()); // it has waited for too long
    ///     assert_eq!(request.reply(2), Err(2));
    /// }
    /// # Ok::<(), syncline::JobError>(())
    /// ```
    pub fn reply(self, answer: Resp) -> Result<(), Resp> {
        self.promise.set(answer)
    }

    /// Returns whether the caller has left.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{bridge::Requests, thread};
    ///
    /// let (caller, responder) = Requests::<i32, i32>::new(1);
    /// let asks = thread::spawn_named("asks", move || caller.call(1).wait());
    /// let request = responder.receive().wait()?;
    /// assert!(!request.is_abandoned());
    /// request.reply(2).unwrap();
    /// # asks.wait().unwrap().unwrap();
    /// # Ok::<(), syncline::ReceiveError>(())
    /// ```
    #[must_use]
    pub fn is_abandoned(&self) -> bool {
        self.promise.is_cancelled()
    }

    /// Splits the request into its content and a promise for the answer, which can be sent elsewhere.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{bridge::Requests, thread};
    ///
    /// let (caller, responder) = Requests::<String, String>::new(1);
    /// let asks = thread::spawn_named("asks", move || caller.call("tea".to_owned()).wait());
    /// let (mut text, promise) = responder.receive().wait()?.into_parts();
    /// text.push('!');
    /// promise.set(text).unwrap();
    /// assert_eq!(asks.wait()??, "tea!");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn into_parts(self) -> (Req, Promise<Resp>) {
        (self.asked, self.promise)
    }
}

impl<Req, Resp: Send + 'static> core::ops::Deref for Request<Req, Resp> {
    type Target = Req;

    fn deref(&self) -> &Req {
        &self.asked
    }
}

impl<Req: fmt::Debug, Resp: Send + 'static> fmt::Debug for Request<Req, Resp> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("asked", &self.asked)
            .field("is_abandoned", &self.is_abandoned())
            .finish_non_exhaustive()
    }
}
