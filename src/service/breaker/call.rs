//! Calls through a breaker.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::ticket::{Ticket, UnderWay};
use super::{Breaker, Ended};
use crate::error::BreakerError;

/// What a result says about the callee.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It works.
    Success,
    /// It does not.
    Failure,
    /// Neither: the caller's own mistake, say, or a limit.
    Ignore,
}

fn of_result<T, E>(result: &Result<T, E>) -> Verdict {
    if result.is_ok() {
        Verdict::Success
    } else {
        Verdict::Failure
    }
}

impl From<Verdict> for Ended {
    #[inline]
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Success => Self::Success,
            Verdict::Failure => Self::Failure,
            Verdict::Ignore => Self::Ignored,
        }
    }
}

impl Breaker {
    /// Calls a closure, unless the breaker rejects it. `Ok` is a success, `Err` a failure, and so is a panic.
    ///
    /// # Errors
    ///
    /// Returns [`BreakerError::Rejected`] if it was not called; [`BreakerError::Inner`] with its own error.
    ///
    /// # Examples
    ///
    /// See [`Breaker`].
    pub fn call<T, E>(&self, f: impl FnOnce() -> Result<T, E>) -> Result<T, BreakerError<E>> {
        self.call_with(of_result, f)
    }

    /// Calls a closure, unless the breaker rejects it, and has its result judged.
    ///
    /// # Errors
    ///
    /// See [`call`](Self::call).
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::service::{Breaker, Verdict};
    ///
    /// let breaker = Breaker::builder("api").build();
    /// let judge = |result: &Result<(), u16>| match result {
    ///     Err(status) if *status >= 500 => Verdict::Failure,
    ///     _ => Verdict::Success,
    /// };
    /// breaker.call_with(judge, || Err(404)).unwrap_err();
    /// assert_eq!(breaker.stats().failures, 0);
    /// ```
    pub fn call_with<T, E>(
        &self,
        classify: impl FnOnce(&Result<T, E>) -> Verdict,
        f: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, BreakerError<E>> {
        let ticket = self.enter().map_err(BreakerError::Rejected)?;
        let call = UnderWay::new(self, ticket);
        let result = f();
        call.end(classify(&result).into());
        result.map_err(BreakerError::Inner)
    }

    /// Runs a future, unless the breaker rejects it. `Ok` is a success, `Err` a failure, and so is a panic.
    ///
    /// It asks the breaker when it is first polled. A future that is rejected is never polled.
    ///
    /// # Errors
    ///
    /// See [`call`](Self::call).
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops the future, and the call counts as abandoned.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{service::Breaker, task::block_on};
    ///
    /// let breaker = Breaker::builder("api").build();
    /// assert_eq!(block_on(breaker.call_async(async { Ok::<_, ()>(7) })), Ok(7));
    /// ```
    pub fn call_async<T, E, F>(
        &self,
        future: F,
    ) -> CallAsync<'_, F, impl FnOnce(&Result<T, E>) -> Verdict + use<T, E, F>>
    where
        F: Future<Output = Result<T, E>>,
    {
        self.call_async_with(of_result, future)
    }

    /// Runs a future unless the breaker rejects it, and records its result.
    ///
    /// # Errors
    ///
    /// See [`call`](Self::call).
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops the future, and the call counts as abandoned.
    ///
    /// # Examples
    ///
    /// See [`Breaker`].
    pub const fn call_async_with<T, E, F, C>(&self, classify: C, future: F) -> CallAsync<'_, F, C>
    where
        F: Future<Output = Result<T, E>>,
        C: FnOnce(&Result<T, E>) -> Verdict,
    {
        CallAsync {
            breaker: self,
            ticket: None,
            classify: Some(classify),
            future: Some(future),
        }
    }
}

pin_project! {
    /// Runs a future through a [`Breaker`]. Created by [`Breaker::call_async`] and
    /// [`Breaker::call_async_with`].
    ///
    /// # Panics
    ///
    /// Panics when it is polled after it has ended.
    #[must_use = "futures do nothing unless polled"]
    pub struct CallAsync<'a, F, C> {
        breaker: &'a Breaker,
        // There while the future waits.
        ticket: Option<Ticket>,
        // `None` once it has ended.
        classify: Option<C>,
        // Dropped after the ticket has been handed in: the call counts as abandoned.
        #[pin]
        future: Option<F>,
    }

    impl<F, C> PinnedDrop for CallAsync<'_, F, C> {
        #[inline]
        fn drop(this: Pin<&mut Self>) {
            if let Some(ticket) = this.ticket {
                this.breaker.abandon(ticket);
            }
        }
    }
}

impl<T, E, F, C> Future for CallAsync<'_, F, C>
where
    F: Future<Output = Result<T, E>>,
    C: FnOnce(&Result<T, E>) -> Verdict,
{
    type Output = Result<T, BreakerError<E>>;

    #[inline]
    #[track_caller]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        assert!(
            this.classify.is_some(),
            "`CallAsync` polled after completion"
        );
        let ticket = match this.ticket.take() {
            Some(ticket) => ticket,
            None => match this.breaker.enter() {
                Ok(ticket) => ticket,
                Err(rejection) => {
                    *this.classify = None;
                    this.future.set(None);
                    return Poll::Ready(Err(BreakerError::Rejected(rejection)));
                }
            },
        };
        // In a local, which a panic of the future drops while it unwinds.
        let call = UnderWay::new(this.breaker, ticket);
        let Some(future) = this.future.as_mut().as_pin_mut() else {
            unreachable!("the future is there as long as its judge")
        };
        match future.poll(context) {
            Poll::Pending => {
                *this.ticket = call.put_off();
                Poll::Pending
            }
            Poll::Ready(result) => {
                if let Some(classify) = this.classify.take() {
                    call.end(classify(&result).into());
                }
                this.future.set(None);
                Poll::Ready(result.map_err(BreakerError::Inner))
            }
        }
    }
}

impl<F, C> fmt::Debug for CallAsync<'_, F, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallAsync")
            .field("breaker", &self.breaker)
            .finish_non_exhaustive()
    }
}
