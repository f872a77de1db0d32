//! How tasks wait for a barrier that they keep alive.

use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use super::arrival::Arrival;
use super::future::{BarrierTimed, BarrierWait};
use super::task::Barrier;
use crate::error::BrokenBarrier;
use crate::line::{Borrows, OwnedWait, owned};

impl Borrows for BarrierWait<'static> {
    type With<'a> = BarrierWait<'a>;
    type Output = Result<Arrival, BrokenBarrier>;
}

impl Borrows for BarrierTimed<'static> {
    type With<'a> = BarrierTimed<'a>;
    type Output = Result<Arrival, BrokenBarrier>;
}

impl Barrier {
    /// Like [`wait`](Self::wait), but returns a future that owns a reference to the barrier.
    ///
    /// # Errors
    ///
    /// Returns [`BrokenBarrier`] if the barrier is broken, or the round is while this waits.
    ///
    /// # Cancel safety
    ///
    /// The same as for [`wait`](Self::wait).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use syncline::task::{Barrier, block_on};
    ///
    /// let wait = Arc::new(Barrier::new(1)).wait_owned();
    /// assert!(block_on(wait)?.is_leader());
    /// # Ok::<(), syncline::BrokenBarrier>(())
    /// ```
    pub fn wait_owned(self: &Arc<Self>) -> OwnedWait<Self, BarrierWait<'static>> {
        owned::<_, BarrierWait<'static>>(self, Self::wait)
    }

    /// Like [`wait_timeout`](Self::wait_timeout), but returns a future that owns a reference to the barrier.
    ///
    /// # Errors
    ///
    /// [`BrokenBarrier`] as for [`wait_owned`](Self::wait_owned), and if the time was over first.
    ///
    /// # Cancel safety
    ///
    /// The same as for [`wait`](Self::wait).
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use std::sync::Arc;
    /// use syncline::task::{Barrier, block_on};
    ///
    /// let wait = Arc::new(Barrier::new(2)).wait_owned_timeout(Duration::from_millis(1));
    /// assert!(block_on(wait).unwrap_err().timed_out());
    /// ```
    pub fn wait_owned_timeout(
        self: &Arc<Self>,
        timeout: Duration,
    ) -> OwnedWait<Self, BarrierTimed<'static>> {
        owned::<_, BarrierTimed<'static>>(self, |barrier| barrier.wait_timeout(timeout))
    }

    /// Like [`wait_deadline`](Self::wait_deadline), but returns a future that owns a reference to the barrier.
    ///
    /// # Errors
    ///
    /// [`BrokenBarrier`] as for [`wait_owned`](Self::wait_owned), and if the time was over first.
    ///
    /// # Cancel safety
    ///
    /// The same as for [`wait`](Self::wait).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::time::Instant;
    /// use syncline::task::{Barrier, block_on};
    ///
    /// let wait = Arc::new(Barrier::new(2)).wait_owned_deadline(Instant::now());
    /// assert!(block_on(wait).is_err());
    /// ```
    pub fn wait_owned_deadline(
        self: &Arc<Self>,
        deadline: Instant,
    ) -> OwnedWait<Self, BarrierTimed<'static>> {
        owned::<_, BarrierTimed<'static>>(self, |barrier| barrier.wait_deadline(deadline))
    }
}
