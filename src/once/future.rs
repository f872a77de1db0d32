//! The futures of `OnceCell`, by name.

use core::convert::Infallible;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::initialize::Initialize;
use super::shared::{News, Shared};
use crate::error::TimedOut;
use crate::identity::budget;
use crate::line::{Asker, Timeout, Wait};
use crate::timer::Timed;

pin_project! {
    /// Initializes a [`OnceCell`](crate::task::OnceCell), or waits until it is set. Returned by
    /// [`OnceCell::get_or_init`](crate::task::OnceCell::get_or_init).
    #[must_use = "futures do nothing unless polled"]
    pub struct GetOrInit<'a, T, F, Fut> {
        #[pin]
        initialize: Initialize<&'a Shared<T>, F, Fut>,
    }
}

impl<'a, T, F, Fut> GetOrInit<'a, T, F, Fut>
where
    F: FnOnce() -> Fut,
    Fut: Future<Output = T>,
{
    pub(super) fn new(cell: &'a Shared<T>, make: F) -> Self {
        Self {
            initialize: Initialize::new(cell, make),
        }
    }
}

impl<'a, T, F, Fut> Future for GetOrInit<'a, T, F, Fut>
where
    F: FnOnce() -> Fut,
    Fut: Future<Output = T>,
{
    type Output = &'a T;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<&'a T> {
        let initialize = self.project().initialize;
        match ready!(initialize.poll_with(context, Ok::<T, Infallible>)) {
            Ok(cell) => Poll::Ready(cell.expect()),
            Err(never) => match never {},
        }
    }
}

impl<T, F, Fut> fmt::Debug for GetOrInit<'_, T, F, Fut> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GetOrInit").finish_non_exhaustive()
    }
}

pin_project! {
    /// Initializes a [`OnceCell`](crate::task::OnceCell) with what may fail, or waits until it is set. Returned by
    /// [`OnceCell::get_or_try_init`](crate::task::OnceCell::get_or_try_init).
    #[must_use = "futures do nothing unless polled"]
    pub struct GetOrTryInit<'a, T, F, Fut> {
        #[pin]
        initialize: Initialize<&'a Shared<T>, F, Fut>,
    }
}

impl<'a, T, E, F, Fut> GetOrTryInit<'a, T, F, Fut>
where
    F: FnOnce() -> Fut,
    Fut: Future<Output = Result<T, E>>,
{
    pub(super) fn new(cell: &'a Shared<T>, make: F) -> Self {
        Self {
            initialize: Initialize::new(cell, make),
        }
    }
}

impl<'a, T, E, F, Fut> Future for GetOrTryInit<'a, T, F, Fut>
where
    F: FnOnce() -> Fut,
    Fut: Future<Output = Result<T, E>>,
{
    type Output = Result<&'a T, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<&'a T, E>> {
        let initialize = self.project().initialize;
        let place = ready!(initialize.poll_with(context, |result| result));
        Poll::Ready(place.map(Shared::expect))
    }
}

impl<T, F, Fut> fmt::Debug for GetOrTryInit<'_, T, F, Fut> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GetOrTryInit").finish_non_exhaustive()
    }
}

pin_project! {
    /// Waits until a [`OnceCell`](crate::task::OnceCell) is set. Returned by
    /// [`OnceCell::wait`](crate::task::OnceCell::wait).
    #[must_use = "futures do nothing unless polled"]
    pub struct OnceWait<'a, T> {
        #[pin]
        wait: Wait<News<'a, T>>,
    }
}

impl<'a, T> OnceWait<'a, T> {
    pub(super) fn new(cell: &'a Shared<T>) -> Self {
        Self {
            wait: Wait::new(News(cell), Asker::Task, 0),
        }
    }
}

impl<'a, T> Future for OnceWait<'a, T> {
    type Output = &'a T;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<&'a T> {
        let wait = self.project().wait;
        if let Some(place) = wait.place() {
            place.0.may_wait();
        }
        let News(cell) = ready!(budget::poll(wait, context));
        Poll::Ready(cell.expect())
    }
}

impl<T> fmt::Debug for OnceWait<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnceWait").finish_non_exhaustive()
    }
}

pin_project! {
    /// Waits until a [`OnceCell`](crate::task::OnceCell) is set, or until a deadline. Returned by
    /// [`OnceCell::wait_timeout`](crate::task::OnceCell::wait_timeout) and
    /// [`OnceCell::wait_deadline`](crate::task::OnceCell::wait_deadline).
    #[must_use = "futures do nothing unless polled"]
    pub struct OnceTimed<'a, T> {
        #[pin]
        wait: Timed<News<'a, T>>,
    }
}

impl<'a, T> OnceTimed<'a, T> {
    pub(super) fn new(cell: &'a Shared<T>, timeout: Timeout) -> Self {
        Self {
            wait: Timed::new(Wait::new(News(cell), Asker::Task, 0), timeout),
        }
    }
}

impl<'a, T> Future for OnceTimed<'a, T> {
    type Output = Result<&'a T, TimedOut>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let wait = self.project().wait;
        if let Some(place) = wait.place() {
            place.0.may_wait();
        }
        let set = ready!(budget::poll(wait, context));
        Poll::Ready(set.map(|News(cell)| cell.expect()))
    }
}

impl<T> fmt::Debug for OnceTimed<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnceTimed").finish_non_exhaustive()
    }
}
