//! How threads acquire permits that keep their semaphore alive.

use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use super::kind::Kind;
use super::permit::OwnedPermit;
use super::thread::BaseSemaphore;
use crate::error::TimedOut;
use crate::line::Timeout;

impl<K: Kind> BaseSemaphore<K> {
    /// Acquires a permit that borrows nothing, blocking until there is one.
    ///
    /// The permit keeps the semaphore alive. See [`acquire`](Self::acquire).
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = std::sync::Arc::new(syncline::thread::Semaphore::new(1));
    /// let permit = semaphore.acquire_owned();
    /// std::thread::spawn(move || drop(permit)).join().unwrap();
    /// assert_eq!(semaphore.available_permits(), 1);
    /// ```
    #[track_caller]
    pub fn acquire_owned(self: &Arc<Self>) -> OwnedPermit {
        self.acquire_many_owned(1)
    }

    /// Acquires a permit that borrows nothing without waiting, if one is free.
    ///
    /// See [`try_acquire`](Self::try_acquire).
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = std::sync::Arc::new(syncline::thread::Semaphore::new(1));
    /// let permit = semaphore.try_acquire_owned().expect("it is free");
    /// assert!(semaphore.try_acquire_owned().is_none());
    /// # drop(permit);
    /// ```
    #[must_use = "permits that are dropped at once are released again"]
    pub fn try_acquire_owned(self: &Arc<Self>) -> Option<OwnedPermit> {
        self.try_acquire_many_owned(1)
    }

    /// Acquires a permit that borrows nothing, blocking for at most `timeout`; zero tries once.
    ///
    /// See [`acquire_timeout`](Self::acquire_timeout).
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
    /// let semaphore = std::sync::Arc::new(syncline::thread::Semaphore::new(1));
    /// let permit = semaphore.acquire_owned_timeout(Duration::ZERO)?;
    /// assert!(semaphore.acquire_owned_timeout(Duration::ZERO).is_err());
    /// # drop(permit);
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    #[track_caller]
    pub fn acquire_owned_timeout(
        self: &Arc<Self>,
        timeout: Duration,
    ) -> Result<OwnedPermit, TimedOut> {
        self.acquire_many_owned_timeout(1, timeout)
    }

    /// Acquires a permit that borrows nothing, blocking until `deadline` at the latest.
    ///
    /// See [`acquire_deadline`](Self::acquire_deadline).
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`] if the permit was not granted in time.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Instant;
    ///
    /// let semaphore = std::sync::Arc::new(syncline::thread::Semaphore::new(1));
    /// let permit = semaphore.acquire_owned_deadline(Instant::now())?;
    /// assert!(semaphore.acquire_owned_deadline(Instant::now()).is_err());
    /// # drop(permit);
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    #[track_caller]
    pub fn acquire_owned_deadline(
        self: &Arc<Self>,
        deadline: Instant,
    ) -> Result<OwnedPermit, TimedOut> {
        self.acquire_many_owned_deadline(1, deadline)
    }

    /// Acquires `n` permits at once that borrow nothing, blocking until there are that many.
    ///
    /// See [`acquire_many`](Self::acquire_many).
    ///
    /// # Panics
    ///
    /// Panics if `n` permits can never be granted: more than [`MAX_PERMITS`](Self::MAX_PERMITS),
    /// or than the capacity of a [`BoundedSemaphore`](super::thread::BoundedSemaphore).
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = std::sync::Arc::new(syncline::thread::Semaphore::new(3));
    /// let permit = semaphore.acquire_many_owned(2);
    /// assert_eq!(permit.count(), 2);
    /// ```
    #[track_caller]
    pub fn acquire_many_owned(self: &Arc<Self>, n: usize) -> OwnedPermit {
        self.core.check(n);
        self.core.line().block(n);
        OwnedPermit::new(K::owner(Arc::clone(self).into_task()), n)
    }

    /// Acquires `n` permits that borrow nothing without waiting, if that many are free.
    ///
    /// See [`try_acquire_many`](Self::try_acquire_many).
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = std::sync::Arc::new(syncline::thread::Semaphore::new(3));
    /// assert!(semaphore.try_acquire_many_owned(3).is_some());
    /// assert!(semaphore.try_acquire_many_owned(4).is_none());
    /// ```
    #[must_use = "permits that are dropped at once are released again"]
    pub fn try_acquire_many_owned(self: &Arc<Self>, n: usize) -> Option<OwnedPermit> {
        self.try_now(n)
            .then(|| OwnedPermit::new(K::owner(Arc::clone(self).into_task()), n))
    }

    /// Acquires `n` permits at once that borrow nothing, blocking for at most `timeout`; zero tries once.
    ///
    /// See [`acquire_many_timeout`](Self::acquire_many_timeout).
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
    /// use core::time::Duration;
    ///
    /// let semaphore = std::sync::Arc::new(syncline::thread::Semaphore::new(3));
    /// let permit = semaphore.acquire_many_owned_timeout(2, Duration::ZERO)?;
    /// assert!(semaphore.acquire_many_owned_timeout(2, Duration::ZERO).is_err());
    /// # drop(permit);
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    #[track_caller]
    pub fn acquire_many_owned_timeout(
        self: &Arc<Self>,
        n: usize,
        timeout: Duration,
    ) -> Result<OwnedPermit, TimedOut> {
        self.wait_for(n, Timeout::After(timeout))?;
        Ok(OwnedPermit::new(K::owner(Arc::clone(self).into_task()), n))
    }

    /// Acquires `n` permits at once that borrow nothing, blocking until `deadline` at the
    /// latest.
    ///
    /// See [`acquire_many_deadline`](Self::acquire_many_deadline).
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
    /// let semaphore = std::sync::Arc::new(syncline::thread::Semaphore::new(3));
    /// let permit = semaphore.acquire_many_owned_deadline(2, Instant::now())?;
    /// assert!(semaphore.acquire_many_owned_deadline(2, Instant::now()).is_err());
    /// # drop(permit);
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    #[track_caller]
    pub fn acquire_many_owned_deadline(
        self: &Arc<Self>,
        n: usize,
        deadline: Instant,
    ) -> Result<OwnedPermit, TimedOut> {
        self.wait_for(n, Timeout::At(deadline))?;
        Ok(OwnedPermit::new(K::owner(Arc::clone(self).into_task()), n))
    }
}
