//! `Breaker`: calls that keep failing are not made for a while.

use core::fmt;
use core::sync::atomic::Ordering::Relaxed;
use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

mod admission;
mod builder;
mod call;
mod core_state;
mod steps;
mod ticket;
mod window;
mod word;

pub use self::admission::Admission;
pub use self::builder::{BreakerBuilder, RatioTrip, Trip};
pub use self::call::{CallAsync, Verdict};
pub use self::core_state::BreakerChange;
pub use self::word::BreakerState;

use self::builder::Settings;
use self::core_state::{Core, Moment};
use crate::error::Rejection;
use crate::error::name::Name;
use crate::lock::Gated;
use crate::sys::{self, AtomicU64};

/// Refuses calls to something that keeps failing, and tries again after a while.
///
/// | state | what happens to a call | what ends the state |
/// |---|---|---|
/// | [`Closed`](BreakerState::Closed) | it is admitted | too many failures: [`Trip`] |
/// | [`Open`](BreakerState::Open) | it is rejected | a call after [`open_for`](BreakerBuilder::open_for) |
/// | [`HalfOpen`](BreakerState::HalfOpen) | [`probes`](BreakerBuilder::probes) at once are admitted | [`close_after`](BreakerBuilder::close_after) of them succeed, or one fails |
///
/// Make calls with [`call`](Self::call) or [`call_async`](Self::call_async), or ask for
/// [`admit`](Self::admit) and report yourself how the call ended. Probes are counted on admission: if fifty
/// callers find the breaker half-open at the same moment, only as many as there are probes are admitted. A
/// result counts only in the state in which its call was admitted, so a success from before the breaker opened
/// does not close it. A probe that hangs loses its place when its
/// [lease](BreakerBuilder::probe_lease) ends, and its result is ignored.
///
/// Put the breaker inside the retry: each attempt asks the breaker, and [`when`](crate::service::Retry::when) decides whether a rejection is
/// retried. Do not use a breaker to limit how often something is
/// called ([`RateLimiter`](super::RateLimiter)), or how many call at once ([`Semaphore`](crate::task::Semaphore)).
///
/// # Memory effects
///
/// None: a breaker guards no data.
///
/// # Examples
///
/// ## A client
///
/// ```
/// use core::time::Duration;
/// use syncline::service::{Breaker, BreakerError, BreakerState, Trip};
///
/// let breaker = Breaker::builder("api")
///     .trip(Trip::consecutive(3))
///     .open_for(Duration::from_secs(30))
///     .build();
/// let down = || Err::<(), _>("connection refused");
/// for _ in 0..3 {
///     assert_eq!(breaker.call(down), Err(BreakerError::Inner("connection refused")));
/// }
/// assert_eq!(breaker.state(), BreakerState::Open);
/// assert!(breaker.call(down).unwrap_err().is_rejected()); // nobody was called
/// ```
///
/// ## In a task, where "not found" is an answer
///
/// ```
/// use syncline::{service::{Breaker, Verdict}, task::block_on};
///
/// let breaker = Breaker::builder("api").build();
/// let judge = |result: &Result<u32, u16>| match result {
///     Ok(_) | Err(404) => Verdict::Success,
///     Err(429) => Verdict::Ignore,
///     Err(_) => Verdict::Failure,
/// };
/// let answer = block_on(breaker.call_async_with(judge, async { Err(404) }));
/// assert!(answer.is_err());
/// assert_eq!(breaker.stats().successes, 1);
/// ```
#[doc(alias = "CircuitBreaker")]
pub struct Breaker {
    word: AtomicU64,
    successes: AtomicU64,
    failures: AtomicU64,
    ignored: AtomicU64,
    abandoned: AtomicU64,
    rejected: AtomicU64,
    late: AtomicU64,
    epoch: Epoch,
    core: Gated<Core>,
    settings: Settings,
}

/// When the breaker was made: its windows begin then, and it makes a moment an `Instant`, the same one every time.
struct Epoch {
    instant: Instant,
    nanos: Moment,
}

impl Epoch {
    fn new() -> Self {
        // In this order an instant comes early, if anything, and never lies in the future.
        Self {
            instant: sys::now(),
            nanos: sys::nanos(),
        }
    }

    const fn age(&self, moment: Moment) -> u64 {
        moment.saturating_sub(self.nanos)
    }

    fn instant(&self, moment: Moment) -> Instant {
        self.instant + Duration::from_nanos(self.age(moment))
    }
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    Success,
    Failure,
    Ignored,
    Abandoned,
}

impl Breaker {
    /// Returns a builder with the defaults: five failures in a row open the breaker for 30 seconds, and one successful probe
    /// closes it.
    ///
    /// # Examples
    ///
    /// See [`Breaker`].
    pub fn builder(name: impl Into<Name>) -> BreakerBuilder {
        BreakerBuilder::new(name.into())
    }

    fn new(settings: Settings) -> Self {
        Self {
            word: AtomicU64::new(0),
            successes: AtomicU64::new(0),
            failures: AtomicU64::new(0),
            ignored: AtomicU64::new(0),
            abandoned: AtomicU64::new(0),
            rejected: AtomicU64::new(0),
            late: AtomicU64::new(0),
            epoch: Epoch::new(),
            core: Gated::new(Core::new(settings.kind)),
            settings,
        }
    }

