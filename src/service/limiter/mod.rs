//! `RateLimiter`: so many in so much time, in order of arrival.

use core::fmt;
use core::time::Duration;

mod rate;
mod requests;
mod turns;
mod wait;

pub use self::wait::RateWait;

use self::rate::{Price, Rate, Ticks};
use self::turns::Turns;
use crate::error::Limited;
use crate::lock::Gated;
use crate::sys::{self, constructor};

/// Limits how often something happens, for threads and tasks together.
///
/// A bucket holds up to `burst` tokens and is refilled at the given rate. [`acquire`](Self::acquire) waits for
/// a token and takes it. Tokens are taken when the wait returns, so a dropped wait has taken
/// none. Within any time `t`, at most `burst + rate * t` tokens are taken.
///
/// Use it to call something no more often than it allows. Do not use it to limit how many run at
/// once ([`Semaphore`](crate::task::Semaphore)) or to do something periodically
/// ([`interval`](crate::task::interval())). For a limit for each of many keys, use the crate `governor`.
///
/// # Fairness
///
/// Requests are served in order of arrival, whatever their size: tokens accumulate for a request for
/// ten, and requests for one wait behind it. Each request has a moment at which its tokens are due. If the first
/// in line is due but its task is not polled, a later request that is due may overtake
/// it. The overtaken request keeps its place in line. The `try_`
/// forms overtake nobody.
///
/// # Memory effects
///
/// None: tokens guard no data.
///
/// # Cancel safety
///
/// Dropping a wait at any point takes no token. Requests behind it become due earlier.
///
/// # Examples
///
/// ## Ten requests a second, up to five at once
///
/// ```
/// use syncline::{service::RateLimiter, task::block_on};
///
/// static API: RateLimiter = RateLimiter::per_second(10).burst(5);
///
/// API.acquire().wait(); // on a thread
/// block_on(API.acquire()); // in a task
/// assert_eq!(API.available(), 3);
/// ```
///
/// ## A server that refuses instead of waiting
///
/// ```
/// use core::time::Duration;
/// use syncline::service::RateLimiter;
///
/// let logins = RateLimiter::every(Duration::from_secs(60));
/// assert!(logins.try_acquire().is_ok());
/// let limited = logins.try_acquire().unwrap_err();
/// assert!(limited.retry_after() > Some(Duration::from_secs(59))); // for the header
/// ```
#[doc(alias("AsyncLimiter", "TokenBucket", "governor", "throttle"))]
pub struct RateLimiter {
    rate: Rate,
    state: Gated<State>,
}

struct State {
    turns: Turns,
    taken: u64,
    waited: u64,
    refused: u64,
}

impl RateLimiter {
    constructor! {
        /// Returns a limiter of `n` tokens per second, with a burst of one.
        ///
        /// # Panics
        ///
        /// Panics if `n` is zero.
        ///
        /// # Examples
        ///
        /// ```
        /// use syncline::service::RateLimiter;
        ///
        /// static SEARCHES: RateLimiter = RateLimiter::per_second(2);
        /// assert!(SEARCHES.try_acquire().is_ok());
        /// assert!(SEARCHES.try_acquire().is_err()); // half a second later
        /// ```
        #[must_use]
        #[track_caller]
        pub const fn per_second(n: u64) -> Self {
            Self::per(n, Duration::from_secs(1))
        }
    }

    constructor! {
        /// Returns a limiter of `n` tokens per `period`, with a burst of one.
        ///
        /// The tokens come evenly: one every `period / n`.
        ///
        /// # Panics
        ///
        /// Panics if `n` or `period` is zero.
        ///
        /// # Examples
        ///
        /// ```
        /// use core::time::Duration;
        /// use syncline::service::RateLimiter;
        ///
        /// let mails = RateLimiter::per(100, Duration::from_secs(3600)).burst(10);
        /// assert_eq!(mails.available(), 10);
        /// ```
        #[must_use]
        #[track_caller]
        pub const fn per(n: u64, period: Duration) -> Self {
            Self {
                rate: Rate::new(n, period),
                state: Gated::new(State {
                    turns: Turns::new(),
                    taken: 0,
                    waited: 0,
                    refused: 0,
                }),
            }
        }
    }

    constructor! {
        /// Returns a limiter of one token every `interval`.
        ///
        /// # Panics
        ///
        /// Panics if `interval` is zero.
        ///
        /// # Examples
        ///
        /// See [`RateLimiter`].
        #[must_use]
        #[track_caller]
        pub const fn every(interval: Duration) -> Self {
            Self::per(1, interval)
        }
    }

    /// Sets how many tokens the bucket holds, and fills it.
    ///
    /// A request for more than that can never be granted.
    ///
    /// # Panics
    ///
    /// Panics if `n` is zero.
    ///
    /// # Examples
    ///
    /// ```
    /// let limiter = syncline::service::RateLimiter::per_second(1).burst(3);
    /// assert!(limiter.try_acquire_many(3).is_ok());
    /// ```
    #[must_use]
    #[track_caller]
    pub const fn burst(mut self, n: u64) -> Self {
        assert!(n > 0, "a rate limiter needs a burst of at least one token");
        self.rate.burst = n;
        self
    }

