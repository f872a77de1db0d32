//! The guards of a part of the data that keep their lock alive, for threads and for tasks.

use core::fmt;
use core::ops::{Deref, DerefMut};
use std::sync::Arc;

use super::held::{HeldPart, Reading, Writing};
use super::task::RwLock;

/// A guard with shared access to a part of the data of a lock in an [`Arc`]; dropping it unlocks.
///
/// Made by [`OwnedRwLockReadGuard::map`](super::OwnedRwLockReadGuard::map).
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use syncline::{OwnedMappedRwLockReadGuard, OwnedRwLockReadGuard, thread::RwLock};
///
/// let lock = Arc::new(RwLock::new([[1, 2], [3, 4]]));
/// let row = OwnedRwLockReadGuard::map(lock.read_owned(), |rows| &rows[1]);
/// let cell = OwnedMappedRwLockReadGuard::map(row, |row| &row[0]);
/// assert_eq!(std::thread::spawn(move || *cell).join().unwrap(), 3);
/// ```
#[must_use = "the lock is unlocked as soon as the guard is dropped"]
pub struct OwnedMappedRwLockReadGuard<T: ?Sized, U: ?Sized> {
    held: HeldPart<Arc<RwLock<T>>, Reading, U>,
}

impl<T: ?Sized, U: ?Sized> OwnedMappedRwLockReadGuard<T, U> {
    pub(super) const fn of(held: HeldPart<Arc<RwLock<T>>, Reading, U>) -> Self {
        Self { held }
    }

    /// Narrows the guard further; the lock stays held.
    pub fn map<V: ?Sized>(
        guard: Self,
        part: impl FnOnce(&U) -> &V,
    ) -> OwnedMappedRwLockReadGuard<T, V> {
        OwnedMappedRwLockReadGuard::of(guard.held.map(part))
    }
}

/// A guard with exclusive access to a part of the data of a lock in an [`Arc`]; dropping it unlocks.
///
/// Made by [`OwnedRwLockWriteGuard::map`](super::OwnedRwLockWriteGuard::map).
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use syncline::{OwnedMappedRwLockWriteGuard, OwnedRwLockWriteGuard, thread::RwLock};
///
/// let lock = Arc::new(RwLock::new([[1, 2], [3, 4]]));
/// let row = OwnedRwLockWriteGuard::map(lock.write_owned(), |rows| &mut rows[1]);
/// let mut cell = OwnedMappedRwLockWriteGuard::map(row, |row| &mut row[0]);
/// std::thread::spawn(move || *cell += 1).join().unwrap();
/// assert_eq!(*lock.read(), [[1, 2], [4, 4]]);
/// ```
#[must_use = "the lock is unlocked as soon as the guard is dropped"]
pub struct OwnedMappedRwLockWriteGuard<T: ?Sized, U: ?Sized> {
    held: HeldPart<Arc<RwLock<T>>, Writing, U>,
}

impl<T: ?Sized, U: ?Sized> OwnedMappedRwLockWriteGuard<T, U> {
    pub(super) const fn of(held: HeldPart<Arc<RwLock<T>>, Writing, U>) -> Self {
        Self { held }
    }

    /// Narrows the guard further; the lock stays held.
    pub fn map<V: ?Sized>(
        guard: Self,
        part: impl FnOnce(&mut U) -> &mut V,
    ) -> OwnedMappedRwLockWriteGuard<T, V> {
        OwnedMappedRwLockWriteGuard::of(guard.held.map(part))
    }
}

impl<T: ?Sized, U: ?Sized> Deref for OwnedMappedRwLockReadGuard<T, U> {
    type Target = U;

    fn deref(&self) -> &U {
        &self.held
    }
}

impl<T: ?Sized, U: ?Sized> Deref for OwnedMappedRwLockWriteGuard<T, U> {
    type Target = U;

    fn deref(&self) -> &U {
        &self.held
    }
}

impl<T: ?Sized, U: ?Sized> DerefMut for OwnedMappedRwLockWriteGuard<T, U> {
    fn deref_mut(&mut self) -> &mut U {
        &mut self.held
    }
}

impl<T: ?Sized, U: ?Sized + fmt::Debug> fmt::Debug for OwnedMappedRwLockReadGuard<T, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl<T: ?Sized, U: ?Sized + fmt::Debug> fmt::Debug for OwnedMappedRwLockWriteGuard<T, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl<T: ?Sized, U: ?Sized + fmt::Display> fmt::Display for OwnedMappedRwLockReadGuard<T, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}

impl<T: ?Sized, U: ?Sized + fmt::Display> fmt::Display for OwnedMappedRwLockWriteGuard<T, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}
