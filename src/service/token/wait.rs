//! Waiting for a token, or for something else until a token is cancelled.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;
use std::time::Instant;

use pin_project_lite::pin_project;

use super::CancelToken;
use super::node::Node;
use crate::combine::{Sleep, sleep};
use crate::error::{Cancelled, TimedOut};
use crate::event::future::EventWait;

impl CancelToken {
    /// Waits until the token is cancelled; a thread waits, a task awaits.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{service::CancelToken, task::block_on, thread};
    ///
    /// let token = CancelToken::new();
    /// let canceller = thread::spawn_named("canceller", { let token = token.clone(); move || token.cancel() });
    /// token.cancelled().wait();
    /// block_on(token.cancelled()); // ready at once
    /// # canceller.wait()?;
    /// # Ok::<(), syncline::JobError>(())
    /// ```
    pub fn cancelled(&self) -> CancelWait<'_> {
        CancelWait::new(&self.node)
    }

    /// Waits for `duration`, unless the token is cancelled before it is over.
    ///
    /// The duration counts from the first poll, or from the call of `wait`. On a cancelled token it returns at
    /// once.
    ///
    /// # Errors
    ///
    /// Returns [`Cancelled`] if the token was cancelled first.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use syncline::service::CancelToken;
    ///
    /// let token = CancelToken::new();
    /// assert!(token.sleep(Duration::from_millis(1)).wait().is_ok());
    /// token.cancel();
    /// assert!(token.sleep(Duration::from_secs(3600)).wait().is_err()); // at once
    /// ```
    pub fn sleep(&self, duration: Duration) -> CancelSleep<'_> {
        CancelSleep::new(&self.node, duration)
    }

    /// Runs a future until it is done, or until the token is cancelled; then drops it.
    ///
    /// If both have happened when it is polled, the result wins. On a token that is cancelled already the
    /// future is never polled.
    ///
    /// # Errors
    ///
    /// Returns [`Cancelled`] if the token was cancelled first.
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops the future.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::future::{pending, ready};
    /// use syncline::{service::CancelToken, task::block_on};
    ///
    /// let token = CancelToken::new();
    /// assert_eq!(block_on(token.run_until_cancelled(ready(7))), Ok(7));
    /// token.cancel();
    /// assert!(block_on(token.run_until_cancelled(pending::<()>())).is_err());
    /// ```
    pub fn run_until_cancelled<F: Future>(&self, future: F) -> RunUntilCancelled<'_, F> {
        RunUntilCancelled::new(&self.node, future)
    }
}

pin_project! {
    /// Waits until a token is cancelled. Created by [`CancelToken::cancelled`](super::CancelToken::cancelled).
    ///
    /// A task awaits it. A thread calls [`wait`](Self::wait), [`wait_timeout`](Self::wait_timeout) or
    /// [`wait_deadline`](Self::wait_deadline).
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use syncline::service::CancelToken;
    ///
    /// let token = CancelToken::new();
    /// assert!(token.cancelled().wait_timeout(Duration::ZERO).is_err());
    /// token.cancel();
    /// assert!(token.cancelled().wait_timeout(Duration::ZERO).is_ok());
    /// ```
    #[must_use = "nothing waits before this is awaited or waited for"]
    pub struct CancelWait<'a> {
        node: &'a Node,
        #[pin]
        wait: EventWait<'a>,
    }
}

impl<'a> CancelWait<'a> {
    pub(super) fn new(node: &'a Node) -> Self {
        Self {
            node,
            wait: node.event.wait(),
        }
    }

    /// Blocks until the token is cancelled.
    ///
    /// # Examples
    ///
    /// See [`CancelToken::cancelled`](super::CancelToken::cancelled).
    #[track_caller]
    pub fn wait(self) {
        if self.node.cancelled().is_none() {
            self.node.watched_event().as_thread().wait();
        }
    }

    /// Blocks until the token is cancelled, for at most `timeout`; zero asks whether it is.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`] if it was not cancelled in time.
    ///
    /// # Examples
    ///
    /// See [`CancelWait`].
    #[track_caller]
    pub fn wait_timeout(self, timeout: Duration) -> Result<(), TimedOut> {
        if self.node.cancelled().is_some() {
            return Ok(());
        }
        self.node.watched_event().as_thread().wait_timeout(timeout)
    }

