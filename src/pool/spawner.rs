//! Futures on a pool.

use core::fmt;
use core::future::Future;
use std::sync::Arc;

use super::driven::{Plain, Sink, Stop};
use super::handle::Job;
use super::shared::Shared;
use super::task::Task;
use super::threads::ThreadPool;
use crate::name::Name;
use crate::task::{Spawn, Spawned, Spawner};

/// A way to spawn futures on a [`ThreadPool`], from anywhere, for as long as
/// one likes; after the end of the pool what is spawned ends as closed.
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
    /// None here: on a closed pool the job ends as [`JobError::PoolClosed`](crate::JobError::PoolClosed) at once, and the future is
    /// dropped.
    ///
    /// # Examples
    ///
    /// See [`PoolSpawner`].
    pub fn spawn<F>(&self, future: F) -> Job<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.put(None, future)
    }

    /// The same, with a name for the job.
    ///
    /// # Examples
    ///
    /// ```
    /// let pool = syncline::thread::ThreadPool::new(1);
    /// let job = pool.spawner().spawn_named("two", async { 2 });
    /// assert_eq!(job.name(), Some("two"));
    /// # job.wait().unwrap();
    /// ```
    pub fn spawn_named<F>(&self, name: impl Into<String>, future: F) -> Job<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.put(Some(Name::from(name.into())), future)
    }

    fn put<F>(&self, name: Option<Name>, future: F) -> Job<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.spawn_into(name, future, Plain, |_, _| true)
    }

    /// Runs a future, if whoever makes its outcome takes it in.
    pub(crate) fn spawn_into<F, S>(
        &self,
        name: Option<Name>,
        future: F,
        sink: S,
        take_in: impl FnOnce(&mut S, Arc<dyn Stop>) -> bool,
    ) -> Job<S::Value>
    where
        F: Future + Send + 'static,
        S: Sink<F::Output, Value: Send> + Send + 'static,
    {
        Task::spawn(&self.shared, name, future, sink, take_in)
    }
}

impl fmt::Debug for PoolSpawner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PoolSpawner").finish_non_exhaustive()
    }
}

impl Spawner for PoolSpawner {
    fn start<F>(&self, task: Spawned<F>)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let unit = task.unit();
        Task::run_for(&self.shared, task, Plain, unit);
    }

    fn spawn<F>(&self, future: F) -> Job<F::Output>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        self.put(None, future)
    }
}

impl Spawn for ThreadPool {
    type Handle = PoolSpawner;

    fn handle(&self) -> PoolSpawner {
        self.spawner()
    }
}
