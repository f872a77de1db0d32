//! Idle items before there are lessees.

use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;
use std::panic::resume_unwind;
use std::time::Instant;

use super::LeasePool;
use super::builder::Settings;
use super::handle::Handle;
use super::manage::{Begin, Managed};
use super::running::{Ended, Limited};
use super::shared::{Place, State};
use crate::combine::{block_on, timeout, timeout_at};
use crate::error::LeaseError;

impl<M: Managed> LeasePool<M> {
    /// Opens items until [`min_idle`](super::LeasePoolBuilder::min_idle) of them lie idle, or there is no room for another.
    ///
    /// One after the other; it waits in line like a lessee. Await it before a server reports that it is ready: a wrong
    /// password is found then, and not by the first user.
    ///
    /// # Cancel safety
    ///
    /// Dropping it cancels the open in progress. Items that were opened stay.
    ///
    /// # Errors
    ///
    /// As for [`lease`](Self::lease), at the first item that cannot be opened.
    ///
    /// # Examples
    ///
    /// ```
    /// # use syncline::service::{LeaseError, LeasePool, Manage};
    /// # struct Server;
    /// # impl Manage for Server {
    /// #     type Item = u32;
    /// #     type Error = std::io::Error;
    /// #     async fn open(&self) -> std::io::Result<u32> { Ok(7) }
    /// # }
    /// let pool = LeasePool::builder(Server).min_idle(2).build();
    /// pool.warm_up().wait()?;
    /// assert_eq!(pool.stats().idle, 2);
    /// # Ok::<(), LeaseError<std::io::Error>>(())
    /// ```
    pub fn warm_up(&self) -> WarmUp<'_, M> {
        WarmUp::new(&self.shared)
    }
}

type Filled<M> = Result<(), LeaseError<<M as Begin>::Error>>;

/// Opens items in advance. Created by [`LeasePool::warm_up`](super::LeasePool::warm_up).
///
/// A task awaits it. A thread calls [`wait`](Self::wait), [`wait_timeout`](Self::wait_timeout) or
/// [`wait_deadline`](Self::wait_deadline).
///
/// # Panics
///
/// See [`LeaseWait`](super::LeaseWait).
///
/// # Examples
///
/// See [`LeasePool::warm_up`](super::LeasePool::warm_up).
#[must_use = "nothing is opened before this is awaited or waited for"]
pub struct WarmUp<'a, M: Managed> {
    fills: Pin<Box<dyn Future<Output = Filled<M>> + Send + 'a>>,
}

impl<'a, M: Managed> WarmUp<'a, M> {
    pub(super) fn new(pool: &'a Handle<M>) -> Self {
        Self {
            fills: Box::pin(pool.warm_up()),
        }
    }

    /// Blocks until enough items lie idle.
    ///
    /// # Errors
    ///
    /// See [`LeasePool::warm_up`](super::LeasePool::warm_up).
    ///
    /// # Examples
    ///
    /// See [`LeasePool::warm_up`](super::LeasePool::warm_up).
    #[track_caller]
    pub fn wait(self) -> Result<(), LeaseError<M::Error>> {
        block_on(self)
    }

    /// Blocks until enough items lie idle, for at most `timeout`.
    ///
    /// # Errors
    ///
    /// As for [`LeasePool::warm_up`](super::LeasePool::warm_up). Items that were opened in time stay.
    ///
    /// # Examples
    ///
    /// See [`LeasePool::warm_up`](super::LeasePool::warm_up).
    #[track_caller]
    pub fn wait_timeout(self, timeout_after: Duration) -> Result<(), LeaseError<M::Error>> {
        block_on(timeout(timeout_after, self)).unwrap_or(Err(LeaseError::TimedOut))
    }

    /// Blocks until enough items lie idle, or until `deadline`.
    ///
    /// # Errors
    ///
    /// See [`wait_timeout`](Self::wait_timeout).
    ///
    /// # Examples
    ///
    /// See [`LeasePool::warm_up`](super::LeasePool::warm_up).
    #[track_caller]
    pub fn wait_deadline(self, deadline: Instant) -> Result<(), LeaseError<M::Error>> {
        block_on(timeout_at(deadline, self)).unwrap_or(Err(LeaseError::TimedOut))
    }
}

impl<M: Managed> Future for WarmUp<'_, M> {
    type Output = Result<(), LeaseError<M::Error>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.fills.as_mut().poll(context)
    }
}

impl<M: Managed> fmt::Debug for WarmUp<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WarmUp").finish_non_exhaustive()
    }
}

impl<M: Managed> Handle<M> {
    async fn warm_up(&self) -> Filled<M> {
        loop {
            if self.state.lock().is_closed {
                return Err(LeaseError::Closed);
            }
            if !self.wants_more() {
                return Ok(());
            }
            let permit = self.places.acquire().await;
            match self.open_one(Place::new(self, permit)).await {
                Ok(()) => {}
                Err(Ended::Failed(error)) => return Err(LeaseError::Open(error)),
                Err(Ended::Panicked(panic)) => resume_unwind(panic),
                Err(_) => return Err(LeaseError::TimedOut),
            }
        }
    }

    /// Whether fewer items lie idle than there should, and there is room for another.
    pub(super) fn wants_more(&self) -> bool {
        self.state.lock().wants_more(&self.settings)
    }

    /// Counts an item that is to be opened, if it is still missing.
    fn counts_one_more(&self, place: &mut Place<M>) -> bool {
        let mut state = self.state.lock();
        if !state.wants_more(&self.settings) {
            return false;
        }
        place.count_a_new_one(&mut state);
        drop(state);
        true
    }

    /// Opens an item that is to lie idle, if one is still missing.
    pub(super) async fn open_one(&self, mut place: Place<M>) -> Result<(), Ended<M>> {
        if !self.counts_one_more(&mut place) {
            return Ok(());
        }
        let opens = M::begin_open(self);
        let (ended, place) = Limited::new(opens, place, self.settings.open_timeout).await;
        match (ended, place) {
            (Ended::Item(item), Some(place)) => {
                place.put(item.take());
                Ok(())
            }
            (ended, _) => {
                self.state.lock().stats.failed_opens += 1;
                Err(ended)
            }
        }
    }
}

impl<T> State<T> {
    /// Whether fewer items lie idle than there should, and there is room for another.
    fn wants_more(&self, settings: &Settings) -> bool {
        !self.is_closed && self.idle.len() < settings.min_idle && self.size < settings.max
    }
}
