//! A job whose outcome many may have.

use core::error::Error;
use core::fmt;
use core::future::{Future, IntoFuture};
use core::ops::Deref;
use core::pin::Pin;
use core::task::{Context, Poll, ready};
use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

use pin_project_lite::pin_project;

use super::handle::Job;
use super::word::JobWord;
use crate::error::{JobError, TimedOut};
use crate::identity::budget;
use crate::line::{Asker, Internal, Line, Place, Timeout, Wait};

impl<T: Clone + Send + Sync + 'static> Job<T> {
    /// Turns the job into one that many threads and tasks can wait for. Each gets a clone of the value.
    ///
    /// # Examples
    ///
    /// ## A thread and a task wait for the same job
    ///
    /// ```
    /// use syncline::{task::block_on, thread};
    ///
    /// let answer = thread::spawn(|| "42".to_owned()).shared();
    /// let same = answer.clone();
    /// let waiter = thread::spawn(move || same.wait());
    /// assert_eq!(block_on(answer.clone()).unwrap(), "42");
    /// assert_eq!(waiter.wait()?.unwrap(), "42");
    /// assert_eq!(answer.outcome().unwrap().unwrap(), "42");
    /// # Ok::<(), syncline::JobError>(())
    /// ```
    pub fn shared(self) -> SharedJob<T> {
        SharedJob {
            job: Arc::new(self),
        }
    }
}

/// A [`Job`] that many threads and tasks can wait for. Created by [`Job::shared`].
///
/// Clones are handles to the same job. Dropping the last one detaches the job, or cancels it if the original had
/// [`cancel_on_drop`](Job::cancel_on_drop).
///
/// A thread calls [`wait`](Self::wait), a task awaits it (or a reference to it). To wait for several, pass
/// [`as_job`](Self::as_job) to [`thread::wait`](crate::thread::wait) or [`task::wait`](crate::task::wait()).
///
/// # Memory effects
///
/// What happened before the end of the job happens before everything after a wait for it.
///
/// # Examples
///
/// See [`Job::shared`].
#[must_use = "a job that is dropped goes on unseen"]
pub struct SharedJob<T> {
    job: Arc<Job<T>>,
}

impl<T: Clone + Send + Sync + 'static> SharedJob<T> {
    /// Waits until the job has ended, and returns a clone of its value.
    ///
    /// On a worker of the job's own pool, this runs the closure if it has not started, as
    /// [`Job::wait`] does.
    ///
    /// # Errors
    ///
    /// Returns a [`SharedJobError`] if there is no value.
    ///
    /// # Examples
    ///
    /// ```
    /// let job = syncline::thread::spawn(|| 42).shared();
    /// assert_eq!(job.wait()?, 42);
    /// assert_eq!(job.wait()?, 42);
    /// # Ok::<(), syncline::SharedJobError>(())
    /// ```
    #[track_caller]
    pub fn wait(&self) -> Result<T, SharedJobError> {
        self.job.block();
        self.read()
    }

    /// Waits until the job has ended, for at most `timeout`. A timeout of zero only looks.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`] if the job has not ended in time. The inner result is a [`SharedJobError`] if it has ended without a value.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    ///
    /// let (promise, job) = syncline::Promise::new();
    /// let job = job.shared();
    /// assert!(job.wait_timeout(Duration::from_millis(1)).is_err());
    /// promise.set(1).unwrap();
    /// assert_eq!(job.wait_timeout(Duration::ZERO)?.unwrap(), 1);
    /// # Ok::<(), syncline::TimedOut>(())
    /// ```
    #[track_caller]
    pub fn wait_timeout(&self, timeout: Duration) -> Result<Result<T, SharedJobError>, TimedOut> {
        self.job.ready(Timeout::After(timeout))?;
        Ok(self.read())
    }

    /// Waits until the job has ended, or until `deadline`.
    ///
    /// # Errors
    ///
    /// See [`wait_timeout`](Self::wait_timeout).
    ///
    /// # Examples
    ///
    /// ```
    /// let (_promise, job) = syncline::Promise::<i32>::new();
    /// assert!(job.shared().wait_deadline(std::time::Instant::now()).is_err());
    /// ```
    #[track_caller]
    pub fn wait_deadline(&self, deadline: Instant) -> Result<Result<T, SharedJobError>, TimedOut> {
        self.job.ready(Timeout::At(deadline))?;
        Ok(self.read())
    }

    /// Returns how the job ended, by reference; `None` if it has not ended.
    ///
    /// # Examples
    ///
    /// See [`Job::shared`].
    #[must_use]
    pub fn outcome(&self) -> Option<Result<&T, &JobError>> {
        self.job.outcome()
    }

    /// The clone of an outcome that is there.
    fn read(&self) -> Result<T, SharedJobError> {
        match self.job.outcome() {
            Some(Ok(value)) => Ok(value.clone()),
            Some(Err(_)) => Err(SharedJobError {
                job: Arc::clone(&self.job) as Arc<dyn Failed>,
            }),
            None => unreachable!("nobody takes the outcome of a shared job, and it has ended"),
        }
    }
}

