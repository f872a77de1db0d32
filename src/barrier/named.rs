//! The name that a snapshot shows.

use super::task;
use super::thread;

impl thread::Barrier {
    /// Sets the name that `diag::snapshot` and reports show.
    ///
    /// Without the feature `diagnostics`, this does nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::thread::Barrier;
    ///
    /// static START: Barrier = Barrier::new(2).named("start");
    /// assert_eq!(START.parties(), 2);
    /// ```
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> Self {
        self.rounds.name(name);
        self
    }
}

impl task::Barrier {
    /// Sets the name that `diag::snapshot` and reports show.
    ///
    /// Without the feature `diagnostics`, this does nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::task::Barrier;
    ///
    /// static START: Barrier = Barrier::new(2).named("start");
    /// assert_eq!(START.parties(), 2);
    /// ```
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> Self {
        self.rounds.name(name);
        self
    }
}
