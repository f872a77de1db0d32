//! The half of a queue that gets, as tasks see it.

use core::fmt;
use core::time::Duration;
use std::time::Instant;

use super::future::{Get, GetSome, GetTimed, Items};
use super::halves::{Gets, Half};
use super::store::Store;
use super::task::BaseQueue;
use super::thread_receiver;
use crate::error::GetError;

/// The half of a queue that gets. Returned by [`split`](BaseQueue::split).
///
/// Clone it for each task that gets: each item reaches one of them. When the last one is dropped, the queued items
/// are dropped at once, and a put returns its item with [`PutError::ShutDown`](crate::PutError::ShutDown).
///
/// A [stream](Self::stream) of it ends when the last sender is gone and everything has been taken out.
///
/// # Examples
///
/// ```
/// use futures_lite::StreamExt;
/// use syncline::task::{Queue, block_on, gather};
///
/// let (tx, rx) = Queue::bounded(1).split();
/// let produce = async move {
///     for n in 1..=3 {
///         tx.put(n).await?;
///     }
///     Ok::<(), syncline::PutError<i32>>(())
/// };
/// let consume = rx.stream().fold(0, |sum, n| sum + n);
/// let (produced, sum) = block_on(gather((produce, consume)));
/// assert_eq!((produced, sum), (Ok(()), 6));
/// ```
pub struct Receiver<S: Store> {
    half: Half<S, Gets>,
}

impl<S: Store> Receiver<S> {
    pub(super) const fn new(half: Half<S, Gets>) -> Self {
        Self { half }
    }

    /// Returns the queue itself, for the calls that the half does not have.
    ///
    /// # Examples
    ///
    /// ```
    /// let (tx, rx) = syncline::task::Queue::unbounded().split();
    /// syncline::task::block_on(async {
    ///     tx.put_many([1, 2]).await?;
    ///     assert_eq!(rx.queue().drain(), [1, 2]);
    /// #   Ok::<(), syncline::PutError<Vec<i32>>>(())
    /// })?;
    /// # Ok::<(), syncline::PutError<Vec<i32>>>(())
    /// ```
    #[must_use]
    pub fn queue(&self) -> &BaseQueue<S> {
        &self.half
    }

