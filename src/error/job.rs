//! How jobs and pools fail.

use core::any::Any;
use core::error::Error;
use core::fmt;
use core::panic::RefUnwindSafe;
use std::sync::Weak;

/// The payload of a job's panic.
///
/// # Examples
///
/// ```
/// use syncline::{JobError, thread::spawn_named};
///
/// let Err(JobError::Panicked(panic)) = spawn_named("careless", || panic!("no more tea")).wait() else {
///     unreachable!()
/// };
/// assert_eq!(panic.message().as_deref(), Some("no more tea"));
/// ```
// A lock that is never contended makes it `Sync`, so that it fits into everybody's errors.
// In a box, so that it makes no job larger that does not panic.
pub struct Panic(Box<parking_lot::Mutex<Box<dyn Any + Send>>>);

impl Panic {
    pub(crate) fn new(payload: Box<dyn Any + Send>) -> Self {
        Self(Box::new(parking_lot::Mutex::new(payload)))
    }

    /// Returns the panic message, if the payload is a string.
    ///
    /// # Examples
    ///
    /// See [`Panic`].
    #[must_use]
    pub fn message(&self) -> Option<String> {
        let payload = self.0.lock();
        let text = payload.downcast_ref::<&'static str>().copied();
        let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        let message = text.map(str::to_owned);
        drop(payload);
        message
    }

    /// Returns the payload.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{JobError, thread::spawn_named};
    ///
    /// let job = spawn_named("number", || std::panic::panic_any(7));
    /// let Err(JobError::Panicked(panic)) = job.wait() else { unreachable!() };
    /// assert_eq!(*panic.into_payload().downcast::<i32>().unwrap(), 7);
    /// ```
    #[must_use]
    pub fn into_payload(self) -> Box<dyn Any + Send> {
        self.0.into_inner()
    }

    /// Resumes the panic in the calling thread.
    ///
    /// # Panics
    ///
    /// Always.
    ///
    /// # Examples
    ///
    /// ```should_panic
    /// use syncline::{JobError, thread::spawn_named};
    ///
    /// if let Err(JobError::Panicked(panic)) = spawn_named("careless", || panic!("no more tea")).wait() {
    ///     panic.resume();
    /// }
    /// ```
    pub fn resume(self) -> ! {
        std::panic::resume_unwind(self.into_payload())
    }
}

impl fmt::Debug for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Panic").field(&self.message()).finish()
    }
}

/// Why a job has no value.
///
/// # Examples
///
/// ```
/// use syncline::{JobError, Promise};
///
/// let (promise, job) = Promise::<i32>::new();
/// drop(promise);
/// let error = job.wait().unwrap_err();
/// assert!(matches!(error, JobError::Cancelled));
/// assert_eq!(error.to_string(), "the job was cancelled");
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum JobError {
    /// Its closure or future panicked.
    Panicked(Panic),
    /// It was cancelled, by [`Job::cancel`](crate::Job::cancel) or by a shutdown of its pool, or its promise was dropped.
    Cancelled,
    /// Its producer called [`Promise::fail`](crate::Promise::fail) with this error; or it belonged to a group or a scope, which
    /// reports the error.
    Failed(Box<dyn Error + Send + Sync>),
    /// The `on_start` hook of its pool panicked, so the pool no longer runs jobs.
    PoolBroken,
    /// Its pool had been closed before the job was submitted.
    Closed,
    /// Its pool already had as many queued closures as [`max_queued`](crate::thread::PoolBuilder::max_queued) allows.
    Full,
    /// No thread could be started to run it.
    NotStarted(std::io::Error),
}

impl fmt::Display for JobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Panicked(panic) => match panic.message() {
                Some(message) => write!(f, "the job panicked: {message}"),
                None => f.write_str("the job panicked"),
            },
            Self::Cancelled => f.write_str("the job was cancelled"),
            Self::Failed(error) => write!(f, "the job failed: {error}"),
            Self::PoolBroken => f.write_str("the pool is broken: its `on_start` hook panicked"),
            Self::Closed => f.write_str("the pool has been closed"),
            Self::Full => f.write_str("the pool's queue is full"),
            Self::NotStarted(error) => write!(f, "no thread could be started: {error}"),
        }
    }
}

impl Error for JobError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::NotStarted(error) => Some(error),
            Self::Failed(error) => Some(&**error),
            _ => None,
        }
    }
}

impl JobError {
    /// Returns the failure of a job whose error is reported elsewhere.
    pub(crate) fn failed_elsewhere() -> Self {
        Self::Failed(Box::new(Elsewhere))
    }

