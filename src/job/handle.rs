//! The handle of a job.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Instant;

use super::head::{Head, Unit, quietly};
use super::word::{JobWord, Outcome};
use crate::error::name::Name;
use crate::error::{JobError, TimedOut};
use crate::identity::{blocking_firmly, budget};
use crate::line::{Line, Timeout};
use crate::sys;

/// A handle for a result that comes later: of a closure, a thread, a future, or a [`Promise`].
///
/// A job ends in exactly one way: with a value, a panic, a cancellation, or a reason why it could not run ([`JobError`]
/// lists them). All observers see the same outcome: [`wait`](Self::wait), an `.await`, [callbacks](Self::on_done),
/// a [wait for several jobs](crate::thread::wait), and [`as_completed`](crate::thread::as_completed).
///
/// A `Job` is both faces in one: a thread waits for it, a task awaits it. It can be moved at any time, even after a poll.
///
/// Dropping it *detaches* the job, which continues, so a `select!` or a timeout that drops a job does not stop its work.
/// [`cancel_on_drop`](Self::cancel_on_drop) changes that, and [`to_thread`](crate::bridge::to_thread()) uses it. If nobody takes
/// the outcome, it is dropped with the last reference to the job, and the panic hook reports a panic of its destructor.
///
/// # Fairness
///
/// When the job ends, all waiters are woken in order of arrival. Then the callbacks run.
///
/// # Memory effects
///
/// The creation of a job happens before its closure or future runs. What that does, including its drop,
/// happens before everything after a wait, a poll, an [`is_done`](Self::is_done) or a callback that sees the job ended.
///
/// # Cancel safety
///
/// Dropping a borrowed `&mut job` that is being awaited loses nothing. Dropping the job itself
/// detaches it, or cancels it after [`cancel_on_drop`](Self::cancel_on_drop).
///
/// # Panics
///
/// A poll panics if the outcome has been taken already.
///
/// # Deadlocks
///
/// A job that waits for itself waits for ever. See [`ThreadPool`](crate::thread::ThreadPool) for jobs of one pool.
///
/// # Examples
///
/// ```
/// use syncline::{task::block_on, thread};
///
/// let sum = thread::spawn_named("sum", || (1..=100).sum::<i32>());
/// let product = thread::spawn_named("product", || (1..=10).product::<i32>());
/// assert_eq!(sum.wait()?, 5050);
/// assert_eq!(block_on(product)?, 3_628_800);
/// # Ok::<(), syncline::JobError>(())
/// ```
///
/// [`Promise`]: super::Promise
#[doc(alias("JoinHandle", "Future", "CompletableFuture", "Deferred"))]
#[must_use = "a job that is dropped goes on unseen; wait for it, or call `detach` to say so"]
pub struct Job<T> {
    unit: Arc<dyn Unit<T>>,
    /// Whether the outcome has been taken.
    over: bool,
    /// Whether it has been awaited, or deferred once.
    awaited: bool,
    cancel_on_drop: bool,
}

impl<T> Job<T> {
    pub(crate) fn new(unit: Arc<dyn Unit<T>>) -> Self {
        Self {
            unit,
            over: false,
            awaited: false,
            cancel_on_drop: false,
        }
    }

    pub(super) fn head(&self) -> &Head<T> {
        self.unit.head()
    }

    pub(super) fn unit(&self) -> Arc<dyn Unit<T>> {
        Arc::clone(&self.unit)
    }

    /// For whoever is about to wait there.
    pub(crate) fn line(&self) -> &Line<JobWord> {
        self.note_name();
        &self.head().line
    }

    #[inline]
    fn note_name(&self) {
        (self.head().line).prepare_named(|| match self.unit.name() {
            Some(name) => Some(Cow::Owned(name.as_str().to_owned())),
            None => self.unit.body().map(Cow::Borrowed),
        });
    }

    fn word(&self) -> &JobWord {
        self.head().word()
    }

