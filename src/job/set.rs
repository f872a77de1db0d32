//! Jobs that are added while others are taken as they end.

use core::fmt;
use core::num::NonZeroUsize;
use std::sync::Arc;

use slab::Slab;

use super::handle::Job;
use super::head::quietly;
use crate::error::JobError;
use crate::queue::store::Fifo;
use crate::queue::thread::{BaseQueue, Queue};

/// What a [`JobSet`] yields: the key of a job that has ended, and its outcome.
pub type Ended<K, T> = (K, Result<T, JobError>);

/// A set of jobs with keys. Jobs are taken out as they end, and more can be added at any time.
///
/// A thread calls [`wait_next`](Self::wait_next), a task awaits [`next`](Self::next). The key tells which job has ended, so you
/// need no map of jobs beside the set. The set holds only jobs that have not been taken out: it needs memory for
/// as many jobs as were ever in it at once.
///
/// A [`bounded`](Self::bounded) set limits how many jobs are pending: wait for [`room`](Self::wait_for_room) before
/// you start each job.
///
/// Dropping the set drops its jobs. That detaches them, except those with
/// [`cancel_on_drop`](Job::cancel_on_drop), which are cancelled.
///
/// # Memory effects
///
/// What happened before the end of a job happens before everything after the call that takes it out.
///
/// # Examples
///
/// ## Each outcome as it comes
///
/// ```
/// use syncline::{JobSet, thread::ThreadPool};
///
/// let pool = ThreadPool::new(2);
/// let mut set = JobSet::new();
/// for word in ["one", "three", "fifteen"] {
///     set.add(word, pool.submit(move || word.len()));
/// }
/// let mut total = 0;
/// while let Some((word, length)) = set.wait_next() {
///     assert_eq!(length?, word.len());
///     total += word.len();
/// }
/// assert_eq!(total, 15);
/// # Ok::<(), syncline::JobError>(())
/// ```
///
/// ## Four at a time at most
///
/// ```
/// use syncline::{JobSet, task::block_on, thread::ThreadPool};
///
/// let pool = ThreadPool::new(2);
/// let mut set = JobSet::bounded(4);
/// let mut sum = 0;
/// block_on(async {
///     for n in 1..=100 {
///         if let Some((_, square)) = set.room().await {
///             sum += square?;
///         }
///         set.add(n, pool.submit(move || n * n));
///     }
///     while let Some((_, square)) = set.next().await {
///         sum += square?;
///     }
///     Ok::<(), syncline::JobError>(())
/// })?;
/// assert_eq!(sum, 338_350);
/// # Ok::<(), syncline::JobError>(())
/// ```
#[doc(alias("JoinSet", "FuturesUnordered", "WaitGroup", "CompletionService"))]
pub struct JobSet<K, T> {
    pub(super) jobs: Slab<(K, Job<T>)>,
    /// The places of those that have ended, in that order.
    pub(super) ended: Arc<Ends>,
    limit: Option<NonZeroUsize>,
}

/// The same from both sides: whoever ends a job puts its place there.
pub(super) type Ends = BaseQueue<Fifo<usize>>;

impl<K, T> JobSet<K, T> {
    /// Creates a set that takes any number of jobs.
    ///
    /// # Examples
    ///
    /// See [`JobSet`].
    #[must_use]
    pub fn new() -> Self {
        Self::with_limit(None)
    }

    /// Creates a set that holds at most `limit` jobs.
    ///
    /// # Panics
    ///
    /// Panics if `limit` is zero.
    ///
    /// # Examples
    ///
    /// See [`JobSet`].
    #[must_use]
    #[track_caller]
    pub fn bounded(limit: usize) -> Self {
        let limit = NonZeroUsize::new(limit);
        assert!(
            limit.is_some(),
            "the limit of a `JobSet` must be at least 1"
        );
        Self::with_limit(limit)
    }

    fn with_limit(limit: Option<NonZeroUsize>) -> Self {
        Self {
            jobs: Slab::new(),
            ended: Arc::new(Queue::unbounded()),
            limit,
        }
    }

    /// Adds a job.
    ///
    /// # Panics
    ///
    /// Panics if the set is full, and drops the job. Wait for [`room`](Self::room) first, or use
    /// [`try_add`](Self::try_add).
    ///
    /// # Examples
    ///
    /// See [`JobSet`].
    #[track_caller]
    pub fn add(&mut self, key: K, job: Job<T>) {
        let full = self.try_add(key, job).is_err();
        assert!(
            !full,
            "a `JobSet` that is full takes no job; call `room` or `wait_for_room` first"
        );
    }

