//! How tasks wait for a queue that they keep alive.

use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use super::future::{Get, GetTimed, Put, PutTimed};
use super::store::Store;
use super::task::BaseQueue;
use crate::error::{GetError, PutError};
use crate::line::{Borrows, OwnedWait, owned};

impl<S: Store + 'static> Borrows for Put<'static, S> {
    type With<'a> = Put<'a, S>;
    type Output = Result<(), PutError<S::Item>>;
}

impl<S: Store + 'static> Borrows for PutTimed<'static, S> {
    type With<'a> = PutTimed<'a, S>;
    type Output = Result<(), PutError<S::Item>>;
}

impl<S: Store + 'static> Borrows for Get<'static, S> {
    type With<'a> = Get<'a, S>;
    type Output = Result<S::Item, GetError>;
}

impl<S: Store + 'static> Borrows for GetTimed<'static, S> {
    type With<'a> = GetTimed<'a, S>;
    type Output = Result<S::Item, GetError>;
}

impl<S: Store + 'static> BaseQueue<S> {
    /// Like [`put`](Self::put), but returns a future that owns a reference to the queue.
    ///
    /// # Errors
    ///
    /// The same as for [`put`](Self::put).
    ///
    /// # Cancel safety
    ///
    /// A future that is dropped has not put its item, and drops it.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use syncline::task::{Queue, block_on};
    ///
    /// let queue = Arc::new(Queue::bounded(1));
    /// block_on(queue.put_owned(7))?;
    /// assert_eq!(queue.try_get()?, 7);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn put_owned(self: &Arc<Self>, item: S::Item) -> OwnedWait<Self, Put<'static, S>> {
        owned::<_, Put<'static, S>>(self, |queue| queue.put(item))
    }

    /// Like [`put_timeout`](Self::put_timeout), but returns a future that owns a reference to the queue.
    ///
    /// # Errors
    ///
    /// The same as for [`put_timeout`](Self::put_timeout).
    ///
    /// # Cancel safety
    ///
    /// The same as for [`put_owned`](Self::put_owned).
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use std::sync::Arc;
    /// use syncline::{PutError, task::{Queue, block_on}};
    ///
    /// let queue = Arc::new(Queue::bounded(1));
    /// queue.try_put(1)?;
    /// let put = queue.put_owned_timeout(2, Duration::from_millis(1));
    /// assert_eq!(block_on(put), Err(PutError::TimedOut(2)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn put_owned_timeout(
        self: &Arc<Self>,
        item: S::Item,
        timeout: Duration,
    ) -> OwnedWait<Self, PutTimed<'static, S>> {
        owned::<_, PutTimed<'static, S>>(self, |queue| queue.put_timeout(item, timeout))
    }

    /// Like [`put_deadline`](Self::put_deadline), but returns a future that owns a reference to the queue.
    ///
    /// # Errors
    ///
    /// The same as for [`put_deadline`](Self::put_deadline).
    ///
    /// # Cancel safety
    ///
    /// The same as for [`put_owned`](Self::put_owned).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::time::Instant;
    /// use syncline::task::{Queue, block_on};
    ///
    /// let queue = Arc::new(Queue::bounded(1));
    /// block_on(queue.put_owned_deadline(7, Instant::now()))?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn put_owned_deadline(
        self: &Arc<Self>,
        item: S::Item,
        deadline: Instant,
    ) -> OwnedWait<Self, PutTimed<'static, S>> {
        owned::<_, PutTimed<'static, S>>(self, |queue| queue.put_deadline(item, deadline))
    }

    /// Like [`get`](Self::get), but returns a future that owns a reference to the queue.
    ///
    /// # Errors
    ///
    /// The same as for [`get`](Self::get).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses no item.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use syncline::task::{Queue, block_on};
    ///
    /// let queue = Arc::new(Queue::unbounded());
    /// let get = queue.get_owned();
    /// queue.try_put(7)?;
    /// drop(queue);
    /// assert_eq!(block_on(get)?, 7);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn get_owned(self: &Arc<Self>) -> OwnedWait<Self, Get<'static, S>> {
        owned::<_, Get<'static, S>>(self, Self::get)
    }

    /// Like [`get_timeout`](Self::get_timeout), but returns a future that owns a reference to the queue.
    ///
    /// # Errors
    ///
    /// The same as for [`get_timeout`](Self::get_timeout).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses no item.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use std::sync::Arc;
    /// use syncline::{GetError, task::{Queue, block_on}};
    ///
    /// let queue = Arc::new(Queue::<u8>::unbounded());
    /// let get = queue.get_owned_timeout(Duration::from_millis(1));
    /// assert_eq!(block_on(get), Err(GetError::TimedOut));
    /// ```
    pub fn get_owned_timeout(
        self: &Arc<Self>,
        timeout: Duration,
    ) -> OwnedWait<Self, GetTimed<'static, S>> {
        owned::<_, GetTimed<'static, S>>(self, |queue| queue.get_timeout(timeout))
    }

    /// Like [`get_deadline`](Self::get_deadline), but returns a future that owns a reference to the queue.
    ///
    /// # Errors
    ///
    /// The same as for [`get_deadline`](Self::get_deadline).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses no item.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::time::Instant;
    /// use syncline::{GetError, task::{Queue, block_on}};
    ///
    /// let queue = Arc::new(Queue::<u8>::unbounded());
    /// let get = queue.get_owned_deadline(Instant::now());
    /// assert_eq!(block_on(get), Err(GetError::TimedOut));
    /// ```
    pub fn get_owned_deadline(
        self: &Arc<Self>,
        deadline: Instant,
    ) -> OwnedWait<Self, GetTimed<'static, S>> {
        owned::<_, GetTimed<'static, S>>(self, |queue| queue.get_deadline(deadline))
    }
}
