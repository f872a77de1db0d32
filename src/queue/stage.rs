//! How far a queue has been shut down.

/// How a queue is shut down.
///
/// # Examples
///
/// ```
/// use syncline::{Shutdown, thread::Queue};
///
/// let queue = Queue::unbounded();
/// queue.put_many([1, 2])?;
/// assert_eq!(queue.shutdown(Shutdown::Graceful), 0);
/// assert_eq!(queue.get()?, 1);
/// assert_eq!(queue.shutdown(Shutdown::Immediate), 1);
/// assert!(queue.get().is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shutdown {
    /// Puts fail; items in the queue can still be taken.
    Graceful,
    /// Puts fail, and items in the queue are dropped.
    Immediate,
}

/// How far a queue has been shut down: not at all, or in which way.
pub(super) type Stage = Option<Shutdown>;
