//! Drives one future by hand: polls it when the test says so, with a waker of
//! its own that is watched.

use crate::waker::Probe;
use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

/// One future and the task it belongs to.
pub(crate) struct Driver<F> {
    future: Pin<Box<F>>,
    probe: Probe,
    /// Wakes counted before the latest poll.
    seen: usize,
}

impl<F: Future> Driver<F> {
    /// A task of its own for `future`, which is not polled yet.
    pub(crate) fn new(future: F) -> Self {
        Self::with(future, Probe::new())
    }

    /// As [`Driver::new`], with wakers from `probe`.
    pub(crate) fn with(future: F, probe: Probe) -> Self {
        Self {
            future: Box::pin(future),
            probe,
            seen: 0,
        }
    }

    /// A task whose first poll has returned pending.
    #[track_caller]
    pub(crate) fn waiting(future: F) -> Self {
        let mut driver = Self::new(future);
        driver.pending();
        driver
    }

    /// Polls once with the task's own waker.
    pub(crate) fn poll(&mut self) -> Poll<F::Output> {
        self.seen = self.probe.wakes();
        let waker = self.probe.waker();
        self.poll_with(&waker)
    }

    /// Polls once with a foreign waker.
    pub(crate) fn poll_with(&mut self, waker: &Waker) -> Poll<F::Output> {
        self.future.as_mut().poll(&mut Context::from_waker(waker))
    }

    /// Polls once; the future must not be done.
    #[track_caller]
    pub(crate) fn pending(&mut self) {
        assert!(self.poll().is_pending(), "should still wait");
    }

    /// Polls once; the future must be done, without having been woken for it.
    #[track_caller]
    pub(crate) fn ready(mut self) -> F::Output {
        match self.poll() {
            Poll::Ready(output) => output,
            Poll::Pending => panic!("should be done"),
        }
    }

    /// The task must have been woken since its latest poll; then as [`Driver::ready`].
    #[track_caller]
    pub(crate) fn woken(self) -> F::Output {
        assert!(self.is_woken(), "should have been woken: {self:?}");
        self.ready()
    }

    /// Whether the task was woken since its latest poll.
    pub(crate) fn is_woken(&self) -> bool {
        self.probe.wakes() > self.seen
    }

    /// The maker of the task's wakers.
    pub(crate) fn probe(&self) -> &Probe {
        &self.probe
    }

    /// Drops the future and hands out the maker of its wakers.
    pub(crate) fn cancel(self) -> Probe {
        drop(self.future);
        self.probe
    }
}

impl<F> fmt::Debug for Driver<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver")
            .field("probe", &self.probe)
            .field("seen", &self.seen)
            .finish_non_exhaustive()
    }
}

mod tests {
    use super::Driver;
    use crate::waker::Probe;
    use core::future::{pending, ready};
    use core::panic::AssertUnwindSafe;
    use core::task::{Poll, Waker};
    use std::panic::catch_unwind;

    #[test]
    fn a_driver_sees_only_the_wakes_since_its_latest_poll() {
        let mut driver = Driver::waiting(pending::<()>());
        assert!(!driver.is_woken());
        driver.probe().waker().wake();
        assert!(driver.is_woken());
        driver.pending();
        assert!(!driver.is_woken());
        assert!(driver.poll_with(Waker::noop()).is_pending());
        assert_eq!(1, driver.cancel().wakes());
    }

    #[test]
    fn a_future_that_is_not_woken_is_told_from_one_that_is() {
        let early = Driver::new(ready(()));
        catch_unwind(AssertUnwindSafe(|| early.woken())).unwrap_err();
        let late = Driver::with(ready(()), Probe::new());
        late.probe().waker().wake();
        late.woken();
        assert_eq!(Poll::Ready(1), Driver::new(ready(1)).poll());
        assert_eq!(1, Driver::new(ready(1)).ready());
    }
}
