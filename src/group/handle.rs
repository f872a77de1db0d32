//! The way into a group.

use core::any::Any;
use core::fmt;
use core::future::Future;
use std::sync::Arc;

use super::members::{Member, Shared};
use super::permitted::Permitted;
use crate::error::name::{Name, Named};
use crate::job::{Job, Spawned, Spawner, drive_into};
use crate::pool::{Late, PoolSpawner};

/// The way into a group, from its body and for its children; see [`TaskGroup`](crate::task::TaskGroup).
///
/// It may outlive the group. Children that are spawned then are cancelled.
///
/// # Examples
///
/// A child that spawns another one:
///
/// ```
/// use syncline::{task::{Group, PoolSpawner, TaskGroup, block_on}, thread::ThreadPool};
///
/// let pool = ThreadPool::new(1);
/// let group = TaskGroup::run(&pool, async |group: Group<PoolSpawner, ()>| {
///     let inner = group.clone();
///     let outer = group.spawn_named("outer", async move {
///         Ok(inner.spawn_named("inner", async { Ok(1) }))
///     });
///     let inner = outer.await.unwrap();
///     Ok(inner.await.unwrap())
/// });
/// assert_eq!(block_on(group), Ok(1));
/// ```
pub struct Group<S, E> {
    pub(super) spawner: S,
    pub(super) shared: Shared<E>,
}

impl<S: Spawner, E: Send + 'static> Group<S, E> {
    /// Runs a future as a child of the group, as a task of its own.
    ///
    /// The [`Job`] need not be kept. It brings the value of the child; if the child fails it is
    /// [`JobError::Failed`](crate::JobError::Failed), and the group has the error, or the panic. If the group has been cancelled or has
    /// ended, so has the job: the future is dropped here, as [`JobError::Cancelled`](crate::JobError::Cancelled).
    ///
    /// # Examples
    ///
    /// See [`TaskGroup`](crate::task::TaskGroup).
    #[track_caller]
    pub fn spawn<T, F>(&self, future: F) -> Job<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        self.start((), future)
    }

    /// Runs a future as a child of the group, as [`spawn`](Self::spawn) does, with a name for its job.
    ///
    /// The [`GroupError`](crate::GroupError) contains the name if the child fails. A child without a name is called
    /// `a child` there.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{task::{TaskGroup, block_on}, thread::ThreadPool};
    ///
    /// let pool = ThreadPool::new(1);
    /// let group = TaskGroup::run(&pool, async |group| {
    ///     group.spawn_named("reader", async { Err::<(), _>("no such file") });
    ///     Ok(())
    /// });
    /// assert_eq!(block_on(group).unwrap_err().to_string(), "reader: no such file");
    /// ```
    #[track_caller]
    pub fn spawn_named<T, F>(&self, name: impl Into<Name>, future: F) -> Job<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        self.start(name.into(), future)
    }

    #[track_caller]
    fn start<T, F>(&self, name: impl Named + 'static, future: F) -> Job<T>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        let turn = Permitted::new(self.shared.turns(), future);
        // A pool of ours puts the job and the task into one allocation.
        if let Some(pool) = (&self.spawner as &dyn Any).downcast_ref::<PoolSpawner>() {
            let member = self.shared.member();
            let enter = |member: &mut Member<E>, child| member.enter(child, Some(pool));
            return pool.spawn_known(name, turn, member, enter);
        }
        let (mut driven, unit) = drive_into(name.name().cloned(), turn, self.shared.member());
        let job = Job::new(Arc::clone(&unit) as _);
        match driven.sink().enter(unit, None) {
            Ok(()) => self.spawner.start(Spawned::new(driven)),
            Err(Late(child, outcome)) => child.stop(outcome),
        }
        job
    }

    /// Cancels all children, including those that are spawned later. The body continues.
    ///
    /// This is no error: the group returns what the body returns. A child may call it at any time, and so may anybody
    /// else with a clone of the group.
    ///
    /// # Examples
    ///
    /// The body, which has done what it wanted:
    ///
    /// ```
    /// use core::future::pending;
    /// use syncline::{task::{TaskGroup, block_on}, thread::ThreadPool};
    ///
    /// let pool = ThreadPool::new(1);
    /// let group = TaskGroup::run(&pool, async |group| {
    ///     group.spawn_named("server", pending::<Result<(), ()>>()).detach();
    ///     group.cancel();
    ///     Ok("stopped")
    /// });
    /// assert_eq!(block_on(group), Ok("stopped"));
    /// ```
    ///
    /// A Ctrl-C handler, or other code outside the group, keeps a clone of it:
    ///
    /// ```
    /// use core::future::pending;
    /// use syncline::{task::{TaskGroup, block_on}, thread::{self, ThreadPool}};
    ///
    /// let pool = ThreadPool::new(1);
    /// let group = TaskGroup::run(&pool, async |group| {
    ///     let server = group.spawn_named("server", pending::<Result<(), ()>>());
    ///     // Instead of `thread::spawn`: `ctrlc::set_handler(move || handle.cancel())`.
    ///     let handle = group.clone();
    ///     thread::spawn_named("ctrl-c", move || handle.cancel()).detach();
    ///     Ok(server.await.is_err())
    /// });
    /// assert_eq!(block_on(group), Ok(true));
    /// ```
    pub fn cancel(&self) {
        self.shared.cancel();
    }

    /// Returns whether the group is cancelled, so that a new child would be cancelled at once.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{task::{TaskGroup, block_on}, thread::ThreadPool};
    ///
    /// let group = TaskGroup::run(&ThreadPool::new(1), async |group| Ok::<_, ()>(group));
    /// assert!(block_on(group).unwrap().is_cancelled()); // it has ended
    /// ```
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.shared.is_cancelled()
    }

    /// Returns how many children have not ended at this instant.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::future::pending;
    /// use syncline::{task::{TaskGroup, block_on}, thread::ThreadPool};
    ///
    /// let pool = ThreadPool::new(1);
    /// let group = TaskGroup::run(&pool, async |group| {
    ///     group.spawn_named("server", pending::<Result<(), ()>>()).detach();
    ///     let children = group.len();
    ///     group.cancel();
    ///     Ok(children)
    /// });
    /// assert_eq!(block_on(group), Ok(1));
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.shared.len()
    }

    /// Returns whether all children have ended at this instant.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::{task::{TaskGroup, block_on}, thread::ThreadPool};
    ///
    /// let pool = ThreadPool::new(1);
    /// let group = TaskGroup::run(&pool, async |group| Ok::<_, ()>(group.is_empty()));
    /// assert_eq!(block_on(group), Ok(true));
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<S, E> Group<S, E> {
    /// For how many children there is room.
    pub(crate) fn room(&self) -> usize {
        self.shared.room()
    }
}

impl<S: Clone, E> Clone for Group<S, E> {
    fn clone(&self) -> Self {
        Self {
            spawner: self.spawner.clone(),
            shared: self.shared.clone(),
        }
    }
}

impl<S, E> fmt::Debug for Group<S, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Group")
            .field("children", &self.shared.len())
            .field("is_cancelled", &self.shared.is_cancelled())
            .finish_non_exhaustive()
    }
}
