//! The semaphores of threads: one type for both kinds.

use core::fmt;

use super::kind::{Bounded, Kind, Plain, describe};
use super::word::{MAX_PERMITS, PermitWord};
use crate::line::Quiet;

/// A number of permits that threads acquire and release; its kind `K` decides whether permits may
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
/// A thread may overtake waiting threads. But once the first waiter has been overtaken for 500 microseconds, released
/// permits are kept for it until it has as many as it asked for. Nobody overtakes a waiting task. A release of n
/// permits serves n waiters for one permit. See [fairness](crate::guide::fairness).
///
/// # Memory effects
///
/// A release happens before the acquire that takes its permits, which sees everything that was done before the
/// release.
///
/// # Deadlocks
///
/// A thread that holds permits and asks for more can wait for itself, or for a thread that does
/// the same. Ask for all at once: [`acquire_many`](Self::acquire_many).
///
/// # Examples
///
/// ```
/// use syncline::kind::Kind;
/// use syncline::thread::{BaseSemaphore, BoundedSemaphore, Semaphore};
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

/// A number of permits that threads acquire and release; more may be added.
///
/// Use it to let at most n threads do something at a time, or to count what one thread produces
/// and another consumes: [`release`](Semaphore::release) adds permits that nobody acquired.
///
/// Do not use it
///
/// * to protect data: use a [`Lock`](crate::thread::Lock);
/// * to pass values: use a [`Queue`](crate::thread::Queue);
/// * where releasing too many permits is a bug: use a [`BoundedSemaphore`].
///
/// [`BaseSemaphore`] describes what both semaphores have in common: fairness, memory effects and
/// deadlocks.
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
pub type Semaphore = BaseSemaphore<Plain>;

/// A number of permits that threads acquire and release; never more than its capacity.
///
/// Use it instead of a [`Semaphore`] if permits stand for a fixed number of things, so that releasing too many is a
/// bug. A request for more permits than the capacity could never be granted; it panics instead of waiting forever.
/// [`set_capacity`](BoundedSemaphore::set_capacity) changes the capacity at any time.
///
/// [`BaseSemaphore`] describes what both semaphores have in common: fairness, memory effects and
/// deadlocks.
///
/// # Examples
///
/// ```
/// use syncline::thread::BoundedSemaphore;
///
/// let desks = BoundedSemaphore::new(2);
/// desks.acquire().forget();
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
    /// let semaphore = syncline::thread::Semaphore::new(3);
    /// assert_eq!(semaphore.forget(2), 2);
    /// assert_eq!(semaphore.forget(2), 1);
    /// ```
    #[must_use = "fewer permits than asked for may have been free"]
    pub fn forget(&self, n: usize) -> usize {
        self.core.line().withhold(n, PermitWord::shrink)
    }

    /// Returns how many permits are free at this instant.
    ///
    /// # Examples
    ///
    /// ```
    /// let semaphore = syncline::thread::Semaphore::new(3);
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
    /// let semaphore = syncline::thread::Semaphore::new(3);
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
