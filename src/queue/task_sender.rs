//! The half of a queue that puts, as tasks see it; and how a queue is split.

use core::fmt;
use core::time::Duration;
use std::time::Instant;

use super::future::{Put, PutAll, PutTimed, Reserve};
use super::halves::{Half, Puts, WeakHalf, split};
use super::store::Store;
use super::task::BaseQueue;
use super::task_receiver::Receiver;
use super::thread_sender;
use crate::error::PutError;

impl<S: Store> BaseQueue<S> {
    /// Splits the queue into a half that puts and a half that gets: it ends when either side is gone.
    ///
    /// Both halves can be cloned. When the last [`Sender`] is dropped, the queue is shut down gracefully: receivers
    /// get the queued items, and then [`GetError::ShutDown`](crate::GetError::ShutDown). When the last [`Receiver`]
    /// is dropped, it is shut down immediately: the queued items are dropped at once, and a put returns its item with
    /// [`PutError::ShutDown`].
    ///
    /// Use it where the end of one side should end the other. A queue that lives as long as the
    /// program, or that somebody [shuts down](Self::shutdown), needs no halves.
    ///
    /// # Memory effects
    ///
    /// Everything that was done before a half was dropped happens before the call of the other side that reports the
    /// end.
    ///
    /// # Deadlocks
    ///
    /// A task that receives until the end waits forever while it owns a sender itself. Drop that
    /// sender first, or keep a [`WeakSender`].
    ///
    /// # Examples
    ///
    /// ## A pipeline that ends when its source ends
    ///
    /// ```
    /// use futures_lite::StreamExt;
    /// use syncline::task::{Queue, block_on};
    ///
    /// let (tx, rx) = Queue::bounded(16).split();
    /// for file in ["one", "two", "three"] {
    ///     let tx = tx.clone();
    ///     std::thread::spawn(move || block_on(tx.put(file.len())));
    /// }
    /// drop(tx);
    /// // It ends when the last task has dropped its sender.
    /// let sum = block_on(rx.stream().fold(0, |sum, len| sum + len));
    /// assert_eq!(sum, 11);
    /// ```
    #[must_use = "the queue ends when one side is dropped"]
    pub fn split(self) -> (Sender<S>, Receiver<S>) {
        let (puts, gets) = split(self);
        (Sender::new(puts), Receiver::new(gets))
    }
}

/// The half of a queue that puts. Returned by [`split`](BaseQueue::split).
///
/// Clone it for each task that puts. When the last one is dropped, receivers get the queued items, and then
/// [`GetError::ShutDown`](crate::GetError::ShutDown). Use [`queue`](Self::queue) for all other calls.
///
/// # Examples
///
/// ```
/// use syncline::{GetError, task::Queue};
///
/// let (tx, rx) = Queue::unbounded().split();
/// syncline::task::block_on(async {
///     tx.put("last").await?;
///     drop(tx);
///     assert_eq!(rx.get().await, Ok("last"));
///     assert_eq!(rx.get().await, Err(GetError::ShutDown));
/// #   Ok::<(), syncline::PutError<&str>>(())
/// })?;
/// # Ok::<(), syncline::PutError<&str>>(())
/// ```
///
/// In a struct it is named after the store of its queue:
///
/// ```
/// use syncline::store::Fifo;
/// use syncline::task::{Queue, Sender};
///
/// struct Logger {
///     lines: Sender<Fifo<String>>,
/// }
///
/// let (lines, rx) = Queue::unbounded().split();
/// let logger = Logger { lines };
/// syncline::task::block_on(async {
///     logger.lines.put("started".to_owned()).await?;
///     assert_eq!(rx.get().await.as_deref(), Ok("started"));
/// #   Ok::<(), syncline::PutError<String>>(())
/// })?;
/// # Ok::<(), syncline::PutError<String>>(())
/// ```
pub struct Sender<S: Store> {
    half: Half<S, Puts>,
}

impl<S: Store> Sender<S> {
    pub(super) const fn new(half: Half<S, Puts>) -> Self {
        Self { half }
    }

