//! Waiting for tokens.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use core::time::Duration;
use std::time::Instant;

use pin_project_lite::pin_project;

use super::RateLimiter;
use super::requests::NONE;
use super::turns::{Look, Wakers};
use crate::combine::{block_on, timeout, timeout_at};
use crate::error::TimedOut;
use crate::job::quietly;
use crate::line::Timeout;
use crate::sys;
use crate::timer::Alarm;

/// In the place of a request that has its tokens.
const OVER: usize = NONE - 1;

pin_project! {
    /// Waits for tokens of a [`RateLimiter`]. Created by [`RateLimiter::acquire`] and
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
        // Its place in the line; `NONE` before it has one, `OVER` afterwards.
        key: usize,
        // The nanosecond that the alarm is set for.
        armed: u64,
        // There once it has waited: most find their tokens there, and are moved about before.
        #[pin]
        alarm: Option<Alarm>,
    }

    impl PinnedDrop for RateWait<'_> {
        #[inline]
        fn drop(this: Pin<&mut Self>) {
            if this.key < OVER {
                this.limiter.withdraw(this.key);
            }
        }
    }
}

impl<'a> RateWait<'a> {
    #[inline]
    pub(super) fn new(limiter: &'a RateLimiter, n: u64) -> Self {
        Self {
            limiter,
            n,
            key: NONE,
            armed: u64::MAX,
            alarm: None,
        }
    }

    /// Blocks until the tokens are taken.
    ///
    /// # Examples
    ///
    /// See [`RateLimiter`].
    #[track_caller]
    pub fn wait(self) {
        if !self.is_there() {
            block_on(self);
        }
    }

    /// Blocks until the tokens are taken, for at most `timeout`; zero tries once.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`] if they were not available in time. No token is taken then.
    ///
    /// # Examples
    ///
    /// See [`RateWait`].
    #[track_caller]
    pub fn wait_timeout(self, timeout_after: Duration) -> Result<(), TimedOut> {
        if self.is_there() {
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
    /// Returns [`TimedOut`] if they were not available in time. No token is taken then.
    ///
    /// # Examples
    ///
    /// ```
    /// let limiter = syncline::service::RateLimiter::per_second(1);
    /// assert!(limiter.acquire().wait_deadline(std::time::Instant::now()).is_ok());
    /// ```
    #[track_caller]
    pub fn wait_deadline(self, deadline: Instant) -> Result<(), TimedOut> {
        if self.is_there() {
            return Ok(());
        }
        block_on(timeout_at(deadline, self))
    }

    /// Takes the tokens, if they are there and nobody waits.
    #[inline]
    fn is_there(&self) -> bool {
        self.n == 0 || self.limiter.take_now(self.n)
    }

    /// Joins the line, if need be, and looks whether its turn has come.
    #[cold]
    #[track_caller]
    fn look(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        assert!(*this.key != OVER, "`RateWait` polled after completion");
        match this.limiter.look(this.key, *this.n, context.waker()) {
            Look::Taken => {
                this.alarm.set(None);
                Poll::Ready(())
            }
            Look::Due(due) => {
                let at = this.limiter.rate.nanos(due).unwrap_or(u64::MAX);
                if this.alarm.is_none() {
                    this.alarm.set(Some(Alarm::new()));
                }
                let moment = sys::instant(at).filter(|_| at != u64::MAX);
                let deadline = moment.map_or(Timeout::Never, Timeout::At).start();
                if let Some(alarm) = this.alarm.as_ref().as_pin_ref() {
                    // An alarm that is set is moved by being taken back.
                    if core::mem::replace(this.armed, at) != at {
                        alarm.cancel();
                    }
                    alarm.arm(&deadline, context.waker());
                }
                Poll::Pending
            }
        }
    }
}

impl Future for RateWait<'_> {
    type Output = ();

    #[inline]
    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.key == NONE && self.is_there() {
            *self.as_mut().project().key = OVER;
            return Poll::Ready(());
        }
        self.look(context)
    }
}

impl RateLimiter {
    /// Takes some tokens if they are there and nobody waits.
    ///
    /// The clock is read without the lock, which is held for the shorter. So `false` means little: whoever was held
    /// up in between has to look again.
    #[inline]
    pub(super) fn take_now(&self, n: u64) -> bool {
        let price = self.rate.price(n);
        let now = self.rate.ticks(sys::nanos());
        self.state.lock().take(price, n, now)
    }

    /// Joins the line, if need be, and looks whether it is its turn.
    fn look(&self, key: &mut usize, n: u64, waker: &Waker) -> Look {
        // Cloned, dropped and woken without the lock: all are foreign code.
        let waker = waker.clone();
        let mut state = self.state.lock();
        let now = self.rate.ticks(sys::nanos());
        if *key == NONE {
            state.waited += 1;
            *key = state.turns.join(n, now);
        }
        let (look, wakers) = state.turns.look(*key, self.rate, now, Some(waker));
        if look == Look::Taken {
            *key = OVER;
            state.count(n);
        }
        drop(state);
        wakers.run();
        look
    }

    #[cold]
    fn withdraw(&self, key: usize) {
        let wakers = self.state.lock().turns.withdraw(key);
        wakers.run();
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
