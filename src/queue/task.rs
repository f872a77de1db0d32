//! The queues of tasks: one type, whose store decides the order.

use core::fmt;

use super::core::Core;

use super::operation_wait::{Operation, OperationWait};
use super::store::{Fifo, Lifo, Priority, Store};
use super::timed_operation::TimedOperation;
use crate::line::{Asker, Quiet, Timeout};

/// A queue of items between tasks; its store `S` decides which item comes out first.
///
/// Use it through one of its aliases:
///
/// | alias | the item that comes out first | items are |
/// |---|---|---|
/// | [`Queue<T>`](Queue) | the oldest | `T` |
/// | [`LifoQueue<T>`](LifoQueue) | the newest | `T` |
/// | [`PriorityQueue<P, T>`](PriorityQueue) | the one with the least priority | `(P, T)` |
///
/// Any number of threads and tasks may put and get at the same time;
/// [`as_thread`](Self::as_thread) gives the view of the threads. While a [`bounded`](Queue::bounded)
/// queue is full, putters wait. Name `BaseQueue` itself only in code that works with every
/// queue.
///
/// # Fairness
///
/// Getters are served in the order in which they arrive, and so are putters. A task overtakes
/// nobody, and nobody overtakes a waiting task: the next item is reserved for it. A thread that
/// arrives may take an item that a waiting thread was woken for. Once the first waiter has been
/// overtaken for 500 microseconds, the queue hands the next item to it directly.
///
/// A reservation is for *an* item, not for a certain one: a getter takes the item that is first
/// at the moment when it collects.
///
/// # Memory effects
///
/// A put happens before the get that returns its item: the getter sees everything that the putter
/// did before. In the same way a [`task_done`](Self::task_done) happens before the end of each
/// [`join`](Self::join) that it lets return.
///
/// # Cancel safety
///
/// Dropping a pending get loses no item: an item that it was granted goes to the next getter, in its place. Dropping
/// a pending put drops its item with it; to lose none, wait with [`reserve`](Self::reserve) and make the item when
/// there is a place for it.
///
/// Two requests of one task do not help each other: a granted get that its task does not poll
/// anymore keeps its reservation until it is dropped.
///
/// # Deadlocks
///
/// A task waits forever for
///
/// * an item that only this task would put,
/// * a place that only this task would free,
/// * in `join`, an item that this task has got and not reported as done.
///
/// # Examples
///
/// ```
/// use syncline::PutError;
/// use syncline::store::Store;
/// use syncline::task::{BaseQueue, LifoQueue, PriorityQueue};
///
/// fn swap_in<S: Store>(queue: &BaseQueue<S>, item: S::Item) -> Result<Option<S::Item>, PutError<S::Item>> {
///     let next = queue.try_get().ok();
///     queue.try_put(item)?;
///     Ok(next)
/// }
///
/// let newest = LifoQueue::bounded(1);
/// assert_eq!(swap_in(&newest, 1)?, None);
/// assert_eq!(swap_in(&newest, 2)?, Some(1));
///
/// let least = PriorityQueue::bounded(1);
/// assert_eq!(swap_in(&least, (1, "urgent")).unwrap(), None);
/// # Ok::<(), PutError<i32>>(())
/// ```
#[repr(transparent)]
pub struct BaseQueue<S: Store> {
    pub(super) core: Core<S>,
}

/// A queue of items between tasks: the oldest item comes out first.
///
/// Use it to hand work or results from one task to another, to limit how far a producer runs
/// ahead of its consumers, and, with [`task_done`](BaseQueue::task_done) and
/// [`join`](BaseQueue::join), to wait until all items have been processed.
///
/// Do not use it
///
/// * to share data that stays where it is: use a [`Lock`](crate::task::Lock);
/// * to tell many tasks that something has happened: use an [`Event`](crate::task::Event);
/// * to broadcast: each item reaches one getter.
///
/// [`BaseQueue`] describes what all queues have in common: fairness, memory effects, cancel
/// safety and deadlocks.
///
/// # Examples
///
/// ## Results that threads compute for a task
///
/// ```
/// use syncline::task::{Queue, block_on};
///
/// let results = Queue::bounded(10);
/// std::thread::scope(|threads| {
///     for part in 1..=3 {
///         let results = results.as_thread();
///         threads.spawn(move || results.put(part));
///     }
///     block_on(async {
///         let mut total = 0;
///         for _ in 1..=3 {
///             total += results.get().await?;
///         }
///         assert_eq!(total, 6);
///         Ok::<(), syncline::GetError>(())
///     })
/// })?;
/// # Ok::<(), syncline::GetError>(())
/// ```
#[doc(alias("channel", "mpsc", "mpmc", "BlockingQueue", "SimpleQueue", "janus"))]
pub type Queue<T> = BaseQueue<Fifo<T>>;

