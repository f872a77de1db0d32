//! How tasks get items from a queue.

use core::time::Duration;
use std::time::Instant;

use super::future::{Get, GetSome, GetSomeTimed, GetTimed, Items};
use super::many::GetMany;
use super::operation::GetOperation;
use super::store::Store;
use super::task::{BaseQueue, timed, wait};
use crate::error::GetError;
use crate::line::{Asker, Timeout};

impl<S: Store> BaseQueue<S> {
    /// Takes the next item, waiting while there is none.
    ///
    /// # Errors
    ///
    /// Returns [`GetError::ShutDown`] if the queue has been shut down and no item is left for this
    /// getter.
    ///
    /// # Panics
    ///
    /// Panics if the comparison of two priorities panics.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses no item: an item that it was granted goes to the next getter.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = syncline::task::Queue::unbounded();
    /// syncline::task::block_on(async {
    ///     queue.put(1).await?;
    ///     assert_eq!(queue.get().await?, 1);
    /// #   Ok::<(), Box<dyn std::error::Error>>(())
    /// })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias("pop", "recv"))]
    pub fn get(&self) -> Get<'_, S> {
        Get::new(wait(GetOperation::new(&self.core)))
    }

    /// Takes the next item without waiting, if there is one that is not reserved for a waiter.
    ///
    /// # Errors
    ///
    /// Returns [`GetError::Empty`] or [`GetError::ShutDown`].
    ///
    /// # Panics
    ///
    /// Panics if the comparison of two priorities panics.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = syncline::task::Queue::unbounded();
    /// assert!(queue.try_get().is_err());
    /// queue.try_put(1)?;
    /// assert_eq!(queue.try_get()?, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias("try_pop", "try_recv"))]
    pub fn try_get(&self) -> Result<S::Item, GetError> {
        self.core.try_get(Asker::Task)
    }

    /// Takes the next item, waiting for at most `timeout`, counted from the first poll; zero tries once.
    ///
    /// # Errors
    ///
    /// Returns [`GetError::TimedOut`] or [`GetError::ShutDown`].
    ///
    /// # Panics
    ///
    /// Panics if the comparison of two priorities panics.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses no item: an item that it was granted goes to the next getter.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    ///
    /// let queue = syncline::task::Queue::unbounded();
    /// syncline::task::block_on(async {
    ///     assert!(queue.get_timeout(Duration::ZERO).await.is_err());
    ///     queue.put(1).await?;
    ///     assert_eq!(queue.get_timeout(Duration::ZERO).await?, 1);
    /// #   Ok::<(), Box<dyn std::error::Error>>(())
    /// })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn get_timeout(&self, timeout: Duration) -> GetTimed<'_, S> {
        GetTimed::new(timed(
            GetOperation::new(&self.core),
            Timeout::After(timeout),
        ))
    }

    /// Takes the next item, waiting until `deadline` at the latest.
    ///
    /// # Errors
    ///
    /// Returns [`GetError::TimedOut`] or [`GetError::ShutDown`].
    ///
    /// # Panics
    ///
    /// Panics if the comparison of two priorities panics.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses no item: an item that it was granted goes to the next getter.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Instant;
    ///
    /// let queue = syncline::task::Queue::unbounded();
    /// syncline::task::block_on(async {
    ///     assert!(queue.get_deadline(Instant::now()).await.is_err());
    ///     queue.put(1).await?;
    ///     assert_eq!(queue.get_deadline(Instant::now()).await?, 1);
    /// #   Ok::<(), Box<dyn std::error::Error>>(())
    /// })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn get_deadline(&self, deadline: Instant) -> GetTimed<'_, S> {
        GetTimed::new(timed(GetOperation::new(&self.core), Timeout::At(deadline)))
    }

    /// Takes up to `max` items at once, waiting while there is none.
    ///
    /// It waits for one item and then takes whatever else is there. A `max` of zero returns an
    /// empty list at once.
    ///
    /// # Errors
    ///
    /// Returns [`GetError::ShutDown`] if the queue has been shut down and no item is left for this
    /// getter.
    ///
    /// # Panics
    ///
    /// Panics if the first comparison of two priorities panics. If a later one does, the panic
    /// hook reports it, this call returns the items that it has taken so far, and the next get
    /// meets the panic again.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses no item: an item that it was granted goes to the next getter.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = syncline::task::Queue::unbounded();
    /// syncline::task::block_on(async {
    ///     queue.put_many([1, 2]).await?;
    ///     assert_eq!(queue.get_many(10).await?, [1, 2]);
    /// #   Ok::<(), Box<dyn std::error::Error>>(())
    /// })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn get_many(&self, max: usize) -> GetSome<'_, S> {
        GetSome::new(wait(GetMany::new(&self.core, max)))
    }

    /// Takes up to `max` items at once, waiting for the first for at most `timeout`, counted from the first poll;
    /// zero tries once.
    ///
    /// # Errors
    ///
    /// Returns [`GetError::TimedOut`] or [`GetError::ShutDown`].
    ///
    /// # Panics
    ///
    /// Panics if the first comparison of two priorities panics; see [`get_many`](Self::get_many).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses no item: an item that it was granted goes to the next getter.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    ///
    /// let queue = syncline::task::Queue::unbounded();
    /// syncline::task::block_on(async {
    ///     assert!(queue.get_many_timeout(10, Duration::ZERO).await.is_err());
    ///     queue.put_many([1, 2]).await?;
    ///     assert_eq!(queue.get_many_timeout(10, Duration::ZERO).await?, [1, 2]);
    /// #   Ok::<(), Box<dyn std::error::Error>>(())
    /// })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn get_many_timeout(&self, max: usize, timeout: Duration) -> GetSomeTimed<'_, S> {
        GetSomeTimed::new(timed(
            GetMany::new(&self.core, max),
            Timeout::After(timeout),
        ))
    }

    /// Takes up to `max` items at once, waiting for the first until `deadline` at the latest.
    ///
    /// # Errors
    ///
    /// Returns [`GetError::TimedOut`] or [`GetError::ShutDown`].
    ///
    /// # Panics
    ///
    /// Panics if the first comparison of two priorities panics; see [`get_many`](Self::get_many).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses no item: an item that it was granted goes to the next getter.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Instant;
    ///
    /// let queue = syncline::task::Queue::unbounded();
    /// syncline::task::block_on(async {
    ///     assert!(queue.get_many_deadline(10, Instant::now()).await.is_err());
    ///     queue.put_many([1, 2]).await?;
    ///     assert_eq!(queue.get_many_deadline(10, Instant::now()).await?, [1, 2]);
    /// #   Ok::<(), Box<dyn std::error::Error>>(())
    /// })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn get_many_deadline(&self, max: usize, deadline: Instant) -> GetSomeTimed<'_, S> {
        GetSomeTimed::new(timed(GetMany::new(&self.core, max), Timeout::At(deadline)))
    }

    /// Takes every item that is not reserved for a getter, and counts them as done.
    ///
    /// # Panics
    ///
    /// Panics if the comparison of two priorities panics.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = syncline::task::Queue::unbounded();
    /// syncline::task::block_on(async {
    ///     queue.put_many([1, 2]).await?;
    ///     assert_eq!(queue.drain(), [1, 2]);
    ///     assert_eq!(queue.unfinished(), 0);
    /// #   Ok::<(), Box<dyn std::error::Error>>(())
    /// })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn drain(&self) -> Vec<S::Item> {
        self.core.drain()
    }

    /// Returns a stream of items, which ends when the queue has been shut down and drained.
    ///
    /// # Panics
    ///
    /// Polling panics if the comparison of two priorities panics.
    ///
    /// # Cancel safety
    ///
    /// Dropping the stream loses no item.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures_lite::StreamExt;
    ///
    /// let queue = syncline::task::Queue::unbounded();
    /// syncline::task::block_on(async {
    ///     queue.put_many([1, 2]).await?;
    ///     queue.shutdown(syncline::Shutdown::Graceful);
    ///     assert_eq!(queue.stream().count().await, 2);
    /// #   Ok::<(), Box<dyn std::error::Error>>(())
    /// })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn stream(&self) -> Items<'_, S> {
        Items::new(&self.core)
    }
}
