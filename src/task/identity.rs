//! Which task is running.

use core::cell::Cell;
use core::num::NonZeroU64;
use core::sync::atomic::AtomicU64;
use core::sync::atomic::Ordering::Relaxed;

use crate::rule::rlock::{Kind, Owner};
use crate::sys::local;

/// Identifies a task for as long as the process runs.
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

local! {
    static CURRENT: Cell<Option<TaskId>> = Cell::new(None)
}

/// The task that is being polled on this thread, if it is one of ours.
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
    CURRENT.try_with(Cell::get).ok().flatten()
}

/// The owner of what the task that is being polled locks.
///
/// # Panics
///
/// If no task is being polled that is known to this crate.
pub(super) fn owner() -> Owner {
    current().map_or_else(|| nobody(), Owner::from)
}

#[cold]
fn nobody() -> ! {
    panic!(
        "a task::RLock can only be locked by a task that has an identity: poll its future inside \
         task::block_on, or wrap the task that you spawn in task::scope"
    )
}

impl From<TaskId> for Owner {
    fn from(id: TaskId) -> Self {
        Self::new(Kind::Task, id.0.get())
    }
}

impl TaskId {
    /// An id that no other task has.
    pub(crate) fn fresh() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        // ORDERING: Relaxed: only that the numbers differ matters. A process does not live to
        // see 2^64 tasks.
        let number = LAST.fetch_add(1, Relaxed) + 1;
        Self(NonZeroU64::new(number).expect("fewer than 2^64 tasks have been started"))
    }

    /// Runs something as this task; the identity before is restored, also after a panic.
    pub(crate) fn enter<R>(self, body: impl FnOnce() -> R) -> R {
        identify(Some(self), body)
    }
}

/// Runs something that belongs to no task; the identity before is restored, also after a panic.
pub(crate) fn as_nobody<R>(body: impl FnOnce() -> R) -> R {
    identify(None, body)
}

fn identify<R>(id: Option<TaskId>, body: impl FnOnce() -> R) -> R {
    struct Restore(Option<TaskId>);

    impl Drop for Restore {
        fn drop(&mut self) {
            let _gone = CURRENT.try_with(|current| current.set(self.0));
        }
    }

    let before = CURRENT.try_with(|current| current.replace(id));
    let _restore = Restore(before.ok().flatten());
    body()
}
