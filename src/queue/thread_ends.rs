//! What threads ask of a queue as a whole: counting, joining, shutting down.

use core::time::Duration;
use std::time::Instant;

use super::block::block;
use super::operation::JoinOperation;
use super::stage::Shutdown;
use super::stats::QueueStats;
use super::store::Store;
use super::thread::BaseQueue;
use crate::error::{TimedOut, TooManyDone};
use crate::line::Timeout;

impl<S: Store> BaseQueue<S> {
    /// Reports that one item that was taken out has been processed; see [`join`](Self::join).
    ///
    /// # Errors
    ///
    /// Returns [`TooManyDone`], and changes nothing, if every item that was taken out has been
    /// reported already.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = syncline::thread::Queue::unbounded();
    /// queue.put(1)?;
    /// queue.get()?;
    /// queue.task_done()?;
    /// assert!(queue.task_done().is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn task_done(&self) -> Result<(), TooManyDone> {
        self.core.task_done()
    }

    /// Blocks until every item that was put has been taken out and reported with
    /// [`task_done`](Self::task_done).
    ///
    /// A shutdown does not end this wait: items that were taken out must still be reported.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = syncline::thread::Queue::unbounded();
    /// queue.put(1)?;
    /// queue.get()?;
    /// queue.task_done()?;
    /// queue.join();
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn join(&self) {
        let (Ok(()) | Err(_)) = block(JoinOperation::new(&self.core), Timeout::Never);
    }

    /// Joins the queue, blocking for at most `timeout`; zero only asks.
    ///
    /// See [`join`](Self::join).
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`] if some item was still unfinished.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = syncline::thread::Queue::unbounded();
    /// queue.put(1)?;
    /// assert!(queue.join_timeout(core::time::Duration::ZERO).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn join_timeout(&self, timeout: Duration) -> Result<(), TimedOut> {
        block(JoinOperation::new(&self.core), Timeout::After(timeout))
    }

    /// Joins the queue, blocking until `deadline` at the latest.
    ///
    /// See [`join`](Self::join).
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`] if some item was still unfinished.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = syncline::thread::Queue::unbounded();
    /// queue.put(1)?;
    /// assert!(queue.join_deadline(std::time::Instant::now()).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn join_deadline(&self, deadline: Instant) -> Result<(), TimedOut> {
        block(JoinOperation::new(&self.core), Timeout::At(deadline))
    }

    /// Shuts the queue down and returns how many items were dropped.
    ///
    /// From now on every put fails and returns its item, and so do the puts that wait.
    ///
    /// * [`Shutdown::Graceful`] keeps the items. Getters take what is left and fail once the queue
    ///   is empty. A [`Slot`](crate::Slot) may still be filled, and so may a place that a waiting
    ///   put had already been granted; until then the queue does not count as drained.
    /// * [`Shutdown::Immediate`] drops the items and counts them as done. Every get and put that
    ///   waits fails, even one that has been granted something but not collected it.
    ///
    /// Neither ends a [`join`](Self::join), which continues to wait for items that were taken out. A second shutdown
    /// changes nothing, except that a graceful one may become immediate.
    ///
    /// # Panics
    ///
    /// Panics if the destructor of an item panics; the queue has been shut down then.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = syncline::thread::Queue::unbounded();
    /// queue.put(1)?;
    /// assert_eq!(queue.shutdown(syncline::Shutdown::Graceful), 0);
    /// assert_eq!(queue.get()?, 1);
    /// assert!(queue.get().is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn shutdown(&self, how: Shutdown) -> usize {
        self.core.shut_down(how)
    }

    /// Changes the capacity; `usize::MAX` means no limit.
    ///
    /// If more items than the new capacity are queued, the queue stays full until enough of them
    /// have been taken out.
    ///
    /// # Panics
    ///
    /// Panics if `capacity` is zero, or below the high [water mark](Self::watermarks).
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = syncline::thread::Queue::unbounded();
    /// queue.put_many([1, 2])?;
    /// queue.set_capacity(1);
    /// assert!(queue.is_full());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn set_capacity(&self, capacity: usize) {
        self.core.set_capacity(capacity);
    }

    /// Gives the queue water marks: once `high` items are queued, puts wait until all but `low` have been taken out.
    ///
    /// So producers run in bursts instead of being woken one by one at the limit, and consumers that have fallen
    /// behind get time to catch up. As long as the queue is throttled, [`try_put`](Self::try_put) says that it is
    /// full, and [`put_many`](Self::put_many) stops there. Reaching the low mark admits `high - low` waiting puts, in
    /// order. Reserved places count as items, and so do those that a put has been granted; so do not wait for more
    /// places while you hold reserved ones.
    ///
    /// On a bounded queue the high mark takes the place of the capacity. An unbounded one gets a limit by it.
    ///
    /// # Panics
    ///
    /// Panics unless `low < high` and `high` is at most the capacity.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::thread::Queue;
    ///
    /// let queue = Queue::unbounded().watermarks(3, 1);
    /// queue.put_many([1, 2, 3])?;
    /// assert!(queue.is_throttled() && queue.try_put(4).is_err());
    /// assert_eq!(queue.try_get()?, 1);
    /// assert!(queue.try_put(4).is_err()); // two are left, and the low mark is one
    /// assert_eq!(queue.try_get()?, 2);
    /// assert!(queue.try_put(4).is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    #[track_caller]
    pub fn watermarks(mut self, high: usize, low: usize) -> Self {
        self.core.set_marks(high, low);
        self
    }

    /// Returns `true` if puts wait at this instant until the low [water mark](Self::watermarks) has been reached.
    ///
    /// # Examples
    ///
    /// See [`watermarks`](Self::watermarks).
    pub fn is_throttled(&self) -> bool {
        self.core.is_throttled()
    }

    /// Returns how full the queue is at this instant, from 0 to 1: items and reserved places, of the high [water
    /// mark](Self::watermarks) or else of the capacity.
    ///
    /// Without either it is 0.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = syncline::thread::Queue::bounded(4);
    /// queue.try_put("item")?;
    /// assert_eq!(queue.fill(), 0.25);
    /// # Ok::<(), syncline::PutError<&str>>(())
    /// ```
    pub fn fill(&self) -> f64 {
        self.core.share()
    }

    /// Lets the queue count what it does, for [`stats`](Self::stats).
    ///
    /// Only such a queue counts. It takes a few more instructions for each item that is taken out, and reads the
    /// clock when a request starts or stops waiting. Items that are in the queue already count as put; items that
    /// were taken out before do not count.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::thread::Queue;
    ///
    /// let queue = Queue::unbounded().with_stats();
    /// queue.try_put("one")?;
    /// queue.try_put("other")?;
    /// queue.try_get()?;
    /// let stats = queue.stats().expect("it counts");
    /// assert_eq!((stats.put, stats.got, stats.len, stats.deepest), (2, 1, 1, 2));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_stats(mut self) -> Self {
        self.core.set_counts();
        self
    }

    /// Returns what the queue has done so far, or `None` unless it was made [`with_stats`](Self::with_stats).
    ///
    /// # Examples
    ///
    /// See [`with_stats`](Self::with_stats).
    pub fn stats(&self) -> Option<QueueStats> {
        self.core.stats()
    }

    /// Gives back the memory that the queued items do not need.
    ///
    /// A queue grows with its items, and returns memory as items are taken out: when a quarter of its room is used,
    /// half of the room goes. Room for a few dozen items stays. Call this when a burst is over and that is still too
    /// much.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = syncline::thread::Queue::unbounded();
    /// queue.put_many(0..1000)?;
    /// queue.get_many(999)?;
    /// queue.shrink_to_fit();
    /// assert_eq!(queue.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn shrink_to_fit(&self) {
        self.core.shrink_to_fit();
    }

    /// Returns how many items are queued at this instant, reserved ones included.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = syncline::thread::Queue::unbounded();
    /// queue.put(1)?;
    /// assert_eq!(queue.len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn len(&self) -> usize {
        self.core.len()
    }

    /// Returns `true` if no item is queued at this instant.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = syncline::thread::Queue::unbounded();
    /// queue.put(1)?;
    /// assert!(!queue.is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_empty(&self) -> bool {
        self.core.len() == 0
    }

    /// Returns `true` if no place is free at this instant; reserved places are not free.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = syncline::thread::Queue::bounded(1);
    /// assert!(!queue.is_full());
    /// queue.put(1)?;
    /// assert!(queue.is_full());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_full(&self) -> bool {
        self.core.is_full()
    }

    /// Returns the capacity at this instant, or `None` if there is no limit.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = syncline::thread::Queue::<u32>::bounded(3);
    /// assert_eq!(queue.capacity(), Some(3));
    /// ```
    pub fn capacity(&self) -> Option<usize> {
        self.core.capacity()
    }

    /// Returns how many items are unfinished at this instant: queued, or taken out and not yet
    /// reported with [`task_done`](Self::task_done).
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = syncline::thread::Queue::unbounded();
    /// queue.put(1)?;
    /// queue.get()?;
    /// assert_eq!(queue.unfinished(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn unfinished(&self) -> usize {
        self.core.unfinished()
    }

    /// Returns `true` if the queue has been shut down at this instant.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = syncline::thread::Queue::<u32>::unbounded();
    /// assert!(!queue.is_shut_down());
    /// queue.shutdown(syncline::Shutdown::Graceful);
    /// assert!(queue.is_shut_down());
    /// ```
    pub fn is_shut_down(&self) -> bool {
        self.core.is_shut_down()
    }
}
