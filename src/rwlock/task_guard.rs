//! The guards of `RwLock` for tasks: for reading and for writing.

use super::held::{Held, HeldPart, Reading, Writing};
use super::shared::Shared;
use super::task_upgradable::RwLockUpgradableReadGuard;
use super::word::RwWord;
use crate::line::Line;
use crate::lock::lends;

/// A guard with shared access to the data of a [`RwLock`](crate::task::RwLock); dropping it unlocks.
///
/// It may be held across an `.await`, and dropped on another thread.
///
/// # Examples
///
/// ```
/// fn send<T: Send>(value: T) -> T {
///     value
/// }
/// let lock = syncline::task::RwLock::new(0);
/// let guard = send(lock.try_read().expect("nobody else has it"));
/// assert_eq!(*guard, 0);
/// ```
#[must_use = "the lock is unlocked as soon as the guard is dropped"]
pub struct RwLockReadGuard<'a, T: ?Sized> {
    held: Held<&'a Shared<T>, Reading>,
}

impl<'a, T: ?Sized> RwLockReadGuard<'a, T> {
    /// The guard of a lock that has just been taken, for it alone.
    #[inline]
    pub(super) fn granted(shared: &'a Shared<T>) -> Self {
        // SAFETY: every caller has just taken the lock for reading, and makes one guard of it.
        Self::of(unsafe { Held::new(shared) })
    }

    #[inline]
    pub(super) fn of(held: Held<&'a Shared<T>, Reading>) -> Self {
        Self { held }
    }

    /// Narrows the guard to a part of the data; the lock stays held.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::task::{RwLock, RwLockReadGuard};
    ///
    /// let lock = RwLock::new(("left", 1));
    /// let right = RwLockReadGuard::map(lock.try_read().expect("nobody writes"), |pair| &pair.1);
    /// assert_eq!(*right, 1);
    /// ```
    pub fn map<U: ?Sized>(
        guard: Self,
        part: impl FnOnce(&T) -> &U,
    ) -> MappedRwLockReadGuard<'a, U> {
        MappedRwLockReadGuard {
            held: guard.held.map(part),
        }
    }
}

lends!(RwLockReadGuard<'_, T>);

/// A guard with exclusive access to the data of a [`RwLock`](crate::task::RwLock); dropping it unlocks.
///
/// It may be held across an `.await`, and dropped on another thread.
///
/// # Examples
///
/// ```
/// fn send<T: Send>(value: T) -> T {
///     value
/// }
/// let lock = syncline::task::RwLock::new(0);
/// let guard = send(lock.try_write().expect("nobody else has it"));
/// assert_eq!(*guard, 0);
/// ```
#[must_use = "the lock is unlocked as soon as the guard is dropped"]
pub struct RwLockWriteGuard<'a, T: ?Sized> {
    held: Held<&'a Shared<T>, Writing>,
}

impl<'a, T: ?Sized> RwLockWriteGuard<'a, T> {
    /// The guard of a lock that has just been taken, for it alone.
    #[inline]
    pub(super) fn granted(shared: &'a Shared<T>) -> Self {
        // SAFETY: every caller has just taken the lock for writing, and makes one guard of it.
        Self::of(unsafe { Held::new(shared) })
    }

    #[inline]
    pub(super) fn of(held: Held<&'a Shared<T>, Writing>) -> Self {
        Self { held }
    }