    /// Returns the queue itself, for the calls that the half does not have.
    ///
    /// # Examples
    ///
    /// ```
    /// let (tx, rx) = syncline::task::Queue::bounded(4).split();
    /// syncline::task::block_on(async {
    ///     tx.put(1).await?;
    ///     assert_eq!((tx.queue().len(), tx.queue().capacity()), (1, Some(4)));
    /// #   drop(rx);
    /// #   Ok::<(), syncline::PutError<i32>>(())
    /// })?;
    /// # Ok::<(), syncline::PutError<i32>>(())
    /// ```
    #[must_use]
    pub fn queue(&self) -> &BaseQueue<S> {
        &self.half
    }

    /// Puts an item, waiting while the queue is full; see [`BaseQueue::put`].
    ///
    /// # Errors
    ///
    /// Returns [`PutError::ShutDown`] with the item if the last receiver is gone, or the queue has been
    /// shut down, also while this waits.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future before it is ready drops its item. To lose none, [`reserve`](Self::reserve).
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{PutError, task::Queue};
    ///
    /// let (tx, rx) = Queue::bounded(1).split();
    /// syncline::task::block_on(async {
    ///     tx.put(1).await?;
    ///     drop(rx);
    ///     assert_eq!(tx.put(2).await, Err(PutError::ShutDown(2)));
    /// #   Ok::<(), PutError<i32>>(())
    /// })?;
    /// # Ok::<(), PutError<i32>>(())
    /// ```
    #[doc(alias("push", "send"))]
    pub fn put(&self, item: S::Item) -> Put<'_, S> {
        self.queue().put(item)
    }

    /// Puts an item without waiting; see [`BaseQueue::try_put`].
    ///
    /// # Errors
    ///
    /// Returns [`PutError::Full`] or [`PutError::ShutDown`] with the item.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{PutError, task::Queue};
    ///
    /// let (tx, rx) = Queue::bounded(1).split();
    /// tx.try_put(1)?;
    /// assert_eq!(tx.try_put(2), Err(PutError::Full(2)));
    /// # drop(rx);
    /// # Ok::<(), PutError<i32>>(())
    /// ```
    #[doc(alias("try_push", "try_send"))]
    pub fn try_put(&self, item: S::Item) -> Result<(), PutError<S::Item>> {
        self.queue().try_put(item)
    }

    /// Puts an item, waiting for at most `timeout`, counted from the first poll; see [`BaseQueue::put_timeout`].
    ///
    /// # Errors
    ///
    /// As [`put`](Self::put); and [`PutError::TimedOut`] with the item.
    ///
    /// # Cancel safety
    ///
    /// The same as for [`put`](Self::put).
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use syncline::{PutError, task::Queue};
    ///
    /// let (tx, rx) = Queue::bounded(1).split();
    /// syncline::task::block_on(async {
    ///     tx.put(1).await?;
    ///     assert_eq!(tx.put_timeout(2, Duration::from_millis(1)).await, Err(PutError::TimedOut(2)));
    /// #   drop(rx);
    /// #   Ok::<(), PutError<i32>>(())
    /// })?;
    /// # Ok::<(), PutError<i32>>(())
    /// ```
    pub fn put_timeout(&self, item: S::Item, timeout: Duration) -> PutTimed<'_, S> {
        self.queue().put_timeout(item, timeout)
    }

    /// Puts an item, waiting until `deadline` at the latest; see [`BaseQueue::put_deadline`].
    ///
    /// # Errors
    ///
    /// The same as for [`put_timeout`](Self::put_timeout).
    ///
    /// # Cancel safety
    ///
    /// The same as for [`put`](Self::put).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Instant;
    /// use syncline::{PutError, task::Queue};
    ///
    /// let (tx, rx) = Queue::bounded(1).split();
    /// syncline::task::block_on(async {
    ///     tx.put_deadline(1, Instant::now()).await?;
    ///     assert_eq!(tx.put_deadline(2, Instant::now()).await, Err(PutError::TimedOut(2)));
    /// #   drop(rx);
    /// #   Ok::<(), PutError<i32>>(())
    /// })?;
    /// # Ok::<(), PutError<i32>>(())
    /// ```
    pub fn put_deadline(&self, item: S::Item, deadline: Instant) -> PutTimed<'_, S> {
        self.queue().put_deadline(item, deadline)
    }

    /// Puts several items, waiting while the queue is full; see [`BaseQueue::put_many`].
    ///
    /// # Errors
    ///
    /// Returns [`PutError::ShutDown`] with the items that have not been put.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the items that have not been put.
    ///
    /// # Examples
    ///
    /// ```
    /// let (tx, rx) = syncline::task::Queue::unbounded().split();
    /// syncline::task::block_on(async {
    ///     tx.put_many([1, 2, 3]).await?;
    ///     assert_eq!(rx.get_many(2).await, Ok(vec![1, 2]));
    /// #   Ok::<(), syncline::PutError<Vec<i32>>>(())
    /// })?;
    /// # Ok::<(), syncline::PutError<Vec<i32>>>(())
    /// ```
    pub fn put_many(&self, items: impl IntoIterator<Item = S::Item>) -> PutAll<'_, S> {
        self.queue().put_many(items)
    }

    /// Reserves a place, waiting while the queue is full; see [`BaseQueue::reserve`].
    ///
    /// # Errors
    ///
    /// Returns [`PutError::ShutDown`] if the last receiver is gone, or the queue has been shut down.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses only the place in line.
    ///
    /// # Examples
    ///
    /// ```
    /// let (tx, rx) = syncline::task::Queue::bounded(1).split();
    /// syncline::task::block_on(async {
    ///     let place = tx.reserve().await?;
    ///     place.put("made when there was a place for it").expect("the receiver is there");
    ///     assert!(rx.get().await.is_ok());
    /// #   Ok::<(), syncline::PutError<()>>(())
    /// })?;
    /// # Ok::<(), syncline::PutError<()>>(())
    /// ```
    pub fn reserve(&self) -> Reserve<'_, S> {
        self.queue().reserve()
    }

    /// Returns a handle that does not keep the queue from ending.
    ///
    /// # Examples
    ///
    /// See [`WeakSender`].
    #[must_use]
    pub fn downgrade(&self) -> WeakSender<S> {
        WeakSender {
            half: self.half.downgrade(),
        }
    }

    /// Returns the same half, for threads.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::task::{Queue, block_on};
    ///
    /// let (tx, rx) = Queue::bounded(1).split();
    /// let tx = tx.into_thread();
    /// tx.put(1)?;
    /// assert_eq!(block_on(rx.get()), Ok(1));
    /// # Ok::<(), syncline::PutError<i32>>(())
    /// ```
    #[must_use]
    pub fn into_thread(self) -> thread_sender::Sender<S> {
        thread_sender::Sender::new(self.half)
    }
}

