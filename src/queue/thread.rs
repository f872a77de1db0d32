//! The queues of threads: one type, whose store decides the order.

use core::fmt;

use super::block::block;
use super::core::Core;
use super::operation::GetOperation;
use super::store::{Fifo, Lifo, Priority, Store};
use crate::line::{Quiet, Timeout};

/// A queue of items between threads; its store `S` decides which item comes out first.
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
/// [`as_task`](Self::as_task) gives the view of the tasks. While a [`bounded`](Queue::bounded)
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
/// # Deadlocks
///
/// A thread waits forever for
///
/// * an item that only this thread would put,
/// * a place that only this thread would free,
/// * in `join`, an item that this thread has got and not reported as done.
///
/// # Examples
///
/// ```
/// use syncline::PutError;
/// use syncline::store::Store;
/// use syncline::thread::{BaseQueue, LifoQueue, PriorityQueue};
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

/// A queue of items between threads: the oldest item comes out first.
///
/// Use it to hand work or results from one thread to another, to limit how far a producer runs
/// ahead of its consumers, and, with [`task_done`](BaseQueue::task_done) and
/// [`join`](BaseQueue::join), to wait until all items have been processed.
///
/// Do not use it
///
/// * to share data that stays where it is: use a [`Lock`](crate::thread::Lock);
/// * to tell many threads that something has happened: use an [`Event`](crate::thread::Event);
/// * to broadcast: each item reaches one getter.
///
/// [`BaseQueue`] describes what all queues have in common: fairness, memory effects and
/// deadlocks.
///
/// # Examples
///
/// ## Work for whichever thread is free
///
/// ```
/// use syncline::{Shutdown, thread::Queue};
///
/// let jobs = Queue::bounded(10);
/// let total: u32 = std::thread::scope(|threads| {
///     let workers = [(); 2].map(|()| threads.spawn(|| jobs.iter().sum::<u32>()));
///     jobs.put_many(1..=100).expect("the queue is open");
///     jobs.shutdown(Shutdown::Graceful);
///     workers.map(|worker| worker.join().unwrap()).iter().sum()
/// });
/// assert_eq!(total, 5050);
/// ```
#[doc(alias("channel", "mpsc", "mpmc", "BlockingQueue", "SimpleQueue", "janus"))]
pub type Queue<T> = BaseQueue<Fifo<T>>;

/// A queue of items between threads: the newest item comes out first.
///
/// Use it to work depth first, or on what is still in the cache. Do not use it where every item
/// must be served in time: while new items keep coming, old ones wait.
///
/// [`BaseQueue`] describes what all queues have in common: fairness, memory effects and
/// deadlocks.
///
/// # Examples
///
/// ```
/// use syncline::thread::LifoQueue;
///
/// let queue = LifoQueue::unbounded();
/// queue.put("first")?;
/// queue.put("second")?;
/// assert_eq!(queue.get()?, "second");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias = "stack")]
pub type LifoQueue<T> = BaseQueue<Lifo<T>>;

/// A queue of items between threads: the item with the least priority comes out first.
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
/// [`BaseQueue`] describes what all queues have in common: fairness, memory effects and
/// deadlocks.
///
/// # Examples
///
/// ```
/// use syncline::thread::PriorityQueue;
///
/// let queue = PriorityQueue::unbounded();
/// queue.put((2, "later"))?;
/// queue.put((1, "sooner"))?;
/// assert_eq!(queue.get()?, (1, "sooner"));
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
    /// let queue = syncline::thread::Queue::<u8>::bounded(1);
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

impl<'a, S: Store> IntoIterator for &'a BaseQueue<S> {
    type Item = S::Item;
    type IntoIter = Items<'a, S>;

    fn into_iter(self) -> Items<'a, S> {
        self.iter()
    }
}

/// Iterates over the items of a queue until it has been shut down and drained. Returned by [`iter`](BaseQueue::iter).
///
/// Each [`next`](Iterator::next) blocks as [`get`](BaseQueue::get) does.
///
/// # Examples
///
/// ```
/// let queue = syncline::thread::Queue::unbounded();
/// queue.put_many([1, 2, 3])?;
/// queue.shutdown(syncline::Shutdown::Graceful);
/// let mut sum = 0;
/// for item in &queue {
///     sum += item;
/// }
/// assert_eq!(sum, 6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Items<'a, S: Store> {
    core: &'a Core<S>,
}

impl<'a, S: Store> Items<'a, S> {
    pub(super) const fn new(core: &'a Core<S>) -> Self {
        Self { core }
    }
}

impl<S: Store> Iterator for Items<'_, S> {
    type Item = S::Item;

    #[track_caller]
    fn next(&mut self) -> Option<S::Item> {
        block(GetOperation::new(self.core), Timeout::Never).ok()
    }
}

impl<S: Store> fmt::Debug for Items<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").finish_non_exhaustive()
    }
}