    /// Returns the kind of outcome that this is.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{OutcomeKind, Promise};
    ///
    /// let (promise, job) = Promise::<i32>::new();
    /// drop(promise);
    /// assert_eq!(job.wait().unwrap_err().kind(), OutcomeKind::Cancelled);
    /// ```
    #[must_use]
    pub const fn kind(&self) -> OutcomeKind {
        match self {
            Self::Panicked(_) => OutcomeKind::Panicked,
            Self::Cancelled => OutcomeKind::Cancelled,
            Self::Failed(_) => OutcomeKind::Failed,
            Self::PoolBroken => OutcomeKind::PoolBroken,
            Self::Closed => OutcomeKind::Closed,
            Self::Full => OutcomeKind::Full,
            Self::NotStarted(_) => OutcomeKind::NotStarted,
        }
    }
}

/// The error of a child's job whose group reports the actual error.
#[derive(Debug)]
struct Elsewhere;

impl fmt::Display for Elsewhere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("its group or scope reports the error")
    }
}

impl Error for Elsewhere {}

/// How a job ended: with a value, or with one of the kinds of [`JobError`].
///
/// # Examples
///
/// See [`Job::outcome_kind`](crate::Job::outcome_kind).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OutcomeKind {
    /// It has a value.
    Finished,
    /// [`JobError::Panicked`].
    Panicked,
    /// [`JobError::Cancelled`].
    Cancelled,
    /// [`JobError::Failed`].
    Failed,
    /// [`JobError::PoolBroken`].
    PoolBroken,
    /// [`JobError::Closed`].
    Closed,
    /// [`JobError::Full`].
    Full,
    /// [`JobError::NotStarted`].
    NotStarted,
}

/// The threads and futures that had not ended when a shutdown gave up waiting.
///
/// Dropping the pool or the runner still waits for them, unless you [`abandon`](Self::abandon) it.
///
/// # Examples
///
/// See [`ThreadPool::shutdown_timeout`](crate::thread::ThreadPool::shutdown_timeout) and [`abandon`](Self::abandon).
#[derive(Clone)]
pub struct Stragglers {
    names: Vec<String>,
    submitters: Vec<String>,
    of: Weak<dyn Abandon>,
}

/// A pool or runner that can be told not to wait for its stragglers.
pub(crate) trait Abandon: Send + Sync + RefUnwindSafe {
    fn abandon(&self);
}

impl Stragglers {
    pub(crate) fn new(names: Vec<String>, submitters: Vec<String>, of: Weak<dyn Abandon>) -> Self {
        Self {
            names,
            submitters,
            of,
        }
    }

    /// Returns the names of the threads, then those of named futures.
    ///
    /// The name of a thread is followed by the name of its closure in parentheses, if it has one.
    ///
    /// # Examples
    ///
    /// See [`ThreadPool::shutdown_timeout`](crate::thread::ThreadPool::shutdown_timeout).
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Returns the names of the threads whose jobs submitted more work after the pool was closed.
    ///
    /// A name that appears every time belongs to a job that keeps submitting itself. It should check
    /// [`is_closing`](crate::thread::ThreadPool::is_closing).
    ///
    /// # Examples
    ///
    /// See [`ThreadPool::is_closing`](crate::thread::ThreadPool::is_closing).
    #[must_use]
    pub fn submitters(&self) -> &[String] {
        &self.submitters
    }

    /// Abandons the pool or the runner: dropping it no longer waits.
    ///
    /// Accepted work continues unless it was cancelled, and the threads end when they can. See
    /// [`ThreadPool::abandon`](crate::thread::ThreadPool::abandon).
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use std::sync::Arc;
    /// use syncline::thread::{Event, PoolShutdown, ThreadPool};
    ///
    /// let answer = Arc::new(Event::new());
    /// let pool = ThreadPool::new(1);
    /// let waits = Arc::clone(&answer);
    /// let job = pool.submit(move || waits.wait()); // for a server that does not answer
    /// # while pool.queued() > 0 { std::thread::yield_now(); }
    ///
    /// if let Err(stragglers) = pool.shutdown_timeout(PoolShutdown::CancelQueued, Duration::ZERO) {
    ///     stragglers.abandon();
    /// }
    /// drop(pool); // does not wait
    /// # answer.set();
    /// # job.wait()?;
    /// # Ok::<(), syncline::JobError>(())
    /// ```
    pub fn abandon(&self) {
        if let Some(of) = self.of.upgrade() {
            of.abandon();
        }
    }
}

/// Compares the names, and not the pools that they belong to.
impl PartialEq for Stragglers {
    fn eq(&self, other: &Self) -> bool {
        (&self.names, &self.submitters) == (&other.names, &other.submitters)
    }
}

impl Eq for Stragglers {}

impl fmt::Debug for Stragglers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stragglers")
            .field("names", &self.names)
            .field("submitters", &self.submitters)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Stragglers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "still running: {}", self.names.join(", "))?;
        if !self.submitters.is_empty() {
            write!(f, "; still submitting: {}", self.submitters.join(", "))?;
        }
        Ok(())
    }
}

impl Error for Stragglers {}