impl<S: Store> Clone for Sender<S> {
    fn clone(&self) -> Self {
        Self::new(self.half.clone())
    }
}

impl<S: Store> fmt::Debug for Sender<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sender").field(&self.half).finish()
    }
}

/// A way to a [`Sender`], as long as there is another one. Returned by [`downgrade`](Sender::downgrade).
///
/// It does not keep the queue from ending. Use it for what puts something only now and then, and must
/// not keep the receivers waiting: a timer, a registry of channels, or the receiving side itself.
///
/// # Examples
///
/// ```
/// use syncline::{GetError, task::Queue};
///
/// let (tx, rx) = Queue::unbounded().split();
/// syncline::task::block_on(async {
///     let weak = tx.downgrade();
///     weak.upgrade().expect("there is a sender").put(1).await?;
///     drop(tx);
///     assert!(weak.upgrade().is_none());
///     assert_eq!(rx.get().await, Ok(1));
///     assert_eq!(rx.get().await, Err(GetError::ShutDown));
/// #   Ok::<(), syncline::PutError<i32>>(())
/// })?;
/// # Ok::<(), syncline::PutError<i32>>(())
/// ```
pub struct WeakSender<S: Store> {
    half: WeakHalf<S, Puts>,
}

impl<S: Store> WeakSender<S> {
    /// Returns a sender, unless the last one is gone.
    ///
    /// After `None` it never returns one again.
    ///
    /// # Examples
    ///
    /// See [`WeakSender`].
    #[must_use]
    pub fn upgrade(&self) -> Option<Sender<S>> {
        self.half.upgrade().map(Sender::new)
    }
}

impl<S: Store> Clone for WeakSender<S> {
    fn clone(&self) -> Self {
        Self {
            half: self.half.clone(),
        }
    }
}

impl<S: Store> fmt::Debug for WeakSender<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakSender").finish_non_exhaustive()
    }
}
