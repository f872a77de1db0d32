//! A thread that polls futures, for programs that have none.

use core::fmt;
use core::future::Future;
use core::time::Duration;
use std::io;
use std::sync::Arc;
use std::time::Instant;

use super::local::Local;
use super::reactor::Reactor;
use super::runner_builder::Builder;
use crate::error::{JobError, Stragglers};
use crate::job::{Job, Spawn, Spawned, Spawner, Undriven, Unit};
use crate::pool::{PoolShutdown, PoolSpawner, ThreadPool};
use crate::sys::{self, Native};

/// Polls futures on a thread of its own, for a program that is not async.
///
/// A thread [runs](Self::run) a future and waits for its output, or [spawns](Self::spawn) it and continues.
/// [`spawn_local`](Self::spawn_local) is for futures that are not `Send`. All futures of a runner share its one
/// thread, so a future that blocks delays all others. [`Builder::forbid_blocking`] finds those that do.
///
/// With the feature `tokio`, the futures run inside a tokio runtime, so its sockets, timers and `spawn` work in them.
/// That costs a second thread, `<name>-io`, which waits for I/O. Tasks of `tokio::spawn` run on that thread: do not
/// block there either. [`stop`](Self::stop), [`drain`](Self::drain) and [`forbid_blocking`](Builder::forbid_blocking)
/// do not see these tasks, and they are dropped with the runner. Without the feature, futures may wait for anything
/// that needs no reactor: all primitives of this crate, and channels of other crates.
///
/// Use it to embed async code in a program of threads. Do not use it to do much at once, which takes a
/// [`ThreadPool`] or a runtime; nor for a single future on this very thread, which is what
/// [`block_on`](crate::task::block_on()) is for.
///
/// # Fairness
///
/// Futures are polled in the order in which they were woken from outside; one that another future of the runner wakes may come before those.
///
/// # Drop
///
/// Dropping a runner [stops](Self::stop) it: what still runs is cancelled, and waited for until it is gone.
/// [`Builder::on_drop`] chooses otherwise. A drop waits for nothing inside one of the runner's own futures, while
/// its thread panics, and after [`abandon`](Self::abandon).
///
/// # After a fork
///
/// In the child of a `fork` a runner of the parent is closed, as a [`ThreadPool`] is.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use syncline::{bridge::Runner, task};
///
/// let runner = Runner::start()?;
/// let beat = runner.spawn(async {
///     loop {
///         task::sleep(Duration::from_secs(60)).await;
///     }
/// });
///
/// // It may borrow, for this waits for it.
/// let words = ["some", "words"];
/// let length = runner.run(async { words.concat().len() })?;
/// assert_eq!(length, 9);
///
/// runner.stop(None)?;
/// assert!(beat.is_cancelled());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[doc(alias("EventLoop", "Runtime", "run_coroutine_threadsafe"))]
pub struct Runner {
    pool: ThreadPool,
    /// What its futures may need until they are gone.
    reactor: Option<Native<Reactor>>,
}

impl Runner {
    pub(super) fn new(pool: ThreadPool, reactor: Reactor) -> Self {
        Self {
            pool,
            reactor: Some(Native::new(reactor)),
        }
    }

    /// Starts a thread that polls futures.
    ///
    /// # Errors
    ///
    /// An [`io::Error`] if the thread cannot be started or, with the feature `tokio`, the runtime cannot be made.
    ///
    /// # Examples
    ///
    /// See [`Runner`].
    pub fn start() -> io::Result<Self> {
        Self::builder().start()
    }

    /// Returns a builder with the defaults.
    ///
    /// # Examples
    ///
    /// See [`Builder`].
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// Has a future polled by the runner's thread, and blocks until it has ended.
    ///
    /// It may borrow, for it is gone when this returns.
    ///
    /// # Errors
    ///
    /// Returns [`JobError::Panicked`] if the future panics, [`JobError::Cancelled`] if the runner is stopped before
    /// it completes, and [`JobError::Closed`] if the runner was stopped before the call.
    ///
    /// # Panics
    ///
    /// On the runner's own thread, which would wait for itself: await the future there.
    ///
    /// # Deadlocks
    ///
    /// A future that waits for something that the calling thread would do.
    ///
    /// # Examples
    ///
    /// See [`Runner`].
    #[track_caller]
    pub fn run<F>(&self, future: F) -> Result<F::Output, JobError>
    where
        F: Future<Output: Send> + Send,
    {
        self.pool.run(future)
    }

