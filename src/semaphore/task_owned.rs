//! How tasks acquire permits that keep their semaphore alive.

use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use super::future::{AcquireOwned, AcquireOwnedTimed};
use super::kind::Kind;
use super::permit::OwnedPermit;
use super::task::BaseSemaphore;
use crate::line::{Asker, Timeout, Wait};
use crate::timer::Timed;

impl<K: Kind> BaseSemaphore<K> {
    /// Acquires a permit that borrows nothing, waiting until there is one.
    ///
    /// The permit keeps the semaphore alive. See [`acquire`](Self::acquire).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses only the place in line.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = std::sync::Arc::new(syncline::task::Semaphore::new(1));
    /// let permit = syncline::task::block_on(semaphore.acquire_owned());
    /// std::thread::spawn(move || drop(permit)).join().unwrap();
    /// assert_eq!(semaphore.available_permits(), 1);
    /// ```
    #[track_caller]
    pub fn acquire_owned(self: &Arc<Self>) -> AcquireOwned {
        self.acquire_many_owned(1)
    }

    /// Acquires a permit that borrows nothing without waiting, if one is free.
    ///
    /// See [`try_acquire`](Self::try_acquire).
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = std::sync::Arc::new(syncline::task::Semaphore::new(1));
    /// let permit = semaphore.try_acquire_owned().expect("it is free");
    /// assert!(semaphore.try_acquire_owned().is_none());
    /// # drop(permit);
    /// ```
    #[must_use = "permits that are dropped at once are released again"]
    pub fn try_acquire_owned(self: &Arc<Self>) -> Option<OwnedPermit> {
        self.try_acquire_many_owned(1)
    }

    /// Acquires a permit that borrows nothing, waiting for at most `timeout`, counted from the first poll; zero tries
    /// once.
    ///
    /// See [`acquire_timeout`](Self::acquire_timeout).
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
    /// let semaphore = std::sync::Arc::new(syncline::task::Semaphore::new(1));
    /// let permit = syncline::task::block_on(semaphore.acquire_owned_timeout(Duration::ZERO))?;
    /// assert!(syncline::task::block_on(semaphore.acquire_owned_timeout(Duration::ZERO)).is_err());
    /// # drop(permit);
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    #[track_caller]
    pub fn acquire_owned_timeout(self: &Arc<Self>, timeout: Duration) -> AcquireOwnedTimed {
        self.acquire_many_owned_timeout(1, timeout)
    }

    /// Acquires a permit that borrows nothing, waiting until `deadline` at the latest.
    ///
    /// See [`acquire_deadline`](Self::acquire_deadline).
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
    /// use std::time::Instant;
    ///
    /// let semaphore = std::sync::Arc::new(syncline::task::Semaphore::new(1));
    /// let permit = syncline::task::block_on(semaphore.acquire_owned_deadline(Instant::now()))?;
    /// assert!(syncline::task::block_on(semaphore.acquire_owned_deadline(Instant::now())).is_err());
    /// # drop(permit);
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    #[track_caller]
    pub fn acquire_owned_deadline(self: &Arc<Self>, deadline: Instant) -> AcquireOwnedTimed {
        self.acquire_many_owned_deadline(1, deadline)
    }

    /// Acquires `n` permits at once that borrow nothing, waiting until there are that many.
    ///
    /// See [`acquire_many`](Self::acquire_many).
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
    /// let semaphore = std::sync::Arc::new(syncline::task::Semaphore::new(3));
    /// let permit = syncline::task::block_on(semaphore.acquire_many_owned(2));
    /// assert_eq!(permit.count(), 2);
    /// ```
    #[track_caller]
    pub fn acquire_many_owned(self: &Arc<Self>, n: usize) -> AcquireOwned {
        self.core.check(n);
        AcquireOwned::new(Wait::new(K::owner(Arc::clone(self)), Asker::Task, n), n)
    }

    /// Acquires `n` permits that borrow nothing without waiting, if that many are free.
    ///
    /// See [`try_acquire_many`](Self::try_acquire_many).
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = std::sync::Arc::new(syncline::task::Semaphore::new(3));
    /// assert!(semaphore.try_acquire_many_owned(3).is_some());
    /// assert!(semaphore.try_acquire_many_owned(4).is_none());
    /// ```
    #[must_use = "permits that are dropped at once are released again"]
    pub fn try_acquire_many_owned(self: &Arc<Self>, n: usize) -> Option<OwnedPermit> {
        self.try_now(n)
            .then(|| OwnedPermit::new(K::owner(Arc::clone(self)), n))
    }

    /// Acquires `n` permits at once that borrow nothing, waiting for at most `timeout`, counted from the first poll;
    /// zero tries once.
    ///
    /// See [`acquire_many_timeout`](Self::acquire_many_timeout).
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
    /// use core::time::Duration;
    ///
    /// let semaphore = std::sync::Arc::new(syncline::task::Semaphore::new(3));
    /// let permit = syncline::task::block_on(semaphore.acquire_many_owned_timeout(2, Duration::ZERO))?;
    /// assert!(syncline::task::block_on(semaphore.acquire_many_owned_timeout(2, Duration::ZERO)).is_err());
    /// # drop(permit);
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    #[track_caller]
    pub fn acquire_many_owned_timeout(
        self: &Arc<Self>,
        n: usize,
        timeout: Duration,
    ) -> AcquireOwnedTimed {
        self.core.check(n);
        let wait = Wait::new(K::owner(Arc::clone(self)), Asker::Task, n);
        AcquireOwnedTimed::new(Timed::new(wait, Timeout::After(timeout)), n)
    }

    /// Acquires `n` permits at once that borrow nothing, waiting until `deadline` at the
    /// latest.
    ///
    /// See [`acquire_many_deadline`](Self::acquire_many_deadline).
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
    /// let semaphore = std::sync::Arc::new(syncline::task::Semaphore::new(3));
    /// let permit = syncline::task::block_on(semaphore.acquire_many_owned_deadline(2, Instant::now()))?;
    /// assert!(syncline::task::block_on(semaphore.acquire_many_owned_deadline(2, Instant::now())).is_err());
    /// # drop(permit);
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    #[track_caller]
    pub fn acquire_many_owned_deadline(
        self: &Arc<Self>,
        n: usize,
        deadline: Instant,
    ) -> AcquireOwnedTimed {
        self.core.check(n);
        let wait = Wait::new(K::owner(Arc::clone(self)), Asker::Task, n);
        AcquireOwnedTimed::new(Timed::new(wait, Timeout::At(deadline)), n)
    }
}
