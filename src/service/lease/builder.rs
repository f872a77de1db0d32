//! The options of a lease pool.

use core::fmt;
use core::time::Duration;

use super::LeasePool;
use super::manage::Managed;
use crate::semaphore::task::Semaphore;

/// The options, which do not change once the pool is built.
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

    /// Sets the maximum number of items, including those being opened. The default is 10.
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

    /// Sets how many idle items [`warm_up`](LeasePool::warm_up) and [`maintain`](LeasePool::maintain) keep open.
    ///
    /// The default is 0.
    ///
    /// # Examples
    ///
    /// See [`LeasePool::warm_up`].
    pub fn min_idle(mut self, min_idle: usize) -> Self {
        self.settings.min_idle = min_idle;
        self
    }

    /// Sets how long an item may be idle before it is closed. The default is 5 minutes.
    ///
    /// Servers and firewalls drop connections that are silent for too long. Choose a shorter time than theirs.
    ///
    /// # Examples
    ///
    /// See [`LeasePool`].
    pub fn idle_timeout(mut self, duration: Duration) -> Self {
        self.settings.idle_timeout = duration;
        self
    }

    /// Sets the maximum age of an item before it is closed. The default is 30 minutes.
    ///
    /// A leased item is closed when it is given back.
    ///
    /// Each item gets a random reduction of up to a tenth, so items that were opened together are not closed
    /// together.
    ///
    /// # Examples
    ///
    /// See [`LeasePool`].
    pub fn max_lifetime(mut self, duration: Duration) -> Self {
        self.settings.max_lifetime = duration;
        self
    }

    /// Sets the idle time after which an item is checked before it is leased.
    ///
    /// The default is 10 seconds; zero checks every time.
    ///
    /// # Examples
    ///
    /// See [`Manage`](super::Manage).
    pub fn check_after_idle(mut self, duration: Duration) -> Self {
        self.settings.check_after_idle = duration;
        self
    }

    /// Sets how often [`maintain`](LeasePool::maintain) checks an idle item. The default is every 30 seconds.
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

    /// Sets how long opening an item may take. The default is 5 seconds.
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

    /// Sets how long checking an item may take. The default is one second.
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

    /// Sets how long closing an item may take. The default is one second.
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

    /// Leases the item that was given back most recently, not the one that has been idle for longest.
    ///
    /// Items that are not needed then expire sooner. By default, all items are used in turn.
    ///
    /// # Examples
    ///
    /// See [`LeasePool`].
    pub fn newest_first(mut self) -> Self {
        self.settings.newest_first = true;
        self
    }

    /// Builds the pool, without opening an item.
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
