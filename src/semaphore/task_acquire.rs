//! How tasks acquire permits that borrow their semaphore.

use core::time::Duration;
use std::time::Instant;

use super::future::{Acquire, AcquireTimed};
use super::kind::Kind;
use super::permit::Permit;
use super::task::BaseSemaphore;
use super::word::MAX_PERMITS;
use crate::line::{Asker, Timeout, Wait, Word};
use crate::timer::Timed;

impl<K: Kind> BaseSemaphore<K> {
    /// Acquires a permit, waiting until there is one.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses only the place in line.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = syncline::task::Semaphore::new(1);
    /// syncline::task::block_on(async {
    ///     let permit = semaphore.acquire().await;
    ///     assert_eq!(semaphore.available_permits(), 0);
    /// #   drop(permit);
    /// });
    /// ```
    #[track_caller]
    pub fn acquire(&self) -> Acquire<'_> {
        self.acquire_many(1)
    }

    /// Acquires a permit without waiting, if one is free and nobody waits.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = syncline::task::Semaphore::new(1);
    /// let permit = semaphore.try_acquire().expect("it is free");
    /// assert!(semaphore.try_acquire().is_none());
    /// # drop(permit);
    /// ```
    #[must_use = "permits that are dropped at once are released again"]
    #[inline]
    pub fn try_acquire(&self) -> Option<Permit<'_>> {
        self.try_acquire_many(1)
    }

    /// Acquires a permit, waiting for at most `timeout`, counted from the first poll; zero tries once.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`](crate::TimedOut) if the permit was not granted in time.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses only the place in line.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    ///
    /// let semaphore = syncline::task::Semaphore::new(1);
    /// syncline::task::block_on(async {
    ///     let permit = semaphore.acquire_timeout(Duration::from_secs(1)).await?;
    ///     assert!(semaphore.acquire_timeout(Duration::from_millis(1)).await.is_err());
    /// #   drop(permit);
    /// #   Ok::<(), syncline::TimedOut>(())
    /// })?;
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    #[track_caller]
    pub fn acquire_timeout(&self, timeout: Duration) -> AcquireTimed<'_> {
        self.acquire_many_timeout(1, timeout)
    }

    /// Acquires a permit, waiting until `deadline` at the latest.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`](crate::TimedOut) if the permit was not granted in time.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses only the place in line.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::{Duration, Instant};
    ///
    /// let semaphore = syncline::task::Semaphore::new(1);
    /// syncline::task::block_on(async {
    ///     let permit = semaphore.acquire_deadline(Instant::now() + Duration::from_secs(1)).await?;
    /// #   drop(permit);
    /// #   Ok::<(), syncline::TimedOut>(())
    /// })?;
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    #[track_caller]
    pub fn acquire_deadline(&self, deadline: Instant) -> AcquireTimed<'_> {
        self.acquire_many_deadline(1, deadline)
    }

    /// Acquires `n` permits at once, waiting until there are that many.
    ///
    /// It holds none of them while it waits. Zero permits are granted at once.
    ///
    /// # Panics
    ///
    /// Panics if `n` permits can never be granted: more than [`MAX_PERMITS`](Self::MAX_PERMITS),
    /// or than the capacity of a [`BoundedSemaphore`](super::task::BoundedSemaphore).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses only the place in line.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = syncline::task::Semaphore::new(3);
    /// syncline::task::block_on(async {
    ///     let permit = semaphore.acquire_many(2).await;
    ///     assert_eq!(semaphore.available_permits(), 1);
    /// #   drop(permit);
    /// });
    /// ```
    #[track_caller]
    pub fn acquire_many(&self, n: usize) -> Acquire<'_> {
        self.core.check(n);
        Acquire::new(Wait::new(self.core.line(), Asker::Task, n), n)
    }

    /// Acquires `n` permits without waiting, if that many are free and nobody waits.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = syncline::task::Semaphore::new(3);
    /// assert!(semaphore.try_acquire_many(3).is_some());
    /// assert!(semaphore.try_acquire_many(4).is_none());
    /// ```
    #[must_use = "permits that are dropped at once are released again"]
    #[inline]
    pub fn try_acquire_many(&self, n: usize) -> Option<Permit<'_>> {
        self.try_now(n).then(|| Permit::new(self.core.line(), n))
    }

    /// Acquires `n` permits at once, waiting for at most `timeout`, counted from the first poll; zero tries once.
    ///
    /// Requests for few permits do not overtake a request for many: free permits accumulate for
    /// the first waiter.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`](crate::TimedOut) if the permits were not granted in time. No permit is held then, and the
    /// place in line is gone.
    ///
    /// # Panics
    ///
    /// Panics if `n` permits can never be granted: more than [`MAX_PERMITS`](Self::MAX_PERMITS),
    /// or than the capacity of a [`BoundedSemaphore`](super::task::BoundedSemaphore).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses only the place in line.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    ///
    /// let semaphore = syncline::task::Semaphore::new(3);
    /// syncline::task::block_on(async {
    ///     let permit = semaphore.acquire_many_timeout(2, Duration::from_secs(1)).await?;
    /// #   drop(permit);
    /// #   Ok::<(), syncline::TimedOut>(())
    /// })?;
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    #[track_caller]
    pub fn acquire_many_timeout(&self, n: usize, timeout: Duration) -> AcquireTimed<'_> {
        self.core.check(n);
        let wait = Wait::new(self.core.line(), Asker::Task, n);
        AcquireTimed::new(Timed::new(wait, Timeout::After(timeout)), n)
    }

    /// Acquires `n` permits at once, waiting until `deadline` at the latest.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`](crate::TimedOut) if the permits were not granted in time.
    ///
    /// # Panics
    ///
    /// Panics if `n` permits can never be granted: more than [`MAX_PERMITS`](Self::MAX_PERMITS),
    /// or than the capacity of a [`BoundedSemaphore`](super::task::BoundedSemaphore).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses only the place in line.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Instant;
    ///
    /// let semaphore = syncline::task::Semaphore::new(3);
    /// syncline::task::block_on(async {
    ///     let permit = semaphore.acquire_many_deadline(2, Instant::now()).await?;
    /// #   drop(permit);
    /// #   Ok::<(), syncline::TimedOut>(())
    /// })?;
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    #[track_caller]
    pub fn acquire_many_deadline(&self, n: usize, deadline: Instant) -> AcquireTimed<'_> {
        self.core.check(n);
        let wait = Wait::new(self.core.line(), Asker::Task, n);
        AcquireTimed::new(Timed::new(wait, Timeout::At(deadline)), n)
    }

    #[inline]
    pub(super) fn try_now(&self, n: usize) -> bool {
        // More than that is never free, and would not fit into a signed number.
        n <= MAX_PERMITS && self.core.line().word().try_take(n, Asker::Task)
    }
}
