//! How a pool is made.

use core::fmt;
use core::num::NonZeroUsize;
use core::time::Duration;
use std::sync::Arc;
use std::thread::available_parallelism;

use super::shutdown::OnDrop;
use super::sleep::{Limits, MAX_SLOTS};
use super::threads::ThreadPool;
use crate::identity::forbid;
use crate::line::Timeout;

type Hook = Arc<dyn Fn() + Send + Sync>;

/// How many workers may stand in for others that wait, unless it is said otherwise.
const MAX_BLOCKED: usize = 512;

/// What a thread's work is done inside of.
pub(crate) type Surroundings = Arc<dyn Fn(&mut dyn FnMut()) + Send + Sync>;

/// What a pool was told when it was made.
pub(super) struct Config {
    pub(super) limits: Limits,
    pub(super) max_queued: Option<usize>,
    pub(super) name_prefix: String,
    pub(super) stack_size: Option<usize>,
    pub(super) keep_alive: Timeout,
    pub(super) on_drop: OnDrop,
    on_start: Option<Hook>,
    on_exit: Option<Hook>,
    forbid_blocking: bool,
    surroundings: Option<Surroundings>,
}

impl Config {
    pub(super) fn started(&self) {
        forbid(self.forbid_blocking);
        if let Some(hook) = &self.on_start {
            hook();
        }
    }

    /// Does the work of a thread.
    pub(super) fn surround(&self, mut work: impl FnMut()) {
        match &self.surroundings {
            Some(surroundings) => surroundings(&mut work),
            None => work(),
        }
    }

    pub(super) fn exits(&self) {
        if let Some(hook) = &self.on_exit {
            hook();
        }
    }
}

/// Configures a [`ThreadPool`]. Returned by [`ThreadPool::builder`].
///
/// # Examples
///
/// ```
/// use syncline::thread::ThreadPool;
///
/// let pool = ThreadPool::builder()
///     .workers(2)
///     .name_prefix("reader")
///     .stack_size(256 * 1024)
///     .build();
/// let name = pool.submit(|| std::thread::current().name().map(str::to_owned));
/// assert!(name.wait()?.is_some_and(|name| name.starts_with("reader-")));
/// # Ok::<(), syncline::JobError>(())
/// ```
#[must_use = "a builder makes nothing before `build`"]
pub struct PoolBuilder {
    workers: usize,
    max_blocked: usize,
    max_queued: Option<usize>,
    name_prefix: String,
    stack_size: Option<usize>,
    keep_alive: Timeout,
    on_drop: OnDrop,
    on_start: Option<Hook>,
    on_exit: Option<Hook>,
    forbid_blocking: bool,
    surroundings: Option<Surroundings>,
}

impl PoolBuilder {
    pub(super) fn new() -> Self {
        Self {
            workers: available_parallelism().map_or(1, NonZeroUsize::get),
            max_blocked: MAX_BLOCKED,
            max_queued: None,
            name_prefix: "pool".to_owned(),
            stack_size: None,
            keep_alive: Timeout::Never,
            on_drop: OnDrop::Drain,
            on_start: None,
            on_exit: None,
            forbid_blocking: false,
            surroundings: None,
        }
    }

    /// Sets how many jobs run at once.
    ///
    /// The default is the number of processors. Jobs that wait for other jobs are not counted. A pool never has more
    /// than 32,768 threads.
    ///
    /// # Panics
    ///
    /// Panics if that is zero.
    ///
    /// # Examples
    ///
    /// ```
    /// # use syncline::thread::ThreadPool;
    /// assert_eq!(ThreadPool::builder().workers(3).build().workers(), 3);
    /// ```
    #[track_caller]
    pub fn workers(mut self, workers: usize) -> Self {
        assert!(workers > 0, "a pool needs at least one worker");
        self.workers = workers;
        self
    }

