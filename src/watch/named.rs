//! The name that a snapshot shows.

use super::task;
use super::thread;

impl<T> thread::Watch<T> {
    /// Gives it a name, by which `diag::snapshot` and reports show it, and the lock of its value.
    ///
    /// Before it is cloned or observed: later it keeps the name that it has.
    ///
    /// Without the feature `diagnostics`, this does nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::thread::Watch;
    ///
    /// let level = Watch::new(1).named("log level");
    /// assert_eq!(*level.borrow(), 1);
    /// ```
    #[must_use]
    pub fn named(mut self, name: &'static str) -> Self {
        self.sender.name(name);
        self
    }
}

impl<T> task::Watch<T> {
    /// Gives it a name, by which `diag::snapshot` and reports show it, and the lock of its value.
    ///
    /// Before it is cloned or observed: later it keeps the name that it has.
    ///
    /// Without the feature `diagnostics`, this does nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::task::Watch;
    ///
    /// let level = Watch::new(1).named("log level");
    /// assert_eq!(*level.borrow(), 1);
    /// ```
    #[must_use]
    pub fn named(mut self, name: &'static str) -> Self {
        self.sender.name(name);
        self
    }
}