    /// Waits until the job has ended, and returns its value.
    ///
    /// On a worker of the job's own pool, this runs the closure if it has not started. Any other wait on a worker
    /// lets the pool use a spare thread in the meantime.
    ///
    /// A job of [`thread::spawn`](crate::thread::spawn) has ended when its thread has ended and all
    /// its thread-locals have been destroyed.
    ///
    /// # Errors
    ///
    /// Returns a [`JobError`] if there is no value.
    ///
    /// # Panics
    ///
    /// Panics if the outcome has been taken already, by a poll or by [`wait_timeout`](Self::wait_timeout).
    ///
    /// # Examples
    ///
    /// ```
    /// let job = syncline::thread::spawn_named("answer", || 42);
    /// assert_eq!(job.wait()?, 42);
    /// # Ok::<(), syncline::JobError>(())
    /// ```
    #[track_caller]
    pub fn wait(mut self) -> Result<T, JobError> {
        self.assert_not_over();
        self.block();
        self.unit.join();
        self.take()
    }

    /// Waits until the job has ended, for at most `timeout`. A timeout of zero only looks.
    ///
    /// # Errors
    ///
    /// Returns [`TimedOut`] if the job has not ended in time. Then wait again, cancel it, or drop it.
    /// The inner result is a [`JobError`] if the job has ended without a value.
    ///
    /// # Panics
    ///
    /// Panics if the outcome has been taken already.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use syncline::{Promise, TimedOut};
    ///
    /// let (promise, mut job) = Promise::new();
    /// assert!(job.wait_timeout(Duration::from_millis(1)).is_err());
    /// promise.set(1).unwrap();
    /// assert_eq!(job.wait_timeout(Duration::ZERO)?.unwrap(), 1);
    /// # Ok::<(), TimedOut>(())
    /// ```
    #[track_caller]
    pub fn wait_timeout(&mut self, timeout: Duration) -> Result<Result<T, JobError>, TimedOut> {
        self.wait_until(Timeout::After(timeout))
    }

    /// Waits until the job has ended, or until `deadline`.
    ///
    /// # Errors
    ///
    /// See [`wait_timeout`](Self::wait_timeout).
    ///
    /// # Panics
    ///
    /// Panics if the outcome has been taken already.
    ///
    /// # Examples
    ///
    /// ```
    /// let (_promise, mut job) = syncline::Promise::<i32>::new();
    /// assert!(job.wait_deadline(std::time::Instant::now()).is_err());
    /// ```
    #[track_caller]
    pub fn wait_deadline(&mut self, deadline: Instant) -> Result<Result<T, JobError>, TimedOut> {
        self.wait_until(Timeout::At(deadline))
    }

    #[track_caller]
    fn wait_until(&mut self, timeout: Timeout) -> Result<Result<T, JobError>, TimedOut> {
        self.assert_not_over();
        self.ready(timeout)?;
        Ok(self.take())
    }

    /// Waits until it has ended.
    #[track_caller]
    pub(crate) fn ready(&self, timeout: Timeout) -> Result<(), TimedOut> {
        if self.word().is_done() {
            return Ok(());
        }
        if timeout.is_over() {
            return Err(TimedOut::new());
        }
        self.line().block_until(0, timeout)
    }

    /// Cancels the job unless its outcome is decided. Returns whether the job is cancelled, by this call or an earlier one.
    ///
    /// A closure can be cancelled until it starts; this call drops it. A future can be cancelled until it ends; its
    /// executor drops it soon, and only then is the job [done](Self::is_done). A promise can be cancelled until it is
    /// set.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{JobError, Promise};
    ///
    /// let (promise, job) = Promise::new();
    /// assert!(job.cancel() && job.cancel());
    /// assert_eq!(promise.set(5), Err(5));
    /// assert!(matches!(job.wait(), Err(JobError::Cancelled)));
    /// ```
    #[expect(clippy::must_use_candidate, reason = "it is called for what it does")]
    pub fn cancel(&self) -> bool {
        self.unit().cancel();
        self.word().is_cancelled()
    }

