//! How a runner is started.

use std::io;
use std::sync::Arc;

use super::local;
use super::reactor::Reactor;
use super::runner::Runner;
use crate::error::JobError;
use crate::pool;
use crate::pool::{OnDrop, Surroundings, ThreadPool};

/// Configures a [`Runner`]. Returned by [`Runner::builder`].
///
/// # Examples
///
/// ```
/// let runner = syncline::bridge::Runner::builder()
///     .name("fetcher")
///     .stack_size(512 * 1024)
///     .start()?;
/// let name = runner.run(async { std::thread::current().name().map(str::to_owned) })?;
/// assert_eq!(name.as_deref(), Some("fetcher-0"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a builder starts nothing before `start`"]
#[derive(Debug)]
pub struct Builder {
    name: String,
    pool: pool::PoolBuilder,
}

impl Builder {
    pub(super) fn new() -> Self {
        Self {
            name: "runner".to_owned(),
            pool: ThreadPool::builder().on_drop(OnDrop::CancelQueued),
        }
    }

    /// Sets the prefix of the thread names. The default is `runner`. Zero bytes are left out, because no system
    /// accepts them.
    ///
    /// # Examples
    ///
    /// See [`Builder`].
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Sets the stack size of its thread in bytes. The default is that of std's threads.
    ///
    /// # Examples
    ///
    /// See [`Builder`].
    pub fn stack_size(mut self, bytes: usize) -> Self {
        self.pool = self.pool.stack_size(bytes);
        self
    }

    /// Sets what the drop of the runner does with futures that have not ended.
    ///
    /// The default is [`OnDrop::CancelQueued`], which cancels all of them.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{bridge::Runner, thread::OnDrop};
    ///
    /// let runner = Runner::builder().on_drop(OnDrop::Drain).start()?;
    /// let job = runner.spawn(async { 1 });
    /// drop(runner);
    /// assert!(job.is_done());
    /// assert_eq!(job.wait()?, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn on_drop(mut self, on_drop: OnDrop) -> Self {
        self.pool = self.pool.on_drop(on_drop);
        self
    }

    /// Keeps its futures from blocking its thread; see [`forbid_blocking`](super::forbid_blocking()).
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{JobError, bridge::Runner, thread::Semaphore};
    ///
    /// let runner = Runner::builder().forbid_blocking().start()?;
    /// let empty = Semaphore::new(0);
    /// let outcome = runner.run(async { empty.acquire().forget() }); // should be `empty.as_task()`
    /// assert!(matches!(outcome, Err(JobError::Panicked(_))));
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn forbid_blocking(mut self) -> Self {
        self.pool = self.pool.forbid_blocking();
        self
    }

    /// Starts it.
    ///
    /// # Errors
    ///
    /// As for [`Runner::start`].
    ///
    /// # Examples
    ///
    /// See [`Builder`].
    pub fn start(self) -> io::Result<Runner> {
        let reactor = Reactor::start(&self.name)?;
        let pool = self.pool.workers(1).max_blocked(0).name_prefix(self.name);
        let around = reactor.surroundings();
        let surroundings: Surroundings = Arc::new(move |work| {
            // What has not ended, and stays on this thread, goes when the thread has no more work, inside of the same.
            let mut work = || {
                work();
                local::end();
            };
            match &around {
                Some(around) => around(&mut work),
                None => work(),
            }
        });
        let pool = pool.surroundings(surroundings).build();
        // Now, while there is somebody to tell if no thread can be started.
        match pool.submit(|| ()).wait() {
            Err(JobError::NotStarted(error)) => Err(error),
            _ => Ok(Runner::new(pool, reactor)),
        }
    }
}
