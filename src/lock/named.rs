//! The name that a snapshot shows.

use super::task;
use super::thread;

impl<T> thread::Lock<T> {
    /// Sets the name that `diag::snapshot` and reports show.
    ///
    /// Without the feature `diagnostics`, this does nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::thread::Lock;
    ///
    /// static TOTAL: Lock<u32> = Lock::new(0).named("total");
    /// *TOTAL.lock() += 1;
    /// ```
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> Self {
        self.shared.line.name(name);
        self
    }
}

impl<T> task::Lock<T> {
    /// Sets the name that `diag::snapshot` and reports show.
    ///
    /// Without the feature `diagnostics`, this does nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::task::Lock;
    ///
    /// static TOTAL: Lock<u32> = Lock::new(0).named("total");
    /// assert!(!TOTAL.is_locked());
    /// ```
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> Self {
        self.shared.line.name(name);
        self
    }
}