    /// Admits a call or rejects it. The caller reports how the call ended.
    ///
    /// # Errors
    ///
    /// Returns [`Rejection`], which says when to ask again: when the open period ends, or when the lease of the first
    /// probe ends.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::service::Breaker;
    ///
    /// let breaker = Breaker::builder("disk").build();
    /// let admission = breaker.admit()?;
    /// match std::fs::metadata("/") {
    ///     Ok(_) => admission.success(),
    ///     Err(_) => admission.failure(),
    /// }
    /// # Ok::<(), syncline::Rejection>(())
    /// ```
    #[inline]
    pub fn admit(&self) -> Result<Admission<'_>, Rejection> {
        Ok(Admission::borrowed(self, self.enter()?))
    }

    /// Admits a call as [`admit`](Self::admit) does, with an admission that borrows nothing.
    ///
    /// # Errors
    ///
    /// See [`admit`](Self::admit).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use syncline::{service::Breaker, thread};
    ///
    /// let breaker = Arc::new(Breaker::builder("disk").build());
    /// let admission = breaker.admit_owned()?;
    /// thread::spawn_named("reader", move || admission.success()).wait().unwrap();
    /// assert_eq!(breaker.stats().successes, 1);
    /// # Ok::<(), syncline::Rejection>(())
    /// ```
    pub fn admit_owned(self: &Arc<Self>) -> Result<Admission<'static>, Rejection> {
        let ticket = self.enter()?;
        Ok(Admission::owned(Arc::clone(self), ticket))
    }

    /// Returns the state at this instant. After its open period, a breaker stays open until somebody calls.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::service::{Breaker, BreakerState};
    ///
    /// let breaker = Breaker::builder("api").build();
    /// assert_eq!(breaker.state(), BreakerState::Closed);
    /// ```
    #[must_use]
    pub fn state(&self) -> BreakerState {
        // ORDERING: Relaxed: true at this instant; publishes nothing.
        word::state(self.word.load(Relaxed))
    }

    /// Closes the breaker and forgets all failures.
    ///
    /// # Examples
    ///
    /// ```
    /// let breaker = syncline::service::Breaker::builder("api").build();
    /// breaker.trip();
    /// breaker.reset();
    /// assert!(breaker.admit().is_ok());
    /// ```
    pub fn reset(&self) {
        self.change(self.core.lock(), BreakerState::Closed, sys::nanos());
    }

    /// Opens the breaker.
    ///
    /// # Examples
    ///
    /// ```
    /// let breaker = syncline::service::Breaker::builder("api").build();
    /// breaker.trip(); // maintenance
    /// assert!(breaker.admit().is_err());
    /// ```
    pub fn trip(&self) {
        self.change(self.core.lock(), BreakerState::Open, sys::nanos());
    }

    /// Returns what the breaker has done so far.
    ///
    /// # Examples
    ///
    /// ```
    /// let breaker = syncline::service::Breaker::builder("api").build();
    /// breaker.call(|| Err::<(), _>("broken")).unwrap_err();
    /// let stats = breaker.stats();
    /// assert_eq!((stats.successes, stats.failures), (0, 1));
    /// assert!(stats.last_failure.is_some() && stats.changes.is_empty());
    /// ```
    #[must_use]
    pub fn stats(&self) -> BreakerStats {
        let core = self.core.lock();
        // ORDERING: Relaxed in all of it: counts, true at some recent moment.
        BreakerStats {
            state: self.state(),
            generation: word::generation(self.word.load(Relaxed)),
            successes: self.successes.load(Relaxed),
            failures: self.failures.load(Relaxed),
            ignored: self.ignored.load(Relaxed),
            rejected: self.rejected.load(Relaxed),
            abandoned: self.abandoned.load(Relaxed),
            late: self.late.load(Relaxed),
            last_success: core.last_success.map(|at| self.epoch.instant(at)),
            last_failure: core.last_failure.map(|at| self.epoch.instant(at)),
            changes: core.changes(),
        }
    }
}

/// What a [`Breaker`] has done so far. Returned by [`Breaker::stats`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BreakerStats {
    /// The state, at this instant.
    pub state: BreakerState,
    /// How many changes there have been.
    pub generation: u32,
    /// Calls that succeeded.
    pub successes: u64,
    /// Calls that failed.
    pub failures: u64,
    /// Admitted calls that count as neither.
    pub ignored: u64,
    /// Calls that were rejected.
    pub rejected: u64,
    /// Admitted calls that were dropped before they ended.
    pub abandoned: u64,
    /// Calls that ended in another state than the one in which they were admitted, or after their time. They count as
    /// nothing else.
    pub late: u64,
    /// When a call last succeeded.
    ///
    /// A breaker that counts failures in a row reads the clock only for probes and for the first success after a
    /// failure.
    pub last_success: Option<Instant>,
    /// When a call last failed.
    pub last_failure: Option<Instant>,
    /// The last sixteen changes, the oldest first.
    pub changes: Vec<BreakerChange>,
}

impl fmt::Debug for Breaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Breaker")
            .field("name", &self.settings.name)
            .field("state", &self.state())
            .finish_non_exhaustive()
    }
}
