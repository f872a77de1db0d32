//! Where futures run that are not awaited in place.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use std::sync::Arc;

use pin_project_lite::pin_project;

use super::driven::{Driven, Sink, Stop, drive};
use super::handle::Job;

/// Whatever can run futures: a pool, a runtime, or an owned way to one.
///
/// [`ThreadPool`](crate::thread::ThreadPool) is one, [`Runner`](crate::bridge::Runner) is, and so is each [`Spawner`]; with the
/// feature `tokio`, also tokio's `Handle`. For any other executor implement `Spawner`, which is one method.
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
    /// An owned way to it.
    type Handle: Spawner;

    /// An owned way to it, for those who outlive the borrow.
    fn handle(&self) -> Self::Handle;
}

/// An owned way to have futures run.
///
/// # Examples
///
/// An executor of somebody else's:
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
    /// Has a future polled to its end, as a task of its own, or drops it: its job ends as
    /// cancelled then.
    ///
    /// It never panics when it is polled, and may be polled here and now.
    fn start<F>(&self, task: Spawned<F>)
    where
        F: Future<Output = ()> + Send + 'static;

    /// Runs a future, and gives the job to wait for. [`Job::cancel`] drops the future.
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
    /// What a [`Spawner`] is to poll: a future that tells its job how it ends.
    ///
    /// Dropping it ends the job as cancelled, when what is inside has been dropped.
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

/// Runs a future where dropping whoever waits for it does not drop it.
///
/// It is spawned, and the [`Job`] is awaited in its place: inside a
/// [`timeout`](crate::task::timeout()), a `select!`, or a task that may be dropped. Dropping the job
/// detaches the future, which goes on. [`Job::cancel`] ends it all the same; that is what this has over
/// a future that ignores cancellation.
///
/// An error or a panic of a future that nobody waits for any more is dropped with its job: let the future itself
/// report what must not be lost.
///
/// # Cancel safety
///
/// The future goes on; see above.
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