    /// Adds a job unless the set is full.
    ///
    /// # Errors
    ///
    /// Returns the key and the job if the set is full.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{JobSet, Promise};
    ///
    /// let mut set = JobSet::bounded(1);
    /// let ((_first, a), (_second, b)) = (Promise::<i32>::new(), Promise::new());
    /// assert!(set.try_add("a", a).is_ok());
    /// let (key, job) = set.try_add("b", b).unwrap_err();
    /// assert_eq!(key, "b");
    /// # job.detach();
    /// ```
    pub fn try_add(&mut self, key: K, job: Job<T>) -> Result<(), (K, Job<T>)> {
        if self.is_full() {
            return Err((key, job));
        }
        let ended = Arc::clone(&self.ended);
        let place = self.jobs.insert((key, job));
        // Last: a job that has ended already is told of here and now.
        let (_, job) = &self.jobs[place];
        job.notice(move || {
            // The waker of whoever waits may panic: the panic hook has reported it.
            quietly(|| {
                let told = ended.try_put(place);
                debug_assert!(told.is_ok(), "it is unbounded, and never shut down");
            });
        });
        Ok(())
    }

    /// Calls [`Job::cancel`] on all jobs. Cancelled jobs end, and are taken out like all others.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{JobError, JobSet, Promise};
    ///
    /// let mut set = JobSet::new();
    /// let (_promise, job) = Promise::<i32>::new();
    /// set.add((), job);
    /// set.cancel_all();
    /// assert!(matches!(set.wait_next(), Some(((), Err(JobError::Cancelled)))));
    /// ```
    pub fn cancel_all(&self) {
        for (_, (_, job)) in &self.jobs {
            job.cancel();
        }
    }

    /// Detaches all jobs, even those with [`cancel_on_drop`](Job::cancel_on_drop). The set is empty afterwards.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut set = syncline::JobSet::new();
    /// set.add("unseen", syncline::thread::spawn(|| ()));
    /// set.detach_all();
    /// assert!(set.wait_next().is_none());
    /// ```
    pub fn detach_all(&mut self) {
        // Those that end later tell the old one.
        self.ended = Arc::new(Queue::unbounded());
        for (_, job) in core::mem::take(&mut self.jobs) {
            job.1.detach();
        }
    }

    /// Returns the keys of the jobs that have not been taken out, in no particular order.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut set = syncline::JobSet::new();
    /// set.add("a", syncline::thread::spawn(|| ()));
    /// assert_eq!(set.keys().collect::<Vec<_>>(), [&"a"]);
    /// ```
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.jobs.iter().map(|(_, (key, _))| key)
    }

    /// Returns how many jobs have not been taken out.
    ///
    /// # Examples
    ///
    /// See [`wait_for_room`](Self::wait_for_room).
    #[must_use]
    pub fn len(&self) -> usize {
        self.jobs.len()
    }

    /// Returns whether all jobs have been taken out.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(syncline::JobSet::<&str, i32>::new().is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.jobs.is_empty()
    }

    /// Returns whether the set is full: another job can be added only after one has been taken out.
    ///
    /// # Examples
    ///
    /// ```
    /// let mut set = syncline::JobSet::bounded(1);
    /// set.add((), syncline::thread::spawn(|| ()));
    /// assert!(set.is_full());
    /// ```
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.limit
            .is_some_and(|limit| self.jobs.len() >= limit.get())
    }
}

impl<K, T> Default for JobSet<K, T> {
    fn default() -> Self {
        Self::new()
    }
}

/// Adds them one after the other.
impl<K, T> Extend<(K, Job<T>)> for JobSet<K, T> {
    #[track_caller]
    fn extend<I: IntoIterator<Item = (K, Job<T>)>>(&mut self, jobs: I) {
        for (key, job) in jobs {
            self.add(key, job);
        }
    }
}

impl<K, T> FromIterator<(K, Job<T>)> for JobSet<K, T> {
    fn from_iter<I: IntoIterator<Item = (K, Job<T>)>>(jobs: I) -> Self {
        let mut set = Self::new();
        set.extend(jobs);
        set
    }
}

impl<K, T> fmt::Debug for JobSet<K, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobSet")
            .field("len", &self.len())
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}
