//! `Semaphore` for tasks.

use core::fmt;
use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use super::future::{Acquire, AcquireOwned, AcquireOwnedTimed, AcquireTimed};
use super::permit::{OwnedPermit, Owner, Permit};
use super::task_acquire::acquires;
use super::word::{MAX_PERMITS, PermitWord};
use crate::error::TooManyPermits;
use crate::line::{Asker, Line, Quiet, Timeout, Wait, Word};
use crate::sys::constructor;
use crate::timer::Timed;

/// A number of permits that tasks take and give back.
///
/// Use it to let at most n tasks do something at a time, or to count things that one task
/// produces and another uses up ([`release`](Self::release) adds permits that nobody acquired).
/// Do not use it to protect data ([`Lock`](crate::task::Lock)), to pass values (a queue), or where a
/// release too many should be caught ([`BoundedSemaphore`](crate::task::BoundedSemaphore)).
///
/// # Fairness
///
/// First come, first served: nobody passes a waiting task, not even the `try_` forms, and what is
/// free accumulates for the first in line until it has as much as it wants. n releases let n
/// waiters proceed, whoever runs when. Futures of one task are one customer, as for
/// [`Lock`](crate::task::Lock).
///
/// # Memory effects
///
/// Everything that happened before a release happens before everything after the acquire that
/// takes those permits.
///
/// # Cancel safety
///
/// Dropping the future of an acquire at any point loses nothing: it leaves the line, and permits
/// that it had been granted go to whoever is next.
///
/// # Deadlocks
///
/// A task that holds permits and awaits more can wait for itself, or for another task that does
/// the same. Ask for all at once: [`acquire_many`](Self::acquire_many).
///
/// # Examples
///
/// ## At most two at a time
///
/// ```
/// use syncline::task::{Semaphore, block_on};
///
/// let semaphore = Semaphore::new(2);
/// block_on(async {
///     let one = semaphore.acquire().await;
///     let two = semaphore.acquire().await;
///     assert!(semaphore.try_acquire().is_none());
/// #   drop((one, two));
/// });
/// ```
///
/// ## A thread produces, a task consumes
///
/// ```
/// use syncline::{task::block_on, thread::Semaphore};
///
/// let ready = Semaphore::new(0);
/// std::thread::scope(|threads| {
///     threads.spawn(|| ready.release(1).expect("far below the limit"));
///     block_on(async { ready.as_task().acquire().await.forget() });
/// });
/// ```
#[repr(transparent)]
pub struct Semaphore {
    pub(crate) line: Line<PermitWord>,
}

impl Semaphore {
    /// The most permits that a semaphore can have, free and out together.
    pub const MAX_PERMITS: usize = MAX_PERMITS;

    constructor! {
        /// A semaphore with that many permits.
        ///
        /// # Panics
        ///
        /// If `permits` is above [`MAX_PERMITS`](Self::MAX_PERMITS).
        ///
        /// # Examples
        ///
        /// ```
        /// use syncline::task::Semaphore;
        ///
        /// static SLOTS: Semaphore = Semaphore::new(4);
        /// assert_eq!(SLOTS.available_permits(), 4);
        /// ```
        #[track_caller]
        pub const fn new(permits: usize) -> Self {
            assert!(
                permits <= MAX_PERMITS,
                "a semaphore cannot have more than `MAX_PERMITS` permits"
            );
            Self {
                line: Line::new(PermitWord::new(permits, MAX_PERMITS)),
            }
        }
    }

    /// Adds `n` permits that nobody acquired.
    ///
    /// # Errors
    ///
    /// [`TooManyPermits`] if there would be more than [`MAX_PERMITS`](Self::MAX_PERMITS), free
    /// and out together. Nothing is changed then.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = syncline::task::Semaphore::new(0);
    /// semaphore.release(2)?;
    /// assert_eq!(semaphore.available_permits(), 2);
    /// # Ok::<(), syncline::TooManyPermits>(())
    /// ```
    pub fn release(&self, n: usize) -> Result<(), TooManyPermits> {
        if !self.line.word().grow(n) {
            return Err(TooManyPermits::new());
        }
        if n > 0 {
            self.line.release(n);
        }
        Ok(())
    }

    /// Takes up to `n` free permits away for good, and returns how many.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = syncline::task::Semaphore::new(3);
    /// assert_eq!(semaphore.forget(2), 2);
    /// assert_eq!(semaphore.forget(2), 1);
    /// ```
    #[must_use = "fewer permits than asked for may have been free"]
    pub fn forget(&self, n: usize) -> usize {
        self.line.withhold(n, PermitWord::shrink)
    }

    /// How many permits are free, at this instant.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = syncline::task::Semaphore::new(3);
    /// assert_eq!(semaphore.available_permits(), 3);
    /// ```
    pub fn available_permits(&self) -> usize {
        self.line.word().available()
    }

    #[inline]
    pub(crate) const fn line(&self) -> &Line<PermitWord> {
        &self.line
    }

    /// Refuses what could never be granted.
    #[inline]
    #[track_caller]
    #[expect(
        clippy::unused_self,
        reason = "the bounded semaphore asks its capacity"
    )]
    fn check(&self, n: usize) {
        assert!(
            n <= MAX_PERMITS,
            "a semaphore never has more than `MAX_PERMITS` permits to acquire"
        );
    }

    fn owner(self: &Arc<Self>) -> Owner {
        Owner::Plain(Arc::clone(self))
    }
}

acquires!(
    Semaphore,
    "If `n` is above [`MAX_PERMITS`](Self::MAX_PERMITS): that could never be granted."
);

impl fmt::Debug for Semaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Semaphore")
            .field("available_permits", &self.available_permits())
            .finish_non_exhaustive()
    }
}

impl Quiet for Semaphore {
    fn assert_quiet(&self) {
        self.line.assert_quiet();
    }

    fn waiting(&self) -> usize {
        self.line.waiting()
    }
}
