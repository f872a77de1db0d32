//! The guards of `RLock` for threads.

use std::sync::Arc;

use super::held::{ByThread, Held, HeldPart};
use super::shared::RShared;
use super::suspend::relocks;
use super::thread::RLock;
use crate::lock::lends;

/// A guard with shared access to the data of an [`RLock`] by the thread that has locked it; dropping the last one
/// unlocks.
///
/// It is neither `Send` nor `Sync`: the lock is its thread's, and the thread counts its guards
/// without any atomic read-modify-write. It gives `&T` alone, for there may be others.
///
/// ```compile_fail
/// fn send<T: Send>(_: T) {}
/// let lock = syncline::thread::RLock::new(0);
/// send(lock.lock());
/// ```
#[must_use = "the lock is unlocked as soon as the last guard is dropped"]
pub struct RLockGuard<'a, T: ?Sized> {
    pub(crate) held: Held<&'a RShared<T>, ByThread>,
}

impl<'a, T: ?Sized> RLockGuard<'a, T> {
    pub(super) const fn new(held: Held<&'a RShared<T>, ByThread>) -> Self {
        Self { held }
    }

    /// Returns how many guards of the lock its thread holds, including this one.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::thread::{RLock, RLockGuard};
    ///
    /// let lock = RLock::new(0);
    /// let outer = lock.lock();
    /// assert_eq!(RLockGuard::depth(&outer), 1);
    /// let inner = lock.lock();
    /// assert_eq!(RLockGuard::depth(&outer), 2);
    /// # drop(inner);
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
    /// use syncline::thread::{RLock, RLockGuard};
    ///
    /// let lock = RLock::new(("left", 1));
    /// let right = RLockGuard::map(lock.lock(), |pair| &pair.1);
    /// assert_eq!(*right, 1);
    /// assert!(lock.is_locked());
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
    /// use syncline::thread::{RLock, RLockGuard};
    ///
    /// let lock = RLock::new(0);
    /// RLockGuard::unlock_fair(lock.lock());
    /// assert!(!lock.is_locked());
    /// ```
    pub fn unlock_fair(guard: Self) {
        guard.held.unlock_fair();
    }
}

lends!(RLockGuard<'_, T>);
relocks!(['a, T: ?Sized] RLockGuard<'a, T>, &'a RShared<T>);

/// As [`RLockGuard`], with its own share of the lock. Returned by
/// [`RLock::lock_owned`](crate::thread::RLock::lock_owned).
///
/// It borrows nothing, so it can be kept in a struct. It stays on its thread all the same: the
/// lock is the thread's. (That of [`task::RLock`](crate::task::RLock) may be sent.)
///
/// ```compile_fail
/// fn send<T: Send>(_: T) {}
/// let lock = std::sync::Arc::new(syncline::thread::RLock::new(0));
/// send(lock.lock_owned());
/// ```
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use syncline::thread::{OwnedRLockGuard, RLock};
///
/// let lock = Arc::new(RLock::new(1));
/// let guard = lock.lock_owned();
/// assert_eq!((*guard, OwnedRLockGuard::depth(&guard)), (1, 1));
/// ```
#[must_use = "the lock is unlocked as soon as the last guard is dropped"]
pub struct OwnedRLockGuard<T: ?Sized> {
    pub(crate) held: Held<Arc<RLock<T>>, ByThread>,
}

impl<T: ?Sized> OwnedRLockGuard<T> {
    pub(super) const fn new(held: Held<Arc<RLock<T>>, ByThread>) -> Self {
        Self { held }
    }

    /// Returns how many guards of the lock its thread holds, including this one.
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
    /// use syncline::thread::{OwnedRLockGuard, RLock};
    ///
    /// let lock = Arc::new(RLock::new(1));
    /// OwnedRLockGuard::unlock_fair(lock.lock_owned());
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
/// use syncline::thread::{MappedRLockGuard, RLock, RLockGuard};
///
/// let lock = RLock::new([[1, 2], [3, 4]]);
/// let row = RLockGuard::map(lock.lock(), |rows| &rows[1]);
/// let cell = MappedRLockGuard::map(row, |row| &row[0]);
/// assert_eq!((*cell, MappedRLockGuard::depth(&cell)), (3, 1));
/// ```
#[must_use = "the lock is unlocked as soon as the last guard is dropped"]
pub struct MappedRLockGuard<'a, T: ?Sized> {
    held: HeldPart<'a, T, ByThread>,
}

impl<'a, T: ?Sized> MappedRLockGuard<'a, T> {
    /// Returns how many guards of the lock its thread holds, including this one.
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
