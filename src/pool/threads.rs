//! The pool as its owner sees it.

use core::fmt;
use core::future::Future;
use core::time::Duration;
use std::sync::Arc;

use super::builder::{Config, PoolBuilder};
use super::delay::Delays;
use super::entry::{PoolJob, Run};
use super::later::Later;
use super::shared::Shared;
use super::spawner::PoolSpawner;
use crate::error::Rejected;
use crate::error::name::{Name, Named};
use crate::job::{Job, Unit};
use crate::line::Timeout;

/// A pool of threads that does jobs.
///
/// A closure that is [submitted](Self::submit) or a future that is [spawned](Self::spawn) gives a
/// [`Job`], which a thread waits for and a task awaits. Threads are started when they are needed
/// and idle ones are used first; an idle pool uses no processor time. A job that panics is a job that
/// panicked: its thread goes on.
///
/// What is queued is unbounded, so that nothing here ever waits to be taken in; [`map`](Self::map)
/// keeps a bounded number of items under way.
///
/// Use it for work that keeps processors busy, or for calls that block. Do not use it for a
/// thread that lives as long as the program; that is [`thread::spawn`](crate::thread::spawn). Nor for futures
/// that need the I/O of a runtime: spawn those there.
///
/// # Limits
///
/// | | counts | unless you say otherwise |
/// |---|---|---|
/// | [`workers`](PoolBuilder::workers) | threads that do jobs at once | one for each processor |
/// | [`max_blocked`](PoolBuilder::max_blocked) | threads that take the place of others, which are blocked inside jobs | 512 |
/// | both together | threads that live at once | at most 32,768, whatever you say |
/// | [`keep_alive`](PoolBuilder::keep_alive) | how long a thread stays that has nothing to do | until the pool ends |
///
/// A thread takes a stack; a place for one that is not started takes a few words.
///
/// # Fairness
///
/// What comes from outside is begun in the order in which it came. What a job submits to its own
/// pool is begun newest first by the same thread, and stolen oldest first by others. Every 61st
/// turn a thread takes, by turns, what came from outside or the oldest of its own, so that neither
/// waits for ever. That does not hold while many jobs are blocked; see below.
///
/// # Waiting inside a job
///
/// A job may wait for other jobs, also of the same pool, also of a pool of one:
///
/// * [`Job::wait`] on a thread of the pool calls the closure that it waits for here and now, if
///   nobody has begun it. It does so as somebody else: an [`RLock`](crate::thread::RLock) of the
///   waiting job is not its own. It never calls any other job, which might need a lock that the
///   waiting one holds. Such calls nest up to 32 deep.
/// * Every other wait that really blocks the thread hands its place and its queued work to another thread: waits
///   for jobs and futures, and for an `Event`, a queue, a `Condition`, a `Semaphore` or a `Barrier` of this crate.
///   The other thread goes on with the newest, which is most often what the blocked job waits for. So a recursion that blocks at each
///   level takes about as many threads for each worker as it is deep.
/// * A wait for a `Lock` or an `RLock` keeps its place. So does a wait that the pool cannot see, for a lock
///   of another crate or a lazily initialized static: wrap it in [`blocking`](crate::thread::blocking()).
/// * A thread whose wait is over finishes its job. Then one thread too many leaves.
///
/// While jobs are blocked, the pool begins less from outside, so that the jobs which have begun can finish:
///
/// | when | what comes from outside |
/// |---|---|
/// | `4 * workers` jobs are blocked | begins at a pace: one more job each millisecond |
/// | `max_blocked` threads are busy or blocked | does not begin: the last `workers` threads are kept for what the blocked jobs wait for |
///
/// # How a job ends
///
/// With its value, or with a [`JobError`](crate::JobError):
///
/// | | when |
/// |---|---|
/// | `Panicked` | its closure or future panicked |
/// | `Cancelled` | [`Job::cancel`], or a shutdown with [`CancelQueued`](super::PoolShutdown::CancelQueued) |
/// | `Closed` | it came after the pool had been closed, from outside, or for later; what its own jobs and futures submit to be done at once is done as long as the pool [drains](super::PoolShutdown::Drain) |
/// | `PoolBroken` | [`on_start`](PoolBuilder::on_start) panicked: all that is queued, all futures, and all that comes later |
/// | `NotStarted` | the pool had no thread, or none that was not blocked, and the system gave none, also because the [`stack_size`](PoolBuilder::stack_size) is more than it gives |
///
/// # Memory effects
///
/// What happened before a submit happens before the job; see [`Job`].
///
/// # Deadlocks
///
/// Jobs that wait for each other in a circle; more than `max_blocked` jobs that are blocked until jobs
/// end which have not begun; jobs that wait for a lock that a job behind them would release.
///
/// # Drop
///
/// Dropping the pool is [`shutdown`](Self::shutdown)`(Drain)`: it waits until all that was taken in has been
/// done, and that includes the time of what was [submitted for later](Self::submit_after), and every future.
/// [`PoolBuilder::on_drop`] chooses otherwise. A drop waits for nothing
///
/// * on one of the pool's own threads,
/// * while its thread panics,
/// * after [`abandon`](Self::abandon).
///
/// # After a fork
///
/// A pool has no threads in the child of a `fork`. There it is closed: submits and spawns end as
/// [`Closed`](crate::JobError::Closed), and a shutdown or a drop returns at once. A job that was submitted before the fork never ends
/// in the child, so do not wait for it. The child can make pools of its own.
///
/// # Examples
///
/// ```
/// use syncline::{task::block_on, thread::ThreadPool};
///
/// let pool = ThreadPool::new(2);
/// let sum = pool.submit(|| (1..=100).sum::<i32>());
/// let length = pool.spawn(async { "future".len() });
/// assert_eq!(sum.wait()?, 5050);
/// assert_eq!(block_on(length)?, 6);
/// # Ok::<(), syncline::JobError>(())
/// ```
#[doc(alias = "executor")]
pub struct ThreadPool {
    pub(super) shared: Arc<Shared>,
}

