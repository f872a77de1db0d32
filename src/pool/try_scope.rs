//! Jobs that borrow, of which the first that fails is the last that begins.

use core::any::Any;
use core::fmt;
use core::panic::AssertUnwindSafe;
use core::sync::atomic::Ordering::Relaxed;
use std::panic::{catch_unwind, resume_unwind};
use std::sync::Arc;
use std::thread;

use super::scope::PoolScope;
use super::threads::ThreadPool;
use crate::error::name::Name;
use crate::error::{GroupError, JobError};
use crate::job::{Job, Sink, quietly};
use crate::sys::{ArcOrder, AtomicUsize, Mutex};

/// What went wrong in a scope.
struct Failures<E> {
    found: Mutex<Found<E>>,
    /// Whether anything has; a hint for those who are about to begin.
    any: AtomicUsize,
    arc_order: ArcOrder,
}

struct Found<E> {
    errors: Vec<(Name, E)>,
    panic: Option<Box<dyn Any + Send>>,
}

impl<E> Failures<E> {
    const fn nothing() -> Found<E> {
        Found {
            errors: Vec::new(),
            panic: None,
        }
    }

    fn any(&self) -> bool {
        // ORDERING: Relaxed: whoever sees it late begins with a job that is none too many.
        self.any.load(Relaxed) != 0
    }

    fn change<R>(&self, change: impl FnOnce(&mut Found<E>) -> R) -> R {
        change(&mut self.found.lock())
    }

    fn error(&self, name: Name, error: E) {
        self.change(|found| found.errors.push((name, error)));
        // ORDERING: Relaxed: see `any`.
        self.any.store(1, Relaxed);
    }

    fn panic(&self, panic: Box<dyn Any + Send>) {
        let lost = self.change(|found| match found.panic {
            Some(_) => Some(panic),
            None => found.panic.replace(panic),
        });
        // ORDERING: Relaxed: see `any`.
        self.any.store(1, Relaxed);
        quietly(|| drop(lost));
    }
}

impl<E> Drop for Failures<E> {
    fn drop(&mut self) {
        self.arc_order.end();
    }
}

/// Brings errors to the scope.
struct Reports<E>(Arc<Failures<E>>);

impl<E> Clone for Reports<E> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<E> Drop for Reports<E> {
    fn drop(&mut self) {
        self.0.arc_order.let_go();
    }
}

impl<T, E> Sink<Result<T, E>> for Reports<E> {
    type Value = T;

    fn judge(
        &self,
        name: Option<&Name>,
        brought: thread::Result<Result<T, E>>,
    ) -> Result<T, JobError> {
        match brought {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(error)) => {
                let name = name.cloned().unwrap_or_else(|| Name::from("a job"));
                self.0.error(name, error);
            }
            Err(panic) => self.0.panic(panic),
        }
        Err(JobError::failed_elsewhere())
    }

    fn is_cancelled(&self) -> bool {
        self.0.any()
    }
}

/// Runs jobs that may borrow data that outlives `'env`, and may fail; see [`ThreadPool::try_scope`].
///
/// # Examples
///
/// See [`ThreadPool::try_scope`].
pub struct TryScope<'scope, 'env, E> {
    scope: &'scope PoolScope<'scope, 'env>,
    reports: Reports<E>,
}

impl<'scope, E: Send + 'static> TryScope<'scope, '_, E> {
    /// Runs a closure on the pool before the scope ends, unless another one fails before it
    /// starts.
    ///
    /// If the closure fails or panics, its job ends as [`JobError::Failed`], and the scope takes the error or the
    /// panic.
    ///
    /// # Errors
    ///
    /// None here; see [`PoolScope::submit`] for jobs that cannot run.
    ///
    /// # Examples
    ///
    /// See [`ThreadPool::try_scope`].
    pub fn submit<F, T>(&self, name: impl Into<Name>, closure: F) -> Job<T>
    where
        F: FnOnce() -> Result<T, E> + Send + 'scope,
        T: Send + 'scope,
    {
        let reports = self.reports.clone();
        self.scope.submit_into(name.into(), closure, reports)
    }

    /// Returns whether something has failed, so that no more jobs start. Long jobs can check this.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::thread::ThreadPool;
    ///
    /// let pool = ThreadPool::new(2);
    /// let error = pool.try_scope(|scope| {
    ///     scope.submit("fails", || Err::<(), _>(1)).detach();
    ///     while !scope.is_cancelled() {
    ///         std::thread::yield_now();
    ///     }
    ///     Ok(())
    /// });
    /// assert!(error.is_err());
    /// ```
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.reports.0.any()
    }
}

impl<E> Clone for TryScope<'_, '_, E> {
    fn clone(&self) -> Self {
        Self {
            scope: self.scope,
            reports: self.reports.clone(),
        }
    }
}

impl<E> fmt::Debug for TryScope<'_, '_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TryScope")
            .field("is_cancelled", &self.reports.0.any())
            .finish_non_exhaustive()
    }
}

impl ThreadPool {
    /// Runs jobs that may borrow and may fail, and returns when all of them have ended: the body's
    /// value, or all errors.
    ///
    /// The first error or panic, of a job or of the body, ends the rest: closures that have not started
    /// never start, and their jobs are cancelled. Running ones continue to their end; they can check
    /// [`TryScope::is_cancelled`]. Otherwise it is like [`scope`](Self::scope). Tasks use a
    /// [`TaskGroup`](crate::task::TaskGroup).
    ///
    /// # Errors
    ///
    /// Returns a [`GroupError`] with all errors and the names of their jobs.
    ///
    /// # Panics
    ///
    /// Resumes a panic of the body, or the first one of a job, when all jobs have ended. Panics as [`scope`](Self::scope) does if
    /// a job whose handle was dropped could not run.
    ///
    /// # Deadlocks
    ///
    /// It waits for its jobs without a limit; see [`scope`](Self::scope).
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::thread::ThreadPool;
    ///
    /// let pool = ThreadPool::new(2);
    /// let texts = ["1", "2", "three"];
    /// let error = pool.try_scope(|scope| {
    ///     let numbers = texts.map(|text| scope.submit(text, || text.parse::<u32>()));
    ///     Ok(numbers.into_iter().filter_map(|number| number.wait().ok()).sum::<u32>())
    /// });
    /// assert_eq!(error.unwrap_err().to_string(), "three: invalid digit found in string");
    /// ```
    #[track_caller]
    pub fn try_scope<'env, F, R, E>(&self, body: F) -> Result<R, GroupError<E>>
    where
        F: for<'scope> FnOnce(TryScope<'scope, 'env, E>) -> Result<R, E>,
        E: Send + 'static,
    {
        let reports = Reports(Arc::new(Failures {
            found: Mutex::new(Failures::nothing()),
            any: AtomicUsize::new(0),
            arc_order: ArcOrder::new(),
        }));
        let value = self.scope(|scope| {
            let inside = TryScope {
                scope,
                reports: reports.clone(),
            };
            let brought = catch_unwind(AssertUnwindSafe(|| body(inside)));
            reports.judge(Some(&Name::THE_BODY), brought)
        });
        let failures = &reports.0;
        let Found { errors, panic } =
            failures.change(|found| core::mem::replace(found, Failures::nothing()));
        if let Some(panic) = panic {
            quietly(|| drop(errors));
            quietly(|| drop(value));
            resume_unwind(panic);
        }
        match (GroupError::of(errors), value) {
            (None, Ok(value)) => Ok(value),
            (Some(error), value) => {
                quietly(|| drop(value));
                Err(error)
            }
            (None, Err(_)) => unreachable!("an error is kept"),
        }
    }
}
