//! The name that a snapshot shows.

use super::store::Store;
use super::task;
use super::thread;

impl<S: Store> thread::BaseQueue<S> {
    /// Sets the name that `diag::snapshot` and reports show.
    ///
    /// Without the feature `diagnostics`, this does nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::thread::Queue;
    ///
    /// static ORDERS: Queue<u32> = Queue::bounded(4).named("orders");
    /// assert!(ORDERS.is_empty());
    /// ```
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> Self {
        self.core.name(name);
        self
    }
}

impl<S: Store> task::BaseQueue<S> {
    /// Sets the name that `diag::snapshot` and reports show.
    ///
    /// Without the feature `diagnostics`, this does nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::task::Queue;
    ///
    /// static ORDERS: Queue<u32> = Queue::bounded(4).named("orders");
    /// assert!(ORDERS.is_empty());
    /// ```
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> Self {
        self.core.name(name);
        self
    }
}
