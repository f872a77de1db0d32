//! A name for what a snapshot shows.

use super::task;
use super::thread;

impl<T> thread::OnceCell<T> {
    /// Gives it a name, by which `diag::snapshot` and reports show it.
    ///
    /// The name is kept only with the feature `diagnostics`; without it this does nothing.
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
    /// Gives it a name, by which `diag::snapshot` and reports show it.
    ///
    /// The name is kept only with the feature `diagnostics`; without it this does nothing.
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
