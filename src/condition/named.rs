//! A name for what a snapshot shows.

use super::task;
use super::thread;

impl thread::Condition {
    /// Gives it a name, by which `diag::snapshot` and reports show it.
    ///
    /// The name is kept only with the feature `diagnostics`; without it this does nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::thread::Condition;
    ///
    /// static CHANGED: Condition = Condition::new().named("changed");
    /// assert!(!CHANGED.notify_one());
    /// ```
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> Self {
        self.set.name(name);
        self
    }
}

impl task::Condition {
    /// Gives it a name, by which `diag::snapshot` and reports show it.
    ///
    /// The name is kept only with the feature `diagnostics`; without it this does nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::task::Condition;
    ///
    /// static CHANGED: Condition = Condition::new().named("changed");
    /// assert!(!CHANGED.notify_one());
    /// ```
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> Self {
        self.set.name(name);
        self
    }
}