    /// Sets the prefix of the thread names, which end in a hyphen and a number.
    ///
    /// The default is `pool`. Zero bytes are left out, because no system accepts them.
    ///
    /// # Examples
    ///
    /// See [`PoolBuilder`].
    pub fn name_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.name_prefix = prefix.into();
        self
    }

    /// Sets the stack size of each thread in bytes. The default is that of std's threads.
    ///
    /// # Examples
    ///
    /// See [`PoolBuilder`].
    pub fn stack_size(mut self, bytes: usize) -> Self {
        self.stack_size = Some(bytes);
        self
    }

    /// Sets how long an idle thread stays.
    ///
    /// By default, it stays until the pool ends. The thread that has slept longest ends first, and new threads start
    /// when they are needed. With zero, a thread ends as soon as it finds no work.
    ///
    /// A thread that ends joins those that ended before it, so a shutdown need not keep all of them. If the
    /// destructor of a thread-local never returns, threads that end later do not end either.
    ///
    /// Use it for a pool that needs many threads only now and then. After a pause, the first jobs wait until threads
    /// have started, which takes tens of microseconds each. If the system cannot start one and the pool has none
    /// left, queued jobs end as [`JobError::NotStarted`](crate::JobError::NotStarted), and so do futures that are
    /// woken then.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use syncline::thread::ThreadPool;
    ///
    /// let pool = ThreadPool::builder().workers(64).keep_alive(Duration::from_secs(10)).build();
    /// assert_eq!(pool.submit(|| 1).wait()?, 1);
    /// # Ok::<(), syncline::JobError>(())
    /// ```
    pub fn keep_alive(mut self, idle: Duration) -> Self {
        self.keep_alive = Timeout::After(idle);
        self
    }

    /// Sets a hook that each thread calls before its first job.
    ///
    /// If the hook panics, the pool is broken: all jobs, queued and new, end as
    /// [`JobError::PoolBroken`](crate::JobError::PoolBroken).
    ///
    /// A thread that ends is not used again. So with a [`keep_alive`](Self::keep_alive), and for threads that stand
    /// in for blocked ones, both hooks are called for each thread that starts and ends.
    ///
    /// # Deadlocks
    ///
    /// The hook must not wait for anything that this pool would run, because no other thread starts before it
    /// returns.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{JobError, thread::ThreadPool};
    ///
    /// let pool = ThreadPool::builder().on_start(|| panic!("no connection")).build();
    /// assert!(matches!(pool.submit(|| 1).wait(), Err(JobError::PoolBroken)));
    /// ```
    pub fn on_start(mut self, hook: impl Fn() + Send + Sync + 'static) -> Self {
        self.on_start = Some(Arc::new(hook));
        self
    }

    /// Sets a hook that each thread calls after its last job; see [`on_start`](Self::on_start).
    ///
    /// If the hook panics, the panic hook reports it, and nothing else happens.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::{Arc, atomic::{AtomicUsize, Ordering::Relaxed}};
    /// use syncline::thread::{PoolShutdown, ThreadPool};
    ///
    /// let gone = Arc::new(AtomicUsize::new(0));
    /// let count = Arc::clone(&gone);
    /// let pool = ThreadPool::builder().on_exit(move || { count.fetch_add(1, Relaxed); }).build();
    /// pool.submit(|| ()).wait()?;
    /// pool.shutdown(PoolShutdown::Drain);
    /// assert_eq!(gone.load(Relaxed), 1);
    /// # Ok::<(), syncline::JobError>(())
    /// ```
    pub fn on_exit(mut self, hook: impl Fn() + Send + Sync + 'static) -> Self {
        self.on_exit = Some(Arc::new(hook));
        self
    }

    /// Sets how many threads may stand in for threads that are blocked in jobs. The default is 512.
    ///
    /// The last of these threads, as many as there are workers, run no work from outside the pool. They are reserved
    /// for what blocked jobs wait for. So with a limit up to the number of workers, no work from outside starts in
    /// place of a blocked job.
    ///
    /// # Deadlocks
    ///
    /// Beyond the limit, each blocked job leaves the pool with one worker less, and jobs that wait for each other may
    /// wait for ever.
    ///
    /// # Examples
    ///
    /// ```
    /// # use syncline::thread::ThreadPool;
    /// let pool = ThreadPool::builder().workers(1).max_blocked(0).build();
    /// # drop(pool);
    /// ```
    pub fn max_blocked(mut self, workers: usize) -> Self {
        self.max_blocked = workers;
        self
    }

    /// Sets how many closures from outside the pool may be queued at once. The default is no limit.
    ///
    /// A closure is queued until a thread starts it, or until it is cancelled. Beyond the limit
    ///
    /// * [`submit`](ThreadPool::submit) ends its job as [`JobError::Full`](crate::JobError::Full) at once,
    /// * [`try_submit`](ThreadPool::try_submit) gives the closure back,
    /// * [`submit_wait`](ThreadPool::submit_wait) and its timed forms wait for room.
    ///
    /// Not counted is
    ///
    /// * what the pool's own jobs and futures submit, since a job that waits for it must not wait for room behind
    ///   itself;
    /// * what is [submitted for later](ThreadPool::submit_after);
    /// * futures, which can wait for a [`Semaphore`](crate::task::Semaphore) of their own;
    /// * the items of a [`map`](ThreadPool::map) and the jobs of a [`scope`](ThreadPool::scope), whose callers wait for them.
    ///
    /// # Panics
    ///
    /// Panics if `closures` is zero: every closure is queued before it starts.
    ///
    /// # Examples
    ///
    /// ## A server that says no in time
    ///
    /// ```
    /// use std::sync::Arc;
    /// use syncline::thread::{Event, ThreadPool};
    ///
    /// let pool = ThreadPool::builder().workers(1).max_blocked(0).max_queued(1).build();
    /// let database = Arc::new(Event::new()); // does not answer for a while
    /// let mut refused = 0;
    /// for _request in 0..10 {
    ///     let database = Arc::clone(&database);
    ///     match pool.try_submit(move || database.wait()) {
    ///         Ok(job) => job.detach(),
    ///         Err(rejected) if rejected.is_full() => refused += 1, // reply: 503
    ///         Err(_) => unreachable!("the pool is open"),
    ///     }
    /// }
    /// // One is under way at most, and one is queued.
    /// assert!(refused >= 8);
    /// database.set();
    /// ```
    #[track_caller]
    pub fn max_queued(mut self, closures: usize) -> Self {
        assert!(closures > 0, "a pool queues each closure before it begins");
        self.max_queued = Some(closures);
        self
    }

    /// Sets what the drop of the pool does with what has not ended. The default is [`OnDrop::Drain`].
    ///
    /// # Examples
    ///
    /// See [`OnDrop`].
    pub fn on_drop(mut self, on_drop: OnDrop) -> Self {
        self.on_drop = on_drop;
        self
    }

    /// Keeps the futures of this pool from blocking its threads: a wait of the face for threads inside
    /// one of them panics, and its job with it. See [`forbid_blocking`](crate::bridge::forbid_blocking()).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use syncline::{JobError, thread::{Semaphore, ThreadPool}};
    ///
    /// let pool = ThreadPool::builder().workers(1).forbid_blocking().build();
    /// let empty = Arc::new(Semaphore::new(0));
    /// let job = {
    ///     let empty = Arc::clone(&empty);
    ///     pool.spawn(async move { empty.acquire().forget() }) // should be `empty.as_task()`
    /// };
    /// assert!(matches!(job.wait(), Err(JobError::Panicked(_))));
    /// // A closure may wait.
    /// let job = pool.submit({
    ///     let empty = Arc::clone(&empty);
    ///     move || empty.acquire().forget()
    /// });
    /// empty.release(1)?;
    /// job.wait()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn forbid_blocking(mut self) -> Self {
        self.forbid_blocking = true;
        self
    }

    /// What the work of each thread is done inside of.
    pub(crate) fn surroundings(mut self, surroundings: Surroundings) -> Self {
        self.surroundings = Some(surroundings);
        self
    }

    /// Builds the pool. Threads start when there is work.
    ///
    /// # Examples
    ///
    /// See [`PoolBuilder`].
    #[must_use]
    pub fn build(self) -> ThreadPool {
        ThreadPool::with_config(Config {
            limits: Limits {
                workers: self.workers.min(MAX_SLOTS),
                max_blocked: self.max_blocked,
            },
            max_queued: self.max_queued,
            name_prefix: self.name_prefix,
            stack_size: self.stack_size,
            keep_alive: self.keep_alive,
            on_drop: self.on_drop,
            on_start: self.on_start,
            on_exit: self.on_exit,
            forbid_blocking: self.forbid_blocking,
            surroundings: self.surroundings,
        })
    }
}

impl fmt::Debug for PoolBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PoolBuilder")
            .field("workers", &self.workers)
            .field("max_blocked", &self.max_blocked)
            .field("max_queued", &self.max_queued)
            .field("name_prefix", &self.name_prefix)
            .field("stack_size", &self.stack_size)
            .finish_non_exhaustive()
    }
}
