//! The futures of `Observer`, by name.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use pin_project_lite::pin_project;

use super::borrow::WatchRef;
use super::shared::Shared;
use super::word::VersionWord;
use crate::error::WatchClosed;
use crate::identity::budget;
use crate::line::{Asker, Line, Wait};

pin_project! {
    /// Waits until a [`Watch`](crate::task::Watch) has another value. Returned by
    /// [`Observer::changed`](crate::task::Observer::changed).
    #[must_use = "futures do nothing unless polled"]
    pub struct Changed<'a, T> {
        shared: &'a Shared<T>,
        seen: &'a mut usize,
        #[pin]
        wait: Wait<&'a Line<VersionWord>>,
    }
}

impl<'a, T> Changed<'a, T> {
    pub(super) fn new(shared: &'a Shared<T>, seen: &'a mut usize) -> Self {
        let wait = Wait::new(&shared.line, Asker::Task, *seen);
        Self { shared, seen, wait }
    }
}

impl<T> Future for Changed<'_, T> {
    type Output = Result<(), WatchClosed>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        ready!(budget::poll(this.wait, context));
        Poll::Ready(this.shared.news(this.seen).map(drop))
    }
}

impl<T> fmt::Debug for Changed<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changed").finish_non_exhaustive()
    }
}

pin_project! {
    /// Waits until something is true of the value of a [`Watch`](crate::task::Watch). Returned by
    /// [`Observer::wait_for`](crate::task::Observer::wait_for).
    #[must_use = "futures do nothing unless polled"]
    pub struct WaitFor<'a, T, P> {
        shared: &'a Shared<T>,
        seen: &'a mut usize,
        wanted: P,
        // Whether the value that has been seen last has been asked about.
        is_asked: bool,
        #[pin]
        wait: Wait<&'a Line<VersionWord>>,
    }
}

impl<'a, T, P> WaitFor<'a, T, P> {
    pub(super) fn new(shared: &'a Shared<T>, seen: &'a mut usize, wanted: P) -> Self {
        let wait = Wait::new(&shared.line, Asker::Task, *seen);
        Self {
            shared,
            seen,
            wanted,
            is_asked: false,
            wait,
        }
    }
}

impl<'a, T, P: FnMut(&T) -> bool> Future for WaitFor<'a, T, P> {
    type Output = Result<WatchRef<'a, T>, WatchClosed>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let shared = *this.shared;
        loop {
            if !*this.is_asked {
                let (value, version) = shared.borrow_with_version();
                **this.seen = version;
                if (this.wanted)(&value) {
                    return Poll::Ready(Ok(value));
                }
                drop(value);
                *this.is_asked = true;
                let wait = Wait::new(&shared.line, Asker::Task, version);
                this.wait.set(wait);
            }
            ready!(budget::poll(this.wait.as_mut(), context));
            shared.news(&mut { **this.seen })?;
            *this.is_asked = false;
        }
    }
}

impl<T, P> fmt::Debug for WaitFor<'_, T, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitFor").finish_non_exhaustive()
    }
}
