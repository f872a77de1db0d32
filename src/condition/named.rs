//! The name that a snapshot shows.

use super::task;
use super::thread;

impl thread::Condition {
    /// Sets the name that `diag::snapshot` and reports show.
    ///
    /// Without the feature `diagnostics`, this does nothing.
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
    /// Sets the name that `diag::snapshot` and reports show.
    ///
    /// Without the feature `diagnostics`, this does nothing.
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