    /// Downgrades to a read guard, without letting a writer in between.
    ///
    /// Readers at the head of the line are admitted.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::task::{RwLock, RwLockWriteGuard};
    ///
    /// let lock = RwLock::new(1);
    /// let mut writer = lock.try_write().expect("nobody else has it");
    /// *writer += 1;
    /// let reader = RwLockWriteGuard::downgrade(writer);
    /// assert!(lock.try_write().is_none() && lock.try_read().is_some());
    /// assert_eq!(*reader, 2);
    /// ```
    pub fn downgrade(guard: Self) -> RwLockReadGuard<'a, T> {
        RwLockReadGuard::of(guard.held.downgrade())
    }

    /// Downgrades to an upgradable guard, without letting a writer in between.
    ///
    /// Readers at the head of the line are admitted.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::task::{RwLock, RwLockWriteGuard};
    ///
    /// let lock = RwLock::new(1);
    /// let reader = RwLockWriteGuard::downgrade_to_upgradable(lock.try_write().expect("nobody else has it"));
    /// assert!(lock.try_read().is_some());
    /// assert!(lock.try_upgradable_read().is_none());
    /// # drop(reader);
    /// ```
    pub fn downgrade_to_upgradable(guard: Self) -> RwLockUpgradableReadGuard<'a, T> {
        RwLockUpgradableReadGuard::of(guard.held.downgrade())
    }

    /// Narrows the guard to a part of the data; the lock stays held.
    ///
    /// A mapped guard cannot be downgraded, because readers of the whole may be able to change the part, such as the
    /// inside of a `Cell`.
    ///
    /// ```compile_fail
    /// use syncline::task::{MappedRwLockWriteGuard, RwLock, RwLockWriteGuard};
    ///
    /// let lock = RwLock::new(std::cell::Cell::new(1));
    /// let inside = RwLockWriteGuard::map(lock.try_write().unwrap(), std::cell::Cell::get_mut);
    /// MappedRwLockWriteGuard::downgrade(inside);
    /// ```
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::task::{RwLock, RwLockWriteGuard};
    ///
    /// let lock = RwLock::new(("left", 1));
    /// let mut right = RwLockWriteGuard::map(lock.try_write().expect("nobody else has it"), |pair| &mut pair.1);
    /// *right += 1;
    /// drop(right);
    /// assert_eq!(lock.into_inner(), ("left", 2));
    /// ```
    pub fn map<U: ?Sized>(
        guard: Self,
        part: impl FnOnce(&mut T) -> &mut U,
    ) -> MappedRwLockWriteGuard<'a, U> {
        MappedRwLockWriteGuard {
            held: guard.held.map(part),
        }
    }
}

lends!(mut RwLockWriteGuard<'_, T>);

/// A guard with shared access to a part of the data of a [`RwLock`](crate::task::RwLock); dropping it unlocks.
///
/// Returned by [`RwLockReadGuard::map`].
#[must_use = "the lock is unlocked as soon as the guard is dropped"]
pub struct MappedRwLockReadGuard<'a, T: ?Sized> {
    held: HeldPart<&'a Line<RwWord>, Reading, T>,
}

impl<'a, T: ?Sized> MappedRwLockReadGuard<'a, T> {
    /// Narrows the guard further; the lock stays held.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::task::{MappedRwLockReadGuard, RwLock, RwLockReadGuard};
    ///
    /// let lock = RwLock::new([[1, 2], [3, 4]]);
    /// let row = RwLockReadGuard::map(lock.try_read().expect("nobody writes"), |rows| &rows[1]);
    /// let cell = MappedRwLockReadGuard::map(row, |row| &row[0]);
    /// assert_eq!(*cell, 3);
    /// ```
    pub fn map<U: ?Sized>(
        guard: Self,
        part: impl FnOnce(&T) -> &U,
    ) -> MappedRwLockReadGuard<'a, U> {
        MappedRwLockReadGuard {
            held: guard.held.map(part),
        }
    }
}

lends!(MappedRwLockReadGuard<'_, T>);

/// A guard with exclusive access to a part of the data of a [`RwLock`](crate::task::RwLock); dropping it unlocks.
///
/// Returned by [`RwLockWriteGuard::map`].
#[must_use = "the lock is unlocked as soon as the guard is dropped"]
pub struct MappedRwLockWriteGuard<'a, T: ?Sized> {
    held: HeldPart<&'a Line<RwWord>, Writing, T>,
}

impl<'a, T: ?Sized> MappedRwLockWriteGuard<'a, T> {
    /// Narrows the guard further; the lock stays held.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::task::{MappedRwLockWriteGuard, RwLock, RwLockWriteGuard};
    ///
    /// let lock = RwLock::new([[1, 2], [3, 4]]);
    /// let row = RwLockWriteGuard::map(lock.try_write().expect("nobody else has it"), |rows| &mut rows[1]);
    /// let mut cell = MappedRwLockWriteGuard::map(row, |row| &mut row[0]);
    /// *cell += 1;
    /// drop(cell);
    /// assert_eq!(lock.into_inner(), [[1, 2], [4, 4]]);
    /// ```
    pub fn map<U: ?Sized>(
        guard: Self,
        part: impl FnOnce(&mut T) -> &mut U,
    ) -> MappedRwLockWriteGuard<'a, U> {
        MappedRwLockWriteGuard {
            held: guard.held.map(part),
        }
    }
}

lends!(mut MappedRwLockWriteGuard<'_, T>);
