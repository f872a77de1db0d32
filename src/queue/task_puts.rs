//! How tasks put items into a queue.

use core::time::Duration;
use std::time::Instant;

use super::future::{Put, PutAll, PutAllTimed, PutTimed, Reserve, ReserveTimed};
use super::many::PutMany;
use super::operation::{PutOperation, ReserveOperation};
use super::slot::Slot;
use super::store::Store;
use super::task::{BaseQueue, timed, wait};
use crate::error::PutError;
use crate::line::{Asker, Timeout};

impl<S: Store> BaseQueue<S> {
    /// Puts an item, waiting while the queue is full.
    ///
    /// # Errors
    ///
    /// Returns [`PutError::ShutDown`] with the item if the queue has been shut down, also while
    /// this future waits.
    ///
    /// # Panics
    ///
    /// Panics if the comparison of two priorities panics.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the item with it, unless it has been put already.
    /// [`reserve`](Self::reserve) is the form that cannot lose an item.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = syncline::task::Queue::unbounded();
    /// syncline::task::block_on(async {
    ///     queue.put(1).await?;
    ///     assert_eq!(queue.len(), 1);
    /// #   Ok::<(), Box<dyn std::error::Error>>(())
    /// })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias("push", "send"))]
    pub fn put(&self, item: S::Item) -> Put<'_, S> {
        Put::new(wait(PutOperation::new(&self.core, item)))
    }

    /// Puts an item without waiting, if a place is free and not reserved for a waiter.
    ///
    /// # Errors
    ///
    /// Returns [`PutError::Full`] or [`PutError::ShutDown`], with the item.
    ///
    /// # Panics
    ///
    /// Panics if the comparison of two priorities panics.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = syncline::task::Queue::bounded(1);
    /// queue.try_put(1)?;
    /// let error = queue.try_put(2).unwrap_err();
    /// assert_eq!(error.into_inner(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias("try_push", "try_send"))]
    pub fn try_put(&self, item: S::Item) -> Result<(), PutError<S::Item>> {
        self.core.try_put(item, Asker::Task)
    }

    /// Puts an item, waiting for at most `timeout`, counted from the first poll, while the queue is full; zero tries
    /// once.
    ///
    /// # Errors
    ///
    /// Returns [`PutError::TimedOut`] or [`PutError::ShutDown`], with the item.
    ///
    /// # Panics
    ///
    /// Panics if the comparison of two priorities panics.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the item with it, unless it has been put already.
    /// [`reserve`](Self::reserve) is the form that cannot lose an item.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = syncline::task::Queue::bounded(1);
    /// syncline::task::block_on(async {
    ///     queue.put(1).await?;
    ///     assert!(queue.put_timeout(2, core::time::Duration::ZERO).await.is_err());
    /// #   Ok::<(), Box<dyn std::error::Error>>(())
    /// })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn put_timeout(&self, item: S::Item, timeout: Duration) -> PutTimed<'_, S> {
        PutTimed::new(timed(
            PutOperation::new(&self.core, item),
            Timeout::After(timeout),
        ))
    }

    /// Puts an item, waiting until `deadline` at the latest while the queue is full.
    ///
    /// # Errors
    ///
    /// Returns [`PutError::TimedOut`] or [`PutError::ShutDown`], with the item.
    ///
    /// # Panics
    ///
    /// Panics if the comparison of two priorities panics.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the item with it, unless it has been put already.
    /// [`reserve`](Self::reserve) is the form that cannot lose an item.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = syncline::task::Queue::bounded(1);
    /// syncline::task::block_on(async {
    ///     queue.put(1).await?;
    ///     assert!(queue.put_deadline(2, std::time::Instant::now()).await.is_err());
    /// #   Ok::<(), Box<dyn std::error::Error>>(())
    /// })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn put_deadline(&self, item: S::Item, deadline: Instant) -> PutTimed<'_, S> {
        PutTimed::new(timed(
            PutOperation::new(&self.core, item),
            Timeout::At(deadline),
        ))
    }

    /// Reserves a place for an item that comes later, waiting while the queue is full.
    ///
    /// # Errors
    ///
    /// Returns [`PutError::ShutDown`] if the queue has been shut down, also while the future waits.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses only the place in line.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = syncline::task::Queue::bounded(1);
    /// syncline::task::block_on(async {
    ///     let slot = queue.reserve().await?;
    ///     slot.put(1)?;
    ///     assert_eq!(queue.try_get()?, 1);
    /// #   Ok::<(), Box<dyn std::error::Error>>(())
    /// })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn reserve(&self) -> Reserve<'_, S> {
        Reserve::new(wait(ReserveOperation::new(&self.core)))
    }

    /// Reserves a place without waiting, if one is free and not reserved for a waiter.
    ///
    /// # Errors
    ///
    /// Returns [`PutError::Full`] or [`PutError::ShutDown`].
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = syncline::task::Queue::bounded(1);
    /// let slot = queue.try_reserve()?;
    /// assert!(queue.try_reserve().is_err());
    /// slot.put(1)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn try_reserve(&self) -> Result<Slot<'_, S>, PutError<()>> {
        self.core.try_reserve(Asker::Task)
    }

    /// Reserves a place, waiting for at most `timeout`, counted from the first poll, while the queue is full; zero
    /// tries once.
    ///
    /// # Errors
    ///
    /// Returns [`PutError::TimedOut`] or [`PutError::ShutDown`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses only the place in line.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = syncline::task::Queue::bounded(1);
    /// syncline::task::block_on(async {
    ///     let slot = queue.reserve_timeout(core::time::Duration::ZERO).await?;
    ///     slot.put(1)?;
    /// #   Ok::<(), Box<dyn std::error::Error>>(())
    /// })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn reserve_timeout(&self, timeout: Duration) -> ReserveTimed<'_, S> {
        ReserveTimed::new(timed(
            ReserveOperation::new(&self.core),
            Timeout::After(timeout),
        ))
    }

    /// Reserves a place, waiting until `deadline` at the latest while the queue is full.
    ///
    /// # Errors
    ///
    /// Returns [`PutError::TimedOut`] or [`PutError::ShutDown`].
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses only the place in line.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = syncline::task::Queue::bounded(1);
    /// syncline::task::block_on(async {
    ///     let slot = queue.reserve_deadline(std::time::Instant::now()).await?;
    ///     slot.put(1)?;
    /// #   Ok::<(), Box<dyn std::error::Error>>(())
    /// })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn reserve_deadline(&self, deadline: Instant) -> ReserveTimed<'_, S> {
        ReserveTimed::new(timed(
            ReserveOperation::new(&self.core),
            Timeout::At(deadline),
        ))
    }

    /// Puts all items of an iterator, several at a time, waiting while the queue is full.
    ///
    /// The iterator is collected by this call, before the future is polled; if it panics, nothing
    /// has been put. Items of other putters may come between these, which keep their own order.
    ///
    /// # Errors
    ///
    /// Returns [`PutError::ShutDown`] with the items that have not been put if the queue is shut
    /// down before all are in it.
    ///
    /// # Panics
    ///
    /// Panics if the comparison of two priorities panics.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the items that have not been put. Items that have been put stay.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = syncline::task::Queue::unbounded();
    /// syncline::task::block_on(async {
    ///     queue.put_many([1, 2]).await?;
    ///     assert_eq!(queue.len(), 2);
    /// #   Ok::<(), Box<dyn std::error::Error>>(())
    /// })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn put_many(&self, items: impl IntoIterator<Item = S::Item>) -> PutAll<'_, S> {
        PutAll::new(wait(PutMany::new(&self.core, items)))
    }

    /// Puts all items of an iterator, waiting for at most `timeout` in all, counted from the first poll; zero tries
    /// once.
    ///
    /// The iterator is collected by this call, before the future is polled.
    ///
    /// # Errors
    ///
    /// Returns [`PutError::TimedOut`] or [`PutError::ShutDown`], with the items that have not been
    /// put.
    ///
    /// # Panics
    ///
    /// Panics if the comparison of two priorities panics.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the items that have not been put. Items that have been put stay.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = syncline::task::Queue::bounded(1);
    /// syncline::task::block_on(async {
    ///     let rest = queue.put_many_timeout([1, 2], core::time::Duration::ZERO).await.unwrap_err();
    ///     assert_eq!(rest.into_inner(), [2]);
    /// });
    /// ```
    pub fn put_many_timeout(
        &self,
        items: impl IntoIterator<Item = S::Item>,
        timeout: Duration,
    ) -> PutAllTimed<'_, S> {
        PutAllTimed::new(timed(
            PutMany::new(&self.core, items),
            Timeout::After(timeout),
        ))
    }

    /// Puts all items of an iterator, waiting until `deadline` at the latest.
    ///
    /// The iterator is collected by this call, before the future is polled.
    ///
    /// # Errors
    ///
    /// Returns [`PutError::TimedOut`] or [`PutError::ShutDown`], with the items that have not been
    /// put.
    ///
    /// # Panics
    ///
    /// Panics if the comparison of two priorities panics.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the items that have not been put. Items that have been put stay.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = syncline::task::Queue::bounded(1);
    /// syncline::task::block_on(async {
    ///     let rest = queue.put_many_deadline([1, 2], std::time::Instant::now()).await.unwrap_err();
    ///     assert_eq!(rest.into_inner(), [2]);
    /// });
    /// ```
    pub fn put_many_deadline(
        &self,
        items: impl IntoIterator<Item = S::Item>,
        deadline: Instant,
    ) -> PutAllTimed<'_, S> {
        PutAllTimed::new(timed(
            PutMany::new(&self.core, items),
            Timeout::At(deadline),
        ))
    }
}
