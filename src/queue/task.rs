//! `Queue`, `LifoQueue` and `PriorityQueue` for tasks.

use core::fmt;
use core::time::Duration;
use std::time::Instant;

use super::core::Core;
use super::future::{
    Get, GetSome, GetSomeTimed, GetTimed, Items, Join, JoinTimed, Put, PutAll, PutAllTimed,
    PutTimed, Reserve, ReserveTimed,
};
use super::many::{GetMany, PutMany};
use super::operation::{GetOperation, JoinOperation, PutOperation, ReserveOperation};
use super::operation_wait::OperationWait;
use super::slot::Slot;
use super::stage::Shutdown;
use super::store::{Fifo, Lifo, Priority};
use super::task_ends::queue_ends;
use super::task_gets::queue_gets;
use super::task_puts::queue_puts;
use super::timed_operation::TimedOperation;
use crate::error::{GetError, PutError, TooManyDone};
use crate::line::{Asker, Quiet, Timeout};
use crate::sys::constructor;

/// A queue of items between tasks: the oldest comes first.
///
/// Any number may put and get, on both faces at once. A [`bounded`](Self::bounded) queue makes
/// putters wait while it is full. Use it to hand things over, to limit how far a producer runs
/// ahead, and, with [`task_done`](Self::task_done) and [`join`](Self::join), to wait until
/// everything has been dealt with. Do not use it to share data that stays
/// ([`Lock`](crate::task::Lock)), to tell many of one event ([`Event`](crate::task::Event)), or to
/// broadcast: each item reaches one getter.
///
/// # Fairness
///
/// Getters wait in order of arrival, and so do putters. A task passes nobody, and nobody passes a
/// waiting task: an item that comes is reserved for the first of them. A thread that comes along
/// may take what a waiting thread was woken for, until the first of the line has been passed for
/// 500 microseconds; then the line hands over.
///
/// What is reserved is *an* item, not a certain one: who comes to fetch it takes what is first in
/// the queue at that moment.
///
/// # Memory effects
///
/// Everything that happened before a put happens before everything after the get that takes the
/// item, and everything before a `task_done` happens before everything after a `join` that it
/// ends.
///
/// # Cancel safety
///
/// Dropping a pending get loses no item: what it had been granted goes to the next getter, in its
/// place. Dropping a pending put drops its item, too; with [`reserve`](Self::reserve) the item
/// need not exist before there is a place for it. Two requests of one task do not help each
/// other: a granted get that its task does not poll any more keeps its reservation until it is dropped.
///
/// # Deadlocks
///
/// Who waits for an item that only it would put, or for a place that only it would free, waits
/// for ever. So does who joins while it has something that is not done.
///
/// # Examples
///
/// ## From threads to a task
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
#[repr(transparent)]
pub struct Queue<T> {
    core: Core<Fifo<T>>,
}

/// A queue of items between tasks: the newest comes first.
///
/// As [`Queue`] in everything but the order. Use it where what is newest is most useful: to work
/// depth first, or on what is still in the cache. Do not use it where every item has to be served in time: while
/// items keep coming, old ones wait for ever.
///
/// # Fairness
///
/// Getters wait in order of arrival, and so do putters. A task passes nobody, and nobody passes a
/// waiting task: an item that comes is reserved for the first of them. A thread that comes along
/// may take what a waiting thread was woken for, until the first of the line has been passed for
/// 500 microseconds; then the line hands over.
///
/// What is reserved is *an* item, not a certain one: who comes to fetch it takes what is first in
/// the queue at that moment.
///
/// # Memory effects
///
/// Everything that happened before a put happens before everything after the get that takes the
/// item, and everything before a `task_done` happens before everything after a `join` that it
/// ends.
///
/// # Cancel safety
///
/// Dropping a pending get loses no item: what it had been granted goes to the next getter, in its
/// place. Dropping a pending put drops its item, too; with [`reserve`](Self::reserve) the item
/// need not exist before there is a place for it. Two requests of one task do not help each
/// other: a granted get that its task does not poll any more keeps its reservation until it is dropped.
///
/// # Deadlocks
///
/// Who waits for an item that only it would put, or for a place that only it would free, waits
/// for ever. So does who joins while it has something that is not done.
///
/// # Examples
///
/// ```
/// use syncline::task::LifoQueue;
///
/// let queue = LifoQueue::unbounded();
/// queue.try_put(1)?;
/// queue.try_put(2)?;
/// assert_eq!(queue.try_get()?, 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[repr(transparent)]
pub struct LifoQueue<T> {
    core: Core<Lifo<T>>,
}

