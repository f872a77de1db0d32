//! The half of a queue that gets, as threads see it.

use core::fmt;
use core::iter::FusedIterator;
use core::time::Duration;
use std::time::Instant;

use super::halves::{Gets, Half};
use super::store::Store;
use super::task_receiver;
use super::thread::{BaseQueue, Items};
use crate::error::GetError;

/// The half of a queue that gets. Returned by [`split`](BaseQueue::split).
///
/// Clone it for each thread that gets: each item reaches one of them. When the last one is dropped, the queued items
/// are dropped at once, and a put returns its item with [`PutError::ShutDown`](crate::PutError::ShutDown).
///
/// A loop over it, or over a reference to it, ends when the last sender is gone and everything has been
/// taken out.
///
/// # Examples
///
/// ```
/// use syncline::thread::Queue;
///
/// let (tx, rx) = Queue::bounded(1).split();
/// let sum = std::thread::spawn(move || rx.into_iter().sum::<i32>());
/// for n in 1..=3 {
///     tx.put(n)?;
/// }
/// drop(tx);
/// assert_eq!(sum.join().unwrap(), 6);
/// # Ok::<(), syncline::PutError<i32>>(())
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
    /// let (tx, rx) = syncline::thread::Queue::unbounded().split();
    /// tx.put_many([1, 2])?;
    /// assert_eq!(rx.queue().drain(), [1, 2]);
    /// # Ok::<(), syncline::PutError<Vec<i32>>>(())
    /// ```
    #[must_use]
    pub fn queue(&self) -> &BaseQueue<S> {
        self.half.as_thread()
    }

    /// Gets an item, blocking until there is one; see [`BaseQueue::get`].
    ///
    /// # Errors
    ///
    /// Returns [`GetError::ShutDown`] when the last sender is gone, or the queue has been shut down, and
    /// everything has been taken out.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{GetError, thread::Queue};
    ///
    /// let (tx, rx) = Queue::unbounded().split();
    /// tx.put(1)?;
    /// drop(tx);
    /// assert_eq!(rx.get(), Ok(1));
    /// assert_eq!(rx.get(), Err(GetError::ShutDown));
    /// # Ok::<(), syncline::PutError<i32>>(())
    /// ```
    #[doc(alias("pop", "recv"))]
    #[track_caller]
    pub fn get(&self) -> Result<S::Item, GetError> {
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
    /// use syncline::{GetError, thread::Queue};
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

    /// Gets an item, blocking for at most `timeout`; see [`BaseQueue::get_timeout`].
    ///
    /// # Errors
    ///
    /// As [`get`](Self::get); and [`GetError::TimedOut`].
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use syncline::{GetError, thread::Queue};
    ///
    /// let (tx, rx) = Queue::<i32>::unbounded().split();
    /// assert_eq!(rx.get_timeout(Duration::from_millis(1)), Err(GetError::TimedOut));
    /// # drop(tx);
    /// ```
    #[track_caller]
    pub fn get_timeout(&self, timeout: Duration) -> Result<S::Item, GetError> {
        self.queue().get_timeout(timeout)
    }

    /// Gets an item, blocking until `deadline` at the latest; see [`BaseQueue::get_deadline`].
    ///
    /// # Errors
    ///
    /// The same as for [`get_timeout`](Self::get_timeout).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Instant;
    /// use syncline::{GetError, thread::Queue};
    ///
    /// let (tx, rx) = Queue::<i32>::unbounded().split();
    /// assert_eq!(rx.get_deadline(Instant::now()), Err(GetError::TimedOut));
    /// # drop(tx);
    /// ```
    #[track_caller]
    pub fn get_deadline(&self, deadline: Instant) -> Result<S::Item, GetError> {
        self.queue().get_deadline(deadline)
    }

    /// Gets up to `max` items, blocking until there is one; see [`BaseQueue::get_many`].
    ///
    /// # Errors
    ///
    /// The same as for [`get`](Self::get).
    ///
    /// # Examples
    ///
    /// ```
    /// let (tx, rx) = syncline::thread::Queue::unbounded().split();
    /// tx.put_many([1, 2, 3])?;
    /// assert_eq!(rx.get_many(2), Ok(vec![1, 2]));
    /// assert_eq!(rx.get_many(2), Ok(vec![3]));
    /// # Ok::<(), syncline::PutError<Vec<i32>>>(())
    /// ```
    #[track_caller]
    pub fn get_many(&self, max: usize) -> Result<Vec<S::Item>, GetError> {
        self.queue().get_many(max)
    }

    /// Returns an iterator that blocks for each item, until the last sender is gone.
    ///
    /// # Examples
    ///
    /// ```
    /// let (tx, rx) = syncline::thread::Queue::unbounded().split();
    /// tx.put_many([1, 2, 3])?;
    /// drop(tx);
    /// assert_eq!(rx.iter().max(), Some(3));
    /// # Ok::<(), syncline::PutError<Vec<i32>>>(())
    /// ```
    #[must_use]
    pub fn iter(&self) -> Items<'_, S> {
        self.queue().iter()
    }

    /// Returns the same half, for tasks.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{task::block_on, thread::Queue};
    ///
    /// let (tx, rx) = Queue::bounded(1).split();
    /// let rx = rx.into_task();
    /// tx.put(1)?;
    /// assert_eq!(block_on(rx.get()), Ok(1));
    /// # Ok::<(), syncline::PutError<i32>>(())
    /// ```
    #[must_use]
    pub fn into_task(self) -> task_receiver::Receiver<S> {
        task_receiver::Receiver::new(self.half)
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

impl<'a, S: Store> IntoIterator for &'a Receiver<S> {
    type Item = S::Item;
    type IntoIter = Items<'a, S>;

    fn into_iter(self) -> Items<'a, S> {
        self.iter()
    }
}

impl<S: Store> IntoIterator for Receiver<S> {
    type Item = S::Item;
    type IntoIter = IntoItems<S>;

    fn into_iter(self) -> IntoItems<S> {
        IntoItems { receiver: self }
    }
}

/// The items of a queue that has been split, until the last sender is gone.
///
/// Dropping it drops its receiver.
///
/// # Examples
///
/// See [`Receiver`].
#[derive(Debug)]
pub struct IntoItems<S: Store> {
    receiver: Receiver<S>,
}

impl<S: Store> Iterator for IntoItems<S> {
    type Item = S::Item;

    #[track_caller]
    fn next(&mut self) -> Option<S::Item> {
        self.receiver.get().ok()
    }
}

/// The end of a queue is final.
impl<S: Store> FusedIterator for IntoItems<S> {}
