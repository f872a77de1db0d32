//! Whoever runs a shutdown: one polls, the others wait for their turn.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use pin_project_lite::pin_project;

use super::engine;
use super::plan::Plan;
use super::report::Report;
use crate::combine::{block_on, timeout, timeout_at};
use crate::error::TimedOut;
use crate::lock::OwnedLockGuard;
use crate::lock::future::LockOwned;
use crate::lock::task::Lock;

/// The run, which whoever has the lock around it polls.
pub(super) enum Engine {
    Running(Pin<Box<dyn Future<Output = Arc<Report>> + Send>>),
    Over(Arc<Report>),
}

impl Engine {
    pub(super) fn new(plan: Arc<Plan>) -> Arc<Lock<Self>> {
        Arc::new(Lock::new(Self::Running(Box::pin(engine::run(plan)))))
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Arc<Report>> {
        if let Self::Running(run) = self {
            *self = Self::Over(ready!(run.as_mut().poll(context)));
        }
        match self {
            Self::Over(report) => Poll::Ready(Arc::clone(report)),
            Self::Running(_) => Poll::Pending,
        }
    }
}

pin_project! {
    /// Runs a [`Shutdown`](super::Shutdown), or waits for a run in progress. Returned by
    /// [`Shutdown::run`](super::Shutdown::run).
    ///
    /// A task awaits it. A thread calls [`wait`](Self::wait), [`wait_timeout`](Self::wait_timeout) or
    /// [`wait_deadline`](Self::wait_deadline).
    ///
    /// # Panics
    ///
    /// Panics when it is polled after it has ended, or if the timer's thread cannot be started.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use syncline::service::Shutdown;
    ///
    /// let shutdown = Shutdown::builder().build();
    /// assert!(shutdown.run().wait_timeout(Duration::from_millis(1)).is_err()); // nobody has asked for it
    /// shutdown.request();
    /// assert!(shutdown.run().wait().in_time);
    /// ```
    #[must_use = "nothing runs before this is awaited or waited for"]
    pub struct RunShutdown {
        // `None` once it is its turn.
        #[pin]
        turn: Option<LockOwned<Engine>>,
        // `None` before, and after the end.
        engine: Option<OwnedLockGuard<Engine>>,
    }
}

impl RunShutdown {
    pub(super) fn new(engine: &Arc<Lock<Engine>>) -> Self {
        Self {
            turn: Some(engine.lock_owned()),
            engine: None,
        }
    }

    /// Blocks until the shutdown is over, and polls its futures here if nobody else does.
    ///
    /// # Examples
    ///
    /// See [`Shutdown`](super::Shutdown).
    #[track_caller]
    pub fn wait(self) -> Arc<Report> {
        block_on(self)
    }

    /// Blocks until the shutdown is over, for at most `timeout`.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`] if it was not over in time. It then pauses until somebody runs it: call
    /// [`run`](super::Shutdown::run) again.
    ///
    /// # Examples
    ///
    /// See [`RunShutdown`].
    #[track_caller]
    pub fn wait_timeout(self, timeout_after: Duration) -> Result<Arc<Report>, TimedOut> {
        block_on(timeout(timeout_after, self))
    }

    /// Blocks until the shutdown is over, or until `deadline`.
    ///
    /// # Errors
    ///
    /// See [`wait_timeout`](Self::wait_timeout).
    ///
    /// # Examples
    ///
    /// ```
    /// let shutdown = syncline::service::Shutdown::builder().build();
    /// assert!(shutdown.run().wait_deadline(std::time::Instant::now()).is_err());
    /// ```
    #[track_caller]
    pub fn wait_deadline(self, deadline: Instant) -> Result<Arc<Report>, TimedOut> {
        block_on(timeout_at(deadline, self))
    }
}

impl Future for RunShutdown {
    type Output = Arc<Report>;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Arc<Report>> {
        let mut this = self.project();
        if let Some(turn) = this.turn.as_mut().as_pin_mut() {
            *this.engine = Some(ready!(turn.poll(context)));
            this.turn.set(None);
        }
        let engine = (this.engine.as_mut()).expect("`RunShutdown` polled after completion");
        let report = ready!(engine.poll(context));
        *this.engine = None;
        Poll::Ready(report)
    }
}

impl fmt::Debug for RunShutdown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunShutdown")
            .field("polls", &self.engine.is_some())
            .finish_non_exhaustive()
    }
}
