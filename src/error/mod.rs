//! Every way in which an operation of this crate can fail.
//!
//! One small type for each. They are [`Copy`], as far as what they carry back is; not so [`JobError`], [`Panic`],
//! [`GroupError`] and [`Stragglers`], which own what they tell.

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
    /// Of a wait for a primitive this outcome is definite: nothing was taken, the place in line is gone,
    /// and a grant that arrives later goes to somebody else. From a [`Job`](crate::Job) it means that the
    /// job goes on; from [`task::timeout`](crate::task::timeout()) and [`ThreadPool::map_timeout`](crate::thread::ThreadPool::map_timeout)
    /// that the rest was given up, which says nothing of what had been done.
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
    /// [`MAX_PERMITS`](crate::thread::Semaphore::MAX_PERMITS), counting the permits that are out.
    ///
    /// Nothing was changed.
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
    /// More permits were released to a bounded semaphore than had been forgotten.
    ///
    /// Nothing was changed.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::thread::BoundedSemaphore;
    ///
    /// let semaphore = BoundedSemaphore::new(2);
    /// let error = semaphore.release(1).unwrap_err();
    /// assert_eq!(error.to_string(), "more permits were released than had been forgotten");
    /// ```
    OverRelease, "more permits were released than had been forgotten"
}

/// The parties of a [`Barrier`](crate::thread::Barrier) did not meet.
///
/// A wait ends with it if its round was broken: by a deadline, by `abort` or `reset`, or by an
/// action that panicked; or if the barrier was broken when the wait began. Unless it was a
/// `reset`, the barrier stays broken until it is reset.
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

    /// Whether it was this caller's own deadline that broke the barrier.
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
    /// More items were said to be done than had been got from the queue.
    ///
    /// Nothing was changed.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::thread::Queue;
    ///
    /// let queue = Queue::unbounded();
    /// queue.put("not got yet")?;
    /// let error = queue.task_done().unwrap_err();
    /// assert_eq!(error.to_string(), "more was said to be done than had been got");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    TooManyDone, "more was said to be done than had been got"
}

plain_error! {
    /// No [`Watch`](crate::thread::Watch) is left that could send another value, and the last one has been seen.
    ///
    /// # Examples
    ///
    /// ```
    /// let watch = syncline::thread::Watch::new(1);
    /// let mut observer = watch.subscribe();
    /// drop(watch);
    /// let error = observer.changed().unwrap_err();
    /// assert_eq!(error.to_string(), "nobody is left who could send another value");
    /// ```
    WatchClosed, "nobody is left who could send another value"
}

/// An item was not put into a queue; here it is back.
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
    /// There was no place, or it belonged to somebody who waits.
    Full(T),
    /// There was no place in time.
    TimedOut(T),
    /// The queue has been shut down.
    ShutDown(T),
}

impl<T> PutError<T> {
    /// What was not put.
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
            Self::TimedOut(_) => "the queue was full until the wait timed out",
            Self::ShutDown(_) => "the queue has been shut down",
        })
    }
}

impl<T> Error for PutError<T> {}

/// A value was not set; here it is back.
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
    /// There was a value already.
    AlreadySet(T),
    /// Somebody is initializing the value, or is about to.
    Busy(T),
}

impl<T> SetError<T> {
    /// What was not set.
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
    /// There was no item, or it belonged to somebody who waits.
    Empty,
    /// There was no item in time.
    TimedOut,
    /// The queue has been shut down, and there is nothing left in it.
    ShutDown,
}

impl fmt::Display for GetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the queue is empty",
            Self::TimedOut => "the queue was empty until the wait timed out",
            Self::ShutDown => "the queue has been shut down and is empty",
        })
    }
}

impl Error for GetError {}
