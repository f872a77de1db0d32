//! The pool as its owner sees it.

use core::fmt;
use core::future::Future;
use std::sync::Arc;

use super::builder::{Config, PoolBuilder};
use super::shared::Shared;
use super::spawner::PoolSpawner;
use crate::job::Job;

/// Runs closures and futures on a few threads.
///
/// [Submitting](Self::submit) a closure or [spawning](Self::spawn) a future returns a [`Job`], which a thread
/// waits for and a task awaits. Workers are started when they are needed, idle ones are used
/// first, and an idle pool uses no processor time. A panic becomes the job's outcome; the worker
/// survives.
///
/// The queue of jobs is unbounded, so submitting never waits, unless [`max_queued`](PoolBuilder::max_queued) sets a
/// limit. [`map`](Self::map) keeps a bounded number of items in progress.
///
/// Use a pool for computation and for calls that block. Do not use it for a thread that lives as long
/// as the program (use [`thread::spawn`](crate::thread::spawn)), or for futures that need the I/O of a runtime
/// (spawn them there).
///
/// # Limits
///
/// | | limits | default |
/// |---|---|---|
/// | [`workers`](PoolBuilder::workers) | threads that run jobs at once | one for each processor |
/// | [`max_blocked`](PoolBuilder::max_blocked) | spare threads that replace workers blocked inside jobs | 512 |
/// | both together | threads alive at once | at most 32,768 |
/// | [`max_queued`](PoolBuilder::max_queued) | closures submitted from outside that have not begun | no limit |
/// | [`keep_alive`](PoolBuilder::keep_alive) | how long an idle thread stays | until the pool ends |
///
/// A running thread needs a stack; one that has not been started needs a few words.
///
/// # Fairness
///
/// Jobs from outside start in the order of submission. Jobs that a job submits to its own pool are
/// started newest first by its own worker, and stolen oldest first by others. Every 61st time, a worker
/// takes a job from outside or its own oldest one, in turn, so that neither waits for ever. This does
/// not hold while many jobs are blocked; see below.
///
/// # Waiting inside a job
///
/// A job may wait for other jobs, even of the same pool, and even if the pool has one worker:
///
/// * [`Job::wait`] on a worker of the pool runs the awaited closure itself, if it has not started. The closure
///   runs under its own identity: it does not own the waiting job's [`RLock`](crate::thread::RLock)s. No other job is run,
///   because it might need a lock that the waiting one holds. Such calls nest up to 32 deep.
/// * Any other wait that blocks lets a spare thread take over the worker's queue: waits for other jobs and
///   futures, and for an `Event`, a queue, a `Condition`, a `Semaphore` or a `Barrier` of this crate. The spare thread
///   continues with the newest job, which is usually what the blocked one waits for. So a recursion that blocks at each
///   level needs about as many threads for each worker as it is deep.
/// * A wait for a `Lock` or an `RLock` blocks its worker. So does a wait that the pool cannot see, such as for a lock
///   of another crate or a lazily initialized static: wrap it in [`blocking`](crate::thread::blocking()).
/// * A thread whose wait is over finishes its job, and then one surplus thread leaves.
///
/// While jobs are blocked, the pool starts fewer jobs from outside, so that the started ones can finish:
///
/// | when | jobs from outside |
/// |---|---|
/// | `4 * workers` jobs are blocked | start at a pace of one per millisecond |
/// | `max_blocked` threads are busy or blocked | do not start: the last `workers` threads are kept for what the blocked jobs wait for |
///
/// # How a job ends
///
/// With its value, or with a [`JobError`](crate::JobError):
///
/// | | when |
/// |---|---|
/// | `Panicked` | its closure or future panicked |
/// | `Cancelled` | [`Job::cancel`], or a shutdown with [`CancelQueued`](super::PoolShutdown::CancelQueued) |
/// | `Closed` | it was submitted after the pool had been closed. (While the pool [drains](super::PoolShutdown::Drain), its own jobs and futures may still submit immediate work) |
/// | `Full` | it was submitted from outside when [`max_queued`](PoolBuilder::max_queued) closures were queued |
/// | `PoolBroken` | [`on_start`](PoolBuilder::on_start) panicked; this ends all queued jobs, all futures, and all later submissions |
/// | `NotStarted` | every thread was blocked, or there was none, and the system could not start another, for example because of the [`stack_size`](PoolBuilder::stack_size) |
///
/// # Memory effects
///
/// What happened before a submit happens before the job; see [`Job`].
///
/// # Deadlocks
///
/// Jobs that wait for each other in a circle; more than `max_blocked` jobs that wait for jobs which have
/// not started; jobs that wait for a lock until a queued job releases it.
///
/// # Drop
///
/// Dropping the pool is [`shutdown`](Self::shutdown)`(Drain)`: it waits until all accepted work is done,
/// including [delayed jobs](Self::submit_after) and every future. [`PoolBuilder::on_drop`] changes that. A drop does not wait
///
/// * on one of the pool's own threads,
/// * during a panic,
/// * after [`abandon`](Self::abandon).
///
/// # After a fork
///
/// A pool has no threads in the child of a `fork`. There it is closed: new jobs end as
/// [`Closed`](crate::JobError::Closed), and a shutdown or a drop returns at once. A job that was submitted before the fork never ends
/// in the child, so do not wait for it. The child can create its own pools.
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
#[doc(alias("executor", "ThreadPoolExecutor", "ExecutorService"))]
pub struct ThreadPool {
    pub(super) shared: Arc<Shared>,
}

impl ThreadPool {
    /// Creates a pool that runs up to `workers` jobs at once. Threads are started when there is
    /// work for them.
    ///
    /// # Panics
    ///
    /// Panics if `workers` is zero.
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

    /// Returns a builder with the defaults.
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

    /// Runs a future on the pool and returns a [`Job`] for its output.
    ///
    /// The workers that run closures also poll futures, so the future should not block. A panic of the future or of
    /// its destructor becomes the outcome. [`Job::cancel`] drops the future at any time before it has ended.
    ///
    /// # Cancel safety
    ///
    /// Dropping the job detaches the future, which continues; see [`Job`].
    ///
    /// # Errors
    ///
    /// None here. On a closed pool the future is dropped, and the job ends as [`JobError::Closed`](crate::JobError::Closed)
    /// at once.
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

    /// Returns an owned handle that spawns futures on this pool, for a future that spawns others or for
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

    /// Returns how many jobs run at once, at most. Jobs that wait for others are not counted.
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

    /// Returns how many threads of the pool are idle at this instant. Threads that have not been
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

    /// Returns how much is queued at this instant: closures that have not started, and futures that are about to be
    /// polled.
    ///
    /// A cancelled one counts until a worker finds it.
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
    /// Creates a pool with one worker for each processor.
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
