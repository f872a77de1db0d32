//! The end of a pool.

use core::fmt;
use core::mem::take;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;
use std::time::Instant;

use super::LeasePool;
use super::handle::Handle;
use super::manage::Managed;
use super::running::{Limited, Loose};
use super::shared::Place;
use crate::combine::{block_on, timeout, timeout_at};
use crate::error::TimedOut;

impl<M: Managed> LeasePool<M> {
    /// Closes the pool at once, and returns a wait for its last item to be gone.
    ///
    /// From then on, nobody gets a lease, and waiters get [`LeaseError::Closed`](crate::service::LeaseError::Closed).
    /// Existing leases stay valid. The returned wait closes idle items, and items that are given back, with the
    /// manager's `close`. If the wait is dropped, these items are discarded, as are those that are given back later.
    /// A second call returns another wait for the same end.
    ///
    /// # Cancel safety
    ///
    /// See above: the pool is closed all the same.
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
    /// use core::time::Duration;
    ///
    /// let pool = LeasePool::builder(Server).build();
    /// let lease = pool.lease().wait()?;
    /// assert!(pool.close().wait_timeout(Duration::from_millis(1)).is_err()); // one is out
    /// assert!(matches!(pool.lease().wait(), Err(LeaseError::Closed)));
    /// lease.give_back();
    /// pool.close().wait();
    /// assert_eq!(pool.stats().size, 0);
    /// # Ok::<(), LeaseError<std::io::Error>>(())
    /// ```
    pub fn close(&self) -> CloseWait {
        CloseWait::new(&self.shared)
    }
}

/// Waits until a closed pool is empty. Created by [`LeasePool::close`](super::LeasePool::close).
///
/// A task awaits it. A thread calls [`wait`](Self::wait), [`wait_timeout`](Self::wait_timeout) or
/// [`wait_deadline`](Self::wait_deadline). It closes idle items, and items that are given back, one after another. If
/// all such waits are dropped, the rest is discarded.
///
/// # Panics
///
/// Panics when it is polled after it has ended, or if the timer's thread cannot be started.
///
/// # Examples
///
/// See [`LeasePool::close`](super::LeasePool::close).
#[must_use = "what lies idle is discarded as soon as this is dropped"]
pub struct CloseWait {
    closes: Pin<Box<dyn Future<Output = ()> + Send>>,
}

/// One who waits for the end.
struct Closer<M: Managed>(Handle<M>);

impl CloseWait {
    pub(super) fn new<M: Managed>(pool: &Handle<M>) -> Self {
        pool.close();
        let closer = Closer(pool.clone());
        Self {
            closes: Box::pin(async move { closer.close_all().await }),
        }
    }

    /// Blocks until every item is gone.
    ///
    /// # Deadlocks
    ///
    /// A lease that the caller holds is never given back.
    ///
    /// # Examples
    ///
    /// See [`LeasePool::close`](super::LeasePool::close).
    #[track_caller]
    pub fn wait(self) {
        block_on(self);
    }

    /// Blocks until every item is gone, for at most `timeout`.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`] if an item was still leased, or in a call that hangs.
    ///
    /// # Examples
    ///
    /// See [`LeasePool::close`](super::LeasePool::close).
    #[track_caller]
    pub fn wait_timeout(self, timeout_after: Duration) -> Result<(), TimedOut> {
        block_on(timeout(timeout_after, self))
    }

    /// Blocks until every item is gone, or until `deadline`.
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
    /// pool.close().wait_deadline(Instant::now() + Duration::from_secs(5))?;
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    #[track_caller]
    pub fn wait_deadline(self, deadline: Instant) -> Result<(), TimedOut> {
        block_on(timeout_at(deadline, self))
    }
}

impl<M: Managed> Closer<M> {
    async fn close_all(&self) {
        let pool = &self.0;
        loop {
            pool.leftovers.acquire().await.forget();
            let (entry, is_empty) = {
                let mut state = pool.state.lock();
                (state.idle.pop_front(), state.size == 0)
            };
            if let Some(entry) = entry {
                let place = Place::of_a_leftover(pool);
                let closes = M::begin_close(Loose::new(pool.clone(), entry));
                let _ended = Limited::new(closes, place, pool.settings.close_timeout).await;
            } else if is_empty {
                return;
            }
        }
    }
}

impl<M: Managed> Drop for Closer<M> {
    fn drop(&mut self) {
        let pool = &self.0;
        let mut state = pool.state.lock();
        state.closers -= 1;
        let rest = if state.closers == 0 {
            take(&mut state.idle)
        } else {
            return;
        };
        drop(state);
        for entry in rest {
            let _place = Place::of_a_leftover(pool);
            pool.discard(entry.item);
        }
    }
}

impl Future for CloseWait {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.closes.as_mut().poll(context)
    }
}

impl fmt::Debug for CloseWait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CloseWait").finish_non_exhaustive()
    }
}
