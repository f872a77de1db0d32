//! `OnceCell` for threads.

use super::shared::Shared;
use crate::error::SetError;
use crate::line::Quiet;
use crate::sys::constructor;
use core::fmt;

/// A value that the first thread that needs it makes, and that everybody reads from then on.
///
/// [`get_or_init`](Self::get_or_init) returns the value, and makes it first if it is not there. While one thread makes it the
/// others wait; an initializer that fails or panics passes its turn on to the next of them, which runs its own.
/// [`wait`](Self::wait) waits for the value without making it.
///
/// It differs from `std::sync::OnceLock` in that tasks can take part, that waits can have a deadline, that an initializer may fail,
/// and that a worker of a [`ThreadPool`](crate::thread::ThreadPool) that waits is stood in for: an initializer may fan out on the pool on which others wait for it.
/// Do not use it for a value that changes ([`Lock`](crate::thread::Lock)), or where the initializer is known when the cell is made
/// (`std::sync::LazyLock` is simpler).
///
/// # Fairness
///
/// Those who would make the value get their turn in order of arrival, threads and tasks alike. Those who only wait stand
/// in nobody's way.
///
/// # Memory effects
///
/// Everything that happened before the value was set, by its initializer or by [`set`](Self::set), happens before
/// everything after a call that returns the value. What an initializer that failed has done happens before the next one.
///
/// # Panics
///
/// An initializer that asks for its own value, by any method that waits, panics: it would wait for itself for ever. That is
/// noticed on the stack of a thread, not of a task that runs elsewhere.
///
/// # Deadlocks
///
/// Two initializers that ask for each other's values wait for ever.
///
/// # Examples
///
/// ## Whoever comes first reads the file
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
#[doc(alias("OnceLock", "Once", "Lazy", "cached_property"))]
#[repr(transparent)]
pub struct OnceCell<T> {
    pub(super) shared: Shared<T>,
}

impl<T> OnceCell<T> {
    constructor! {
        /// A cell that is not set.
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
        /// A cell that is set.
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

    /// The value, if it is set. Never waits.
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

    /// The value, to be changed: the borrow shows that nobody else sees it.
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

    /// Whether the value is set. Once it is, it stays so, unless somebody [takes](Self::take) it.
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
    /// [`SetError::AlreadySet`] if there is a value, and [`SetError::Busy`] if somebody is initializing it. The initializer may
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