impl ThreadPool {
    /// A pool that does up to so many jobs at once. No thread is started before there is something
    /// to do.
    ///
    /// # Panics
    ///
    /// If `workers` is zero.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = syncline::thread::ThreadPool::new(1);
    /// assert_eq!(pool.submit(|| 1).wait().unwrap(), 1);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn new(workers: usize) -> Self {
        Self::builder().workers(workers).build()
    }

    /// Everything that can be said about a pool before it is made.
    ///
    /// # Examples
    ///
    /// See [`PoolBuilder`].
    pub fn builder() -> PoolBuilder {
        PoolBuilder::new()
    }

    pub(super) fn with_config(config: Config) -> Self {
        Self {
            shared: Arc::new(Shared::new(config)),
        }
    }

    /// Has a closure called by a thread of the pool.
    ///
    /// # Errors
    ///
    /// None here: on a closed pool the job ends as [`JobError::Closed`](crate::JobError::Closed) at once, and the closure is
    /// dropped. [`try_submit`](Self::try_submit) gives it back.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = syncline::thread::ThreadPool::new(2);
    /// let jobs: Vec<_> = (0..4).map(|n| pool.submit(move || n * n)).collect();
    /// let squares: Result<Vec<_>, _> = jobs.into_iter().map(syncline::Job::wait).collect();
    /// assert_eq!(squares?, [0, 1, 4, 9]);
    /// # Ok::<(), syncline::JobError>(())
    /// ```
    pub fn submit<F, T>(&self, closure: F) -> Job<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.put((), closure)
    }

    /// The same, with a name for the job, which [`shutdown_timeout`](Self::shutdown_timeout) tells of
    /// the threads that have not ended.
    ///
    /// # Errors
    ///
    /// As for [`submit`](Self::submit).
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = syncline::thread::ThreadPool::new(1);
    /// let job = pool.submit_named("square", || 3 * 3);
    /// assert_eq!(job.name(), Some("square"));
    /// # job.wait().unwrap();
    /// ```
    pub fn submit_named<F, T>(&self, name: impl Into<String>, closure: F) -> Job<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.put(Name::from(name.into()), closure)
    }

    fn put<F, T>(&self, name: impl Named + 'static, closure: F) -> Job<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let job = Arc::new(PoolJob::new(name, closure, self.shared.id()));
        let handle = Job::new(Arc::clone(&job) as Arc<dyn Unit<T>>);
        self.shared.take_in(job);
        handle
    }

    /// Has a closure called, or gives it back if the pool takes nothing in any more.
    ///
    /// # Errors
    ///
    /// [`Rejected`] with the closure if the pool is closed or broken. If it is closed at this very moment
    /// the job may be accepted and end as [`JobError::Closed`](crate::JobError::Closed).
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = syncline::thread::ThreadPool::new(1);
    /// pool.close();
    /// let rejected = pool.try_submit(|| 7).unwrap_err();
    /// assert_eq!(rejected.into_inner()(), 7);
    /// ```
    pub fn try_submit<F, T>(&self, closure: F) -> Result<Job<T>, Rejected<F>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        if !self.shared.takes() {
            return Err(Rejected::new(closure, self.shared.is_broken()));
        }
        Ok(self.put((), closure))
    }

    /// Has a closure called when so much time has passed, or as soon as a thread is free then. A
    /// time that the clock cannot represent never comes.
    ///
    /// A pool that is dropped, or shut down with [`Drain`](super::PoolShutdown::Drain), waits for that time, and for
    /// ever if it never comes. To wait no longer cancel the job, or shut the pool down with
    /// [`CancelQueued`](super::PoolShutdown::CancelQueued), which drops all closures whose time has not come.
    ///
    /// # Errors
    ///
    /// None here: on a closed pool the job ends as [`JobError::Closed`](crate::JobError::Closed) at once, and the closure is
    /// dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    ///
    /// let pool = syncline::thread::ThreadPool::new(1);
    /// let job = pool.submit_after(Duration::from_millis(1), || "late");
    /// assert_eq!(job.wait().unwrap(), "late");
    ///
    /// let never = pool.submit_after(Duration::MAX, || "never");
    /// assert!(never.cancel());
    /// ```
    pub fn submit_after<F, T>(&self, delay: Duration, closure: F) -> Job<T>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        if delay == Duration::ZERO {
            return self.submit(closure);
        }
        let job = Arc::new(PoolJob::new((), closure, Later::new(&self.shared)));
        let handle = Job::new(Arc::clone(&job) as Arc<dyn Unit<T>>);
        if self.shared.expect_one() {
            let key = Delays::add(&self.shared, Timeout::After(delay), Arc::clone(&job) as _);
            job.way.lies_at(key);
            self.shared.cancel_latecomers();
        } else {
            job.refuse(self.shared.outcome());
        }
        handle
    }

    /// Runs a future on the pool, as a task of its own. It is polled by the threads that also do the closures, so it
    /// should not block. Its panic, and that of its destructor, is caught. [`Job::cancel`] drops it, at any time
    /// before it has ended.
    ///
    /// # Cancel safety
    ///
    /// Dropping the job detaches the future, which goes on; see [`Job`].
    ///
    /// # Errors
    ///
    /// None here: on a closed pool the job ends as [`JobError::Closed`](crate::JobError::Closed) at once, and the future is
    /// dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{task, thread::ThreadPool};
    ///
    /// let pool = ThreadPool::new(1);
    /// let job = pool.spawn(async { task::current().is_some() });
    /// assert!(task::block_on(job)?);
    /// # Ok::<(), syncline::JobError>(())
    /// ```
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> Job<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.spawner().spawn(future)
    }

    /// A way to spawn futures here that belongs to nobody: for a future that spawns others, or for
    /// another thread.
    ///
    /// # Examples
    ///
    /// See [`PoolSpawner`].
    #[must_use]
    pub fn spawner(&self) -> PoolSpawner {
        PoolSpawner {
            shared: Arc::clone(&self.shared),
        }
    }

    /// How many jobs are done at once, at most; those that wait for others are not counted.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(syncline::thread::ThreadPool::new(4).workers(), 4);
    /// ```
    #[must_use]
    pub fn workers(&self) -> usize {
        self.shared.config.limits.workers
    }

    /// How many threads of the pool have nothing to do, at this instant. Those that have not been
    /// started are not counted.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(syncline::thread::ThreadPool::new(4).idle(), 0);
    /// ```
    #[must_use]
    pub fn idle(&self) -> usize {
        self.shared.idle()
    }

    /// How much is queued, at this instant: closures that nobody has begun, and futures that are
    /// to be polled. One that was cancelled counts until a thread comes across it.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(syncline::thread::ThreadPool::new(4).queued(), 0);
    /// ```
    #[must_use]
    pub fn queued(&self) -> usize {
        self.shared.queued()
    }
}

impl ThreadPool {
    /// How many threads sleep.
    pub(crate) fn sleeping(&self) -> usize {
        if self.shared.is_here() {
            self.shared.roster().lock().idle.len()
        } else {
            0
        }
    }
}

impl Default for ThreadPool {
    /// A pool that does as many jobs at once as the machine can.
    fn default() -> Self {
        Self::builder().build()
    }
}

impl fmt::Debug for ThreadPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ThreadPool")
            .field("workers", &self.workers())
            .field("queued", &self.queued())
            .finish_non_exhaustive()
    }
}
