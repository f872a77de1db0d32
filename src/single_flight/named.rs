//! The name that a snapshot shows.

use super::task;
use super::thread;

impl<K, V> thread::SingleFlight<K, V> {
    /// Sets the name of its calls, which `diag::snapshot` and reports show.
    ///
    /// Without the feature `diagnostics`, this does nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::thread::SingleFlight;
    ///
    /// let pages = SingleFlight::<String, u8>::new().named("pages");
    /// assert!(pages.is_empty());
    /// ```
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> Self {
        self.calls.name = name;
        self
    }
}

impl<K, V> task::SingleFlight<K, V> {
    /// Sets the name of its calls, which `diag::snapshot` and reports show.
    ///
    /// Without the feature `diagnostics`, this does nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::task::SingleFlight;
    ///
    /// let pages = SingleFlight::<String, u8>::new().named("pages");
    /// assert!(pages.is_empty());
    /// ```
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> Self {
        self.calls.name = name;
        self
    }
}
