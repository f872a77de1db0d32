//! Children that end before their parent does.

use core::fmt;
use core::future::{Future, poll_fn};
use core::num::NonZeroUsize;
use core::panic::AssertUnwindSafe;
use core::pin::{Pin, pin};
use core::task::{Context, Poll};
use std::panic::catch_unwind;

use pin_project_lite::pin_project;

use super::handle::Group;
use super::members::{Failure, Members, Shared};
use crate::error::GroupError;
use crate::error::name::Name;
use crate::identity::{Combined, identified};
use crate::job::{Spawn, Spawner};
use crate::semaphore::task::Semaphore;

/// Runs children as separate tasks, and ends when all of them have ended.
///
/// [`run`](Self::run) calls an async closure, the *body*, with a [`Group`] that spawns
/// children on a [`ThreadPool`](crate::thread::ThreadPool) or any other [`Spawn`]. It completes when the body and
/// all children have ended, whether or not anybody waited for them.
///
/// * The first failure (an error or a panic, of a child or of the body) cancels all others: children and body are
///   dropped where they wait. When they are gone, all errors are returned together, with the children's
///   names, in a [`GroupError`]. A panic takes precedence, and propagates in the task that awaits the group.
/// * A child may spawn into the group as well, with a clone of the `Group`.
/// * Dropping the future of `run` cancels the children but does not wait for them, because a destructor cannot.
///   The same happens to a group inside a child that is cancelled.
///
/// Do not use it for futures that borrow or that need no other thread: [`gather`](crate::task::gather()) and
/// [`try_gather`](crate::task::try_gather()) run those in place. For closures that borrow, use
/// [`ThreadPool::scope`](crate::thread::ThreadPool::scope).
///
/// # Memory effects
///
/// Everything that a child does, including its drop, happens before everything after the group.
///
/// # Deadlocks
///
/// A child that waits for something that happens only after the group; a body and a child that wait for
/// each other.
///
/// # Examples
///
/// ```
/// use syncline::{task::{TaskGroup, block_on}, thread::ThreadPool};
///
/// let pool = ThreadPool::new(2);
/// let texts = ["one", "two", "three"];
/// let total = TaskGroup::run(&pool, async |group| {
///     let children = texts.map(|text| {
///         group.spawn_named(text, async move {
///             if text.is_empty() { Err("nothing to count") } else { Ok(text.len()) }
///         })
///     });
///     let mut total = 0;
///     for child in children {
///         total += child.await.unwrap_or(0); // of one that failed the group tells why
///     }
///     Ok(total)
/// });
/// assert_eq!(block_on(total), Ok(11));
/// ```
///
/// Children that must not cancel each other return their failure as a value. The error type
/// [`Infallible`](core::convert::Infallible) then tells the compiler that the group cannot fail:
///
/// ```
/// use core::convert::Infallible;
/// use syncline::{task::{TaskGroup, block_on}, thread::ThreadPool};
///
/// let pool = ThreadPool::new(2);
/// let Ok(numbers) = block_on(TaskGroup::run(&pool, async |group| {
///     let children = ["1", "two"].map(|text| {
///         group.spawn_named(text, async move { Ok::<_, Infallible>(text.parse::<u32>()) })
///     });
///     let mut numbers = Vec::new();
///     for child in children {
///         numbers.extend(child.await); // unless it was cancelled
///     }
///     Ok(numbers)
/// }));
/// assert!(matches!(numbers[..], [Ok(1), Err(_)]));
/// ```
#[doc(alias("JoinSet", "nursery", "WaitGroup", "StructuredTaskScope"))]
#[derive(Debug)]
#[non_exhaustive]
pub struct TaskGroup {}

impl TaskGroup {
    /// Runs a group: calls an async closure that spawns children, and waits for it and for them.
    ///
    /// The body runs inside the task that awaits this. It may borrow, and need not be
    /// `Send` (then neither is the future of the group). Nothing happens before the first poll.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future cancels the children, drops the body, and waits for nobody.
    ///
    /// # Errors
    ///
    /// Returns a [`GroupError`] with all errors. A child that was cancelled, or dropped by its spawner,
    /// is not an error of the group; its [`Job`](crate::task::Job) reports it.
    ///
    /// # Panics
    ///
    /// Resumes the first panic of a child or of the body when all have ended. Panics if the future is polled after
    /// it has completed.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::future::pending;
    /// use syncline::{JobError, task::{TaskGroup, block_on}, thread::ThreadPool};
    ///
    /// let pool = ThreadPool::new(1);
    /// let mut hangs = None;
    /// let group = TaskGroup::run(&pool, async |group| {
    ///     hangs = Some(group.spawn_named("hangs", pending::<Result<(), u8>>()));
    ///     let _child = group.spawn_named("fails", async { Err::<(), _>(7) });
    ///     pending::<Result<(), u8>>().await
    /// });
    /// let error = block_on(group).unwrap_err();
    /// assert_eq!(error.to_string(), "fails: 7");
    /// assert!(matches!(hangs.unwrap().wait(), Err(JobError::Cancelled)));
    /// ```
    pub fn run<T, E, S, B, F>(
        spawner: &S,
        body: B,
    ) -> RunGroup<impl Future<Output = Result<T, GroupError<E>>> + use<T, E, S, B, F>>
    where
        S: Spawn,
        E: Send + 'static,
        B: FnOnce(Group<S::Handle, E>) -> F,
        F: Future<Output = Result<T, E>>,
    {
        run(spawner.handle(), None, body)
    }