    /// Has a future polled by the runner's thread, and gives the job to wait for, to await, or to
    /// [cancel](Job::cancel), which drops the future.
    ///
    /// # Errors
    ///
    /// None here: when the runner has been stopped the job ends as [`JobError::Closed`] at once.
    ///
    /// # Deadlocks
    ///
    /// A future of this runner that *waits* for the job, with [`Job::wait`] or [`block_on`](crate::task::block_on()), keeps the
    /// only thread that could do it: await it there.
    ///
    /// # Examples
    ///
    /// See [`Runner`].
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> Job<F::Output>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        self.pool.spawn(future)
    }

    /// Runs a future that need not be `Send` on the runner's thread, and returns a [`Job`] for its result.
    ///
    /// The closure goes to the runner's thread, which calls it when it first polls the future, polls the future and
    /// drops it. The future may keep an `Rc` or a `RefCell` across an await; its output is `Send`, since the job brings it
    /// to anyone. [`Job::cancel`] drops the future, there.
    ///
    /// Each such future takes an allocation, and a look-up for each poll.
    ///
    /// # Errors
    ///
    /// None here: when the runner has been stopped the job ends as [`JobError::Closed`] at once, and the closure is dropped
    /// by the caller. A panic of the closure is one of the job.
    ///
    /// # Deadlocks
    ///
    /// The same as for [`spawn`](Self::spawn).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::cell::RefCell;
    /// use std::rc::Rc;
    /// use syncline::{bridge::Runner, task};
    ///
    /// let runner = Runner::start()?;
    /// let job = runner.spawn_local(|| async {
    ///     let seen = Rc::new(RefCell::new(Vec::new()));
    ///     for n in 1..=3 {
    ///         seen.borrow_mut().push(n);
    ///         task::yield_now().await;
    ///     }
    ///     seen.take()
    /// });
    /// assert_eq!(job.wait()?, [1, 2, 3]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn spawn_local<M, F>(&self, make: M) -> Job<F::Output>
    where
        M: FnOnce() -> F + Send + 'static,
        F: Future<Output: Send + 'static> + 'static,
    {
        let undriven = Undriven::new(None);
        let job = Job::new(Arc::clone(undriven.unit()) as Arc<dyn Unit<F::Output>>);
        let local = Local::new(make, undriven);
        self.spawner().start(Spawned::of(local, Local::stop));
        job
    }

    /// Runs a future under a name, which [`stop`](Self::stop) reports if it does not end; see [`spawn`](Self::spawn).
    ///
    /// # Examples
    ///
    /// ```
    /// let runner = syncline::bridge::Runner::start()?;
    /// assert_eq!(runner.spawn_named("answer", async { 42 }).name(), Some("answer"));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn spawn_named<F>(&self, name: impl Into<String>, future: F) -> Job<F::Output>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        self.pool.spawner().spawn_named(name, future)
    }

    /// Returns a handle that spawns futures on this runner from anywhere.
    ///
    /// # Examples
    ///
    /// ```
    /// let runner = syncline::bridge::Runner::start()?;
    /// let spawner = runner.spawner();
    /// let inner = runner.run(async { spawner.spawn(async { 1 }).await })?;
    /// assert_eq!(inner?, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn spawner(&self) -> PoolSpawner {
        self.pool.spawner()
    }

    /// Accepts no more futures, cancels those that still run, and waits until they are gone, or until `deadline`.
    ///
    /// May be called several times.
    ///
    /// To let futures end by themselves wait for their jobs first, or [`drain`](Self::drain) the runner. Inside one of the
    /// runner's own futures this waits for nothing.
    ///
    /// # Errors
    ///
    /// [`Stragglers`], with the names of what would not end in time: the thread, and a future that does not come back from a poll,
    /// or from its destructor.
    ///
    /// # Deadlocks
    ///
    /// The deadline is one for the futures. When the thread has no more work it is waited for without a limit, while it destroys
    /// its thread-locals.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Instant;
    /// use syncline::{bridge::Runner, thread::Event};
    /// use std::sync::Arc;
    ///
    /// let runner = Runner::start()?;
    /// let (begun, goes_on) = (Arc::new(Event::new()), Arc::new(Event::new()));
    /// let stubborn = {
    ///     let (begun, goes_on) = (Arc::clone(&begun), Arc::clone(&goes_on));
    ///     runner.spawn_named("stubborn", async move {
    ///         begun.set();
    ///         goes_on.wait(); // should be `goes_on.as_task().wait().await`
    ///     })
    /// };
    /// begun.wait();
    /// let error = runner.stop(Instant::now()).unwrap_err();
    /// assert_eq!(error.to_string(), "still running: runner-0, stubborn");
    /// goes_on.set();
    /// runner.stop(None)?;
    /// assert!(stubborn.is_done());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn stop(&self, deadline: impl Into<Option<Instant>>) -> Result<(), Stragglers> {
        self.end(PoolShutdown::CancelQueued, deadline.into())
    }

    /// Accepts no more futures, except those that its own futures spawn, and waits until all have completed, or until
    /// `deadline`. Futures that have not completed by then continue; call [`stop`](Self::stop) to cancel them.
    ///
    /// # Errors
    ///
    /// Returns [`Stragglers`] with the names of what has not ended in time: the thread, and the named futures.
    ///
    /// # Deadlocks
    ///
    /// As for [`stop`](Self::stop).
    ///
    /// # Examples
    ///
    /// ```
    /// let runner = syncline::bridge::Runner::start()?;
    /// let job = runner.spawn(async { 1 });
    /// runner.drain(None)?;
    /// assert_eq!(job.wait()?, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn drain(&self, deadline: impl Into<Option<Instant>>) -> Result<(), Stragglers> {
        self.end(PoolShutdown::Drain, deadline.into())
    }

    /// Takes nothing in any more, and lets go of the runner: neither this nor the drop that follows waits for anything.
    ///
    /// Its futures continue, and its thread ends when they have completed. To cancel those that can be cancelled,
    /// [`stop`](Self::stop) the runner first, with a deadline that has passed.
    ///
    /// # Examples
    ///
    /// ```
    /// let runner = syncline::bridge::Runner::start()?;
    /// let job = runner.spawn(async { 1 });
    /// runner.abandon();
    /// drop(runner); // does not wait
    /// assert_eq!(job.wait()?, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn abandon(&self) {
        self.pool.abandon();
    }

    /// Returns whether the runner takes nothing in any more, except what its own futures spawn while it drains.
    ///
    /// # Examples
    ///
    /// ```
    /// let runner = syncline::bridge::Runner::start()?;
    /// assert!(!runner.is_closing());
    /// runner.drain(None)?;
    /// assert!(runner.is_closing());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn is_closing(&self) -> bool {
        self.pool.is_closing()
    }

    #[track_caller]
    fn end(&self, how: PoolShutdown, deadline: Option<Instant>) -> Result<(), Stragglers> {
        match deadline {
            Some(at) => self.pool.shutdown_deadline(how, at),
            None => self.pool.shutdown_timeout(how, Duration::MAX),
        }
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        if sys::is_over() {
            return;
        }
        self.pool.end();
        if let Some(reactor) = self.reactor.take() {
            self.pool.keep(reactor);
        }
    }
}

impl Spawn for Runner {
    type Handle = PoolSpawner;

    fn handle(&self) -> PoolSpawner {
        self.spawner()
    }
}

impl fmt::Debug for Runner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runner")
            .field("pool", &self.pool)
            .finish_non_exhaustive()
    }
}
