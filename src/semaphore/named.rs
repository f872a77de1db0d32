//! The name that a snapshot shows.

use super::kind::{Bounded, Plain};
use super::task;
use super::thread;

impl thread::BaseSemaphore<Plain> {
    /// Sets the name that `diag::snapshot` and reports show.
    ///
    /// Without the feature `diagnostics`, this does nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::thread::Semaphore;
    ///
    /// static DESKS: Semaphore = Semaphore::new(4).named("desks");
    /// assert_eq!(DESKS.available_permits(), 4);
    /// ```
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> Self {
        self.core.name(name);
        self
    }
}

impl thread::BaseSemaphore<Bounded> {
    /// Sets the name that `diag::snapshot` and reports show.
    ///
    /// Without the feature `diagnostics`, this does nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::thread::BoundedSemaphore;
    ///
    /// static DESKS: BoundedSemaphore = BoundedSemaphore::new(4).named("desks");
    /// assert_eq!(DESKS.available_permits(), 4);
    /// ```
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> Self {
        self.core.name(name);
        self
    }
}

impl task::BaseSemaphore<Plain> {
    /// Sets the name that `diag::snapshot` and reports show.
    ///
    /// Without the feature `diagnostics`, this does nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::task::Semaphore;
    ///
    /// static DESKS: Semaphore = Semaphore::new(4).named("desks");
    /// assert_eq!(DESKS.available_permits(), 4);
    /// ```
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> Self {
        self.core.name(name);
        self
    }
}

impl task::BaseSemaphore<Bounded> {
    /// Sets the name that `diag::snapshot` and reports show.
    ///
    /// Without the feature `diagnostics`, this does nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::task::BoundedSemaphore;
    ///
    /// static DESKS: BoundedSemaphore = BoundedSemaphore::new(4).named("desks");
    /// assert_eq!(DESKS.available_permits(), 4);
    /// ```
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> Self {
        self.core.name(name);
        self
    }
}
