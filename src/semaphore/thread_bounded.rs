//! `BoundedSemaphore` for threads.

use core::fmt;
use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use super::permit::{OwnedPermit, Owner, Permit};
use super::thread::Semaphore;
use super::thread_acquire::acquires;
use super::word::{Bounded, PermitWord};
use crate::error::{OverRelease, TimedOut};
use crate::line::{Asker, Line, Quiet, Timeout, Word};
use crate::sys::constructor;

/// A semaphore that never has more permits than it began with.
///
/// Use it instead of [`Semaphore`] where permits stand for things of which
/// there is a fixed number, and a release too many is a bug that should be found.
///
/// # Fairness
///
/// As for [`Semaphore`].
///
/// # Memory effects
///
/// Everything that happened before a release happens before everything after the acquire that
/// takes those permits.
///
/// # Deadlocks
///
/// As for [`Semaphore`]. A request for more than the capacity would wait for
/// ever; it panics instead.
///
/// # Examples
///
/// ```
/// use syncline::thread::BoundedSemaphore;
///
/// let desks = BoundedSemaphore::new(2);
/// desks.acquire().forget();
/// assert_eq!(desks.available_permits(), 1);
/// desks.release(1).expect("one had been forgotten");
/// assert!(desks.release(1).is_err());
/// assert_eq!(desks.available_permits(), 2);
/// ```
#[repr(transparent)]
pub struct BoundedSemaphore {
    pub(crate) core: Bounded,
}

impl BoundedSemaphore {
    /// The most permits that a semaphore can have.
    pub const MAX_PERMITS: usize = Semaphore::MAX_PERMITS;

    constructor! {
        /// A semaphore with that many permits, and never more.
        ///
        /// # Panics
        ///
        /// If `capacity` is above [`MAX_PERMITS`](Self::MAX_PERMITS).
        ///
        /// # Examples
        ///
        /// ```
        /// use syncline::thread::BoundedSemaphore;
        ///
        /// assert_eq!(BoundedSemaphore::new(4).available_permits(), 4);
        /// ```
        #[track_caller]
        pub const fn new(capacity: usize) -> Self {
            Self {
                core: Bounded::new(capacity),
            }
        }
    }

    /// Returns `n` permits that were forgotten.
    ///
    /// # Errors
    ///
    /// [`OverRelease`] if fewer had been forgotten; permits that are out do not count as
    /// forgotten. Nothing is changed then.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = syncline::thread::BoundedSemaphore::new(1);
    /// let permit = semaphore.acquire();
    /// assert!(semaphore.release(1).is_err());
    /// permit.forget();
    /// semaphore.release(1)?;
    /// # Ok::<(), syncline::OverRelease>(())
    /// ```
    pub fn release(&self, n: usize) -> Result<(), OverRelease> {
        if !self.core.line.word().grow(n) {
            return Err(OverRelease::new());
        }
        if n > 0 {
            self.core.line.release(n);
        }
        Ok(())
    }

    /// Takes up to `n` free permits away, and returns how many; [`release`](Self::release)
    /// brings them back.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = syncline::thread::BoundedSemaphore::new(3);
    /// assert_eq!(semaphore.forget(5), 3);
    /// assert_eq!(semaphore.capacity(), 3);
    /// ```
    #[must_use = "fewer permits than asked for may have been free"]
    pub fn forget(&self, n: usize) -> usize {
        self.core.line.withhold(n, PermitWord::shrink)
    }

    /// How many permits there were at the beginning.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(syncline::thread::BoundedSemaphore::new(3).capacity(), 3);
    /// ```
    #[must_use]
    pub const fn capacity(&self) -> usize {
        self.core.capacity
    }

    /// How many permits are free, at this instant.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = syncline::thread::BoundedSemaphore::new(3);
    /// let permit = semaphore.acquire();
    /// assert_eq!(semaphore.available_permits(), 2);
    /// # drop(permit);
    /// ```
    pub fn available_permits(&self) -> usize {
        self.core.line.word().available()
    }

    #[inline]
    pub(crate) const fn line(&self) -> &Line<PermitWord> {
        &self.core.line
    }

    /// Refuses what could never be granted.
    #[inline]
    #[track_caller]
    fn check(&self, n: usize) {
        self.core.check(n);
    }

    fn owner(self: &Arc<Self>) -> Owner {
        Owner::Bounded(Arc::clone(self).into_task())
    }
}

acquires!(
    BoundedSemaphore,
    "If `n` is above the [`capacity`](Self::capacity): that could never be granted."
);

impl fmt::Debug for BoundedSemaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoundedSemaphore")
            .field("available_permits", &self.available_permits())
            .field("capacity", &self.capacity())
            .finish_non_exhaustive()
    }
}

impl Quiet for BoundedSemaphore {
    fn assert_quiet(&self) {
        self.core.line.assert_quiet();
    }

    fn waiting(&self) -> usize {
        self.core.line.waiting()
    }
}
