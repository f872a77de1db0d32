//! How threads put items into a queue.

use core::time::Duration;
use std::time::Instant;

use super::block::block;
use super::many::PutMany;
use super::operation::{PutOperation, ReserveOperation};
use super::slot::Slot;
use super::store::Store;
use super::thread::BaseQueue;
use crate::error::PutError;
use crate::line::{Asker, Timeout};

impl<S: Store> BaseQueue<S> {
    /// Puts an item, blocking while the queue is full.
    ///
    /// # Errors
    ///
    /// Returns [`PutError::ShutDown`] with the item if the queue has been shut down, also while
    /// this call waits.
    ///
    /// # Panics
    ///
    /// Panics if the comparison of two priorities panics.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = syncline::thread::Queue::unbounded();
    /// queue.put(1)?;
    /// assert_eq!(queue.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias("push", "send"))]
    #[track_caller]
    pub fn put(&self, item: S::Item) -> Result<(), PutError<S::Item>> {
        block(PutOperation::new(&self.core, item), Timeout::Never)
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
    /// let queue = syncline::thread::Queue::bounded(1);
    /// queue.try_put(1)?;
    /// let error = queue.try_put(2).unwrap_err();
    /// assert_eq!(error.into_inner(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias("try_push", "try_send"))]
    pub fn try_put(&self, item: S::Item) -> Result<(), PutError<S::Item>> {
        self.core.try_put(item, Asker::Thread)
    }

    /// Puts an item, blocking for at most `timeout` while the queue is full; zero tries once.
    ///
    /// # Errors
    ///
    /// Returns [`PutError::TimedOut`] or [`PutError::ShutDown`], with the item.
    ///
    /// # Panics
    ///
    /// Panics if the comparison of two priorities panics.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = syncline::thread::Queue::bounded(1);
    /// queue.put(1)?;
    /// assert!(queue.put_timeout(2, core::time::Duration::ZERO).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn put_timeout(&self, item: S::Item, timeout: Duration) -> Result<(), PutError<S::Item>> {
        block(PutOperation::new(&self.core, item), Timeout::After(timeout))
    }

    /// Puts an item, blocking until `deadline` at the latest while the queue is full.
    ///
    /// # Errors
    ///
    /// Returns [`PutError::TimedOut`] or [`PutError::ShutDown`], with the item.
    ///
    /// # Panics
    ///
    /// Panics if the comparison of two priorities panics.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = syncline::thread::Queue::bounded(1);
    /// queue.put(1)?;
    /// assert!(queue.put_deadline(2, std::time::Instant::now()).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn put_deadline(&self, item: S::Item, deadline: Instant) -> Result<(), PutError<S::Item>> {
        block(PutOperation::new(&self.core, item), Timeout::At(deadline))
    }

    /// Reserves a place for an item that comes later, blocking while the queue is full.
    ///
    /// # Errors
    ///
    /// Returns [`PutError::ShutDown`] if the queue has been shut down, also while this call waits.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = syncline::thread::Queue::bounded(1);
    /// let slot = queue.reserve()?;
    /// slot.put(1)?;
    /// assert_eq!(queue.try_get()?, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn reserve(&self) -> Result<Slot<'_, S>, PutError<()>> {
        block(ReserveOperation::new(&self.core), Timeout::Never)
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
    /// let queue = syncline::thread::Queue::bounded(1);
    /// let slot = queue.try_reserve()?;
    /// assert!(queue.try_reserve().is_err());
    /// slot.put(1)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn try_reserve(&self) -> Result<Slot<'_, S>, PutError<()>> {
        self.core.try_reserve(Asker::Thread)
    }

    /// Reserves a place, blocking for at most `timeout` while the queue is full; zero tries once.
    ///
    /// # Errors
    ///
    /// Returns [`PutError::TimedOut`] or [`PutError::ShutDown`].
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = syncline::thread::Queue::bounded(1);
    /// let slot = queue.reserve_timeout(core::time::Duration::ZERO)?;
    /// slot.put(1)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn reserve_timeout(&self, timeout: Duration) -> Result<Slot<'_, S>, PutError<()>> {
        block(ReserveOperation::new(&self.core), Timeout::After(timeout))
    }

    /// Reserves a place, blocking until `deadline` at the latest while the queue is full.
    ///
    /// # Errors
    ///
    /// Returns [`PutError::TimedOut`] or [`PutError::ShutDown`].
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = syncline::thread::Queue::bounded(1);
    /// let slot = queue.reserve_deadline(std::time::Instant::now())?;
    /// slot.put(1)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn reserve_deadline(&self, deadline: Instant) -> Result<Slot<'_, S>, PutError<()>> {
        block(ReserveOperation::new(&self.core), Timeout::At(deadline))
    }

    /// Puts all items of an iterator, several at a time, blocking while the queue is full.
    ///
    /// The iterator is collected first; if it panics, nothing has been put. Items of other
    /// putters may come between these, which keep their own order.
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
    /// # Examples
    ///
    /// ```
    /// let queue = syncline::thread::Queue::unbounded();
    /// queue.put_many([1, 2])?;
    /// assert_eq!(queue.len(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn put_many(
        &self,
        items: impl IntoIterator<Item = S::Item>,
    ) -> Result<(), PutError<Vec<S::Item>>> {
        block(PutMany::new(&self.core, items), Timeout::Never)
    }

    /// Puts all items of an iterator, blocking for at most `timeout` in all; zero tries once.
    ///
    /// The iterator is collected first.
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
    /// # Examples
    ///
    /// ```
    /// let queue = syncline::thread::Queue::bounded(1);
    /// let rest = queue.put_many_timeout([1, 2], core::time::Duration::ZERO).unwrap_err();
    /// assert_eq!(rest.into_inner(), [2]);
    /// ```
    #[track_caller]
    pub fn put_many_timeout(
        &self,
        items: impl IntoIterator<Item = S::Item>,
        timeout: Duration,
    ) -> Result<(), PutError<Vec<S::Item>>> {
        block(PutMany::new(&self.core, items), Timeout::After(timeout))
    }

    /// Puts all items of an iterator, blocking until `deadline` at the latest.
    ///
    /// The iterator is collected first.
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
    /// # Examples
    ///
    /// ```
    /// let queue = syncline::thread::Queue::bounded(1);
    /// let rest = queue.put_many_deadline([1, 2], std::time::Instant::now()).unwrap_err();
    /// assert_eq!(rest.into_inner(), [2]);
    /// ```
    #[track_caller]
    pub fn put_many_deadline(
        &self,
        items: impl IntoIterator<Item = S::Item>,
        deadline: Instant,
    ) -> Result<(), PutError<Vec<S::Item>>> {
        block(PutMany::new(&self.core, items), Timeout::At(deadline))
    }
}
