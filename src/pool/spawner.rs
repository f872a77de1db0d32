//! Futures on a pool.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::sync::Arc;

use pin_project_lite::pin_project;

use super::driven::drive;
use super::entry::Entry;
use super::handle::Job;
use super::job::{Stop, Unit, quietly};
use super::shared::Shared;
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
        spawn(&self.shared, None, future)
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
        spawn(&self.shared, Some(name.into().into_boxed_str()), future)
    }
}

impl fmt::Debug for PoolSpawner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PoolSpawner").finish_non_exhaustive()
    }
}

/// That a future of the pool has not ended.
struct Ticket {
    shared: Arc<Shared>,
    key: usize,
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let stop = self.shared.futures.lock().remove(self.key);
        // It may be the last to know of an outcome that nobody took, which is foreign data.
        stop.let_go();
        quietly(|| drop(stop));
        self.shared.expected_one();
    }
}

pin_project! {
    /// A future that the pool knows of.
    struct Pooled<F> {
        // Dropped first: its job has ended when the pool forgets it.
        #[pin]
        driven: F,
        ticket: Ticket,
    }
}

impl<F: Future<Output = ()>> Future for Pooled<F> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.project().driven.poll(context)
    }
}

pub(super) fn spawn<F>(shared: &Arc<Shared>, name: Option<Box<str>>, future: F) -> Job<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let (driven, unit) = drive(name.map(Name::from), future);
    let job = Job::new(Arc::clone(&unit) as Arc<dyn Unit<F::Output>>);
    start(shared, unit, driven);
    job
}

/// Polls a future that does a job.
fn start<F>(shared: &Arc<Shared>, unit: Arc<dyn Stop>, driven: F)
where
    F: Future<Output = ()> + Send + 'static,
{
    if !shared.expect_one() {
        unit.stop(shared.verdict());
        drop(driven);
        unit.let_go();
        return;
    }
    let key = shared.futures.lock().insert(unit);
    let ticket = Ticket {
        shared: Arc::clone(shared),
        key,
    };
    let schedule = {
        let shared = Arc::clone(shared);
        move |task| shared.add(Entry::Future(task))
    };
    let (task, handle) = async_task::spawn(Pooled { driven, ticket }, schedule);
    handle.detach();
    task.schedule();
    shared.cancel_latecomers();
}

impl Spawner for PoolSpawner {
    fn start<F>(&self, task: Spawned<F>)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        start(&self.shared, task.unit(), task);
    }
}

impl Spawn for ThreadPool {
    type Handle = PoolSpawner;

    fn handle(&self) -> PoolSpawner {
        self.spawner()
    }
}
