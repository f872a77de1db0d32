//! `Semaphore` for threads.

use core::fmt;
use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use super::permit::{OwnedPermit, Owner, Permit};
use super::thread_acquire::acquires;
use super::word::{MAX_PERMITS, PermitWord};
use crate::error::{TimedOut, TooManyPermits};
use crate::line::{Asker, Line, Quiet, Timeout, Word};
use crate::sys::constructor;

/// A number of permits that threads take and give back.
///
/// Use it to let at most n threads do something at a time, or to count things that one thread
/// produces and another uses up ([`release`](Self::release) adds permits that nobody acquired).
/// Do not use it to protect data ([`Lock`](crate::thread::Lock)), to pass values (a queue), or where a
/// release too many should be caught ([`BoundedSemaphore`](crate::thread::BoundedSemaphore)).
///
/// # Fairness
///
/// Threads may pass threads that wait, but a release that finds that the first in line has been
/// passed for 500 µs keeps what is free for it, until it has as much as it wants. A waiting task
/// is never passed. n releases let n waiters proceed, whoever runs when. See `docs/fairness.md`.
///
/// # Memory effects
///
/// Everything that happened before a release happens before everything after the acquire that
/// takes those permits.
///
/// # Deadlocks
///
/// A thread that holds permits and asks for more can wait for itself, or for another thread that
/// does the same. Ask for all at once: [`acquire_many`](Self::acquire_many).
///
/// # Examples
///
/// ## At most two at a time
///
/// ```
/// use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
/// use syncline::thread::Semaphore;
///
/// let (semaphore, inside) = (Semaphore::new(2), AtomicUsize::new(0));
/// std::thread::scope(|threads| {
///     for _ in 0..8 {
///         threads.spawn(|| {
///             let _permit = semaphore.acquire();
///             assert!(inside.fetch_add(1, SeqCst) < 2);
///             inside.fetch_sub(1, SeqCst);
///         });
///     }
/// });
/// ```
///
/// ## Counting what another thread has produced
///
/// ```
/// use syncline::thread::Semaphore;
///
/// let ready = Semaphore::new(0);
/// std::thread::scope(|threads| {
///     threads.spawn(|| ready.release(3).expect("far below the limit"));
///     for _ in 0..3 {
///         ready.acquire().forget();
///     }
/// });
/// assert_eq!(ready.available_permits(), 0);
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
        /// use syncline::thread::Semaphore;
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
    /// let semaphore = syncline::thread::Semaphore::new(0);
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
    /// let semaphore = syncline::thread::Semaphore::new(3);
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
    /// let semaphore = syncline::thread::Semaphore::new(3);
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
        Owner::Plain(Arc::clone(self).into_task())
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
