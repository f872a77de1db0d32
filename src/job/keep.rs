//! What tests and models see of a job that its users do not.

use core::fmt;
use std::sync::Arc;

use super::driven::drive;
use super::handle::Job;
use super::head::Unit;
use crate::line::Quiet;

/// Keeps the allocation of a job, and nothing else of it.
///
/// In a model the thread that joins all others should be the one that frees it: the last owner of a
/// real `Arc` has seen what the others did, and no model knows.
pub struct Kept<T>(Arc<dyn Unit<T>>);

impl<T> Kept<T> {
    /// The allocation of this job.
    #[must_use]
    pub fn of(job: &Job<T>) -> Self {
        Self(job.unit())
    }
}

impl<T> Quiet for Kept<T> {
    fn assert_quiet(&self) {
        self.0.head().line.assert_quiet();
    }

    fn waiting(&self) -> usize {
        self.0.head().line.waiting()
    }
}

impl<T> Quiet for Job<T> {
    fn assert_quiet(&self) {
        self.line().assert_quiet();
    }

    fn waiting(&self) -> usize {
        self.line().waiting()
    }
}

impl<T> fmt::Debug for Kept<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept").finish_non_exhaustive()
    }
}

/// A future that whoever has it may drive, and the job that it does.
#[track_caller]
pub fn driven<F: Future + Send + 'static>(
    future: F,
) -> (impl Future<Output = ()> + Send, Job<F::Output>)
where
    F::Output: Send + 'static,
{
    let (driven, unit) = drive(None, future);
    (driven, Job::new(unit))
}
