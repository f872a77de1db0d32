//! A name for what a snapshot shows.

use super::task;
use super::thread;

impl<T> thread::RLock<T> {
    /// Gives it a name, by which `diag::snapshot` and reports show it.
    ///
    /// The name is kept only with the feature `diagnostics`; without it this does nothing.
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
    /// Gives it a name, by which `diag::snapshot` and reports show it.
    ///
    /// The name is kept only with the feature `diagnostics`; without it this does nothing.
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
