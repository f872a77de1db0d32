//! How threads make queues: the constructors of each alias.

use super::core::Core;
use super::store::{Fifo, Lifo, Priority};
use super::thread::BaseQueue;
use crate::sys::constructor;

impl<T> BaseQueue<Fifo<T>> {
    constructor! {
        /// Returns a queue with room for `capacity` items; `usize::MAX` means no limit.
        ///
        /// # Panics
        ///
        /// Panics if `capacity` is zero.
        ///
        /// # Examples
        ///
        /// ```
        /// use syncline::thread::Queue;
        ///
        /// static JOBS: Queue<u32> = Queue::bounded(1);
        /// JOBS.try_put(7)?;
        /// assert!(JOBS.try_put(8).is_err());
        /// # Ok::<(), syncline::PutError<u32>>(())
        /// ```
        #[must_use]
        #[track_caller]
        pub const fn bounded(capacity: usize) -> Self {
            Self { core: Core::new(Fifo::new(), capacity) }
        }
    }

    constructor! {
        /// Returns a queue without a limit: a put never waits.
        ///
        /// # Examples
        ///
        /// ```
        /// use syncline::thread::Queue;
        ///
        /// let queue = Queue::unbounded();
        /// assert_eq!(queue.capacity(), None);
        /// queue.put(1)?;
        /// # Ok::<(), syncline::PutError<i32>>(())
        /// ```
        #[must_use]
        #[track_caller]
        pub const fn unbounded() -> Self {
            Self { core: Core::new(Fifo::new(), usize::MAX) }
        }
    }
}

impl<T> BaseQueue<Lifo<T>> {
    constructor! {
        /// Returns a queue with room for `capacity` items; `usize::MAX` means no limit.
        ///
        /// # Panics
        ///
        /// Panics if `capacity` is zero.
        ///
        /// # Examples
        ///
        /// ```
        /// use syncline::thread::LifoQueue;
        ///
        /// let queue = LifoQueue::bounded(1);
        /// queue.try_put(7)?;
        /// assert!(queue.try_put(8).is_err());
        /// # Ok::<(), syncline::PutError<i32>>(())
        /// ```
        #[must_use]
        #[track_caller]
        pub const fn bounded(capacity: usize) -> Self {
            Self { core: Core::new(Lifo::new(), capacity) }
        }
    }

    constructor! {
        /// Returns a queue without a limit: a put never waits.
        ///
        /// # Examples
        ///
        /// ```
        /// use syncline::thread::LifoQueue;
        ///
        /// let queue = LifoQueue::unbounded();
        /// assert_eq!(queue.capacity(), None);
        /// queue.put(1)?;
        /// # Ok::<(), syncline::PutError<i32>>(())
        /// ```
        #[must_use]
        #[track_caller]
        pub const fn unbounded() -> Self {
            Self { core: Core::new(Lifo::new(), usize::MAX) }
        }
    }
}

impl<P: Ord, T> BaseQueue<Priority<P, T>> {
    constructor! {
        /// Returns a queue with room for `capacity` items; `usize::MAX` means no limit.
        ///
        /// # Panics
        ///
        /// Panics if `capacity` is zero.
        ///
        /// # Examples
        ///
        /// ```
        /// use syncline::thread::PriorityQueue;
        ///
        /// let queue = PriorityQueue::bounded(1);
        /// queue.try_put((7, "first"))?;
        /// assert!(queue.try_put((8, "second")).is_err());
        /// # Ok::<(), syncline::PutError<(i32, &str)>>(())
        /// ```
        #[must_use]
        #[track_caller]
        pub const fn bounded(capacity: usize) -> Self {
            Self { core: Core::new(Priority::new(), capacity) }
        }
    }

    constructor! {
        /// Returns a queue without a limit: a put never waits.
        ///
        /// # Examples
        ///
        /// ```
        /// use syncline::thread::PriorityQueue;
        ///
        /// let queue = PriorityQueue::unbounded();
        /// assert_eq!(queue.capacity(), None);
        /// queue.put((1, "only"))?;
        /// # Ok::<(), syncline::PutError<(i32, &str)>>(())
        /// ```
        #[must_use]
        #[track_caller]
        pub const fn unbounded() -> Self {
            Self { core: Core::new(Priority::new(), usize::MAX) }
        }
    }
}
