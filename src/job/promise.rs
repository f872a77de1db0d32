//! A job whose value somebody sets.

use core::error::Error;
use core::fmt;
use std::sync::Arc;

use super::handle::Job;
use super::head::{Head, Unit};
use super::word::Outcome;
use crate::error::JobError;
use crate::error::name::Name;

/// Delivers one value to those who wait for its [`Job`].
///
/// Use it to make a job of anything that ends: a callback, a message, a thread of another library. If the promise is
/// dropped without a value, the job ends as [`JobError::Cancelled`], so nobody waits for ever.
///
/// # Memory effects
///
/// What happened before [`set`](Self::set), or before the drop, happens before everything after a wait that it ends.
///
/// # Examples
///
/// ```
/// use syncline::{JobError, Promise};
///
/// let (promise, job) = Promise::new();
/// std::thread::spawn(move || promise.set("here you are"));
/// assert_eq!(job.wait()?, "here you are");
/// # Ok::<(), JobError>(())
/// ```
#[doc(alias("oneshot", "CompletableFuture", "Future", "Deferred"))]
#[must_use = "a promise that is dropped cancels its job"]
pub struct Promise<T: Send + 'static> {
    unit: Arc<Promised<T>>,
}

impl<T: Send + 'static> Promise<T> {
    /// Creates a promise and its job.
    ///
    /// # Examples
    ///
    /// ```
    /// let (promise, job) = syncline::Promise::new();
    /// promise.set(3).unwrap();
    /// assert_eq!(job.wait().unwrap(), 3);
    /// ```
    pub fn new() -> (Self, Job<T>) {
        Self::with_name(None)
    }

    /// Creates a promise and its job, and gives the job a name.
    ///
    /// # Examples
    ///
    /// ```
    /// let (promise, job) = syncline::Promise::<i32>::named("reply");
    /// assert_eq!(job.name(), Some("reply"));
    /// # drop((promise, job));
    /// ```
    pub fn named(name: impl Into<String>) -> (Self, Job<T>) {
        Self::with_name(Some(name.into().into_boxed_str()))
    }

    fn with_name(name: Option<Box<str>>) -> (Self, Job<T>) {
        let unit = Arc::new(Promised(Head::under_way(), name.map(Name::from)));
        let job = Job::new(Arc::clone(&unit) as Arc<dyn Unit<T>>);
        (Self { unit }, job)
    }

    /// Marks the work as started: from now on [`Job::cancel`] is refused.
    ///
    /// Returns `false` if the job has been cancelled already, so that there is nothing to do.
    ///
    /// A promise that is dropped after this still ends its job as [`JobError::Cancelled`].
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::Promise;
    ///
    /// let (mut promise, job) = Promise::new();
    /// assert!(promise.start());
    /// assert!(!job.cancel(), "it is too late");
    /// promise.set(1).unwrap();
    /// assert_eq!(job.wait().unwrap(), 1);
    /// ```
    #[must_use = "if it returns `false` nobody wants the value"]
    pub fn start(&mut self) -> bool {
        let word = self.unit.0.word();
        word.claim(Outcome::Running) || word.is_claimed_for_an_outcome()
    }

    /// Ends the job with a value.
    ///
    /// # Errors
    ///
    /// Returns the value if the job has been cancelled.
    ///
    /// # Examples
    ///
    /// ```
    /// let (promise, job) = syncline::Promise::new();
    /// job.cancel();
    /// assert_eq!(promise.set(3), Err(3));
    /// # job.detach();
    /// ```
    pub fn set(mut self, value: T) -> Result<(), T> {
        if !self.start() {
            return Err(value);
        }
        self.unit.0.end(Ok(value));
        Ok(())
    }

    /// Ends the job with an error: its outcome is [`JobError::Failed`], which contains the error.
    ///
    /// # Errors
    ///
    /// Returns the error if the job has been cancelled.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{JobError, Promise};
    ///
    /// let (promise, job) = Promise::<u32>::new();
    /// promise.fail("the line is busy").unwrap();
    /// assert_eq!(job.wait().unwrap_err().to_string(), "the job failed: the line is busy");
    /// ```
    pub fn fail(
        mut self,
        error: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        // Before anything is fixed: this is foreign code.
        let error = error.into();
        if !self.start() {
            return Err(error);
        }
        self.unit.0.end(Err(JobError::Failed(error)));
        Ok(())
    }

    /// Returns whether the job has been cancelled, so that nobody will see the value.
    ///
    /// # Examples
    ///
    /// ```
    /// let (promise, job) = syncline::Promise::<i32>::new();
    /// assert!(!promise.is_cancelled());
    /// job.cancel();
    /// assert!(promise.is_cancelled());
    /// # job.detach();
    /// ```
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.unit.0.word().is_cancelled()
    }
}

impl<T: Send + 'static> Drop for Promise<T> {
    fn drop(&mut self) {
        let head = &self.unit.0;
        if head.word().is_claimed_for_an_outcome() {
            // It has been started, and does not come to its end.
            head.word().give_up();
            head.complete(true);
        } else {
            head.cancel();
        }
        self.unit.0.let_go();
    }
}

impl<T: Send + 'static> fmt::Debug for Promise<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Promise")
            .field("is_cancelled", &self.is_cancelled())
            .finish_non_exhaustive()
    }
}

struct Promised<T>(Head<T>, Option<Name>);

impl<T: Send> Unit<T> for Promised<T> {
    fn head(&self) -> &Head<T> {
        &self.0
    }

    fn name(&self) -> Option<&Name> {
        self.1.as_ref()
    }

    fn cancel(self: Arc<Self>) {
        self.0.cancel();
    }
}

impl<T> Head<T> {
    /// Ends the job of a promise without a value, unless it is set.
    fn cancel(&self) {
        if self.word().claim(Outcome::Cancelled) {
            self.complete(true);
        }
    }
}
