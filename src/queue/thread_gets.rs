//! How threads get items from a queue.

use core::time::Duration;
use std::time::Instant;

use super::block::block;
use super::many::GetMany;
use super::operation::GetOperation;
use super::store::Store;
use super::thread::{BaseQueue, Items};
use crate::error::GetError;
use crate::line::{Asker, Timeout};

impl<S: Store> BaseQueue<S> {
    /// Takes the next item, blocking while there is none.
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
    /// # Examples
    ///
    /// ```
    /// let queue = syncline::thread::Queue::unbounded();
    /// queue.put(1)?;
    /// assert_eq!(queue.get()?, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias("pop", "recv"))]
    #[track_caller]
    pub fn get(&self) -> Result<S::Item, GetError> {
        block(GetOperation::new(&self.core), Timeout::Never)
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
    /// let queue = syncline::thread::Queue::unbounded();
    /// assert!(queue.try_get().is_err());
    /// queue.try_put(1)?;
    /// assert_eq!(queue.try_get()?, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[doc(alias("try_pop", "try_recv"))]
    pub fn try_get(&self) -> Result<S::Item, GetError> {
        self.core.try_get(Asker::Thread)
    }

    /// Takes the next item, blocking for at most `timeout`; zero tries once.
    ///
    /// # Errors
    ///
    /// Returns [`GetError::TimedOut`] or [`GetError::ShutDown`].
    ///
    /// # Panics
    ///
    /// Panics if the comparison of two priorities panics.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    ///
    /// let queue = syncline::thread::Queue::unbounded();
    /// assert!(queue.get_timeout(Duration::ZERO).is_err());
    /// queue.put(1)?;
    /// assert_eq!(queue.get_timeout(Duration::ZERO)?, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn get_timeout(&self, timeout: Duration) -> Result<S::Item, GetError> {
        self.get_until(Timeout::After(timeout))
    }

    /// Takes the next item, blocking until `deadline` at the latest.
    ///
    /// # Errors
    ///
    /// Returns [`GetError::TimedOut`] or [`GetError::ShutDown`].
    ///
    /// # Panics
    ///
    /// Panics if the comparison of two priorities panics.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Instant;
    ///
    /// let queue = syncline::thread::Queue::unbounded();
    /// assert!(queue.get_deadline(Instant::now()).is_err());
    /// queue.put(1)?;
    /// assert_eq!(queue.get_deadline(Instant::now())?, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn get_deadline(&self, deadline: Instant) -> Result<S::Item, GetError> {
        self.get_until(Timeout::At(deadline))
    }

    #[track_caller]
    pub(crate) fn get_until(&self, timeout: Timeout) -> Result<S::Item, GetError> {
        block(GetOperation::new(&self.core), timeout)
    }

    /// Takes up to `max` items at once, blocking while there is none.
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
    /// # Examples
    ///
    /// ```
    /// let queue = syncline::thread::Queue::unbounded();
    /// queue.put_many([1, 2])?;
    /// assert_eq!(queue.get_many(10)?, [1, 2]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn get_many(&self, max: usize) -> Result<Vec<S::Item>, GetError> {
        block(GetMany::new(&self.core, max), Timeout::Never)
    }

    /// Takes up to `max` items at once, blocking for the first for at most `timeout`; zero tries once.
    ///
    /// # Errors
    ///
    /// Returns [`GetError::TimedOut`] or [`GetError::ShutDown`].
    ///
    /// # Panics
    ///
    /// Panics if the first comparison of two priorities panics; see [`get_many`](Self::get_many).
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    ///
    /// let queue = syncline::thread::Queue::unbounded();
    /// assert!(queue.get_many_timeout(10, Duration::ZERO).is_err());
    /// queue.put_many([1, 2])?;
    /// assert_eq!(queue.get_many_timeout(10, Duration::ZERO)?, [1, 2]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn get_many_timeout(
        &self,
        max: usize,
        timeout: Duration,
    ) -> Result<Vec<S::Item>, GetError> {
        block(GetMany::new(&self.core, max), Timeout::After(timeout))
    }

    /// Takes up to `max` items at once, blocking for the first until `deadline` at the latest.
    ///
    /// # Errors
    ///
    /// Returns [`GetError::TimedOut`] or [`GetError::ShutDown`].
    ///
    /// # Panics
    ///
    /// Panics if the first comparison of two priorities panics; see [`get_many`](Self::get_many).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Instant;
    ///
    /// let queue = syncline::thread::Queue::unbounded();
    /// assert!(queue.get_many_deadline(10, Instant::now()).is_err());
    /// queue.put_many([1, 2])?;
    /// assert_eq!(queue.get_many_deadline(10, Instant::now())?, [1, 2]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn get_many_deadline(
        &self,
        max: usize,
        deadline: Instant,
    ) -> Result<Vec<S::Item>, GetError> {
        block(GetMany::new(&self.core, max), Timeout::At(deadline))
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
    /// let queue = syncline::thread::Queue::unbounded();
    /// queue.put_many([1, 2])?;
    /// assert_eq!(queue.drain(), [1, 2]);
    /// assert_eq!(queue.unfinished(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn drain(&self) -> Vec<S::Item> {
        self.core.drain()
    }

    /// Returns an iterator that takes items until the queue has been shut down and drained.
    ///
    /// # Panics
    ///
    /// `next` panics if the comparison of two priorities panics.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = syncline::thread::Queue::unbounded();
    /// queue.put_many([1, 2])?;
    /// queue.shutdown(syncline::Shutdown::Graceful);
    /// assert_eq!(queue.iter().sum::<i32>(), 3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn iter(&self) -> Items<'_, S> {
        Items::new(&self.core)
    }
}