    /// Blocks until the token is cancelled, or until `deadline`.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`] if it was not cancelled in time.
    ///
    /// # Examples
    ///
    /// ```
    /// let token = syncline::service::CancelToken::new();
    /// assert!(token.cancelled().wait_deadline(std::time::Instant::now()).is_err());
    /// ```
    #[track_caller]
    pub fn wait_deadline(self, deadline: Instant) -> Result<(), TimedOut> {
        if self.node.cancelled().is_some() {
            return Ok(());
        }
        self.node
            .watched_event()
            .as_thread()
            .wait_deadline(deadline)
    }
}

impl Future for CancelWait<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        // The flag comes before the event.
        if this.node.cancelled().is_some() {
            return Poll::Ready(());
        }
        this.node.watch();
        this.wait.poll(context)
    }
}

impl fmt::Debug for CancelWait<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancelWait").finish_non_exhaustive()
    }
}

pin_project! {
    /// Sleeps, or waits until a token is cancelled. Returned by [`CancelToken::sleep`](super::CancelToken::sleep).
    ///
    /// A task awaits it, a thread calls [`wait`](Self::wait).
    ///
    /// # Panics
    ///
    /// Panics when it is polled if the timer's thread cannot be started.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use syncline::{service::CancelToken, task::block_on};
    ///
    /// let token = CancelToken::new();
    /// assert_eq!(block_on(token.sleep(Duration::from_millis(1))), Ok(()));
    /// ```
    #[must_use = "nothing waits before this is awaited or waited for"]
    pub struct CancelSleep<'a> {
        duration: Duration,
        #[pin]
        wait: CancelWait<'a>,
        #[pin]
        sleep: Sleep,
    }
}

impl<'a> CancelSleep<'a> {
    pub(super) fn new(node: &'a Node, duration: Duration) -> Self {
        Self {
            duration,
            wait: CancelWait::new(node),
            sleep: sleep(duration),
        }
    }

    /// Blocks until the time is over, or the token is cancelled.
    ///
    /// # Errors
    ///
    /// Returns [`Cancelled`] if the token was cancelled first.
    ///
    /// # Examples
    ///
    /// See [`CancelToken::sleep`](super::CancelToken::sleep).
    #[track_caller]
    pub fn wait(self) -> Result<(), Cancelled> {
        let node = self.wait.node;
        if node.cancelled().is_none()
            && node
                .watched_event()
                .as_thread()
                .wait_timeout(self.duration)
                .is_err()
        {
            return Ok(());
        }
        Err(outcome(node))
    }
}

/// What a token that has been cancelled says.
fn outcome(node: &Node) -> Cancelled {
    (node.cancelled()).expect("a token is marked before its event is set")
}

impl Future for CancelSleep<'_> {
    type Output = Result<(), Cancelled>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let node = this.wait.node;
        if this.wait.poll(context).is_ready() {
            return Poll::Ready(Err(outcome(node)));
        }
        this.sleep.poll(context).map(Ok)
    }
}

impl fmt::Debug for CancelSleep<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancelSleep")
            .field("duration", &self.duration)
            .finish_non_exhaustive()
    }
}

pin_project! {
    /// Runs a future until a token is cancelled. Returned by
    /// [`CancelToken::run_until_cancelled`](super::CancelToken::run_until_cancelled).
    ///
    /// # Panics
    ///
    /// Panics if it is polled after it has ended.
    #[must_use = "futures do nothing unless polled"]
    pub struct RunUntilCancelled<'a, F> {
        // `None` once it has ended.
        #[pin]
        future: Option<F>,
        begun: bool,
        #[pin]
        wait: CancelWait<'a>,
    }
}

impl<'a, F> RunUntilCancelled<'a, F> {
    pub(super) fn new(node: &'a Node, future: F) -> Self {
        Self {
            future: Some(future),
            begun: false,
            wait: CancelWait::new(node),
        }
    }
}

impl<F: Future> Future for RunUntilCancelled<'_, F> {
    type Output = Result<F::Output, Cancelled>;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let node = this.wait.node;
        let future = (this.future.as_mut().as_pin_mut())
            .expect("`RunUntilCancelled` polled after completion");
        let begins = !core::mem::replace(this.begun, true);
        let result = if begins && node.cancelled().is_some() {
            Err(outcome(node))
        } else if let Poll::Ready(output) = future.poll(context) {
            Ok(output)
        } else if this.wait.poll(context).is_ready() {
            Err(outcome(node))
        } else {
            return Poll::Pending;
        };
        this.future.set(None);
        Poll::Ready(result)
    }
}

impl<F> fmt::Debug for RunUntilCancelled<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunUntilCancelled").finish_non_exhaustive()
    }
}