    /// Gets an item, waiting until there is one; see [`BaseQueue::get`].
    ///
    /// # Errors
    ///
    /// Returns [`GetError::ShutDown`] when the last sender is gone, or the queue has been shut down, and
    /// everything has been taken out.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses no item: what it has been granted goes to the next in line.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{GetError, task::Queue};
    ///
    /// let (tx, rx) = Queue::unbounded().split();
    /// syncline::task::block_on(async {
    ///     tx.put(1).await?;
    ///     drop(tx);
    ///     assert_eq!(rx.get().await, Ok(1));
    ///     assert_eq!(rx.get().await, Err(GetError::ShutDown));
    /// #   Ok::<(), syncline::PutError<i32>>(())
    /// })?;
    /// # Ok::<(), syncline::PutError<i32>>(())
    /// ```
    #[doc(alias("pop", "recv"))]
    pub fn get(&self) -> Get<'_, S> {
        self.queue().get()
    }

    /// Gets an item without waiting; see [`BaseQueue::try_get`].
    ///
    /// # Errors
    ///
    /// Returns [`GetError::Empty`] or [`GetError::ShutDown`].
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{GetError, task::Queue};
    ///
    /// let (tx, rx) = Queue::<i32>::unbounded().split();
    /// assert_eq!(rx.try_get(), Err(GetError::Empty));
    /// drop(tx);
    /// assert_eq!(rx.try_get(), Err(GetError::ShutDown));
    /// ```
    #[doc(alias("try_pop", "try_recv"))]
    pub fn try_get(&self) -> Result<S::Item, GetError> {
        self.queue().try_get()
    }

    /// Gets an item, waiting for at most `timeout`, counted from the first poll; see [`BaseQueue::get_timeout`].
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get); and [`GetError::TimedOut`].
    ///
    /// # Cancel safety
    ///
    /// The same as for [`get`](Self::get).
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use syncline::{GetError, task::Queue};
    ///
    /// let (tx, rx) = Queue::<i32>::unbounded().split();
    /// syncline::task::block_on(async {
    ///     assert_eq!(rx.get_timeout(Duration::from_millis(1)).await, Err(GetError::TimedOut));
    /// #   drop(tx);
    /// });
    /// ```
    pub fn get_timeout(&self, timeout: Duration) -> GetTimed<'_, S> {
        self.queue().get_timeout(timeout)
    }

    /// Gets an item, waiting until `deadline` at the latest; see [`BaseQueue::get_deadline`].
    ///
    /// # Errors
    ///
    /// The same as for [`get_timeout`](Self::get_timeout).
    ///
    /// # Cancel safety
    ///
    /// The same as for [`get`](Self::get).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Instant;
    /// use syncline::{GetError, task::Queue};
    ///
    /// let (tx, rx) = Queue::<i32>::unbounded().split();
    /// syncline::task::block_on(async {
    ///     assert_eq!(rx.get_deadline(Instant::now()).await, Err(GetError::TimedOut));
    /// #   drop(tx);
    /// });
    /// ```
    pub fn get_deadline(&self, deadline: Instant) -> GetTimed<'_, S> {
        self.queue().get_deadline(deadline)
    }

    /// Gets up to `max` items, waiting until there is one; see [`BaseQueue::get_many`].
    ///
    /// # Errors
    ///
    /// The same as for [`get`](Self::get).
    ///
    /// # Cancel safety
    ///
    /// The same as for [`get`](Self::get).
    ///
    /// # Examples
    ///
    /// ```
    /// let (tx, rx) = syncline::task::Queue::unbounded().split();
    /// syncline::task::block_on(async {
    ///     tx.put_many([1, 2, 3]).await?;
    ///     assert_eq!(rx.get_many(2).await, Ok(vec![1, 2]));
    ///     assert_eq!(rx.get_many(2).await, Ok(vec![3]));
    /// #   Ok::<(), syncline::PutError<Vec<i32>>>(())
    /// })?;
    /// # Ok::<(), syncline::PutError<Vec<i32>>>(())
    /// ```
    pub fn get_many(&self, max: usize) -> GetSome<'_, S> {
        self.queue().get_many(max)
    }

    /// Returns a stream of the items, until the last sender is gone.
    ///
    /// # Cancel safety
    ///
    /// Dropping it, or a future that waits for its next item, loses no item.
    ///
    /// # Examples
    ///
    /// ```
    /// use futures_lite::StreamExt;
    ///
    /// let (tx, rx) = syncline::task::Queue::unbounded().split();
    /// for n in 1..=3 {
    ///     tx.try_put(n)?;
    /// }
    /// drop(tx);
    /// let items: Vec<i32> = syncline::task::block_on(rx.stream().collect());
    /// assert_eq!(items, [1, 2, 3]);
    /// # Ok::<(), syncline::PutError<i32>>(())
    /// ```
    pub fn stream(&self) -> Items<'_, S> {
        self.queue().stream()
    }

    /// Returns the same half, for threads.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::task::{Queue, block_on};
    ///
    /// let (tx, rx) = Queue::bounded(1).split();
    /// let rx = rx.into_thread();
    /// block_on(tx.put(1))?;
    /// assert_eq!(rx.get(), Ok(1));
    /// # Ok::<(), syncline::PutError<i32>>(())
    /// ```
    #[must_use]
    pub fn into_thread(self) -> thread_receiver::Receiver<S> {
        thread_receiver::Receiver::new(self.half)
    }
}

impl<S: Store> Clone for Receiver<S> {
    fn clone(&self) -> Self {
        Self::new(self.half.clone())
    }
}

impl<S: Store> fmt::Debug for Receiver<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Receiver").field(&self.half).finish()
    }
}
