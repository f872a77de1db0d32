//! All ways to acquire permits for threads, for both kinds of semaphore.

/// Writes the acquiring methods of a semaphore with a `line()`, a `check(n)` that refuses what
/// can never be granted, and an `owner()`.
macro_rules! acquires {
    ($Semaphore:ident, $rule:literal) => {
        impl $Semaphore {
            /// Takes a permit, blocking until there is one.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let semaphore = syncline::thread::", stringify!($Semaphore), "::new(1);")]
            /// let permit = semaphore.acquire();
            /// assert_eq!(semaphore.available_permits(), 0);
            /// # drop(permit);
            /// ```
            #[inline]
            #[track_caller]
            pub fn acquire(&self) -> Permit<'_> {
                self.acquire_many(1)
            }

            /// Takes a permit if there is one at once.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let semaphore = syncline::thread::", stringify!($Semaphore), "::new(1);")]
            /// let permit = semaphore.try_acquire().expect("it is free");
            /// assert!(semaphore.try_acquire().is_none());
            /// # drop(permit);
            /// ```
            #[inline]
            pub fn try_acquire(&self) -> Option<Permit<'_>> {
                self.try_acquire_many(1)
            }

            /// Takes a permit, blocking for at most `timeout`; zero is one try.
            ///
            /// # Errors
            ///
            /// [`TimedOut`] if it was not granted in time.
            ///
            /// # Examples
            ///
            /// ```
            /// use core::time::Duration;
            ///
            #[doc = concat!("let semaphore = syncline::thread::", stringify!($Semaphore), "::new(1);")]
            /// let permit = semaphore.acquire_timeout(Duration::from_secs(1))?;
            /// assert!(semaphore.acquire_timeout(Duration::from_millis(1)).is_err());
            /// # drop(permit);
            /// # Ok::<(), syncline::TimedOut>(())
            /// ```
            #[track_caller]
            pub fn acquire_timeout(&self, timeout: Duration) -> Result<Permit<'_>, TimedOut> {
                self.acquire_many_timeout(1, timeout)
            }

            /// Takes a permit, blocking until `deadline` at the latest.
            ///
            /// # Errors
            ///
            /// [`TimedOut`] if it was not granted in time.
            ///
            /// # Examples
            ///
            /// ```
            /// use std::time::{Duration, Instant};
            ///
            #[doc = concat!("let semaphore = syncline::thread::", stringify!($Semaphore), "::new(1);")]
            /// let permit = semaphore.acquire_deadline(Instant::now() + Duration::from_secs(1))?;
            /// # drop(permit);
            /// # Ok::<(), syncline::TimedOut>(())
            /// ```
            #[track_caller]
            pub fn acquire_deadline(&self, deadline: Instant) -> Result<Permit<'_>, TimedOut> {
                self.acquire_many_deadline(1, deadline)
            }

            /// Takes `n` permits at once, blocking until there are that many; none is held
            /// meanwhile. Zero returns at once.
            ///
            /// # Panics
            ///
            #[doc = $rule]
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let semaphore = syncline::thread::", stringify!($Semaphore), "::new(3);")]
            /// let permit = semaphore.acquire_many(2);
            /// assert_eq!(semaphore.available_permits(), 1);
            /// # drop(permit);
            /// ```
            #[inline]
            #[track_caller]
            pub fn acquire_many(&self, n: usize) -> Permit<'_> {
                self.check(n);
                self.line().block(n);
                Permit::new(self.line(), n)
            }

            /// Takes `n` permits if there are that many at once.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("let semaphore = syncline::thread::", stringify!($Semaphore), "::new(3);")]
            /// assert!(semaphore.try_acquire_many(3).is_some());
            /// assert!(semaphore.try_acquire_many(4).is_none());
            /// ```
            #[inline]
            pub fn try_acquire_many(&self, n: usize) -> Option<Permit<'_>> {
                self.try_now(n).then(|| Permit::new(self.line(), n))
            }

            /// Takes `n` permits at once, blocking for at most `timeout`; zero is one try.
            ///
            /// A request for many is not passed for ever by requests for few: what is free
            /// accumulates for the first in line once it has been passed for a while.
            ///
            /// # Errors
            ///
            /// [`TimedOut`] if they were not granted in time. None is held then, and the place
            /// in line is gone.
            ///
            /// # Panics
            ///
            #[doc = $rule]
            ///
            /// # Examples
            ///
            /// ```
            /// use core::time::Duration;
            ///
            #[doc = concat!("let semaphore = syncline::thread::", stringify!($Semaphore), "::new(3);")]
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
                Ok(Permit::new(self.line(), n))
            }

            /// Takes `n` permits at once, blocking until `deadline` at the latest.
            ///
            /// # Errors
            ///
            /// [`TimedOut`] if they were not granted in time.
            ///
            /// # Panics
            ///
            #[doc = $rule]
            ///
            /// # Examples
            ///
            /// ```
            /// use std::time::Instant;
            ///
            #[doc = concat!("let semaphore = syncline::thread::", stringify!($Semaphore), "::new(3);")]
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
                Ok(Permit::new(self.line(), n))
            }

            /// As [`acquire`](Self::acquire), with a permit that borrows nothing.
            ///
            /// # Examples
            ///
            /// ```
            /// use std::sync::Arc;
            ///
            #[doc = concat!("let semaphore = Arc::new(syncline::thread::", stringify!($Semaphore), "::new(1));")]
            /// let permit = semaphore.acquire_owned();
            /// std::thread::spawn(move || drop(permit)).join().unwrap();
            /// ```
            #[track_caller]
            pub fn acquire_owned(self: &Arc<Self>) -> OwnedPermit {
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
            /// [`TimedOut`] if it was not granted in time.
            #[track_caller]
            pub fn acquire_owned_timeout(
                self: &Arc<Self>,
                timeout: Duration,
            ) -> Result<OwnedPermit, TimedOut> {
                self.acquire_many_owned_timeout(1, timeout)
            }

            /// As [`acquire_deadline`](Self::acquire_deadline), with a permit that borrows
            /// nothing.
            ///
            /// # Errors
            ///
            /// [`TimedOut`] if it was not granted in time.
            #[track_caller]
            pub fn acquire_owned_deadline(
                self: &Arc<Self>,
                deadline: Instant,
            ) -> Result<OwnedPermit, TimedOut> {
                self.acquire_many_owned_deadline(1, deadline)
            }

            /// As [`acquire_many`](Self::acquire_many), with a permit that borrows nothing.
            ///
            /// # Panics
            ///
            #[doc = $rule]
            #[track_caller]
            pub fn acquire_many_owned(self: &Arc<Self>, n: usize) -> OwnedPermit {
                self.check(n);
                self.line().block(n);
                OwnedPermit::new(self.owner(), n)
            }

            /// As [`try_acquire_many`](Self::try_acquire_many), with a permit that borrows
            /// nothing.
            pub fn try_acquire_many_owned(self: &Arc<Self>, n: usize) -> Option<OwnedPermit> {
                self.try_now(n).then(|| OwnedPermit::new(self.owner(), n))
            }

            /// As [`acquire_many_timeout`](Self::acquire_many_timeout), with a permit that
            /// borrows nothing.
            ///
            /// # Errors
            ///
            /// [`TimedOut`] if they were not granted in time.
            ///
            /// # Panics
            ///
            #[doc = $rule]
            #[track_caller]
            pub fn acquire_many_owned_timeout(
                self: &Arc<Self>,
                n: usize,
                timeout: Duration,
            ) -> Result<OwnedPermit, TimedOut> {
                self.wait_for(n, Timeout::After(timeout))?;
                Ok(OwnedPermit::new(self.owner(), n))
            }

            /// As [`acquire_many_deadline`](Self::acquire_many_deadline), with a permit that
            /// borrows nothing.
            ///
            /// # Errors
            ///
            /// [`TimedOut`] if they were not granted in time.
            ///
            /// # Panics
            ///
            #[doc = $rule]
            #[track_caller]
            pub fn acquire_many_owned_deadline(
                self: &Arc<Self>,
                n: usize,
                deadline: Instant,
            ) -> Result<OwnedPermit, TimedOut> {
                self.wait_for(n, Timeout::At(deadline))?;
                Ok(OwnedPermit::new(self.owner(), n))
            }

            #[inline]
            #[track_caller]
            fn wait_for(&self, n: usize, timeout: Timeout) -> Result<(), TimedOut> {
                self.check(n);
                self.line().block_until(n, timeout)
            }

            #[inline]
            fn try_now(&self, n: usize) -> bool {
                self.line().word().try_take(n, Asker::Thread)
            }
        }
    };
}
pub(super) use acquires;
