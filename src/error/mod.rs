//! Every way in which an operation of this crate can fail.
//!
//! There is one small type for each. They are [`Copy`] if what they carry back is, except [`JobError`], [`Panic`],
//! [`GroupError`] and [`Stragglers`], which own their contents.

use core::error::Error;
use core::fmt;

#[cfg(feature = "pool")]
mod call;
mod change;
#[cfg(feature = "pool")]
mod group;
#[cfg(feature = "pool")]
mod job;
#[cfg(feature = "pool")]
mod lease;
#[cfg(feature = "pool")]
pub(crate) mod name;
#[cfg(feature = "pool")]
mod rejected;
#[cfg(feature = "pool")]
mod service;

#[cfg(feature = "pool")]
pub use self::call::{CallError, ReceiveError};
pub use self::change::ChangeError;
#[cfg(feature = "pool")]
pub use self::group::GroupError;
#[cfg(feature = "pool")]
pub(crate) use self::job::Abandon;
#[cfg(feature = "pool")]
pub use self::job::{JobError, OutcomeKind, Panic, Stragglers};
#[cfg(feature = "pool")]
pub use self::lease::LeaseError;
#[cfg(feature = "pool")]
pub use self::rejected::Rejected;
#[cfg(feature = "pool")]
pub use self::service::{
    BreakerError, Cancelled, GaveUp, Limited, Rejection, RetryError, ShuttingDown,
};

macro_rules! plain_error {
    ($(#[$meta:meta])* $name:ident, $text:literal) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub struct $name(());

        impl $name {
            pub(crate) const fn new() -> Self {
                Self(())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str($text)
            }
        }

        impl Error for $name {}
    };
}

mod raw;

pub use self::raw::{NotLocked, NotOwner};

plain_error! {
    /// The deadline of a wait passed before it was granted.
    ///
    /// For a wait for a primitive, this outcome is definite: nothing was taken, the place in line is gone,
    /// and a later grant goes to somebody else. From a [`Job`](crate::Job), it means that the
    /// job continues; from [`task::timeout`](crate::task::timeout()) and [`ThreadPool::map_timeout`](crate::thread::ThreadPool::map_timeout)
    /// that the rest was abandoned, whatever had been done by then.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use syncline::thread::Lock;
    ///
    /// let lock = Lock::new(0);
    /// let guard = lock.lock();
    /// let error = lock.lock_timeout(Duration::ZERO).unwrap_err();
    /// assert_eq!(error.to_string(), "the wait timed out");
    /// # drop(guard);
    /// ```
    TimedOut, "the wait timed out"
}

plain_error! {
    /// A release would have raised a semaphore above
    /// [`MAX_PERMITS`](crate::thread::Semaphore::MAX_PERMITS), counting the permits in use.
    ///
    /// Nothing changes then.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::thread::Semaphore;
    ///
    /// let semaphore = Semaphore::new(Semaphore::MAX_PERMITS);
    /// let error = semaphore.release(1).unwrap_err();
    /// assert_eq!(error.to_string(), "the semaphore cannot hold that many permits");
    /// assert_eq!(semaphore.available_permits(), Semaphore::MAX_PERMITS);
    /// ```
    TooManyPermits, "the semaphore cannot hold that many permits"
}

plain_error! {
    /// More permits were released to a bounded semaphore than were forgotten.
    ///
    /// Nothing changes then.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::thread::BoundedSemaphore;
    ///
    /// let semaphore = BoundedSemaphore::new(2);
    /// let error = semaphore.release(1).unwrap_err();
    /// assert_eq!(error.to_string(), "released more permits than were forgotten; a `Permit` releases itself");
    /// ```
    OverRelease, "released more permits than were forgotten; a `Permit` releases itself"
}

/// The parties of a [`Barrier`](crate::thread::Barrier) did not meet.
///
/// A wait fails with this error if its round was broken by a deadline, by `abort` or `reset`, or by an
/// action that panicked, or if the barrier was broken when the wait began. The barrier stays broken until
/// it is reset.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use syncline::thread::Barrier;
///
/// let barrier = Barrier::new(2);
/// let error = barrier.wait_timeout(Duration::ZERO).unwrap_err();
/// assert!(error.timed_out());
/// assert_eq!(error.to_string(), "the wait timed out and broke the barrier");
///
/// let error = barrier.wait().unwrap_err();
/// assert!(!error.timed_out());
/// assert_eq!(error.to_string(), "the barrier is broken");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BrokenBarrier {
    timed_out: bool,
}

impl BrokenBarrier {
    pub(crate) const fn by_others() -> Self {
        Self { timed_out: false }
    }

    pub(crate) const fn by_deadline() -> Self {
        Self { timed_out: true }
    }

    /// Returns whether this caller's own deadline broke the barrier.
    ///
    /// # Examples
    ///
    /// ```
    /// let barrier = syncline::thread::Barrier::new(2);
    /// barrier.abort();
    /// assert!(!barrier.wait().unwrap_err().timed_out());
    /// ```
    #[must_use]
    pub const fn timed_out(self) -> bool {
        self.timed_out
    }
}

