//! `OnceCell` for threads.

use super::shared::Shared;
use crate::error::SetError;
use crate::line::Quiet;
use crate::sys::constructor;
use core::fmt;

/// A value that is computed once, by the first thread or task that needs it.
///
/// [`get_or_init`](Self::get_or_init) returns the value, and computes it first if necessary. Others wait for it. If
/// the initializer fails or panics, the next waiter runs its own. [`wait`](Self::wait) waits for the value without
/// computing it.
///
/// Unlike `std::sync::OnceLock`, it works for tasks too, waits can have a deadline, an initializer may fail,
/// and a worker of a [`ThreadPool`](crate::thread::ThreadPool) that waits is replaced by a spare thread, so that an initializer can use that pool.
/// Do not use it for a value that changes ([`Lock`](crate::thread::Lock)), or if the initializer is known when the cell is created
/// (`std::sync::LazyLock` is simpler).
///
/// # Fairness
///
/// Initializers run in order of arrival, of threads and tasks alike. Callers of `wait` delay nobody.
///
/// # Memory effects
///
/// Everything that happened before the value was set, by its initializer or by [`set`](Self::set), happens before
/// everything after a call that returns the value. A failed initializer happens before the next one.
///
/// # Panics
///
/// An initializer that waits for its own value panics instead of waiting for ever. This is detected on the same
/// thread, not in a task that it has spawned elsewhere.
///
/// # Deadlocks
///
/// Two initializers that wait for each other's values.
///
/// # Examples
///
/// ## The first caller reads the file
///
/// ```
/// use syncline::thread::OnceCell;
///
/// # fn read_file() -> std::io::Result<String> { Ok("name".to_owned()) }
/// static CONFIG: OnceCell<String> = OnceCell::new();
///
/// std::thread::scope(|threads| {
///     for _ in 0..3 {
///         threads.spawn(|| assert_eq!(CONFIG.get_or_try_init(read_file).unwrap(), "name"));
///     }
/// });
/// assert!(CONFIG.is_set());
/// ```
///
/// ## A thread waits for what a task makes
///
/// ```
/// use syncline::{task::block_on, thread::OnceCell};
///
/// let answer = OnceCell::new();
/// std::thread::scope(|threads| {
///     threads.spawn(|| assert_eq!(answer.wait(), &42));
///     block_on(answer.as_task().get_or_init(async || 42));
/// });
/// ```
#[doc(alias("OnceLock", "LazyLock", "Once", "Lazy", "cached_property"))]
#[repr(transparent)]
pub struct OnceCell<T> {
    pub(super) shared: Shared<T>,
}

impl<T> OnceCell<T> {
    constructor! {
        /// Creates an empty cell.
        ///
        /// # Examples
        ///
        /// ```
        /// use syncline::thread::OnceCell;
        ///
        /// static CELL: OnceCell<u8> = OnceCell::new();
        /// assert_eq!(CELL.get(), None);
        /// ```
        #[must_use]
        #[track_caller]
        pub const fn new() -> Self {
            Self {
                shared: Shared::new(),
            }
        }
    }

    constructor! {
        /// Creates a cell that contains `value`.
        ///
        /// # Examples
        ///
        /// ```
        /// use syncline::thread::OnceCell;
        ///
        /// static CELL: OnceCell<u8> = OnceCell::with_value(7);
        /// assert_eq!(CELL.get(), Some(&7));
        /// ```
        #[must_use]
        #[track_caller]
        pub const fn with_value(value: T) -> Self {
            Self {
                shared: Shared::with_value(value),
            }
        }
    }

    /// Returns the value if it is set. Never waits.
    ///
    /// # Examples
    ///
    /// ```
    /// let cell = syncline::thread::OnceCell::new();
    /// assert_eq!(cell.get(), None);
    /// cell.set(7).unwrap();
    /// assert_eq!(cell.get(), Some(&7));
    /// ```
    #[inline]
    pub fn get(&self) -> Option<&T> {
        self.shared.get()
    }

    /// Returns the value for changing it; the exclusive borrow guarantees that nobody else uses it.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut cell = syncline::thread::OnceCell::from(7);
    /// *cell.get_mut().unwrap() += 1;
    /// assert_eq!(cell.get(), Some(&8));
    /// ```
    pub fn get_mut(&mut self) -> Option<&mut T> {
        self.shared.get_mut()
    }

    /// Returns whether the value is set. Once set, it stays set unless somebody [takes](Self::take) it.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(!syncline::thread::OnceCell::<u8>::new().is_set());
    /// ```
    #[inline]
    pub fn is_set(&self) -> bool {
        self.shared.is_set()
    }

    /// Returns how many threads and tasks wait at this instant, for the value or for their turn to make it.
    ///
    /// # Examples
    ///
    /// ```
    /// let cell = syncline::thread::OnceCell::<u8>::new();
    /// assert_eq!(cell.waiting(), 0);
    /// ```
    pub fn waiting(&self) -> usize {
        self.shared.waiting()
    }

    /// Sets the value, if it is not set and nobody is initializing it. Never waits.
    ///
    /// # Errors
    ///
    /// Returns [`SetError::AlreadySet`] if there is a value, and [`SetError::Busy`] if somebody is initializing it. The initializer may
    /// fail, so this does not say that there will be a value. Either gives the value back.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{SetError, thread::OnceCell};
    ///
    /// let cell = OnceCell::new();
    /// cell.set("first")?;
    /// assert_eq!(cell.set("second"), Err(SetError::AlreadySet("second")));
    /// # Ok::<(), SetError<&str>>(())
    /// ```
    pub fn set(&self, value: T) -> Result<(), SetError<T>> {
        self.shared.set(value)
    }

    /// Takes the value out; the cell can be set again.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut cell = syncline::thread::OnceCell::from(7);
    /// assert_eq!(cell.take(), Some(7));
    /// assert_eq!(cell.take(), None);
    /// ```
    pub fn take(&mut self) -> Option<T> {
        self.shared.take()
    }

    /// Gives the value back, if it is set.
    ///
    /// # Examples
    ///
    /// ```
    /// let cell = syncline::thread::OnceCell::from(7);
    /// assert_eq!(cell.into_inner(), Some(7));
    /// ```
    pub fn into_inner(self) -> Option<T> {
        self.shared.into_inner()
    }
}

impl<T> Default for OnceCell<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> From<T> for OnceCell<T> {
    fn from(value: T) -> Self {
        Self::with_value(value)
    }
}

/// The clone is set to a clone of the value, or not set.
impl<T: Clone> Clone for OnceCell<T> {
    fn clone(&self) -> Self {
        self.get().cloned().map_or_else(Self::new, Self::from)
    }
}

/// Two cells are equal if both are set to equal values, or neither is set.
impl<T: PartialEq> PartialEq for OnceCell<T> {
    fn eq(&self, other: &Self) -> bool {
        self.get() == other.get()
    }
}

impl<T: Eq> Eq for OnceCell<T> {}

impl<T: fmt::Debug> fmt::Debug for OnceCell<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared.show(f)
    }
}

impl<T> Quiet for OnceCell<T> {
    fn assert_quiet(&self) {
        self.shared.assert_quiet();
    }

    fn waiting(&self) -> usize {
        self.shared.waiting()
    }
}
