//! The guards of `Lock` for tasks.

use super::relock::{Lends, Relock};
use super::shared::{Held, HeldPart, Shared, lends};
use crate::line::Internal;

/// A guard with exclusive access to the data of a [`Lock`](crate::task::Lock); dropping it unlocks.
///
/// It may be held across an `.await`, and dropped on another thread.
///
/// # Examples
///
/// ```
/// use syncline::task::Lock;
///
/// fn send<T: Send>(value: T) -> T {
///     value
/// }
/// let lock = Lock::new(0);
/// let mut guard = send(lock.try_lock().expect("nobody else has it"));
/// *guard += 1;
/// ```
#[must_use = "the lock is unlocked as soon as the guard is dropped"]
pub struct LockGuard<'a, T: ?Sized> {
    held: Held<'a, T>,
}

impl<'a, T: ?Sized> LockGuard<'a, T> {
    /// The guard of a lock that has just been taken, for it alone.
    #[inline]
    pub(super) fn granted(shared: &'a Shared<T>) -> Self {
        Self {
            // SAFETY: every caller has just taken the lock and makes one guard of it.
            held: unsafe { Held::new(shared) },
        }
    }

    /// Narrows the guard to a part of the data; the lock stays held.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::task::{Lock, LockGuard, block_on};
    ///
    /// let lock = Lock::new(("left", 1));
    /// block_on(async {
    ///     let mut right = LockGuard::map(lock.lock().await, |pair| &mut pair.1);
    ///     *right += 1;
    /// });
    /// assert_eq!(lock.into_inner(), ("left", 2));
    /// ```
    pub fn map<U: ?Sized>(
        guard: Self,
        part: impl FnOnce(&mut T) -> &mut U,
    ) -> MappedLockGuard<'a, U> {
        MappedLockGuard {
            held: guard.held.map(part),
        }
    }

    /// Unlocks, and hands the lock to the first waiter, so nobody can overtake it.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::task::{Lock, LockGuard};
    ///
    /// let lock = Lock::new(0);
    /// LockGuard::unlock_fair(lock.try_lock().expect("nobody else has it"));
    /// assert!(!lock.is_locked());
    /// ```
    pub fn unlock_fair(guard: Self) {
        guard.held.unlock_fair();
    }
}

lends!(mut LockGuard<'_, T>);

impl<'a, T: ?Sized> Relock for LockGuard<'a, T> {
    type Place = &'a Shared<T>;

    fn suspend(self, _: Internal) -> &'a Shared<T> {
        self.held.into_shared()
    }

    fn resume(shared: &'a Shared<T>, _: Internal) -> Self {
        Self::granted(shared)
    }
}

impl<'b, T: ?Sized> Lends<'b> for LockGuard<'_, T> {
    type Loan = &'b mut T;

    fn lend(&'b mut self) -> &'b mut T {
        self
    }
}

/// A guard with exclusive access to a part of the data of a [`Lock`](crate::task::Lock); dropping it unlocks.
///
/// Returned by [`LockGuard::map`].
///
/// # Examples
///
/// ```
/// use syncline::task::{Lock, LockGuard, MappedLockGuard};
///
/// let lock = Lock::new([[1, 2], [3, 4]]);
/// let guard = lock.try_lock().expect("nobody else has it");
/// let row = LockGuard::map(guard, |rows| &mut rows[1]);
/// let cell = MappedLockGuard::map(row, |row| &mut row[0]);
/// assert_eq!(*cell, 3);
/// ```
#[must_use = "the lock is unlocked as soon as the guard is dropped"]
pub struct MappedLockGuard<'a, T: ?Sized> {
    held: HeldPart<'a, T>,
}

impl<'a, T: ?Sized> MappedLockGuard<'a, T> {
    /// Narrows the guard further; the lock stays held.
    pub fn map<U: ?Sized>(
        guard: Self,
        part: impl FnOnce(&mut T) -> &mut U,
    ) -> MappedLockGuard<'a, U> {
        MappedLockGuard {
            held: guard.held.map(part),
        }
    }

    /// Unlocks, and hands the lock to the first waiter, so nobody can overtake it.
    pub fn unlock_fair(guard: Self) {
        guard.held.unlock_fair();
    }
}

lends!(mut MappedLockGuard<'_, T>);
