//! The outcome of a job by reference.

use super::handle::Job;
use crate::error::{JobError, OutcomeKind};

impl<T> Job<T> {
    /// Returns how the job ended, by reference; `None` if it has not ended, or if its outcome has been taken.
    ///
    /// Nothing is taken: a wait still returns the outcome. To give it to many, use [`shared`](Self::shared).
    ///
    /// # Memory effects
    ///
    /// What happened before the end of the job happens before everything after a call that returns `Some`.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::Promise;
    ///
    /// let (promise, job) = Promise::new();
    /// assert!(job.outcome().is_none());
    /// promise.set("here".to_owned()).unwrap();
    /// assert_eq!(job.outcome().unwrap().unwrap(), "here");
    /// assert_eq!(job.wait().unwrap(), "here");
    /// ```
    #[must_use]
    pub fn outcome(&self) -> Option<Result<&T, &JobError>>
    where
        T: Sync,
    {
        // SAFETY: the outcome is taken by whoever owns the handle, or has borrowed it to change it; it is borrowed
        // here as long as the result lives.
        unsafe { self.head().see() }
    }

    /// Returns in which way the job ended; `None` if it has not ended, or if its outcome has been taken.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{OutcomeKind, Promise};
    ///
    /// let (promise, job) = Promise::<i32>::new();
    /// assert_eq!(job.outcome_kind(), None);
    /// promise.fail("no answer").unwrap();
    /// assert_eq!(job.outcome_kind(), Some(OutcomeKind::Failed));
    /// # job.detach();
    /// ```
    #[must_use]
    pub fn outcome_kind(&self) -> Option<OutcomeKind> {
        // SAFETY: as in `outcome`. The value is not looked at, so that it need not be `Sync`.
        let outcome = unsafe { self.head().see() };
        Some(outcome?.map_or_else(JobError::kind, |_| OutcomeKind::Finished))
    }
}
