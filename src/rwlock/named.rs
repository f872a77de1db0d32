//! A name for what a snapshot shows.

use super::task;
use super::thread;

impl<T> thread::RwLock<T> {
    /// Gives it a name, by which `diag::snapshot` and reports show it.
    ///
    /// The name is kept only with the feature `diagnostics`; without it this does nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::thread::RwLock;
    ///
    /// static TOTAL: RwLock<u32> = RwLock::new(0).named("total");
    /// *TOTAL.write() += 1;
    /// ```
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> Self {
        self.name(name);
        self
    }

    /// Gives it a name, before anybody else knows it.
    pub(crate) const fn name(&mut self, name: &'static str) {
        self.shared.line.name(name);
    }
}

impl<T> task::RwLock<T> {
    /// Gives it a name, by which `diag::snapshot` and reports show it.
    ///
    /// The name is kept only with the feature `diagnostics`; without it this does nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::task::RwLock;
    ///
    /// static TOTAL: RwLock<u32> = RwLock::new(0).named("total");
    /// assert!(!TOTAL.is_locked());
    /// ```
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> Self {
        self.shared.line.name(name);
        self
    }
}
