//! The name that a snapshot shows.

use super::task;
use super::thread;

impl<T> thread::RLock<T> {
    /// Sets the name that `diag::snapshot` and reports show.
    ///
    /// Without the feature `diagnostics`, this does nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::thread::RLock;
    ///
    /// static TREE: RLock<u32> = RLock::new(0).named("tree");
    /// assert_eq!(*TREE.lock(), 0);
    /// ```
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> Self {
        self.shared.core.line.name(name);
        self
    }
}

impl<T> task::RLock<T> {
    /// Sets the name that `diag::snapshot` and reports show.
    ///
    /// Without the feature `diagnostics`, this does nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::task::RLock;
    ///
    /// static TREE: RLock<u32> = RLock::new(0).named("tree");
    /// assert!(!TREE.is_locked());
    /// ```
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> Self {
        self.shared.core.line.name(name);
        self
    }
}