    /// Returns whether the job has ended at this instant. If so, a wait returns at once.
    ///
    /// # Examples
    ///
    /// ```
    /// let (promise, job) = syncline::Promise::new();
    /// assert!(!job.is_done());
    /// promise.set(()).unwrap();
    /// assert!(job.is_done());
    /// # job.detach();
    /// ```
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.word().is_done()
    }

    /// Returns whether the job has started and not ended at this instant.
    ///
    /// The job of a promise is running until the promise is set.
    ///
    /// # Examples
    ///
    /// ```
    /// let (promise, job) = syncline::Promise::<()>::new();
    /// assert!(job.is_running());
    /// drop(promise);
    /// assert!(!job.is_running());
    /// # job.detach();
    /// ```
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.unit.is_running()
    }

    /// Returns whether the job has been cancelled. It may not be [done](Self::is_done) yet.
    ///
    /// # Examples
    ///
    /// ```
    /// let (promise, job) = syncline::Promise::<()>::new();
    /// drop(promise);
    /// assert!(job.is_cancelled());
    /// # job.detach();
    /// ```
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.word().outcome() == Outcome::Cancelled
    }

    /// Whether it has ended without a value.
    pub(super) fn has_failed(&self) -> bool {
        self.word().has_failed()
    }

    /// Returns the name of the job, if it has one.
    ///
    /// # Examples
    ///
    /// ```
    /// let job = syncline::thread::spawn_named("answer", || 42);
    /// assert_eq!(job.name(), Some("answer"));
    /// # job.detach();
    /// ```
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.unit.name().map(Name::as_str)
    }

    /// Waits until it is done, whatever wakers do on the way, and whether or not that is allowed.
    pub(crate) fn outlast(&self) {
        if !self.is_done() {
            blocking_firmly(|| self.line().block_firmly(0));
        }
    }

    /// Makes the drop of this handle cancel the job instead of detaching it.
    ///
    /// # Examples
    ///
    /// ```
    /// let (promise, job) = syncline::Promise::new();
    /// drop(job.cancel_on_drop());
    /// assert!(promise.is_cancelled());
    /// # drop(promise.set(1));
    /// ```
    pub fn cancel_on_drop(mut self) -> Self {
        self.cancel_on_drop = true;
        self
    }

    /// Detaches the job, which continues, even after [`cancel_on_drop`](Self::cancel_on_drop).
    ///
    /// # Examples
    ///
    /// ```
    /// syncline::thread::spawn_named("unseen", || {}).detach();
    /// ```
    pub fn detach(mut self) {
        self.cancel_on_drop = false;
    }

    /// Blocks until it is done.
    #[track_caller]
    pub(super) fn block(&self) {
        if !self.word().is_done() {
            self.unit.help();
        }
        if !self.word().is_done() {
            self.line().block(0);
        }
    }

    pub(crate) fn take(&mut self) -> Result<T, JobError> {
        self.over = true;
        self.head().leave();
        self.head().take()
    }

    #[track_caller]
    fn assert_not_over(&self) {
        assert!(!self.over, "the outcome of a job can be taken once");
    }
}

impl<T> Future for Job<T> {
    type Output = Result<T, JobError>;

    #[track_caller]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.assert_not_over();
        if budget::spend(context, || !core::mem::replace(&mut self.awaited, true)) {
            return Poll::Pending;
        }
        self.note_name();
        if self.head().poll(context) {
            return Poll::Ready(self.take());
        }
        budget::give_back();
        self.awaited = true;
        Poll::Pending
    }
}

impl<T> Drop for Job<T> {
    fn drop(&mut self) {
        if !self.over && !sys::is_over() {
            self.head().leave(); // First: the task that drops this is not woken by what comes next.
            if self.cancel_on_drop {
                quietly(|| self.unit().cancel());
            }
            self.unit.abandoned();
        }
        self.head().let_go();
    }
}

impl<T> fmt::Debug for Job<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job")
            .field("name", &self.name())
            .field("is_done", &self.is_done())
            .field("is_cancelled", &self.is_cancelled())
            .finish_non_exhaustive()
    }
}
