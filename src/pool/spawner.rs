//! Futures on a pool.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::sync::Arc;

use pin_project_lite::pin_project;

use super::driven::{Driven, drive};
use super::entry::Entry;
use super::handle::Job;
use super::job::{Stop, Unit, quietly};
use super::shared::Shared;

/// A way to spawn futures on a [`ThreadPool`](super::ThreadPool), from anywhere, for as long as
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
    struct Pooled<F: Future> {
        // Dropped first: its job has ended when the pool forgets it.
        #[pin]
        driven: Driven<F>,
        ticket: Ticket,
    }
}

impl<F: Future> Future for Pooled<F> {
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
    let (driven, unit) = drive(name, future);
    let job = Job::new(Arc::clone(&unit) as Arc<dyn Unit<F::Output>>);
    if !shared.expect_one() {
        unit.stop(shared.verdict());
        drop(driven);
        return job;
    }
    let key = shared.futures.lock().insert(unit as Arc<dyn Stop>);
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
    job
}