impl<T> SharedJob<T> {
    /// Returns the job itself, to cancel it, ask for its name, or wait for one of several.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{Promise, thread::{self, Until}};
    ///
    /// let (first, second) = (Promise::<i32>::new(), Promise::new());
    /// let jobs = [first.1.shared(), second.1.shared()];
    /// second.0.set(2).unwrap();
    /// let waited = thread::wait(jobs.each_ref().map(|job| job.as_job()), Until::First, None);
    /// assert_eq!(waited.done, [1]);
    /// assert!(jobs[0].as_job().cancel());
    /// ```
    pub fn as_job(&self) -> &Job<T> {
        &self.job
    }
}

impl<T> AsRef<Job<T>> for SharedJob<T> {
    fn as_ref(&self) -> &Job<T> {
        &self.job
    }
}

impl<T> Clone for SharedJob<T> {
    fn clone(&self) -> Self {
        Self {
            job: Arc::clone(&self.job),
        }
    }
}

impl<T> fmt::Debug for SharedJob<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SharedJob").field(&self.job).finish()
    }
}

impl<T: Clone + Send + Sync + 'static> IntoFuture for SharedJob<T> {
    type Output = Result<T, SharedJobError>;
    type IntoFuture = SharedJobWait<T>;

    fn into_future(self) -> SharedJobWait<T> {
        SharedJobWait {
            wait: Wait::new(AtJob(self), Asker::Task, 0),
        }
    }
}

impl<T: Clone + Send + Sync + 'static> IntoFuture for &SharedJob<T> {
    type Output = Result<T, SharedJobError>;
    type IntoFuture = SharedJobWait<T>;

    fn into_future(self) -> SharedJobWait<T> {
        self.clone().into_future()
    }
}

/// The line of a shared job.
struct AtJob<T>(SharedJob<T>);

// SAFETY: the line lies in the allocation of the job, which the `Arc` in there keeps, also if this is leaked.
unsafe impl<T> Place for AtJob<T> {
    type Word = JobWord;
    const OWNS: bool = true;

    fn line(&self, _: Internal) -> &Line<JobWord> {
        self.0.job.line()
    }
}

pin_project! {
    /// The future of a [`SharedJob`].
    ///
    /// # Cancel safety
    ///
    /// Dropping it loses nothing: the job continues, and the other handles keep its outcome.
    #[must_use = "futures do nothing unless polled"]
    pub struct SharedJobWait<T> {
        #[pin]
        wait: Wait<AtJob<T>>,
    }
}

impl<T: Clone + Send + Sync + 'static> Future for SharedJobWait<T> {
    type Output = Result<T, SharedJobError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let place = ready!(budget::poll(self.project().wait, context));
        Poll::Ready(place.0.read())
    }
}

impl<T> fmt::Debug for SharedJobWait<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedJobWait").finish_non_exhaustive()
    }
}

/// The reason why a [`SharedJob`] has no value: a [`JobError`] that can be cloned.
///
/// # Examples
///
/// ```
/// use syncline::{OutcomeKind, Promise};
///
/// let (promise, job) = Promise::<i32>::new();
/// let job = job.shared();
/// promise.fail("no answer").unwrap();
/// let error = job.wait().unwrap_err().clone();
/// assert_eq!(error.kind(), OutcomeKind::Failed);
/// assert_eq!(error.to_string(), "the job failed: no answer");
/// ```
#[derive(Clone)]
pub struct SharedJobError {
    job: Arc<dyn Failed>,
}

/// A job that has ended without a value.
trait Failed: Send + Sync {
    fn error(&self) -> &JobError;
}

impl<T: Send + Sync> Failed for Job<T> {
    fn error(&self) -> &JobError {
        match self.outcome() {
            Some(Err(error)) => error,
            _ => unreachable!(
                "it has ended without a value, and nobody takes the outcome of a shared job"
            ),
        }
    }
}

impl Deref for SharedJobError {
    type Target = JobError;

    fn deref(&self) -> &JobError {
        self.job.error()
    }
}

impl fmt::Debug for SharedJobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SharedJobError").field(&**self).finish()
    }
}

impl fmt::Display for SharedJobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}

impl Error for SharedJobError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        (**self).source()
    }
}
