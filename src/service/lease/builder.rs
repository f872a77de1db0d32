//! How a pool is to be.

use core::fmt;
use core::time::Duration;

use super::LeasePool;
use super::manage::Managed;
use crate::semaphore::task::Semaphore;

/// What does not change.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) max: usize,
    pub(super) min_idle: usize,
    pub(super) idle_timeout: Duration,
    pub(super) max_lifetime: Duration,
    pub(super) check_after_idle: Duration,
    pub(super) check_every: Duration,
    pub(super) open_timeout: Duration,
    pub(super) check_timeout: Duration,
    pub(super) close_timeout: Duration,
    pub(super) newest_first: bool,
}

impl Settings {
    pub(super) const fn new() -> Self {
        Self {
            max: 10,
            min_idle: 0,
            idle_timeout: Duration::from_secs(5 * 60),
            max_lifetime: Duration::from_secs(30 * 60),
            check_after_idle: Duration::from_secs(10),
            check_every: Duration::from_secs(30),
            open_timeout: Duration::from_secs(5),
            check_timeout: Duration::from_secs(1),
            close_timeout: Duration::from_secs(1),
            newest_first: false,
        }
    }
}

/// Configures a [`LeasePool`]. Created by [`LeasePool::builder`].
///
/// A duration that is too long for the clock, such as [`Duration::MAX`], means "never".
///
/// # Examples
///
/// See [`LeasePool`].
#[must_use = "a builder does nothing before `build`"]
#[derive(Clone)]
pub struct LeasePoolBuilder<M> {
    manager: M,
    settings: Settings,
}

impl<M: Managed> LeasePoolBuilder<M> {
    pub(super) const fn new(manager: M) -> Self {
        Self {
            manager,
            settings: Settings::new(),
        }
    }

    /// Sets how many items there are at most, opens under way included. By default, 10.
    ///
    /// # Panics
    ///
    /// Panics if `max` is zero, or more than a quarter of
    /// [`MAX_PERMITS`](crate::task::BaseSemaphore::MAX_PERMITS).
    ///
    /// # Examples
    ///
    /// See [`LeasePool`].
    #[track_caller]
    pub fn max(mut self, max: usize) -> Self {
        assert!(max > 0, "a lease pool needs room for at least one item");
        assert!(
            max <= Semaphore::MAX_PERMITS / 4,
            "a lease pool has room for at most `MAX_PERMITS / 4` items"
        );
        self.settings.max = max;
        self
    }

    /// Sets how many idle items [`warm_up`](LeasePool::warm_up) and [`maintain`](LeasePool::maintain) see to. By
    /// default, none.
    ///
    /// # Examples
    ///
    /// See [`LeasePool::warm_up`].
    pub fn min_idle(mut self, min_idle: usize) -> Self {
        self.settings.min_idle = min_idle;
        self
    }

    /// Sets how long an item may lie idle before it is closed. By default, 5 minutes.
    ///
    /// Servers and firewalls drop connections that are silent for long: choose less than they do.
    ///
    /// # Examples
    ///
    /// See [`LeasePool`].
    pub fn idle_timeout(mut self, duration: Duration) -> Self {
        self.settings.idle_timeout = duration;
        self
    }

    /// Sets how long an item lives at most before it is closed; a leased one when it is back. By default, 30 minutes.
    ///
    /// Each item gets up to a tenth less, at random, so that those which were opened together are not closed together.
    ///
    /// # Examples
    ///
    /// See [`LeasePool`].
    pub fn max_lifetime(mut self, duration: Duration) -> Self {
        self.settings.max_lifetime = duration;
        self
    }

    /// Sets after how long an idle item is checked before it is leased. By default, 10 seconds; zero checks it each time.
    ///
    /// # Examples
    ///
    /// See [`Manage`](super::Manage).
    pub fn check_after_idle(mut self, duration: Duration) -> Self {
        self.settings.check_after_idle = duration;
        self
    }

    /// Sets how often [`maintain`](LeasePool::maintain) checks an idle item. By default, every 30 seconds.
    ///
    /// # Panics
    ///
    /// Panics if `period` is zero.
    ///
    /// # Examples
    ///
    /// See [`LeasePool::maintain`].
    #[track_caller]
    pub fn check_every(mut self, period: Duration) -> Self {
        assert!(
            !period.is_zero(),
            "a lease pool needs a time between two checks"
        );
        self.settings.check_every = period;
        self
    }

    /// Sets how long opening an item may take. By default, 5 seconds.
    ///
    /// # Panics
    ///
    /// Panics if `limit` is zero.
    ///
    /// # Examples
    ///
    /// See [`LeasePool`].
    #[track_caller]
    pub fn open_timeout(mut self, limit: Duration) -> Self {
        self.settings.open_timeout = some_time(limit);
        self
    }

    /// Sets how long checking an item may take. By default, one second.
    ///
    /// # Panics
    ///
    /// Panics if `limit` is zero.
    ///
    /// # Examples
    ///
    /// See [`LeasePool`].
    #[track_caller]
    pub fn check_timeout(mut self, limit: Duration) -> Self {
        self.settings.check_timeout = some_time(limit);
        self
    }

    /// Sets how long closing an item may take. By default, one second.
    ///
    /// # Panics
    ///
    /// Panics if `limit` is zero.
    ///
    /// # Examples
    ///
    /// See [`LeasePool`].
    #[track_caller]
    pub fn close_timeout(mut self, limit: Duration) -> Self {
        self.settings.close_timeout = some_time(limit);
        self
    }

    /// Leases the item that was given back last, instead of the one that has been idle for longest.
    ///
    /// Items that are not needed expire sooner then; in the default order all are used by turns.
    ///
    /// # Examples
    ///
    /// See [`LeasePool`].
    pub fn newest_first(mut self) -> Self {
        self.settings.newest_first = true;
        self
    }

    /// Makes the pool. It opens nothing yet.
    ///
    /// # Panics
    ///
    /// Panics if `min_idle` is more than `max`.
    ///
    /// # Examples
    ///
    /// See [`LeasePool`].
    #[must_use]
    #[track_caller]
    pub fn build(self) -> LeasePool<M> {
        let Self { manager, settings } = self;
        assert!(
            settings.min_idle <= settings.max,
            "a lease pool of at most {} items cannot keep {} idle",
            settings.max,
            settings.min_idle
        );
        LeasePool::new(manager, settings)
    }
}

#[track_caller]
fn some_time(limit: Duration) -> Duration {
    assert!(
        !limit.is_zero(),
        "a lease pool needs some time to open, check and close an item"
    );
    limit
}

impl<M> fmt::Debug for LeasePoolBuilder<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LeasePoolBuilder")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
