//! Waiting for tokens.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use core::time::Duration;
use std::time::Instant;

use pin_project_lite::pin_project;

use super::rate::Ticks;
use super::turns::{Look, Wakers};
use super::{RateLimiter, State};
use crate::combine::{block_on, timeout, timeout_at};
use crate::error::TimedOut;
use crate::job::quietly;
use crate::line::Timeout;
use crate::sys::{self, MutexGuard};
use crate::timer::Alarm;

pin_project! {
    /// Waits for tokens of a [`RateLimiter`]; made by [`RateLimiter::acquire`] and
    /// [`RateLimiter::acquire_many`].
    ///
    /// A task awaits it. A thread calls [`wait`](Self::wait), [`wait_timeout`](Self::wait_timeout) or
    /// [`wait_deadline`](Self::wait_deadline).
    ///
    /// # Panics
    ///
    /// Panics when it is polled after it has ended, or if the timer's thread cannot be started.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use syncline::service::RateLimiter;
    ///
    /// let limiter = RateLimiter::every(Duration::from_secs(3600));
    /// limiter.acquire().wait();
    /// assert!(limiter.acquire().wait_timeout(Duration::from_millis(1)).is_err());
    /// ```
    #[must_use = "nothing is taken before this is awaited or waited for"]
    pub struct RateWait<'a> {
        limiter: &'a RateLimiter,
        n: u64,
        // Its place in the line.
        key: Option<usize>,
        over: bool,
        // When the alarm is set for.
        armed: Option<Ticks>,
        #[pin]
        alarm: Alarm,
    }

    impl PinnedDrop for RateWait<'_> {
        fn drop(this: Pin<&mut Self>) {
            if let Some(key) = this.key {
                this.limiter.withdraw(key);
            }
        }
    }
}

impl<'a> RateWait<'a> {
    pub(super) fn new(limiter: &'a RateLimiter, n: u64) -> Self {
        Self {
            limiter,
            n,
            key: None,
            over: false,
            armed: None,
            alarm: Alarm::new(),
        }
    }

    /// Blocks until the tokens are taken.
    ///
    /// # Examples
    ///
    /// See [`RateLimiter`].
    #[track_caller]
    pub fn wait(self) {
        if self.limiter.take_now(self.n).is_err() {
            block_on(self);
        }
    }

    /// Blocks until the tokens are taken, for at most `timeout`; zero is one try.
    ///
    /// # Errors
    ///
    /// [`TimedOut`] if they were not there in time. None is taken then.
    ///
    /// # Examples
    ///
    /// See [`RateWait`].
    #[track_caller]
    pub fn wait_timeout(self, timeout_after: Duration) -> Result<(), TimedOut> {
        if self.limiter.take_now(self.n).is_ok() {
            return Ok(());
        }
        if timeout_after.is_zero() {
            return Err(TimedOut::new());
        }
        block_on(timeout(timeout_after, self))
    }

    /// Blocks until the tokens are taken, or until `deadline`.
    ///
    /// # Errors
    ///
    /// [`TimedOut`] if they were not there in time. None is taken then.
    ///
    /// # Examples
    ///
    /// ```
    /// let limiter = syncline::service::RateLimiter::per_second(1);
    /// assert!(limiter.acquire().wait_deadline(std::time::Instant::now()).is_ok());
    /// ```
    #[track_caller]
    pub fn wait_deadline(self, deadline: Instant) -> Result<(), TimedOut> {
        if self.limiter.take_now(self.n).is_ok() {
            return Ok(());
        }
        block_on(timeout_at(deadline, self))
    }
}

impl Future for RateWait<'_> {
    type Output = ();

    #[track_caller]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        assert!(!*this.over, "`RateWait` polled after completion");
        if this.key.is_none() && this.limiter.take_now(*this.n).is_ok() {
            *this.over = true;
            return Poll::Ready(());
        }
        match this.limiter.look(this.key, *this.n, context.waker()) {
            Look::Taken => {
                *this.over = true;
                this.alarm.cancel();
                Poll::Ready(())
            }
            Look::Due(due) => {
                // An alarm that is set is moved by being taken back.
                if this.armed.replace(due) != Some(due) {
                    this.alarm.cancel();
                }
                let deadline = this.limiter.moment(due).start();
                this.alarm.as_ref().arm(&deadline, context.waker());
                Poll::Pending
            }
        }
    }
}

impl RateLimiter {
    /// Takes tokens if they are there and nobody waits; else the lock is handed out.
    ///
    /// The clock is read without the lock, which is held for the shorter; but who was held up in between is not
    /// refused for that.
    pub(super) fn take_now(&self, n: u64) -> Result<(), MutexGuard<'_, State>> {
        if n == 0 {
            return Ok(());
        }
        let now = sys::now();
        let mut state = self.state.lock();
        let now = state.at(self.rate, now);
        if state.take(self.rate, n, now) {
            return Ok(());
        }
        let now = state.now(self.rate);
        if state.take(self.rate, n, now) {
            return Ok(());
        }
        Err(state)
    }

    /// Joins the line, if need be, and looks whether it is its turn.
    fn look(&self, key: &mut Option<usize>, n: u64, waker: &Waker) -> Look {
        // Cloned, dropped and woken without the lock: all are foreign code.
        let waker = waker.clone();
        let mut state = self.state.lock();
        let now = state.now(self.rate);
        if key.is_none() {
            state.waited += 1;
        }
        let place = *key.get_or_insert_with(|| state.turns.join(n, now));
        let (look, wakers) = state.turns.look(place, self.rate, now, Some(waker));
        if look == Look::Taken {
            *key = None;
            state.count(n);
        }
        drop(state);
        wakers.run();
        look
    }

    fn withdraw(&self, key: usize) {
        let wakers = self.state.lock().turns.withdraw(key);
        wakers.run();
    }

    /// A moment on the clock.
    fn moment(&self, due: Ticks) -> Timeout {
        let epoch = self.state.lock().epoch;
        epoch
            .and_then(|epoch| epoch.checked_add(self.rate.time(due)))
            .map_or(Timeout::Never, Timeout::At)
    }
}

impl Wakers {
    /// Drops and wakes. A waker that panics stops nobody: there may be tokens in hand.
    fn run(self) {
        let Self { spare, woken } = self;
        quietly(|| drop(spare));
        if let Some(next) = woken {
            quietly(|| next.wake());
        }
    }
}

impl fmt::Debug for RateWait<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateWait")
            .field("n", &self.n)
            .finish_non_exhaustive()
    }
}
