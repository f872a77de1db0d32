//! The name that a snapshot shows.

use super::task;
use super::thread;

impl<T> thread::OnceCell<T> {
    /// Sets the name that `diag::snapshot` and reports show.
    ///
    /// Without the feature `diagnostics`, this does nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::thread::OnceCell;
    ///
    /// static CONFIG: OnceCell<u8> = OnceCell::new().named("config");
    /// assert!(!CONFIG.is_set());
    /// ```
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> Self {
        self.shared.name(name);
        self
    }
}

impl<T> task::OnceCell<T> {
    /// Sets the name that `diag::snapshot` and reports show.
    ///
    /// Without the feature `diagnostics`, this does nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::task::OnceCell;
    ///
    /// static CONFIG: OnceCell<u8> = OnceCell::new().named("config");
    /// assert!(!CONFIG.is_set());
    /// ```
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> Self {
        self.shared.name(name);
        self
    }
}
