//! How threads acquire permits that borrow their semaphore.

use core::time::Duration;
use std::time::Instant;

use super::kind::Kind;
use super::permit::Permit;
use super::thread::BaseSemaphore;
use super::word::MAX_PERMITS;
use crate::error::TimedOut;
use crate::line::{Asker, Timeout, Word};

impl<K: Kind> BaseSemaphore<K> {
    /// Acquires a permit, blocking until there is one.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = syncline::thread::Semaphore::new(1);
    /// let permit = semaphore.acquire();
    /// assert_eq!(semaphore.available_permits(), 0);
    /// # drop(permit);
    /// ```
    #[inline]
    #[track_caller]
    pub fn acquire(&self) -> Permit<'_> {
        self.acquire_many(1)
    }

    /// Acquires a permit without waiting, if one is free and not kept for a waiter.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = syncline::thread::Semaphore::new(1);
    /// let permit = semaphore.try_acquire().expect("it is free");
    /// assert!(semaphore.try_acquire().is_none());
    /// # drop(permit);
    /// ```
    #[must_use = "permits that are dropped at once are released again"]
    #[inline]
    pub fn try_acquire(&self) -> Option<Permit<'_>> {
        self.try_acquire_many(1)
    }

    /// Acquires a permit, blocking for at most `timeout`; zero tries once.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`] if the permit was not granted in time.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    ///
    /// let semaphore = syncline::thread::Semaphore::new(1);
    /// let permit = semaphore.acquire_timeout(Duration::from_secs(1))?;
    /// assert!(semaphore.acquire_timeout(Duration::from_millis(1)).is_err());
    /// # drop(permit);
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    #[track_caller]
    pub fn acquire_timeout(&self, timeout: Duration) -> Result<Permit<'_>, TimedOut> {
        self.acquire_many_timeout(1, timeout)
    }

    /// Acquires a permit, blocking until `deadline` at the latest.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`] if the permit was not granted in time.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::{Duration, Instant};
    ///
    /// let semaphore = syncline::thread::Semaphore::new(1);
    /// let permit = semaphore.acquire_deadline(Instant::now() + Duration::from_secs(1))?;
    /// # drop(permit);
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    #[track_caller]
    pub fn acquire_deadline(&self, deadline: Instant) -> Result<Permit<'_>, TimedOut> {
        self.acquire_many_deadline(1, deadline)
    }

    /// Acquires `n` permits at once, blocking until there are that many.
    ///
    /// It holds none of them while it waits. Zero permits are granted at once.
    ///
    /// # Panics
    ///
    /// Panics if `n` permits can never be granted: more than [`MAX_PERMITS`](Self::MAX_PERMITS),
    /// or than the capacity of a [`BoundedSemaphore`](super::thread::BoundedSemaphore).
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = syncline::thread::Semaphore::new(3);
    /// let permit = semaphore.acquire_many(2);
    /// assert_eq!(semaphore.available_permits(), 1);
    /// # drop(permit);
    /// ```
    #[inline]
    #[track_caller]
    pub fn acquire_many(&self, n: usize) -> Permit<'_> {
        self.core.check(n);
        let line = self.core.line();
        line.block(n);
        Permit::new(line, n)
    }

    /// Acquires `n` permits without waiting, if that many are free and not kept for a waiter.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = syncline::thread::Semaphore::new(3);
    /// assert!(semaphore.try_acquire_many(3).is_some());
    /// assert!(semaphore.try_acquire_many(4).is_none());
    /// ```
    #[must_use = "permits that are dropped at once are released again"]
    #[inline]
    pub fn try_acquire_many(&self, n: usize) -> Option<Permit<'_>> {
        self.try_now(n).then(|| Permit::new(self.core.line(), n))
    }

    /// Acquires `n` permits at once, blocking for at most `timeout`; zero tries once.
    ///
    /// Requests for few permits do not overtake a request for many forever: once it has been
    /// overtaken for a while, free permits are kept for it.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`] if the permits were not granted in time. No permit is held then, and the place in line is
    /// gone.
    ///
    /// # Panics
    ///
    /// Panics if `n` permits can never be granted: more than [`MAX_PERMITS`](Self::MAX_PERMITS),
    /// or than the capacity of a [`BoundedSemaphore`](super::thread::BoundedSemaphore).
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    ///
    /// let semaphore = syncline::thread::Semaphore::new(3);
    /// let permit = semaphore.acquire_many_timeout(2, Duration::from_secs(1))?;
    /// # drop(permit);
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    #[track_caller]
    pub fn acquire_many_timeout(
        &self,
        n: usize,
        timeout: Duration,
    ) -> Result<Permit<'_>, TimedOut> {
        self.wait_for(n, Timeout::After(timeout))?;
        Ok(Permit::new(self.core.line(), n))
    }

    /// Acquires `n` permits at once, blocking until `deadline` at the latest.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`] if the permits were not granted in time.
    ///
    /// # Panics
    ///
    /// Panics if `n` permits can never be granted: more than [`MAX_PERMITS`](Self::MAX_PERMITS),
    /// or than the capacity of a [`BoundedSemaphore`](super::thread::BoundedSemaphore).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Instant;
    ///
    /// let semaphore = syncline::thread::Semaphore::new(3);
    /// let permit = semaphore.acquire_many_deadline(2, Instant::now())?;
    /// # drop(permit);
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    #[track_caller]
    pub fn acquire_many_deadline(
        &self,
        n: usize,
        deadline: Instant,
    ) -> Result<Permit<'_>, TimedOut> {
        self.wait_for(n, Timeout::At(deadline))?;
        Ok(Permit::new(self.core.line(), n))
    }

    #[inline]
    #[track_caller]
    pub(super) fn wait_for(&self, n: usize, timeout: Timeout) -> Result<(), TimedOut> {
        self.core.check(n);
        self.core.line().block_until(n, timeout)
    }

    #[inline]
    pub(super) fn try_now(&self, n: usize) -> bool {
        // More than that is never free, and would not fit into a signed number.
        n <= MAX_PERMITS && self.core.line().word().try_take(n, Asker::Thread)
    }
}
