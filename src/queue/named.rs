//! A name for what a snapshot shows.

use super::store::Store;
use super::task;
use super::thread;

impl<S: Store> thread::BaseQueue<S> {
    /// Gives it a name, by which `diag::snapshot` and reports show it.
    ///
    /// The name is kept only with the feature `diagnostics`; without it this does nothing.
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
    /// Gives it a name, by which `diag::snapshot` and reports show it.
    ///
    /// The name is kept only with the feature `diagnostics`; without it this does nothing.
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
