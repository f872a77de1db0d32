//! `OnceCell` for tasks.

use core::fmt;
use core::time::Duration;
use std::time::Instant;

use super::future::{GetOrInit, GetOrTryInit, OnceTimed, OnceWait};
use super::shared::Shared;
use crate::error::SetError;
use crate::line::{Quiet, Timeout};
use crate::sys::constructor;

/// A value that is computed once, by the first thread or task that needs it.
///
/// [`get_or_init`](Self::get_or_init) returns the value, and computes it first if necessary. Others wait for it. If
/// the initializer fails, panics or is dropped, the next waiter runs its own. [`wait`](Self::wait) waits for the
/// value without computing it.
///
/// Use it for values that are expensive to compute and never change: a connection, a configuration. Do not use it for a
/// value that changes ([`Lock`](crate::task::Lock)), for one value per key ([`SingleFlight`](crate::task::SingleFlight)), or if the initializer neither
/// waits nor fails (`std::sync::LazyLock` is simpler).
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
/// # Cancel safety
///
/// Dropping a future that waits leaves the line. Dropping one whose initializer runs drops the
/// initializer, and then the next waiter runs its own. What the initializer has done so far is not undone.
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
/// ## A connection that is opened when it is first needed
///
/// ```
/// use syncline::task::{OnceCell, block_on, gather};
///
/// # struct Connection(u32);
/// # async fn connect() -> std::io::Result<Connection> { Ok(Connection(7)) }
/// static CONNECTION: OnceCell<Connection> = OnceCell::new();
///
/// let ask = async || Ok(CONNECTION.get_or_try_init(connect).await?.0);
/// let numbers: Vec<std::io::Result<u32>> = block_on(gather([ask(), ask()]));
/// assert!(numbers.into_iter().all(|number| number.is_ok_and(|number| number == 7)));
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
        /// use syncline::task::OnceCell;
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
        /// use syncline::task::OnceCell;
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
    /// let cell = syncline::task::OnceCell::new();
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
    /// let mut cell = syncline::task::OnceCell::from(7);
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
    /// assert!(!syncline::task::OnceCell::<u8>::new().is_set());
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
    /// let cell = syncline::task::OnceCell::<u8>::new();
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
    /// use syncline::{SetError, task::OnceCell};
    ///
    /// let cell = OnceCell::new();
    /// cell.set("first")?;
    /// assert_eq!(cell.set("second"), Err(SetError::AlreadySet("second")));
    /// # Ok::<(), SetError<&str>>(())
    /// ```
    pub fn set(&self, value: T) -> Result<(), SetError<T>> {
        self.shared.set(value)
    }

    /// Returns the value, and makes it first if it is not set. Waits while somebody else makes it.
    ///
    /// If that other initializer fails, panics or is dropped, the next waiter runs its own. To limit how long this
    /// takes, wrap it in [`timeout`](crate::task::timeout()): if the time is over while the future of `make` runs, it
    /// is dropped, and the next waiter has its turn.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the future of `make`, if it is running, and passes the turn on.
    ///
    /// # Panics
    ///
    /// Panics if `make` or its future panics (the next waiter then runs its own initializer), or if `make` asks for this value
    /// itself.
    ///
    /// # Examples
    ///
    /// ```
    /// let cell = syncline::task::OnceCell::new();
    /// syncline::task::block_on(async {
    ///     assert_eq!(cell.get_or_init(async || 1).await, &1);
    ///     assert_eq!(cell.get_or_init(async || 2).await, &1);
    /// });
    /// ```
    pub fn get_or_init<F, Fut>(&self, make: F) -> GetOrInit<'_, T, F, Fut>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = T>,
    {
        GetOrInit::new(&self.shared, make)
    }

    /// Returns the value, and makes it first with what may fail if it is not set. Waits while somebody else makes it.
    ///
    /// # Errors
    ///
    /// That of `make`. The cell is as it was before, and the next waiter runs its own initializer.
    ///
    /// # Cancel safety
    ///
    /// See [`get_or_init`](Self::get_or_init).
    ///
    /// # Panics
    ///
    /// See [`get_or_init`](Self::get_or_init).
    ///
    /// # Examples
    ///
    /// ```
    /// let cell = syncline::task::OnceCell::new();
    /// syncline::task::block_on(async {
    ///     assert_eq!(cell.get_or_try_init(async || Err("not yet")).await, Err("not yet"));
    ///     assert_eq!(cell.get_or_try_init(async || Ok::<_, &str>(7)).await, Ok(&7));
    /// });
    /// ```
    pub fn get_or_try_init<E, F, Fut>(&self, make: F) -> GetOrTryInit<'_, T, F, Fut>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        GetOrTryInit::new(&self.shared, make)
    }

    /// Waits until the value is set, and returns it.
    ///
    /// An initializer that fails does not end this.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    ///
    /// # Panics
    ///
    /// Panics inside an initializer of this cell.
    ///
    /// # Examples
    ///
    /// ```
    /// let cell = syncline::task::OnceCell::from(7);
    /// assert_eq!(syncline::task::block_on(cell.wait()), &7);
    /// ```
    pub fn wait(&self) -> OnceWait<'_, T> {
        OnceWait::new(&self.shared)
    }

    /// Waits until the value is set, for at most `timeout`, counted from the first poll; zero asks whether it is set.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`](crate::TimedOut) if it was not set in time.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    ///
    /// # Panics
    ///
    /// Panics inside an initializer of this cell.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    ///
    /// let cell = syncline::task::OnceCell::<u8>::new();
    /// let wait = cell.wait_timeout(Duration::from_millis(1));
    /// assert!(syncline::task::block_on(wait).is_err());
    /// ```
    pub fn wait_timeout(&self, timeout: Duration) -> OnceTimed<'_, T> {
        OnceTimed::new(&self.shared, Timeout::After(timeout))
    }

    /// Waits until the value is set, or until `deadline`.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`](crate::TimedOut) if it was not set in time.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    ///
    /// # Panics
    ///
    /// Panics inside an initializer of this cell.
    ///
    /// # Examples
    ///
    /// ```
    /// let cell = syncline::task::OnceCell::from(7);
    /// let wait = cell.wait_deadline(std::time::Instant::now());
    /// assert_eq!(syncline::task::block_on(wait)?, &7);
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    pub fn wait_deadline(&self, deadline: Instant) -> OnceTimed<'_, T> {
        OnceTimed::new(&self.shared, Timeout::At(deadline))
    }

    /// Takes the value out; the cell can be set again.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut cell = syncline::task::OnceCell::from(7);
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
    /// let cell = syncline::task::OnceCell::from(7);
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
