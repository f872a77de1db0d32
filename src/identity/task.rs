//! Which task is running.

use core::num::NonZeroU64;
use core::sync::atomic::AtomicU64;
use core::sync::atomic::Ordering::Relaxed;

use super::owner::{Kind, Owner};
use super::polled;
use super::polled::Polled;
use crate::sys::foreign_task;
use crate::sys::trace::this_thread;
use crate::sys::who::Who;

/// Identifies a task for as long as the process runs.
///
/// [`current`] tells that of the task that is being polled, and [`new`](Self::new) makes one for code that has tasks
/// of its own.
///
/// # Examples
///
/// ```
/// use syncline::task;
///
/// assert_eq!(task::current(), None);
/// let (one, other) = (
///     task::block_on(async { task::current() }),
///     task::block_on(async { task::current() }),
/// );
/// assert!(one.is_some() && one != other);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TaskId(NonZeroU64);

/// Returns the task that is being polled on this thread, if its identity is known.
///
/// That is the case inside [`block_on`](crate::task::block_on()), [`identified`](super::identified()), and all that is
/// spawned on a pool, on a [`Runner`](crate::bridge::Runner) or into a [`TaskGroup`](crate::task::TaskGroup). With the feature `tokio` it is the case in
/// every task of tokio's as well, but not in its `block_on`, and so not in an async `main`, which is no
/// task to tokio either. What is innermost counts, if it is of this crate.
///
/// # Examples
///
/// ```
/// use syncline::task;
///
/// assert!(task::current().is_none());
/// assert!(task::block_on(async { task::current() }).is_some());
/// ```
#[must_use]
pub fn current() -> Option<TaskId> {
    match polled::current() {
        Polled::Task(number) => Some(TaskId(number)),
        Polled::Nobody => None,
        Polled::Unknown => foreign_task().map(TaskId::foreign),
    }
}

/// The number of that task.
pub(crate) fn number() -> Option<NonZeroU64> {
    current().map(|id| id.0)
}

/// Who asks: this thread, or the task that is being polled here.
pub(crate) fn who(is_task: bool) -> Who {
    if is_task {
        number().map_or(Who::UNKNOWN, |number| Who::task(number.get()))
    } else {
        this_thread()
    }
}

/// The owner of what the task that is being polled locks.
///
/// # Panics
///
/// Panics if no task is being polled that is known to this crate.
pub(crate) fn owner() -> Owner {
    current().map_or_else(|| nobody(), Owner::from)
}

#[cold]
fn nobody() -> ! {
    panic!(
        "a task::RLock can only be locked by a task that has an identity: poll its future inside \
         task::block_on, or wrap the task that you spawn in task::identified"
    )
}

impl From<TaskId> for Owner {
    /// # Panics
    ///
    /// Panics if the task's number is too large to be told from all others: an owner that is not the only one would
    /// enter the locks of the other. That takes a million tasks a second for a year.
    fn from(id: TaskId) -> Self {
        Self::new(Kind::Task, id.0.get()).unwrap_or_else(|| too_many())
    }
}

#[cold]
fn too_many() -> ! {
    panic!("more than 2^45 tasks have been started, so task numbers have run out")
}

impl TaskId {
    /// Makes an id that no other task has, for one that no executor of this crate runs.
    ///
    /// Futures that are polled inside [`enter`](super::enter()) are polled as this task.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::task::{self, TaskId};
    ///
    /// let id = TaskId::new();
    /// assert_ne!(id, TaskId::new());
    /// let seen = task::block_on(task::enter(id, async { task::current() }));
    /// assert_eq!(seen, Some(id));
    /// ```
    #[must_use]
    #[expect(
        clippy::new_without_default,
        reason = "two of them differ, and a default does not say so"
    )]
    pub fn new() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        // ORDERING: Relaxed: only that the numbers differ matters. A process does not live to
        // see 2^63 tasks.
        let before = LAST.fetch_add(2, Relaxed);
        // Even.
        Self(NonZeroU64::MIN.saturating_add(before + 1))
    }

    /// Whether a runtime of somebody else gave it.
    pub(crate) const fn is_foreign(self) -> bool {
        self.0.get() % 2 == 1
    }

    /// Its number.
    pub(crate) const fn number(self) -> u64 {
        self.0.get()
    }

    /// The id of a task to which a runtime gave this number: odd, where ours are even.
    fn foreign(number: u64) -> Self {
        Self(NonZeroU64::MIN | number << 1)
    }

    /// Runs something as this task; the identity before is restored, also after a panic.
    pub(crate) fn enter<R>(self, body: impl FnOnce() -> R) -> R {
        polled::run_as(Polled::Task(self.0), body)
    }
}

/// Runs something that belongs to no task; the identity before is restored, also after a panic.
pub(crate) fn as_nobody<R>(body: impl FnOnce() -> R) -> R {
    polled::run_as(Polled::Nobody, body)
}
