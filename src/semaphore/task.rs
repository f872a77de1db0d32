//! The semaphores of tasks: one type for both kinds.

use core::fmt;

use super::kind::{Bounded, Kind, Plain, describe};
use super::word::{MAX_PERMITS, PermitWord};
use crate::line::Quiet;

/// A number of permits that tasks acquire and release; its kind `K` decides whether permits may
/// be added.
///
/// Use it through one of its aliases:
///
/// | alias | [`release`](Semaphore::release) |
/// |---|---|
/// | [`Semaphore`] | adds permits that nobody acquired |
/// | [`BoundedSemaphore`] | fails if there would be more permits than its capacity |
///
/// Name `BaseSemaphore` itself only in code that works with both.
///
/// # Fairness
///
/// First come, first served: nobody overtakes a waiting task, not even with a `try_` form, and free permits
/// accumulate for the first waiter until it has as many as it asked for. A release of n permits serves n waiters for
/// one permit. See [fairness](crate::guide::fairness).
///
/// Futures of one task count as one customer, as for [`Lock`](crate::task::Lock).
///
/// # Memory effects
///
/// A release happens before the acquire that takes its permits, which sees everything that was done before the
/// release.
///
/// # Cancel safety
///
/// Dropping the future of an acquire at any point loses nothing: it leaves the line, and permits
/// that it had been granted go to the next waiter.
///
/// # Deadlocks
///
/// A task that holds permits and asks for more can wait for itself, or for a task that does the
/// same. Ask for all at once: [`acquire_many`](Self::acquire_many).
///
/// # Examples
///
/// ```
/// use syncline::kind::Kind;
/// use syncline::task::{BaseSemaphore, BoundedSemaphore, Semaphore};
///
/// fn is_busy<K: Kind>(semaphore: &BaseSemaphore<K>) -> bool {
///     semaphore.try_acquire().is_none()
/// }
///
/// assert!(is_busy(&Semaphore::new(0)));
/// assert!(!is_busy(&BoundedSemaphore::new(1)));
/// ```
#[repr(transparent)]
pub struct BaseSemaphore<K: Kind> {
    pub(super) core: K,
}

/// A number of permits that tasks acquire and release; more may be added.
///
/// Use it to let at most n tasks do something at a time, or to count what one task produces
/// and another consumes: [`release`](Semaphore::release) adds permits that nobody acquired.
///
/// Do not use it
///
/// * to protect data: use a [`Lock`](crate::task::Lock);
/// * to pass values: use a [`Queue`](crate::task::Queue);
/// * where releasing too many permits is a bug: use a [`BoundedSemaphore`].
///
/// [`BaseSemaphore`] describes what both semaphores have in common: fairness, memory effects, cancel
/// safety and deadlocks.
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
pub type Semaphore = BaseSemaphore<Plain>;

/// A number of permits that tasks acquire and release; never more than its capacity.
///
/// Use it instead of a [`Semaphore`] if permits stand for a fixed number of things, so that releasing too many is a
/// bug. A request for more permits than the capacity could never be granted; it panics instead of waiting forever.
/// [`set_capacity`](BoundedSemaphore::set_capacity) changes the capacity at any time.
///
/// [`BaseSemaphore`] describes what both semaphores have in common: fairness, memory effects, cancel
/// safety and deadlocks.
///
/// # Examples
///
/// ```
/// use syncline::task::BoundedSemaphore;
///
/// let desks = BoundedSemaphore::new(2);
/// desks.try_acquire().expect("both are free").forget();
/// assert_eq!(desks.available_permits(), 1);
/// desks.release(1).expect("one permit was forgotten");
/// assert!(desks.release(1).is_err());
/// assert_eq!(desks.available_permits(), 2);
/// ```
#[doc(alias = "CapacityLimiter")]
pub type BoundedSemaphore = BaseSemaphore<Bounded>;

impl<K: Kind> BaseSemaphore<K> {
    /// The most permits that a semaphore can have, free and acquired together.
    pub const MAX_PERMITS: usize = MAX_PERMITS;

    /// Takes up to `n` free permits out of the semaphore and returns how many.
    ///
    /// The permits are gone until [`release`](Semaphore::release) brings them back.
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
        self.core.line().withhold(n, PermitWord::shrink)
    }

    /// Releases `n` permits that were [kept](super::Permit::keep).
    #[inline]
    pub(crate) fn put_back(&self, n: usize) {
        self.core.line().release(n);
    }

    /// Returns how many permits are free at this instant.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = syncline::task::Semaphore::new(3);
    /// assert_eq!(semaphore.available_permits(), 3);
    /// ```
    pub fn available_permits(&self) -> usize {
        self.core.line().word().available()
    }

    /// Returns how many threads and tasks wait for permits, at this instant.
    ///
    /// Counting takes the lock of the line. Use it for tests, metrics and bindings, not for decisions.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = syncline::task::Semaphore::new(3);
    /// assert_eq!(semaphore.waiting(), 0);
    /// ```
    pub fn waiting(&self) -> usize {
        self.core.line().waiting()
    }
}

impl<K: Kind> fmt::Debug for BaseSemaphore<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        describe(&self.core, f)
    }
}

impl<K: Kind> Quiet for BaseSemaphore<K> {
    fn assert_quiet(&self) {
        self.core.line().assert_quiet();
    }

    fn waiting(&self) -> usize {
        self.core.line().waiting()
    }
}
