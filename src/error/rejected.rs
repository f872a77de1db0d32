//! Why a pool rejected a closure.

use core::error::Error;
use core::fmt;

/// A pool rejected a closure; the error returns it.
///
/// # Examples
///
/// See [`ThreadPool::try_submit`](crate::thread::ThreadPool::try_submit).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Rejected<F> {
    closure: F,
    reason: Reason,
}

/// Why a pool rejected a closure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reason {
    Closed,
    Broken,
    Full,
}

impl<F> Rejected<F> {
    pub(crate) const fn new(closure: F, broken: bool) -> Self {
        let reason = if broken {
            Reason::Broken
        } else {
            Reason::Closed
        };
        Self { closure, reason }
    }

    pub(crate) const fn full(closure: F) -> Self {
        Self {
            closure,
            reason: Reason::Full,
        }
    }

    /// Returns the closure.
    ///
    /// # Examples
    ///
    /// See [`ThreadPool::try_submit`](crate::thread::ThreadPool::try_submit).
    #[must_use]
    pub fn into_inner(self) -> F {
        self.closure
    }

    /// Returns whether the pool is broken, and not merely closed.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = syncline::thread::ThreadPool::new(1);
    /// pool.close();
    /// assert!(!pool.try_submit(|| ()).unwrap_err().is_broken());
    /// ```
    #[must_use]
    pub const fn is_broken(&self) -> bool {
        matches!(self.reason, Reason::Broken)
    }

    /// Returns whether the pool's queue is full. Otherwise the pool is closed or broken.
    ///
    /// # Examples
    ///
    /// See [`PoolBuilder::max_queued`](crate::thread::PoolBuilder::max_queued).
    #[must_use]
    pub const fn is_full(&self) -> bool {
        matches!(self.reason, Reason::Full)
    }
}

impl<F> fmt::Debug for Rejected<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rejected")
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

impl<F> fmt::Display for Rejected<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.reason {
            Reason::Broken => "the pool is broken",
            Reason::Closed => "the pool has been closed",
            Reason::Full => "the pool's queue is full",
        })
    }
}

impl<F> Error for Rejected<F> {}
