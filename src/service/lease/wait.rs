//! Waiting for a lease.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;
use std::panic::resume_unwind;
use std::time::Instant;

use pin_project_lite::pin_project;

use super::handle::Handle;
use super::lent::Lease;
use super::manage::Managed;
use super::running::{Ended, Limited};
use super::shared::{Next, Place, Waited};
use crate::combine::{self, block_on, timeout_at};
use crate::error::LeaseError;
use crate::identity::may_block;
use crate::job::quietly;
use crate::line::Timeout;
use crate::semaphore::future::Acquire;
use crate::sys;

type Outcome<M> = Result<Lease<M>, LeaseError<<M as super::manage::Begin>::Error>>;

pin_project! {
    /// Waits for a [`Lease`]. Created by [`LeasePool::lease`](super::LeasePool::lease).
    ///
    /// A task awaits it. A thread calls [`wait`](Self::wait), [`wait_timeout`](Self::wait_timeout) or
    /// [`wait_deadline`](Self::wait_deadline). Both wait in one line.
    ///
    /// # Panics
    ///
    /// Panics if the manager's `open` panics, if it is polled after it has ended, if the timer's thread cannot
    /// be started, or if there is no thread for a manager whose calls block.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// # use syncline::service::{LeaseError, LeasePool, Manage};
    /// # struct Server;
    /// # impl Manage for Server {
    /// #     type Item = u32;
    /// #     type Error = std::io::Error;
    /// #     async fn open(&self) -> std::io::Result<u32> { Ok(7) }
    /// # }
    /// let pool = LeasePool::builder(Server).max(1).build();
    /// let lease = pool.lease().wait_timeout(Duration::from_secs(5))?;
    /// let second = pool.lease().wait_timeout(Duration::from_millis(1));
    /// assert!(matches!(second, Err(LeaseError::TimedOut)));
    /// lease.give_back();
    /// # Ok::<(), LeaseError<std::io::Error>>(())
    /// ```
    #[must_use = "nothing is leased before this is awaited or waited for"]
    pub struct LeaseWait<'a, M: Managed> {
        pool: &'a Handle<M>,
        waited: Waited,
        is_over: bool,
        what: UnderWay,
        #[pin]
        acquire: Acquire<'a>,
        // What is under way once there is a place.
        #[pin]
        limited: Option<Limited<M>>,
    }

    impl<M: Managed> PinnedDrop for LeaseWait<'_, M> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            if this.waited.is_in_line {
                this.pool.state.lock().leave_line(this.waited);
            }
        }
    }
}

/// What comes of having a place.
enum Step<M: Managed> {
    Over(Outcome<M>),
    UnderWay(Limited<M>, UnderWay),
    BackInLine,
}

/// What is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum UnderWay {
    Open,
    Check,
}

impl<M: Managed> Step<M> {
    fn of(pool: &Handle<M>, next: Next<M>) -> Self {
        let settings = &pool.settings;
        match next {
            Next::Leased(lease) => Self::Over(Ok(lease)),
            Next::Closed => Self::Over(Err(LeaseError::Closed)),
            Next::Check(item, place) => {
                let limited = Limited::new(M::begin_check(item), place, settings.check_timeout);
                Self::UnderWay(limited, UnderWay::Check)
            }
            Next::Open(place) => {
                let limited = Limited::new(M::begin_open(pool), place, settings.open_timeout);
                Self::UnderWay(limited, UnderWay::Open)
            }
        }
    }

    fn after(pool: &Handle<M>, what: UnderWay, ended: Ended<M>, place: Option<Place<M>>) -> Self {
        match (what, ended, place) {
            (_, Ended::Item(item), Some(place)) => {
                let lease = pool.lend(place, item);
                Self::Over(lease.ok_or(LeaseError::Closed))
            }
            (UnderWay::Check, ended, place) => {
                pool.state.lock().stats.failed_checks += 1;
                quietly(|| drop(ended));
                match place {
                    // Another one that lies idle might be as dead, and the time is short.
                    Some(place) => Self::of(pool, pool.open_instead(place)),
                    None => Self::BackInLine,
                }
            }
            (UnderWay::Open, ended, place) => {
                pool.state.lock().stats.failed_opens += 1;
                drop(place);
                Self::Over(Err(match ended {
                    Ended::Failed(error) => LeaseError::Open(error),
                    Ended::Panicked(panic) => resume_unwind(panic),
                    Ended::CutOff | Ended::Item(_) | Ended::Closed => LeaseError::TimedOut,
                }))
            }
        }
    }
}

impl<'a, M: Managed> LeaseWait<'a, M> {
    pub(super) fn new(pool: &'a Handle<M>) -> Self {
        Self {
            pool,
            waited: Waited::default(),
            is_over: false,
            what: UnderWay::Open,
            acquire: pool.places.acquire(),
            limited: None,
        }
    }

    /// Leases as a thread, which sleeps until there is a lease or the time is over.
    #[inline]
    #[track_caller]
    fn block(mut self, timeout: Timeout) -> Outcome<M> {
        match self.at_once() {
            Some(outcome) => outcome,
            None => self.block_slow(timeout),
        }
    }

