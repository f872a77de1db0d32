//! Where futures run that are not awaited in place.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::sync::Arc;

use pin_project_lite::pin_project;

use super::driven::{Driven, Sink, Stop, drive};
use super::handle::Job;

/// Something that runs futures: a pool, a runtime, or an owned handle to one.
///
/// [`ThreadPool`](crate::thread::ThreadPool), [`Runner`](crate::bridge::Runner) and every [`Spawner`] implement it and, with the
/// feature `tokio`, tokio's `Handle`. For any other executor, implement `Spawner`, which has one method.
///
/// # Examples
///
/// See [`TaskGroup`](crate::task::TaskGroup) and [`shield`](super::shield()).
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot run futures here",
    label = "not a `Spawn`",
    note = "give a `ThreadPool`, a `Runner` or a `PoolSpawner`; of tokio its `Handle` (`runtime.handle()`), with the feature `tokio`",
    note = "for another executor implement `Spawner`, which is one method"
)]
pub trait Spawn {
    /// The owned handle.
    type Handle: Spawner;

    /// Returns an owned handle, for code that outlives the borrow.
    fn handle(&self) -> Self::Handle;
}

/// An owned handle that runs futures.
///
/// # Examples
///
/// For another executor:
///
/// ```
/// use async_executor::Executor;
/// use core::future::Future;
/// use std::sync::Arc;
/// use syncline::task::{Spawned, Spawner, TaskGroup};
///
/// #[derive(Clone, Default)]
/// struct Mine(Arc<Executor<'static>>);
///
/// impl Spawner for Mine {
///     fn start<F: Future<Output = ()> + Send + 'static>(&self, task: Spawned<F>) {
///         self.0.spawn(task).detach();
///     }
/// }
///
/// let mine = Mine::default();
/// let sum = TaskGroup::run(&mine, async |group| {
///     let (one, two) = (group.spawn_named("one", async { Ok(1) }), group.spawn_named("two", async { Ok(2) }));
///     Ok::<_, ()>(one.await.unwrap_or(0) + two.await.unwrap_or(0))
/// });
/// assert_eq!(futures_lite::future::block_on(mine.0.run(sum)), Ok(3));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no owned way to run futures",
    label = "not a `Spawner`",
    note = "give the `handle()` of a `ThreadPool` or a `Runner`; of tokio its `Handle` (`runtime.handle().clone()`), with the feature `tokio`",
    note = "for another executor implement `Spawner`, which is one method"
)]
pub trait Spawner: Clone + Send + Sync + 'static {
    /// Runs a future to completion as a separate task. If you drop it instead, its job ends as
    /// cancelled.
    ///
    /// The future never panics when it is polled, and may be polled by this call.
    fn start<F>(&self, task: Spawned<F>)
    where
        F: Future<Output = ()> + Send + 'static;

    /// Runs a future and returns a [`Job`] for its output. [`Job::cancel`] drops the future.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{task::{Spawn, Spawner, block_on}, thread::ThreadPool};
    ///
    /// let pool = ThreadPool::new(1);
    /// assert_eq!(block_on(pool.handle().spawn(async { 7 }))?, 7);
    /// # Ok::<(), syncline::JobError>(())
    /// ```
    #[track_caller]
    fn spawn<F>(&self, future: F) -> Job<F::Output>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        let (driven, unit) = drive(None, future);
        let job = Job::new(unit);
        self.start(Spawned::new(driven));
        job
    }
}

#[diagnostic::do_not_recommend]
impl<S: Spawner> Spawn for S {
    type Handle = S;

    fn handle(&self) -> S {
        self.clone()
    }
}

pin_project! {
    /// The future that a [`Spawner`] runs. It reports its outcome to its job.
    ///
    /// Dropping it drops the future inside, and then ends the job as cancelled.
    #[must_use = "futures do nothing unless polled"]
    pub struct Spawned<F> {
        #[pin]
        driven: F,
        unit: fn(&F) -> Arc<dyn Stop>,
    }
}

impl<F: Future, S: Sink<F::Output>> Spawned<Driven<F, S>>
where
    S::Value: Send + 'static,
{
    pub(crate) fn new(driven: Driven<F, S>) -> Self {
        Self {
            driven,
            unit: |driven| Arc::clone(driven.unit()) as Arc<dyn Stop>,
        }
    }
}

impl<F> Spawned<F> {
    /// A future of another kind, which tells its job how it ends as well.
    pub(crate) const fn of(driven: F, unit: fn(&F) -> Arc<dyn Stop>) -> Self {
        Self { driven, unit }
    }

    /// Whoever can stop it.
    pub(crate) fn unit(&self) -> Arc<dyn Stop> {
        (self.unit)(&self.driven)
    }
}

impl<F: Future<Output = ()>> Future for Spawned<F> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.project().driven.poll(context)
    }
}

impl<F> fmt::Debug for Spawned<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spawned").finish_non_exhaustive()
    }
}

/// Runs a future that continues when its waiter is dropped.
///
/// The future is spawned. Await the returned [`Job`] inside a
/// [`timeout`](crate::task::timeout()), a `select!`, or a task that may be dropped. Dropping the job
/// detaches the future, which continues. [`Job::cancel`] still ends it.
///
/// If nobody waits any more, an error or panic of the future is dropped with its job. Let the future itself
/// report what must not be lost.
///
/// # Cancel safety
///
/// Dropping the job does not drop the future; see above.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use std::sync::Arc;
/// use syncline::{task::{Event, block_on, shield, timeout}, thread::ThreadPool};
///
/// let pool = ThreadPool::new(1);
/// let (goes_on, saved) = (Arc::new(Event::new()), Arc::new(Event::new()));
/// let upload = {
///     let (goes_on, saved) = (Arc::clone(&goes_on), Arc::clone(&saved));
///     async move { goes_on.wait().await; saved.set() }
/// };
/// let upload = shield(&pool, upload);
/// assert!(block_on(timeout(Duration::from_millis(1), upload)).is_err());
/// goes_on.set();
/// block_on(saved.wait()); // whoever waited has given up, and still
/// ```
pub fn shield<S, F>(spawner: &S, future: F) -> Job<F::Output>
where
    S: Spawn,
    F: Future<Output: Send + 'static> + Send + 'static,
{
    spawner.handle().spawn(future)
}
