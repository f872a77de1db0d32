//! The guards of `RLock` for tasks.

use std::sync::Arc;

use super::held::{ByTask, Held, HeldPart};
use super::shared::RShared;
use super::suspend::relocks;
use super::task::RLock;
use crate::lock::lends;

/// A guard with shared access to the data of an [`RLock`] by the task that has locked it; dropping the last one
/// unlocks.
///
/// It may be held across an `.await`, moved to another thread or task, and dropped there: it still
/// counts as one of its owner's. It gives `&T` alone, for there may be others, and it is never
/// `Sync`.
///
/// # Memory effects
///
/// Guards may be dropped on several threads at once. Everything that happened before the drop of
/// any of them happens before everything after the lock of the next owner, and before everything
/// that its task does after it has seen, by [`depth`](Self::depth), that it is gone.
///
/// # Examples
///
/// ```
/// use syncline::task::{RLock, RLockGuard, block_on};
///
/// let lock = RLock::new(7);
/// block_on(async {
///     let (one, other) = (lock.lock().await, lock.lock().await);
///     std::thread::scope(|threads| {
///         threads.spawn(move || assert_eq!(*other, 7));
///     });
///     assert_eq!(RLockGuard::depth(&one), 1);
/// });
/// ```
#[must_use = "the lock is unlocked as soon as the last guard is dropped"]
pub struct RLockGuard<'a, T: ?Sized> {
    pub(crate) held: Held<&'a RShared<T>, ByTask>,
}

impl<'a, T: ?Sized> RLockGuard<'a, T> {
    pub(super) const fn new(held: Held<&'a RShared<T>, ByTask>) -> Self {
        Self { held }
    }

    /// Returns how many guards of the lock its owner holds at this instant, including this one.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::task::{RLock, RLockGuard, block_on};
    ///
    /// let lock = RLock::new(0);
    /// block_on(async {
    ///     let outer = lock.lock().await;
    ///     assert_eq!(RLockGuard::depth(&outer), 1);
    ///     let inner = lock.lock().await;
    ///     assert_eq!(RLockGuard::depth(&outer), 2);
    /// #   drop(inner);
    /// });
    /// ```
    #[must_use]
    pub fn depth(guard: &Self) -> usize {
        guard.held.depth()
    }

    /// Narrows the guard to a part of the data; the lock stays held.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::task::{RLock, RLockGuard, block_on};
    ///
    /// let lock = RLock::new(("left", 1));
    /// block_on(async {
    ///     let right = RLockGuard::map(lock.lock().await, |pair| &pair.1);
    ///     assert_eq!(*right, 1);
    /// });
    /// ```
    pub fn map<U: ?Sized>(guard: Self, part: impl FnOnce(&T) -> &U) -> MappedRLockGuard<'a, U> {
        MappedRLockGuard {
            held: guard.held.map(part),
        }
    }

    /// Unlocks once, and if it was the last guard, hands the lock to the first waiter, so nobody can overtake it.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::task::{RLock, RLockGuard, block_on};
    ///
    /// let lock = RLock::new(0);
    /// block_on(async { RLockGuard::unlock_fair(lock.lock().await) });
    /// assert!(!lock.is_locked());
    /// ```
    pub fn unlock_fair(guard: Self) {
        guard.held.unlock_fair();
    }
}

lends!(RLockGuard<'_, T>);
relocks!(['a, T: ?Sized] RLockGuard<'a, T>, &'a RShared<T>);

/// As [`RLockGuard`], with its own share of the lock. Returned by
/// [`RLock::lock_owned`](crate::task::RLock::lock_owned).
///
/// It borrows nothing, so it can be kept in a struct, or moved to where it will be dropped.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use syncline::task::{OwnedRLockGuard, RLock, block_on};
///
/// let lock = Arc::new(RLock::new(1));
/// let guard = block_on(lock.lock_owned());
/// assert_eq!((*guard, OwnedRLockGuard::depth(&guard)), (1, 1));
/// std::thread::spawn(move || drop(guard)).join().unwrap();
/// assert!(!lock.is_locked());
/// ```
#[must_use = "the lock is unlocked as soon as the last guard is dropped"]
pub struct OwnedRLockGuard<T: ?Sized> {
    pub(crate) held: Held<Arc<RLock<T>>, ByTask>,
}

impl<T: ?Sized> OwnedRLockGuard<T> {
    pub(super) const fn new(held: Held<Arc<RLock<T>>, ByTask>) -> Self {
        Self { held }
    }

    /// Returns how many guards of the lock its owner holds at this instant, including this one.
    #[must_use]
    pub fn depth(guard: &Self) -> usize {
        guard.held.depth()
    }

    /// Unlocks once, and if it was the last guard, hands the lock to the first waiter, so nobody can overtake it.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use syncline::task::{OwnedRLockGuard, RLock, block_on};
    ///
    /// let lock = Arc::new(RLock::new(1));
    /// OwnedRLockGuard::unlock_fair(block_on(lock.lock_owned()));
    /// assert!(!lock.is_locked());
    /// ```
    pub fn unlock_fair(guard: Self) {
        guard.held.unlock_fair();
    }
}

lends!(OwnedRLockGuard<T>);
relocks!([T: ?Sized] OwnedRLockGuard<T>, Arc<RLock<T>>);

/// A guard with shared access to a part of the data of an [`RLock`]; dropping the last guard unlocks.
///
/// Returned by [`RLockGuard::map`].
///
/// # Examples
///
/// ```
/// use syncline::task::{MappedRLockGuard, RLock, RLockGuard, block_on};
///
/// let lock = RLock::new([[1, 2], [3, 4]]);
/// block_on(async {
///     let row = RLockGuard::map(lock.lock().await, |rows| &rows[1]);
///     let cell = MappedRLockGuard::map(row, |row| &row[0]);
///     assert_eq!((*cell, MappedRLockGuard::depth(&cell)), (3, 1));
/// });
/// ```
#[must_use = "the lock is unlocked as soon as the last guard is dropped"]
pub struct MappedRLockGuard<'a, T: ?Sized> {
    held: HeldPart<'a, T, ByTask>,
}

impl<'a, T: ?Sized> MappedRLockGuard<'a, T> {
    /// Returns how many guards of the lock its owner holds at this instant, including this one.
    #[must_use]
    pub fn depth(guard: &Self) -> usize {
        guard.held.depth()
    }

    /// Narrows the guard further; the lock stays held.
    pub fn map<U: ?Sized>(guard: Self, part: impl FnOnce(&T) -> &U) -> MappedRLockGuard<'a, U> {
        MappedRLockGuard {
            held: guard.held.map(part),
        }
    }

    /// Unlocks once, and if it was the last guard, hands the lock to the first waiter, so nobody can overtake it.
    pub fn unlock_fair(guard: Self) {
        guard.held.unlock_fair();
    }
}

lends!(MappedRLockGuard<'_, T>);