    /// Takes a token, waiting until one is available and everybody ahead in line has been served.
    ///
    /// A thread calls `wait` on the result, a task awaits it.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses only the place in line.
    ///
    /// # Examples
    ///
    /// See [`RateLimiter`].
    #[inline]
    pub fn acquire(&self) -> RateWait<'_> {
        RateWait::new(self, 1)
    }

    /// Takes `n` tokens together, or none. Zero tokens are ready at once.
    ///
    /// # Panics
    ///
    /// Panics if `n` is more than the burst, because that could never be granted.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses only the place in line.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{service::RateLimiter, task::block_on};
    ///
    /// let bytes = RateLimiter::per_second(1_000_000).burst(64 * 1024);
    /// block_on(bytes.acquire_many(4096));
    /// ```
    #[inline]
    #[track_caller]
    pub fn acquire_many(&self, n: u64) -> RateWait<'_> {
        assert!(
            n <= self.rate.burst,
            "asked a rate limiter for {n} tokens at once, which holds at most {}: raise its burst, or ask for fewer",
            self.rate.burst
        );
        RateWait::new(self, n)
    }

    /// Takes a token if one is available and nobody waits.
    ///
    /// # Errors
    ///
    /// Returns [`Limited`], which says when to try again.
    ///
    /// # Examples
    ///
    /// See [`RateLimiter`].
    #[inline]
    pub fn try_acquire(&self) -> Result<(), Limited> {
        self.try_acquire_many(1)
    }

    /// Takes `n` tokens if they are available and nobody waits.
    ///
    /// # Errors
    ///
    /// Returns [`Limited`], which says when to try again, counting tokens that others wait for; never, if `n` is more
    /// than the burst.
    ///
    /// # Examples
    ///
    /// ```
    /// let limiter = syncline::service::RateLimiter::per_second(1).burst(3);
    /// assert!(limiter.try_acquire_many(2).is_ok());
    /// assert!(limiter.try_acquire_many(2).unwrap_err().retry_after().is_some());
    /// assert_eq!(limiter.try_acquire_many(4).unwrap_err().retry_after(), None);
    /// ```
    #[inline]
    pub fn try_acquire_many(&self, n: u64) -> Result<(), Limited> {
        if (1..=self.rate.burst).contains(&n) && self.take_now(n) {
            return Ok(());
        }
        self.refuse(n)
    }

    /// Says when there will be tokens, unless they are there by now: who was held up between the clock and the lock
    /// is not refused for that.
    #[cold]
    fn refuse(&self, n: u64) -> Result<(), Limited> {
        if n == 0 {
            return Ok(());
        }
        let mut state = self.state.lock();
        if n > self.rate.burst {
            state.refused += 1;
            return Err(Limited::for_ever());
        }
        let now = self.now();
        if state.take(self.rate.price(n), n, now) {
            return Ok(());
        }
        state.refused += 1;
        let due = state.turns.due(self.rate, n, now);
        drop(state);
        Err(Limited::until(
            self.rate.time(due).saturating_sub(self.rate.time(now)),
        ))
    }

    fn now(&self) -> Ticks {
        self.rate.ticks(sys::nanos())
    }

    /// Returns how many tokens are in the bucket at this instant.
    ///
    /// # Examples
    ///
    /// ```
    /// let limiter = syncline::service::RateLimiter::per_second(1).burst(3);
    /// assert_eq!(limiter.available(), 3);
    /// ```
    pub fn available(&self) -> u64 {
        let state = self.state.lock();
        state.turns.bucket.available(self.rate, self.now())
    }

    /// Returns what the limiter has done so far.
    ///
    /// # Examples
    ///
    /// ```
    /// let limiter = syncline::service::RateLimiter::per_second(1);
    /// limiter.acquire().wait();
    /// assert!(limiter.try_acquire().is_err());
    /// let stats = limiter.stats();
    /// assert_eq!((stats.taken, stats.refused, stats.waiting), (1, 1, 0));
    /// ```
    pub fn stats(&self) -> RateStats {
        let state = self.state.lock();
        RateStats {
            taken: state.taken,
            waited: state.waited,
            refused: state.refused,
            waiting: state.turns.waiting(),
        }
    }
}

impl State {
    /// Takes tokens for somebody who does not wait.
    #[inline]
    fn take(&mut self, price: Price, n: u64, now: Ticks) -> bool {
        let taken = self.turns.try_take(price, now);
        if taken {
            self.count(n);
        }
        taken
    }

    /// Counts what was taken, up to the most that a number can say.
    #[inline]
    const fn count(&mut self, n: u64) {
        self.taken = self.taken.saturating_add(n);
    }
}

/// What a [`RateLimiter`] has done so far. Returned by [`RateLimiter::stats`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateStats {
    /// Tokens that were taken.
    pub taken: u64,
    /// Requests that had to wait.
    pub waited: u64,
    /// Requests that were refused by a `try_` form.
    pub refused: u64,
    /// Requests that wait, at this instant.
    pub waiting: usize,
}

impl fmt::Debug for RateLimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimiter")
            .field("burst", &self.rate.burst)
            .finish_non_exhaustive()
    }
}
