//! A name for what a snapshot shows.

use super::task;
use super::thread;

impl thread::Event {
    /// Gives it a name, by which `diag::snapshot` and reports show it.
    ///
    /// The name is kept only with the feature `diagnostics`; without it this does nothing.
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
    /// Gives it a name, by which `diag::snapshot` and reports show it.
    ///
    /// The name is kept only with the feature `diagnostics`; without it this does nothing.
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
