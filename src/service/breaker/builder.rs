//! How a breaker is to be.

use core::fmt;
use core::time::Duration;

use super::Breaker;
use super::word::{BreakerState, MOST};
use crate::error::name::Name;

/// When a [`Breaker`] opens.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use syncline::service::{Breaker, Trip};
///
/// let a_few_in_a_row = Trip::consecutive(5);
/// let half_of_many = Trip::ratio(0.5).of_at_least(20).within(Duration::from_secs(10));
/// Breaker::builder("api").trip(a_few_in_a_row).build();
/// Breaker::builder("search").trip(half_of_many).build();
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trip(Kind);

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    Consecutive(u32),
    Ratio {
        ratio: f64,
        least: u32,
        within: Duration,
    },
}

impl Trip {
    /// Opens when `failures` calls in a row have failed.
    ///
    /// # Panics
    ///
    /// Panics if `failures` is zero, or 2³⁰ or more.
    ///
    /// # Examples
    ///
    /// See [`Trip`].
    #[must_use]
    #[track_caller]
    pub fn consecutive(failures: u32) -> Self {
        assert!(
            (1..=MOST).contains(&failures),
            "a breaker trips after between 1 and {MOST} failures in a row"
        );
        Self(Kind::Consecutive(failures))
    }

    /// Opens when this share of the calls of the last ten seconds has failed, of twenty calls at least.
    ///
    /// # Panics
    ///
    /// Panics if `ratio` is not above 0 and at most 1.
    ///
    /// # Examples
    ///
    /// See [`Trip`].
    #[must_use]
    #[track_caller]
    pub fn ratio(ratio: f64) -> RatioTrip {
        assert!(
            ratio > 0.0 && ratio <= 1.0,
            "a breaker trips at a share of failures above 0 and at most 1"
        );
        RatioTrip {
            ratio,
            least: 20,
            within: Duration::from_secs(10),
        }
    }
}

/// A [`Trip`] at a share of failures. Created by [`Trip::ratio`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RatioTrip {
    ratio: f64,
    least: u32,
    within: Duration,
}

impl RatioTrip {
    /// Sets how many calls there must have been.
    ///
    /// # Examples
    ///
    /// See [`Trip`].
    #[must_use]
    pub const fn of_at_least(mut self, calls: u32) -> Self {
        self.least = calls;
        self
    }

    /// Sets for how long a call counts. It is forgotten in steps of a tenth of that.
    ///
    /// # Examples
    ///
    /// See [`Trip`].
    #[must_use]
    pub const fn within(mut self, window: Duration) -> Self {
        self.within = window;
        self
    }
}

impl From<RatioTrip> for Trip {
    fn from(trip: RatioTrip) -> Self {
        let RatioTrip {
            ratio,
            least,
            within,
        } = trip;
        Self(Kind::Ratio {
            ratio,
            least,
            within,
        })
    }
}

type Hook = Box<dyn Fn(BreakerState, BreakerState, u32) + Send + Sync>;

/// The options, which do not change once the breaker is built.
pub(super) struct Settings {
    pub(super) name: Name,
    pub(super) kind: Kind,
    pub(super) open_for: Duration,
    pub(super) probes: usize,
    pub(super) close_after: u32,
    pub(super) lease: Duration,
    pub(super) hook: Option<Hook>,
}

/// Configures a [`Breaker`]. Created by [`Breaker::builder`].
///
/// # Examples
///
/// See [`Breaker`].
#[must_use = "a builder does nothing before `build`"]
pub struct BreakerBuilder(Settings);

impl BreakerBuilder {
    pub(super) const fn new(name: Name) -> Self {
        Self(Settings {
            name,
            kind: Kind::Consecutive(5),
            open_for: Duration::from_secs(30),
            probes: 1,
            close_after: 1,
            lease: Duration::from_secs(10),
            hook: None,
        })
    }

    /// Sets when it opens. By default, after five failures in a row.
    ///
    /// # Examples
    ///
    /// See [`Trip`].
    pub fn trip(mut self, trip: impl Into<Trip>) -> Self {
        self.0.kind = trip.into().0;
        self
    }

    /// Sets how long an open breaker rejects all calls. The default is 30 seconds.
    ///
    /// # Examples
    ///
    /// See [`Breaker`].
    pub const fn open_for(mut self, duration: Duration) -> Self {
        self.0.open_for = duration;
        self
    }

    /// Sets how many probes a half-open breaker admits at once. The default is one.
    ///
    /// # Panics
    ///
    /// Panics if `probes` is zero.
    ///
    /// # Examples
    ///
    /// See [`Breaker`].
    #[track_caller]
    pub const fn probes(mut self, probes: usize) -> Self {
        assert!(probes > 0, "a breaker needs a probe to close again");
        self.0.probes = probes;
        self
    }

    /// Sets how many probes must succeed before it closes. The default is one.
    ///
    /// # Panics
    ///
    /// Panics if `successes` is zero.
    ///
    /// # Examples
    ///
    /// See [`Breaker`].
    #[track_caller]
    pub const fn close_after(mut self, successes: u32) -> Self {
        assert!(successes > 0, "a breaker needs a success to close again");
        self.0.close_after = successes;
        self
    }

    /// Sets how long a probe keeps its place. The default is 10 seconds.
    ///
    /// The answer of a probe that takes longer counts for nothing.
    ///
    /// # Examples
    ///
    /// See [`Breaker`].
    pub const fn probe_lease(mut self, duration: Duration) -> Self {
        self.0.lease = duration;
        self
    }

    /// Sets a hook that is called after every change, with the state before, the state after, and the generation that began.
    ///
    /// It runs in the thread that made the change, without any lock, and may use the breaker. A panic is
    /// reported by the panic hook, and stops nobody. Two changes in quick succession may be told of out of order by
    /// two threads: the generation says which came later.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{service::Breaker, thread::Queue};
    ///
    /// static CHANGES: Queue<String> = Queue::unbounded();
    /// let breaker = Breaker::builder("api")
    ///     .on_change(|from, to, _| drop(CHANGES.put(format!("{from:?} -> {to:?}"))))
    ///     .build();
    /// breaker.trip();
    /// assert_eq!(CHANGES.get()?, "Closed -> Open");
    /// # Ok::<(), syncline::GetError>(())
    /// ```
    pub fn on_change(
        mut self,
        hook: impl Fn(BreakerState, BreakerState, u32) + Send + Sync + 'static,
    ) -> Self {
        self.0.hook = Some(Box::new(hook));
        self
    }

    /// Makes the breaker. It is closed.
    ///
    /// # Examples
    ///
    /// See [`Breaker`].
    #[must_use]
    pub fn build(self) -> Breaker {
        Breaker::new(self.0)
    }
}

impl fmt::Debug for BreakerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BreakerBuilder")
            .field("name", &self.0.name)
            .field("trip", &self.0.kind)
            .finish_non_exhaustive()
    }
}
