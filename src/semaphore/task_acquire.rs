//! All ways to acquire permits for tasks, for both kinds of semaphore.

/// Writes the acquiring methods of a semaphore with a `line()`, a `check(n)` that refuses what
/// can never be granted, and an `owner()`.
macro_rules! acquires {
    ($Semaphore:ident, $rule:literal) => {
        impl $Semaphore {
            /// Waits for a permit.
            ///
            /// # Cancel safety
            ///
            /// Dropping the future loses nothing but the place in line.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let semaphore = syncline::task::", stringify!($Semaphore), "::new(1);")]
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

            /// Takes a permit if there is one at once, and nobody waits.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let semaphore = syncline::task::", stringify!($Semaphore), "::new(1);")]
            /// let permit = semaphore.try_acquire().expect("it is free");
            /// assert!(semaphore.try_acquire().is_none());
            /// # drop(permit);
            /// ```
            #[inline]
            pub fn try_acquire(&self) -> Option<Permit<'_>> {
                self.try_acquire_many(1)
            }

            /// Waits for a permit for at most `timeout`, counted from the first poll; zero is one try.
            ///
            /// # Errors
            ///
            /// [`TimedOut`](crate::TimedOut) if it was not granted in time.
            ///
            /// # Cancel safety
            ///
            /// Dropping the future loses nothing but the place in line.
            ///
            /// # Examples
            ///
            /// ```
            /// use core::time::Duration;
            ///
            #[doc = concat!("let semaphore = syncline::task::", stringify!($Semaphore), "::new(1);")]
            /// syncline::task::block_on(async {
            ///     let permit = semaphore.acquire_timeout(Duration::from_secs(1)).await;
            ///     assert!(permit.is_ok());
            ///     assert!(semaphore.acquire_timeout(Duration::from_millis(1)).await.is_err());
            /// });
            /// ```
            #[track_caller]
            pub fn acquire_timeout(&self, timeout: Duration) -> AcquireTimed<'_> {
                self.acquire_many_timeout(1, timeout)
            }

            /// Waits for a permit until `deadline` at the latest.
            ///
            /// # Errors
            ///
            /// [`TimedOut`](crate::TimedOut) if it was not granted in time.
            ///
            /// # Cancel safety
            ///
            /// Dropping the future loses nothing but the place in line.
            ///
            /// # Examples
            ///
            /// ```
            /// use std::time::Instant;
            ///
            #[doc = concat!("let semaphore = syncline::task::", stringify!($Semaphore), "::new(1);")]
            /// syncline::task::block_on(async {
            ///     assert!(semaphore.acquire_deadline(Instant::now()).await.is_ok());
            /// });
            /// ```
            #[track_caller]
            pub fn acquire_deadline(&self, deadline: Instant) -> AcquireTimed<'_> {
                self.acquire_many_deadline(1, deadline)
            }

            /// Waits for `n` permits at once; none is held meanwhile. Zero is ready at once.
            ///
            /// # Panics
            ///
            #[doc = $rule]
            ///
            /// # Cancel safety
            ///
            /// Dropping the future loses nothing but the place in line.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let semaphore = syncline::task::", stringify!($Semaphore), "::new(3);")]
            /// syncline::task::block_on(async {
            ///     let permit = semaphore.acquire_many(2).await;
            ///     assert_eq!(permit.count(), 2);
            /// });
            /// ```
            #[track_caller]
            pub fn acquire_many(&self, n: usize) -> Acquire<'_> {
                self.check(n);
                Acquire::new(Wait::new(self.line(), Asker::Task, n), n)
            }

            /// Takes `n` permits if there are that many at once, and nobody waits.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let semaphore = syncline::task::", stringify!($Semaphore), "::new(3);")]
            /// assert!(semaphore.try_acquire_many(3).is_some());
            /// assert!(semaphore.try_acquire_many(4).is_none());
            /// ```
            #[inline]
            pub fn try_acquire_many(&self, n: usize) -> Option<Permit<'_>> {
                let taken = self.line().word().try_take(n, Asker::Task);
                taken.then(|| Permit::new(self.line(), n))
            }

            /// Waits for `n` permits at once, for at most `timeout`, counted from the first poll; zero is
            /// one try.
            ///
            /// A request for many is not passed by requests for few: what is free accumulates for the
            /// first in line.
            ///
            /// # Errors
            ///
            /// [`TimedOut`](crate::TimedOut) if it was not granted in time.
            ///
            /// # Panics
            ///
            #[doc = $rule]
            ///
            /// # Cancel safety
            ///
            /// Dropping the future loses nothing but the place in line.
            ///
            /// # Examples
            ///
            /// ```
            /// use core::time::Duration;
            ///
            #[doc = concat!("let semaphore = syncline::task::", stringify!($Semaphore), "::new(3);")]
            /// syncline::task::block_on(async {
            ///     let permit = semaphore.acquire_many_timeout(2, Duration::from_secs(1)).await;
            ///     assert!(permit.is_ok());
            /// });
            /// ```
            #[track_caller]
            pub fn acquire_many_timeout(&self, n: usize, timeout: Duration) -> AcquireTimed<'_> {
                self.check(n);
                let wait = Wait::new(self.line(), Asker::Task, n);
                AcquireTimed::new(Timed::new(wait, Timeout::After(timeout)), n)
            }

            /// Waits for `n` permits at once, until `deadline` at the latest.
            ///
            /// # Errors
            ///
            /// [`TimedOut`](crate::TimedOut) if it was not granted in time.
            ///
            /// # Panics
            ///
            #[doc = $rule]
            ///
            /// # Cancel safety
            ///
            /// Dropping the future loses nothing but the place in line.
            ///
            /// # Examples
            ///
            /// ```
            /// use std::time::Instant;
            ///
            #[doc = concat!("let semaphore = syncline::task::", stringify!($Semaphore), "::new(3);")]
            /// syncline::task::block_on(async {
            ///     assert!(semaphore.acquire_many_deadline(2, Instant::now()).await.is_ok());
            /// });
            /// ```
            #[track_caller]
            pub fn acquire_many_deadline(&self, n: usize, deadline: Instant) -> AcquireTimed<'_> {
                self.check(n);
                let wait = Wait::new(self.line(), Asker::Task, n);
                AcquireTimed::new(Timed::new(wait, Timeout::At(deadline)), n)
            }

            /// As [`acquire`](Self::acquire), with a permit that borrows nothing.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let semaphore = std::sync::Arc::new(syncline::task::", stringify!($Semaphore), "::new(1));")]
            /// let permit = syncline::task::block_on(semaphore.acquire_owned());
            /// std::thread::spawn(move || drop(permit)).join().unwrap();
            /// ```
            #[track_caller]
            pub fn acquire_owned(self: &Arc<Self>) -> AcquireOwned {
                self.acquire_many_owned(1)
            }

            /// As [`try_acquire`](Self::try_acquire), with a permit that borrows nothing.
            pub fn try_acquire_owned(self: &Arc<Self>) -> Option<OwnedPermit> {
                self.try_acquire_many_owned(1)
            }

            /// As [`acquire_timeout`](Self::acquire_timeout), with a permit that borrows nothing.
            ///
            /// # Errors
            ///
            /// [`TimedOut`](crate::TimedOut) if it was not granted in time.
            #[track_caller]
            pub fn acquire_owned_timeout(self: &Arc<Self>, timeout: Duration) -> AcquireOwnedTimed {
                self.acquire_many_owned_timeout(1, timeout)
            }

            /// As [`acquire_deadline`](Self::acquire_deadline), with a permit that borrows nothing.
            ///
            /// # Errors
            ///
            /// [`TimedOut`](crate::TimedOut) if it was not granted in time.
            #[track_caller]
            pub fn acquire_owned_deadline(self: &Arc<Self>, deadline: Instant) -> AcquireOwnedTimed {
                self.acquire_many_owned_deadline(1, deadline)
            }

            /// As [`acquire_many`](Self::acquire_many), with a permit that borrows nothing.
            ///
            /// # Panics
            ///
            #[doc = $rule]
            #[track_caller]
            pub fn acquire_many_owned(self: &Arc<Self>, n: usize) -> AcquireOwned {
                self.check(n);
                AcquireOwned::new(Wait::new(self.owner(), Asker::Task, n), n)
            }

            /// As [`try_acquire_many`](Self::try_acquire_many), with a permit that borrows nothing.
            pub fn try_acquire_many_owned(self: &Arc<Self>, n: usize) -> Option<OwnedPermit> {
                let taken = self.line().word().try_take(n, Asker::Task);
                taken.then(|| OwnedPermit::new(self.owner(), n))
            }

            /// As [`acquire_many_timeout`](Self::acquire_many_timeout), with a permit that borrows
            /// nothing.
            ///
            /// # Errors
            ///
            /// [`TimedOut`](crate::TimedOut) if it was not granted in time.
            ///
            /// # Panics
            ///
            #[doc = $rule]
            #[track_caller]
            pub fn acquire_many_owned_timeout(self: &Arc<Self>, n: usize, timeout: Duration) -> AcquireOwnedTimed {
                self.check(n);
                let wait = Wait::new(self.owner(), Asker::Task, n);
                AcquireOwnedTimed::new(Timed::new(wait, Timeout::After(timeout)), n)
            }

            /// As [`acquire_many_deadline`](Self::acquire_many_deadline), with a permit that borrows
            /// nothing.
            ///
            /// # Errors
            ///
            /// [`TimedOut`](crate::TimedOut) if it was not granted in time.
            ///
            /// # Panics
            ///
            #[doc = $rule]
            #[track_caller]
            pub fn acquire_many_owned_deadline(self: &Arc<Self>, n: usize, deadline: Instant) -> AcquireOwnedTimed {
                self.check(n);
                let wait = Wait::new(self.owner(), Asker::Task, n);
                AcquireOwnedTimed::new(Timed::new(wait, Timeout::At(deadline)), n)
            }
        }
    };
}
pub(super) use acquires;
