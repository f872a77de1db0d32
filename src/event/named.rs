//! The name that a snapshot shows.

use super::task;
use super::thread;

impl thread::Event {
    /// Sets the name that `diag::snapshot` and reports show.
    ///
    /// Without the feature `diagnostics`, this does nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::thread::Event;
    ///
    /// static STOP: Event = Event::new().named("stop");
    /// assert!(!STOP.is_set());
    /// ```
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> Self {
        self.line.name(name);
        self
    }
}

impl task::Event {
    /// Sets the name that `diag::snapshot` and reports show.
    ///
    /// Without the feature `diagnostics`, this does nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::task::Event;
    ///
    /// static STOP: Event = Event::new().named("stop");
    /// assert!(!STOP.is_set());
    /// ```
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> Self {
        self.line.name(name);
        self
    }
}
