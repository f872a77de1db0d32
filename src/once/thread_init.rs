//! How threads initialize a `OnceCell`, and wait for one.

use core::convert::Infallible;
use core::time::Duration;
use std::time::Instant;

use super::block;
use super::shared::Shared;
use super::thread::OnceCell;
use crate::error::TimedOut;
use crate::line::Timeout;

impl<T> OnceCell<T> {
    /// Returns the value, and makes it first if it is not set. Blocks while somebody else makes it.
    ///
    /// If that other initializer fails or panics, the next waiter runs its own.
    ///
    /// # Panics
    ///
    /// Panics if `make` panics (the next waiter then runs its own initializer), or if `make` asks for this value itself.
    ///
    /// # Examples
    ///
    /// ```
    /// let cell = syncline::thread::OnceCell::new();
    /// assert_eq!(cell.get_or_init(|| 1), &1);
    /// assert_eq!(cell.get_or_init(|| 2), &1);
    /// ```
    #[inline]
    #[track_caller]
    pub fn get_or_init(&self, make: impl FnOnce() -> T) -> &T {
        match self.get() {
            Some(value) => value,
            None => self.make(make),
        }
    }

    /// Like [`get_or_init`](Self::get_or_init), but waits for others for at most `timeout`; zero tries once.
    ///
    /// The time that `make` takes is not limited.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`] if the others took longer. `make` has not run then.
    ///
    /// # Panics
    ///
    /// See [`get_or_init`](Self::get_or_init).
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    ///
    /// let cell = syncline::thread::OnceCell::new();
    /// let soon = Duration::from_millis(1);
    /// std::thread::scope(|threads| {
    ///     cell.get_or_init(|| {
    ///         let other = threads.spawn(|| cell.get_or_init_timeout(soon, || 2).is_err());
    ///         assert!(other.join().unwrap());
    ///         1
    ///     });
    /// });
    /// assert_eq!(cell.get_or_init_timeout(Duration::ZERO, || 3)?, &1);
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    #[track_caller]
    pub fn get_or_init_timeout(
        &self,
        timeout: Duration,
        make: impl FnOnce() -> T,
    ) -> Result<&T, TimedOut> {
        self.make_until(Timeout::After(timeout), make)
    }

    /// Like [`get_or_init`](Self::get_or_init), but waits for others until `deadline` at the latest.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`] if the others took longer. `make` has not run then.
    ///
    /// # Panics
    ///
    /// See [`get_or_init`](Self::get_or_init).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Instant;
    ///
    /// let cell = syncline::thread::OnceCell::new();
    /// assert_eq!(cell.get_or_init_deadline(Instant::now(), || 1)?, &1);
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    #[track_caller]
    pub fn get_or_init_deadline(
        &self,
        deadline: Instant,
        make: impl FnOnce() -> T,
    ) -> Result<&T, TimedOut> {
        self.make_until(Timeout::At(deadline), make)
    }

    /// Returns the value, and makes it first with what may fail if it is not set. Blocks while somebody else makes it.
    ///
    /// # Errors
    ///
    /// That of `make`. The cell is as it was before, and the next waiter runs its own initializer.
    ///
    /// # Panics
    ///
    /// See [`get_or_init`](Self::get_or_init).
    ///
    /// # Examples
    ///
    /// ```
    /// let cell = syncline::thread::OnceCell::new();
    /// let number = |text: &str| text.parse::<u8>();
    /// assert!(cell.get_or_try_init(|| number("many")).is_err());
    /// assert_eq!(cell.get_or_try_init(|| number("7")), Ok(&7));
    /// ```
    #[inline]
    #[track_caller]
    pub fn get_or_try_init<E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
        match self.get() {
            Some(value) => Ok(value),
            None => self.try_make(make),
        }
    }

    /// Blocks until the value is set, and returns it.
    ///
    /// An initializer that fails does not end this.
    ///
    /// # Panics
    ///
    /// Panics inside an initializer of this cell.
    ///
    /// # Examples
    ///
    /// ```
    /// let cell = syncline::thread::OnceCell::new();
    /// std::thread::scope(|threads| {
    ///     threads.spawn(|| cell.set(7));
    ///     assert_eq!(cell.wait(), &7);
    /// });
    /// ```
    #[track_caller]
    pub fn wait(&self) -> &T {
        let set = self.shared.wait(Timeout::Never);
        set.expect("a wait without a deadline does not time out")
    }

    /// Blocks until the value is set, for at most `timeout`; zero asks whether it is set.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`] if it was not set in time.
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
    /// let cell = syncline::thread::OnceCell::<u8>::new();
    /// assert!(cell.wait_timeout(Duration::from_millis(1)).is_err());
    /// ```
    #[track_caller]
    pub fn wait_timeout(&self, timeout: Duration) -> Result<&T, TimedOut> {
        self.shared.wait(Timeout::After(timeout))
    }

    /// Blocks until the value is set, or until `deadline`.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`] if it was not set in time.
    ///
    /// # Panics
    ///
    /// Panics inside an initializer of this cell.
    ///
    /// # Examples
    ///
    /// ```
    /// let cell = syncline::thread::OnceCell::from(7);
    /// assert_eq!(cell.wait_deadline(std::time::Instant::now())?, &7);
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    #[track_caller]
    pub fn wait_deadline(&self, deadline: Instant) -> Result<&T, TimedOut> {
        self.shared.wait(Timeout::At(deadline))
    }

    #[cold]
    #[track_caller]
    fn make(&self, make: impl FnOnce() -> T) -> &T {
        let value = self.make_until(Timeout::Never, make);
        value.expect("a wait without a deadline does not time out")
    }

    #[track_caller]
    fn make_until(&self, timeout: Timeout, make: impl FnOnce() -> T) -> Result<&T, TimedOut> {
        if let Some(value) = self.get() {
            return Ok(value);
        }
        match block::make(&self.shared, timeout, || Ok::<T, Infallible>(make()))? {
            Ok(shared) => Ok(shared.expect()),
            Err(never) => match never {},
        }
    }

    #[cold]
    #[track_caller]
    fn try_make<E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
        let value = block::make(&self.shared, Timeout::Never, make);
        let value = value.expect("a wait without a deadline does not time out");
        value.map(Shared::expect)
    }
}