    #[cold]
    #[inline(never)]
    #[track_caller]
    fn block_slow(mut self, timeout: Timeout) -> Outcome<M> {
        let timeout = timeout.fixed();
        if self.limited.is_none() && !timeout.is_over() {
            may_block();
            if let Some(outcome) = self.linger() {
                return outcome;
            }
        }
        let waited = match timeout {
            Timeout::Never => return block_on(self),
            Timeout::After(limit) => block_on(combine::timeout(limit, self)),
            Timeout::At(deadline) => block_on(timeout_at(deadline, self)),
        };
        waited.unwrap_or(Err(LeaseError::TimedOut))
    }

    /// Tries for a moment before it joins the line: items are often given back in less time than it takes to sleep and to
    /// be woken. It passes nobody, for while somebody stands in line there is no place to be had.
    fn linger(&mut self) -> Option<Outcome<M>> {
        self.waited.since = Some(sys::now());
        for round in sys::linger_rounds() {
            sys::linger(round);
            let outcome = self.at_once();
            if outcome.is_some() || self.limited.is_some() {
                return outcome;
            }
        }
        None
    }

    /// What a thread gets without waiting, if there is anything.
    fn at_once(&mut self) -> Option<Outcome<M>> {
        let place = Place::new(self.pool, self.pool.places.try_acquire()?);
        match Step::of(self.pool, self.pool.choose(place, &mut self.waited)) {
            Step::Over(outcome) => Some(outcome),
            Step::UnderWay(limited, what) => {
                self.limited = Some(limited);
                self.what = what;
                None
            }
            Step::BackInLine => None,
        }
    }

    /// Blocks until there is a lease.
    ///
    /// # Errors
    ///
    /// See [`LeasePool::lease`](super::LeasePool::lease).
    ///
    /// # Examples
    ///
    /// See [`Lease`].
    #[track_caller]
    pub fn wait(self) -> Result<Lease<M>, LeaseError<M::Error>> {
        self.block(Timeout::Never)
    }

    /// Blocks until there is a lease, for at most `timeout`; zero tries once.
    ///
    /// # Errors
    ///
    /// As for [`LeasePool::lease`](super::LeasePool::lease), and [`LeaseError::TimedOut`] if there was none in time.
    ///
    /// # Examples
    ///
    /// See [`LeaseWait`].
    #[track_caller]
    pub fn wait_timeout(self, timeout: Duration) -> Result<Lease<M>, LeaseError<M::Error>> {
        self.block(Timeout::After(timeout))
    }

    /// Blocks until there is a lease, or until `deadline`.
    ///
    /// # Errors
    ///
    /// See [`wait_timeout`](Self::wait_timeout).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::{Duration, Instant};
    /// # use syncline::service::{LeaseError, LeasePool, Manage};
    /// # struct Server;
    /// # impl Manage for Server {
    /// #     type Item = u32;
    /// #     type Error = std::io::Error;
    /// #     async fn open(&self) -> std::io::Result<u32> { Ok(7) }
    /// # }
    /// let pool = LeasePool::builder(Server).build();
    /// let deadline = Instant::now() + Duration::from_secs(5);
    /// assert_eq!(*pool.lease().wait_deadline(deadline)?, 7);
    /// # Ok::<(), LeaseError<std::io::Error>>(())
    /// ```
    #[track_caller]
    pub fn wait_deadline(self, deadline: Instant) -> Result<Lease<M>, LeaseError<M::Error>> {
        self.block(Timeout::At(deadline))
    }
}

impl<M: Managed> Future for LeaseWait<'_, M> {
    type Output = Result<Lease<M>, LeaseError<M::Error>>;

    #[track_caller]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        assert!(!*this.is_over, "`LeaseWait` polled after completion");
        let pool = *this.pool;
        loop {
            let step = if let Some(limited) = this.limited.as_mut().as_pin_mut() {
                let Poll::Ready((ended, place)) = limited.poll(context) else {
                    this.waited.since.get_or_insert_with(sys::now);
                    return Poll::Pending;
                };
                this.limited.set(None);
                // A panic of `open` goes on from here.
                *this.is_over = true;
                Step::after(pool, *this.what, ended, place)
            } else {
                let Poll::Ready(permit) = this.acquire.as_mut().poll(context) else {
                    this.waited.since.get_or_insert_with(sys::now);
                    if !core::mem::replace(&mut this.waited.is_in_line, true) {
                        pool.state.lock().waiting += 1;
                    }
                    return Poll::Pending;
                };
                let place = Place::new(pool, permit);
                Step::of(pool, pool.choose(place, this.waited))
            };
            *this.is_over = false;
            match step {
                Step::Over(outcome) => {
                    *this.is_over = true;
                    if outcome.is_ok() && this.waited.since.is_some() {
                        let now = sys::now();
                        pool.state.lock().count_wait(this.waited, now);
                    }
                    return Poll::Ready(outcome);
                }
                Step::UnderWay(limited, what) => {
                    *this.what = what;
                    this.limited.set(Some(limited));
                }
                Step::BackInLine => this.acquire.set(pool.places.acquire()),
            }
        }
    }
}

impl<M: Managed> fmt::Debug for LeaseWait<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LeaseWait")
            .field("pool", self.pool)
            .finish_non_exhaustive()
    }
}