/// A queue of items between tasks: the newest item comes out first.
///
/// Use it to work depth first, or on what is still in the cache. Do not use it where every item
/// must be served in time: while new items keep coming, old ones wait.
///
/// [`BaseQueue`] describes what all queues have in common: fairness, memory effects, cancel
/// safety and deadlocks.
///
/// # Examples
///
/// ```
/// use syncline::task::{LifoQueue, block_on};
///
/// let queue = LifoQueue::unbounded();
/// block_on(async {
///     queue.put("first").await?;
///     queue.put("second").await?;
///     assert_eq!(queue.get().await?, "second");
/// #   Ok::<(), Box<dyn std::error::Error>>(())
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "stack")]
pub type LifoQueue<T> = BaseQueue<Lifo<T>>;

/// A queue of items between tasks: the item with the least priority comes out first.
///
/// Its items are pairs, `(priority, item)`. The *least* priority comes first, as in Python and
/// in a sorted list; wrap priorities in [`Reverse`](core::cmp::Reverse) to turn the order around.
/// Items with equal priorities keep the order in which they were put; the items themselves are
/// never compared.
///
/// Do not use it where low priorities must be served in time: while more urgent items keep coming,
/// they wait.
///
/// Priorities are compared while the queue is locked. If a comparison panics, the queue is left
/// unchanged and the panic continues in the caller; a put drops its item then. A comparison that
/// uses the same queue deadlocks.
///
/// [`BaseQueue`] describes what all queues have in common: fairness, memory effects, cancel
/// safety and deadlocks.
///
/// # Examples
///
/// ```
/// use syncline::task::{PriorityQueue, block_on};
///
/// let queue = PriorityQueue::unbounded();
/// block_on(async {
///     queue.put((2, "later")).await?;
///     queue.put((1, "sooner")).await?;
///     assert_eq!(queue.get().await?, (1, "sooner"));
/// #   Ok::<(), Box<dyn std::error::Error>>(())
/// })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias("PriorityBlockingQueue", "heap"))]
pub type PriorityQueue<P, T> = BaseQueue<Priority<P, T>>;

impl<S: Store> BaseQueue<S> {
    /// Returns how many requests wait in the lines of the queue at this instant: for an item, for a
    /// place, or for the end of all work.
    ///
    /// Where they wait is in the [stats](Self::stats).
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = syncline::task::Queue::<u8>::bounded(1);
    /// assert_eq!(queue.waiting(), 0);
    /// ```
    pub fn waiting(&self) -> usize {
        self.core.waiting()
    }
}

impl<S: Store> fmt::Debug for BaseQueue<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.core.describe(f)
    }
}

impl<S: Store> Quiet for BaseQueue<S> {
    fn assert_quiet(&self) {
        self.core.assert_quiet();
    }

    fn waiting(&self) -> usize {
        self.core.waiting()
    }
}

/// One operation of a task, and its place in line.
#[inline]
pub(super) fn wait<'a, E: Operation<'a>>(operation: E) -> OperationWait<'a, E> {
    OperationWait::new(operation, Asker::Task)
}

/// One operation of a task, which gives up after a while or at a moment.
#[inline]
pub(super) fn timed<'a, E: Operation<'a>>(operation: E, timeout: Timeout) -> TimedOperation<'a, E> {
    TimedOperation::new(wait(operation), timeout)
}
