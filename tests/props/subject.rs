//! Either semaphore, as a script sees it.

use core::pin::Pin;
use core::time::Duration;
use std::time::Instant;
use syncline::internals::Quiet;
use syncline::task::{BoundedSemaphore, Semaphore};
use syncline::{Permit, TimedOut};

pub(crate) type Request<'a> = Pin<Box<dyn Future<Output = Result<Permit<'a>, TimedOut>> + 'a>>;

#[derive(Clone, Copy)]
pub(crate) enum Subject<'a> {
    Plain(&'a Semaphore),
    Bounded(&'a BoundedSemaphore),
}

/// How long a request is ready to wait.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Patience {
    Endless,
    Huge,
    Zero,
    Expired,
}

/// How the blocking face asks without blocking.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Way {
    Try,
    Zero,
    Expired,
}

/// The same call on either semaphore.
macro_rules! on {
    ($subject:expr, $semaphore:ident => $call:expr) => {
        match $subject {
            Subject::Plain($semaphore) => $call,
            Subject::Bounded($semaphore) => $call,
        }
    };
}

impl<'a> Subject<'a> {
    pub(crate) fn request(self, count: usize, patience: Patience) -> Request<'a> {
        let (huge, zero) = (Duration::MAX, Duration::ZERO);
        on!(self, s => match patience {
            Patience::Endless if count == 1 => Box::pin(async { Ok(s.acquire().await) }),
            Patience::Endless => Box::pin(async move { Ok(s.acquire_many(count).await) }),
            Patience::Huge => Box::pin(s.acquire_many_timeout(count, huge)),
            Patience::Zero => Box::pin(s.acquire_many_timeout(count, zero)),
            Patience::Expired => Box::pin(s.acquire_many_deadline(count, Instant::now())),
        })
    }

    pub(crate) fn try_task(self, count: usize) -> Option<Permit<'a>> {
        if count == 1 {
            on!(self, s => s.try_acquire())
        } else {
            on!(self, s => s.try_acquire_many(count))
        }
    }

    pub(crate) fn try_thread(self, count: usize, way: Way) -> Option<Permit<'a>> {
        on!(self, s => {
            let s = s.as_thread();
            match way {
                Way::Try => s.try_acquire_many(count),
                Way::Zero => s.acquire_many_timeout(count, Duration::ZERO).ok(),
                Way::Expired => s.acquire_many_deadline(count, Instant::now()).ok(),
            }
        })
    }

    /// Whether the release was accepted.
    pub(crate) fn release(self, count: usize) -> bool {
        on!(self, s => s.release(count).is_ok())
    }

    pub(crate) fn forget(self, count: usize) -> usize {
        on!(self, s => s.forget(count))
    }

    pub(crate) fn set_capacity(self, capacity: usize) {
        match self {
            Self::Plain(_) => unreachable!("it has no capacity"),
            Self::Bounded(semaphore) => semaphore.set_capacity(capacity),
        }
    }

    pub(crate) fn available_permits(self) -> usize {
        on!(self, s => s.available_permits())
    }

    pub(crate) fn waiting(self) -> usize {
        on!(self, s => s.waiting())
    }

    pub(crate) fn assert_quiet(self) {
        on!(self, s => s.assert_quiet());
    }
}
