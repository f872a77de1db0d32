//! Futures on a pool.

use core::fmt;
use core::future::Future;
use std::sync::Arc;

use super::futures::{Known, Late};
use super::shared::Shared;
use super::task::Task;
use super::threads::ThreadPool;
use crate::error::name::{Name, Named};
use crate::job::{Job, Outcome, Plain, Sink, Spawn, Spawned, Spawner, Stop};

/// An owned handle that spawns futures on a [`ThreadPool`]. It may outlive the pool; then new
/// jobs end as closed.
///
/// # Examples
///
/// ```
/// use syncline::{task::block_on, thread::ThreadPool};
///
/// let pool = ThreadPool::new(1);
/// let spawner = pool.spawner();
/// let inner = spawner.clone();
/// let job = spawner.spawn(async move { inner.spawn(async { 2 }).await.unwrap() + 1 });
/// assert_eq!(block_on(job)?, 3);
/// # Ok::<(), syncline::JobError>(())
/// ```
#[derive(Clone)]
pub struct PoolSpawner {
    pub(super) shared: Arc<Shared>,
}

impl PoolSpawner {
    /// Runs a future on the pool; see [`ThreadPool::spawn`](super::ThreadPool::spawn).
    ///
    /// # Errors
    ///
    /// None here. On a closed pool the future is dropped, and the job ends as [`JobError::Closed`](crate::JobError::Closed)
    /// at once.
    ///
    /// # Examples
    ///
    /// See [`PoolSpawner`].
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> Job<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.put((), future)
    }

    /// Runs a future on the pool, and gives the job a name.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = syncline::thread::ThreadPool::new(1);
    /// let job = pool.spawner().spawn_named("two", async { 2 });
    /// assert_eq!(job.name(), Some("two"));
    /// # job.wait().unwrap();
    /// ```
    #[track_caller]
    pub fn spawn_named<F>(&self, name: impl Into<String>, future: F) -> Job<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.put(Name::from(name.into()), future)
    }

    #[track_caller]
    fn put<F>(&self, name: impl Named + 'static, future: F) -> Job<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let enter = |_: &mut Plain, stop| self.shared.enter(stop).map(Some);
        Task::spawn(&self.shared, name, future, Plain, enter)
    }

    /// Returns whether the pool has been closed; see [`ThreadPool::is_closing`](super::ThreadPool::is_closing).
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = syncline::thread::ThreadPool::new(1);
    /// let spawner = pool.spawner();
    /// assert!(!spawner.is_closing());
    /// drop(pool);
    /// assert!(spawner.is_closing());
    /// ```
    #[must_use]
    pub fn is_closing(&self) -> bool {
        self.shared.is_closed()
    }

    /// Runs a future that is known to somebody who is known to the pool.
    #[track_caller]
    pub(crate) fn spawn_known<F, S>(
        &self,
        name: impl Named + 'static,
        future: F,
        sink: S,
        enter: impl FnOnce(&mut S, Arc<dyn Stop>) -> Result<(), Late>,
    ) -> Job<S::Value>
    where
        F: Future + Send + 'static,
        S: Sink<F::Output, Value: Send> + Send + 'static,
    {
        let enter = |sink: &mut S, stop| enter(sink, stop).map(|()| None);
        Task::spawn(&self.shared, name, future, sink, enter)
    }

    /// Makes somebody known to the pool, which waits for the exit and can stop it until then.
    pub(crate) fn enter(&self, several: Arc<dyn Stop>) -> Result<Known, Late> {
        self.shared.enter(several)
    }

    /// The futures of somebody who was known have ended.
    pub(crate) fn exit(&self, known: Known) {
        self.shared.exit(known);
    }

    /// How what comes now is to end, if it comes too late.
    pub(crate) fn refuses(&self) -> Option<Outcome> {
        (!self.shared.takes()).then(|| self.shared.outcome())
    }
}

impl fmt::Debug for PoolSpawner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PoolSpawner").finish_non_exhaustive()
    }
}

impl Spawner for PoolSpawner {
    #[track_caller]
    fn start<F>(&self, task: Spawned<F>)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let unit = task.unit();
        Task::run_for(&self.shared, (), task, Plain, unit);
    }

    #[track_caller]
    fn spawn<F>(&self, future: F) -> Job<F::Output>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        self.put((), future)
    }
}

impl Spawn for ThreadPool {
    type Handle = PoolSpawner;

    fn handle(&self) -> PoolSpawner {
        self.spawner()
    }
}
