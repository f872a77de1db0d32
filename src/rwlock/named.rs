//! The name that a snapshot shows.

use super::task;
use super::thread;

impl<T> thread::RwLock<T> {
    /// Sets the name that `diag::snapshot` and reports show.
    ///
    /// Without the feature `diagnostics`, this does nothing.
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

    /// Sets the name, before anybody else has a reference.
    pub(crate) const fn name(&mut self, name: &'static str) {
        self.shared.line.name(name);
    }
}

impl<T> task::RwLock<T> {
    /// Sets the name that `diag::snapshot` and reports show.
    ///
    /// Without the feature `diagnostics`, this does nothing.
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
