//! How threads make semaphores and add permits: what differs between the kinds.

use super::kind::{Bounded, Limits, Plain};
use super::thread::BaseSemaphore;
use crate::error::{OverRelease, TooManyPermits};
use crate::sys::constructor;

impl BaseSemaphore<Plain> {
    constructor! {
        /// Returns a semaphore with that many permits.
        ///
        /// # Panics
        ///
        /// Panics if `permits` is above [`MAX_PERMITS`](Self::MAX_PERMITS).
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
            Self { core: Plain::new(permits) }
        }
    }

    /// Adds `n` permits that nobody acquired.
    ///
    /// # Errors
    ///
    /// Returns [`TooManyPermits`], and changes nothing, if there would be more than
    /// [`MAX_PERMITS`](Self::MAX_PERMITS), free and acquired together.
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
        if self.core.add(n) {
            Ok(())
        } else {
            Err(TooManyPermits::new())
        }
    }
}

impl BaseSemaphore<Bounded> {
    constructor! {
        /// Returns a semaphore with that many permits, and never more.
        ///
        /// # Panics
        ///
        /// Panics if `capacity` is above [`MAX_PERMITS`](Self::MAX_PERMITS).
        ///
        /// # Examples
        ///
        /// ```
        /// use syncline::thread::BoundedSemaphore;
        ///
        /// static DESKS: BoundedSemaphore = BoundedSemaphore::new(4);
        /// assert_eq!(DESKS.available_permits(), 4);
        /// ```
        #[track_caller]
        pub const fn new(capacity: usize) -> Self {
            Self { core: Bounded::new(capacity) }
        }
    }

    /// Returns `n` permits that were forgotten.
    ///
    /// # Errors
    ///
    /// Returns [`OverRelease`], and changes nothing, if fewer permits had been forgotten. Permits
    /// that somebody holds do not count as forgotten.
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
        if self.core.add(n) {
            Ok(())
        } else {
            Err(OverRelease::new())
        }
    }

    /// Returns the capacity: how many permits there are at this instant, free, acquired and forgotten.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(syncline::thread::BoundedSemaphore::new(3).capacity(), 3);
    /// ```
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.core.capacity()
    }

    /// Changes the capacity by adding or removing permits.
    ///
    /// It never waits. If more permits are in use than the new capacity allows, their holders keep them. Returned
    /// permits are not granted again until no more than `capacity` are in use. Until then,
    /// [`available_permits`](Self::available_permits) is zero.
    ///
    /// Raising the capacity serves waiters, as a release does. A request that already waits for more permits than a
    /// lowered capacity keeps its place, and those behind it wait as well, until the capacity is raised again or the
    /// request is dropped or times out. A later request for that many panics.
    ///
    /// Forgotten permits stay forgotten: [`release`](Self::release) can still bring them back.
    ///
    /// # Memory effects
    ///
    /// A call that raises the capacity happens before the acquires that take the added permits.
    ///
    /// # Panics
    ///
    /// Panics if `capacity` is above [`MAX_PERMITS`](Self::MAX_PERMITS).
    ///
    /// # Examples
    ///
    /// ## A limit that follows the configuration
    ///
    /// ```
    /// use syncline::thread::BoundedSemaphore;
    ///
    /// static CONNECTIONS: BoundedSemaphore = BoundedSemaphore::new(2);
    ///
    /// let both = CONNECTIONS.try_acquire_many(2).expect("they are free");
    /// CONNECTIONS.set_capacity(1);
    /// assert_eq!(both.count(), 2); // whoever has permits keeps them
    /// drop(both);
    /// assert_eq!(CONNECTIONS.available_permits(), 1);
    ///
    /// CONNECTIONS.set_capacity(3);
    /// assert_eq!(CONNECTIONS.available_permits(), 3);
    /// ```
    #[track_caller]
    pub fn set_capacity(&self, capacity: usize) {
        self.core.set_capacity(capacity);
    }
}
