//! The items of a queue, until a token is cancelled.

use core::fmt;

use super::CancelToken;
use crate::combine::block_on;
use crate::queue::store::Store;
use crate::queue::thread::BaseQueue;

impl<S: Store> BaseQueue<S> {
    /// Returns an iterator over the items that ends when the queue has been shut down, or when `token` is cancelled.
    ///
    /// It blocks for each item, like [`iter`](Self::iter). An item that is available when the token is cancelled may
    /// still be returned; the rest stays in the queue. If the token is already cancelled, it takes nothing.
    ///
    /// A task writes `token.run_until_cancelled(queue.get()).await`.
    ///
    /// # Panics
    ///
    /// Taking an item panics if the comparison of two priorities panics.
    ///
    /// # Examples
    ///
    /// ## A worker that stops after the item in hand
    ///
    /// ```
    /// use syncline::{service::CancelToken, thread::{self, Queue}};
    /// use std::sync::Arc;
    ///
    /// let (queue, stop) = (Arc::new(Queue::unbounded()), CancelToken::new());
    /// queue.put_many([1, 2, 3])?;
    /// let worker = thread::spawn({
    ///     let (queue, stop) = (Arc::clone(&queue), stop.clone());
    ///     move || queue.iter_until(&stop).sum::<i32>()
    /// });
    /// stop.cancel();
    /// let sum = worker.wait()?;
    /// assert!(sum <= 6); // what it has not come to is still in the queue
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn iter_until<'a>(&'a self, token: &'a CancelToken) -> ItemsUntil<'a, S> {
        ItemsUntil { queue: self, token }
    }
}

/// Takes items out of a queue until a token is cancelled. Returned by
/// [`iter_until`](crate::thread::BaseQueue::iter_until).
///
/// # Examples
///
/// ```
/// use syncline::{service::CancelToken, thread::Queue};
///
/// let (queue, stop) = (Queue::unbounded(), CancelToken::new());
/// queue.put_many([1, 2])?;
/// let mut items = queue.iter_until(&stop);
/// assert_eq!(items.next(), Some(1));
/// stop.cancel();
/// assert_eq!(items.next(), None);
/// assert_eq!(queue.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "an iterator takes nothing before it is asked to"]
pub struct ItemsUntil<'a, S: Store> {
    queue: &'a BaseQueue<S>,
    token: &'a CancelToken,
}

impl<S: Store> Iterator for ItemsUntil<'_, S> {
    type Item = S::Item;

    #[track_caller]
    fn next(&mut self) -> Option<S::Item> {
        let get = self.queue.as_task().get();
        block_on(self.token.run_until_cancelled(get)).ok()?.ok()
    }
}

impl<S: Store> fmt::Debug for ItemsUntil<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ItemsUntil")
            .field("token", self.token)
            .finish_non_exhaustive()
    }
}