    /// Returns groups in which at most `children` children run at once. The others wait.
    ///
    /// [`Group::spawn`] itself never waits, so this does not bound memory. To do so, acquire a
    /// permit of a [`Semaphore`] before each spawn, and move it into the child. A waiting child
    /// can be cancelled. Children start in the order in which the executor first polls them. The
    /// body is not counted.
    ///
    /// # Panics
    ///
    /// Panics if `children` is zero.
    ///
    /// # Deadlocks
    ///
    /// Running children that wait for children which have not started.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::sync::atomic::{AtomicU32, Ordering::SeqCst};
    /// use syncline::{task::{TaskGroup, block_on}, thread::ThreadPool};
    ///
    /// static RUNNING: AtomicU32 = AtomicU32::new(0);
    /// let pool = ThreadPool::new(4);
    /// let group = TaskGroup::limited(1).run(&pool, async |group| {
    ///     for _ in 0..10 {
    ///         group.spawn_named("child", async {
    ///             assert_eq!(RUNNING.fetch_add(1, SeqCst), 0);
    ///             RUNNING.fetch_sub(1, SeqCst);
    ///             Ok(())
    ///         }).detach();
    ///     }
    ///     Ok::<_, ()>(())
    /// });
    /// block_on(group).unwrap();
    /// ```
    #[must_use]
    #[track_caller]
    pub const fn limited(children: usize) -> Limited {
        match NonZeroUsize::new(children) {
            Some(children) => Limited(children),
            None => panic!("a group needs a limit of at least one child"),
        }
    }
}

/// Groups with a limit on children that run at once. Created by [`TaskGroup::limited`].
///
/// # Examples
///
/// See [`TaskGroup::limited`].
#[derive(Clone, Copy, Debug)]
pub struct Limited(NonZeroUsize);

impl Limited {
    /// Runs a group, as [`TaskGroup::run`] does.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future cancels the children, drops the body, and waits for nobody.
    ///
    /// # Errors
    ///
    /// See [`TaskGroup::run`].
    ///
    /// # Panics
    ///
    /// See [`TaskGroup::run`].
    ///
    /// # Examples
    ///
    /// See [`TaskGroup::limited`].
    pub fn run<T, E, S, B, F>(
        self,
        spawner: &S,
        body: B,
    ) -> RunGroup<impl Future<Output = Result<T, GroupError<E>>> + use<T, E, S, B, F>>
    where
        S: Spawn,
        E: Send + 'static,
        B: FnOnce(Group<S::Handle, E>) -> F,
        F: Future<Output = Result<T, E>>,
    {
        // More than there can be permits is no limit.
        let turns = Semaphore::new(self.0.get().min(Semaphore::MAX_PERMITS));
        run(spawner.handle(), Some(turns), body)
    }
}

fn run<T, E, S, B, F>(
    spawner: S,
    turns: Option<Semaphore>,
    body: B,
) -> RunGroup<impl Future<Output = Result<T, GroupError<E>>> + use<T, E, S, B, F>>
where
    S: Spawner,
    E: Send + 'static,
    B: FnOnce(Group<S, E>) -> F,
    F: Future<Output = Result<T, E>>,
{
    let future = async move {
        let shared = Shared::new(turns);
        let group = Group {
            spawner,
            shared: shared.clone(),
        };
        let members: &Members<E> = &shared;
        // Called where its panic is caught.
        let mut body = pin!(Some(identified(async move { body(group).await })));
        // Dropped before the body, so that the children end while it is dropped.
        let _unless_it_ends = Abandon(members);
        let mut failed = pin!(Some(members.failed.signal()));
        let brought = poll_fn(|context| {
            if members.failed.is_set() {
                return Poll::Ready(None);
            }
            let body = body.as_mut().as_pin_mut();
            let poll = || body.map_or(Poll::Pending, |body| body.poll(context));
            match catch_unwind(AssertUnwindSafe(poll)) {
                Ok(Poll::Ready(result)) => Poll::Ready(Some(Ok(result))),
                Err(panic) => Poll::Ready(Some(Err(panic))),
                Ok(Poll::Pending) => {
                    let failed = failed.as_mut().as_pin_mut();
                    failed.map_or(Poll::Pending, |failed| failed.poll(context).map(|_| None))
                }
            }
        })
        .await;
        failed.set(None);
        let mut value = None;
        match brought {
            None => {}
            Some(Ok(Ok(brought))) => value = Some(brought),
            Some(Ok(Err(error))) => members.fail(Name::THE_BODY, Failure::Error(error)),
            Some(Err(panic)) => members.fail(Name::THE_BODY, Failure::Panic(panic)),
        }
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| body.set(None))) {
            members.fail(Name::THE_BODY, Failure::Panic(panic));
        }
        members.body_ended();
        members.ended.signal().await;
        members.result(value)
    };
    RunGroup {
        future: Combined::new(future),
    }
}

/// Cancels what is left of a group when its future is dropped.
struct Abandon<'a, E>(&'a Members<E>);

impl<E> Drop for Abandon<'_, E> {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

pin_project! {
    /// The future of [`TaskGroup::run`].
    #[must_use = "futures do nothing unless polled"]
    pub struct RunGroup<F> {
        #[pin]
        future: Combined<F>,
    }
}

impl<F: Future> Future for RunGroup<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        self.project().future.poll(context)
    }
}

impl<F> fmt::Debug for RunGroup<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunGroup").finish_non_exhaustive()
    }
}