/// A queue of items between tasks: the one of the least priority comes first.
///
/// As [`Queue`] in everything but the order: the *least* priority comes first, as in Python and as in a
/// list that is sorted ([`Reverse`](core::cmp::Reverse) turns it round), and of items with equal priorities
/// the one that was put first. Do not use it where low priorities must be served in time: while others
/// keep coming, they wait for ever.
///
/// Priorities are compared under the queue's lock. A comparison that panics leaves the queue as it
/// was, and the panic goes on in who compared; a put loses its item then.
///
/// # Fairness
///
/// Getters wait in order of arrival, and so do putters. A task passes nobody, and nobody passes a
/// waiting task: an item that comes is reserved for the first of them. A thread that comes along
/// may take what a waiting thread was woken for, until the first of the line has been passed for
/// 500 microseconds; then the line hands over.
///
/// What is reserved is *an* item, not a certain one: who comes to fetch it takes what is first in
/// the queue at that moment.
///
/// # Memory effects
///
/// Everything that happened before a put happens before everything after the get that takes the
/// item, and everything before a `task_done` happens before everything after a `join` that it
/// ends.
///
/// # Cancel safety
///
/// Dropping a pending get loses no item: what it had been granted goes to the next getter, in its
/// place. Dropping a pending put drops its item, too; with [`reserve`](Self::reserve) the item
/// need not exist before there is a place for it. Two requests of one task do not help each
/// other: a granted get that its task does not poll any more keeps its reservation until it is dropped.
///
/// # Deadlocks
///
/// Who waits for an item that only it would put, or for a place that only it would free, waits
/// for ever. So does who joins while it has something that is not done. An order of priorities that
/// uses the queue it is compared in deadlocks.
///
/// # Examples
///
/// ```
/// use syncline::task::PriorityQueue;
///
/// let queue = PriorityQueue::unbounded();
/// queue.try_put(2, "later")?;
/// queue.try_put(1, "sooner")?;
/// assert_eq!(queue.try_get()?, (1, "sooner"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[repr(transparent)]
pub struct PriorityQueue<P, T> {
    core: Core<Priority<P, T>>,
}

/// Writes all methods of a queue.
macro_rules! queue {
    ($Queue:ident [$($params:tt)*] [$($bounded:tt)*] [$($args:tt)*] ($Store:ty) ($Item:ty) $($rest:tt)*) => {
        queue_ends! { $Queue [$($params)*] [$($bounded)*] [$($args)*] ($Store) ($Item) $($rest)* }
        queue_puts! { $Queue [$($params)*] [$($bounded)*] [$($args)*] ($Store) ($Item) $($rest)* }
        queue_gets! { $Queue [$($params)*] [$($bounded)*] [$($args)*] ($Store) ($Item) $($rest)* }

        impl<$($bounded)*> fmt::Debug for $Queue<$($args)*> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.core.describe(stringify!($Queue), f)
            }
        }

        impl<$($bounded)*> Quiet for $Queue<$($args)*> {
            fn assert_quiet(&self) {
                self.core.assert_quiet();
            }

            fn waiting(&self) -> usize {
                self.core.waiting()
            }
        }
    };
}

queue! {
    Queue [T] [T] [T] (Fifo<T>) (T)
    |item: T| item, "1", "1", "[1, 2]"
}

queue! {
    LifoQueue [T] [T] [T] (Lifo<T>) (T)
    |item: T| item, "1", "1", "[1, 2]"
}

queue! {
    PriorityQueue [P, T] [P: Ord, T] [P, T] (Priority<P, T>) ((P, T))
    |priority: P, item: T| (priority, item), "0, 1", "(0, 1)", "[(0, 1), (0, 2)]"
}