impl fmt::Display for BrokenBarrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.timed_out {
            "the wait timed out and broke the barrier"
        } else {
            "the barrier is broken"
        })
    }
}

impl Error for BrokenBarrier {}

plain_error! {
    /// `task_done` was called for more items than were taken from the queue.
    ///
    /// Nothing changes then.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::thread::Queue;
    ///
    /// let queue = Queue::unbounded();
    /// queue.put("not got yet")?;
    /// let error = queue.task_done().unwrap_err();
    /// assert_eq!(error.to_string(), "`task_done` was called more often than items were taken");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    TooManyDone, "`task_done` was called more often than items were taken"
}

plain_error! {
    /// Every [`Watch`](crate::thread::Watch) was dropped, and the last value has been seen.
    ///
    /// # Examples
    ///
    /// ```
    /// let watch = syncline::thread::Watch::new(1);
    /// let mut observer = watch.subscribe();
    /// drop(watch);
    /// let error = observer.changed().unwrap_err();
    /// assert_eq!(error.to_string(), "every `Watch` was dropped, so no further value will come");
    /// ```
    WatchClosed, "every `Watch` was dropped, so no further value will come"
}

/// An item was not put into a queue; the error returns it.
///
/// # Examples
///
/// ```
/// use syncline::{PutError, thread::Queue};
///
/// let queue = Queue::bounded(1);
/// queue.put(1)?;
/// let error = queue.try_put(2).unwrap_err();
/// assert_eq!(error.to_string(), "the queue is full");
/// assert_eq!(error.into_inner(), 2);
/// # Ok::<(), PutError<i32>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum PutError<T> {
    /// The queue was full, or the free place was reserved for a waiter.
    Full(T),
    /// The queue stayed full until the wait timed out.
    TimedOut(T),
    /// The queue has been shut down.
    ShutDown(T),
}

impl<T> PutError<T> {
    /// Returns the item that was not put.
    ///
    /// # Examples
    ///
    /// ```
    /// let queue = syncline::thread::Queue::bounded(1);
    /// queue.try_put("first").unwrap();
    /// assert_eq!(queue.try_put("second").unwrap_err().into_inner(), "second");
    /// ```
    pub fn into_inner(self) -> T {
        let (Self::Full(item) | Self::TimedOut(item) | Self::ShutDown(item)) = self;
        item
    }
}

impl<T> fmt::Debug for PutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full(_) => "Full(..)",
            Self::TimedOut(_) => "TimedOut(..)",
            Self::ShutDown(_) => "ShutDown(..)",
        })
    }
}

impl<T> fmt::Display for PutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full(_) => "the queue is full",
            Self::TimedOut(_) => "the wait timed out while the queue was full",
            Self::ShutDown(_) => "the queue has been shut down",
        })
    }
}

impl<T> Error for PutError<T> {}

/// A value was not set; the error returns it.
///
/// Returned by [`OnceCell::set`](crate::thread::OnceCell::set).
///
/// # Examples
///
/// ```
/// use syncline::{SetError, thread::OnceCell};
///
/// let cell = OnceCell::new();
/// cell.set(1)?;
/// let error = cell.set(2).unwrap_err();
/// assert_eq!(error, SetError::AlreadySet(2));
/// assert_eq!(error.to_string(), "the value has already been set");
/// # Ok::<(), SetError<i32>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum SetError<T> {
    /// The cell already had a value.
    AlreadySet(T),
    /// The value is being initialized, or is about to be.
    Busy(T),
}

impl<T> SetError<T> {
    /// Returns the value that was not set.
    ///
    /// # Examples
    ///
    /// ```
    /// let cell = syncline::thread::OnceCell::from("first");
    /// assert_eq!(cell.set("second").unwrap_err().into_inner(), "second");
    /// ```
    pub fn into_inner(self) -> T {
        let (Self::AlreadySet(value) | Self::Busy(value)) = self;
        value
    }
}

impl<T> fmt::Debug for SetError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AlreadySet(_) => "AlreadySet(..)",
            Self::Busy(_) => "Busy(..)",
        })
    }
}

impl<T> fmt::Display for SetError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AlreadySet(_) => "the value has already been set",
            Self::Busy(_) => "the value is being initialized",
        })
    }
}

impl<T> Error for SetError<T> {}

/// There was nothing to get from a queue.
///
/// # Examples
///
/// ```
/// use syncline::{GetError, thread::Queue};
///
/// let queue = Queue::<i32>::unbounded();
/// let error = queue.try_get().unwrap_err();
/// assert_eq!(error, GetError::Empty);
/// assert_eq!(error.to_string(), "the queue is empty");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GetError {
    /// The queue was empty, or its items were reserved for waiters.
    Empty,
    /// The queue stayed empty until the wait timed out.
    TimedOut,
    /// The queue has been shut down and is empty.
    ShutDown,
}

impl fmt::Display for GetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the queue is empty",
            Self::TimedOut => "the wait timed out while the queue was empty",
            Self::ShutDown => "the queue has been shut down and is empty",
        })
    }
}

impl Error for GetError {}
