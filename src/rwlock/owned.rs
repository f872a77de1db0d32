//! The guards that keep their lock alive, for threads and for tasks.

use std::sync::Arc;

use super::held::{Held, Reading, Upgradable, Writing};
use super::owned_mapped::{OwnedMappedRwLockReadGuard, OwnedMappedRwLockWriteGuard};
use super::task::RwLock;
use crate::line::Asker;
use crate::lock::lends;

/// A guard with shared access to the data of a lock in an [`Arc`]; dropping it unlocks.
///
/// Returned by `read_owned` on both faces. It borrows nothing, so it can be kept in a struct or moved to another
/// thread or task, and dropped there.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use syncline::thread::RwLock;
///
/// let lock = Arc::new(RwLock::new(1));
/// let guard = lock.read_owned();
/// assert_eq!(std::thread::spawn(move || *guard).join().unwrap(), 1);
/// ```
#[must_use = "the lock is unlocked as soon as the guard is dropped"]
pub struct OwnedRwLockReadGuard<T: ?Sized> {
    pub(super) held: Held<Arc<RwLock<T>>, Reading>,
}

impl<T: ?Sized> OwnedRwLockReadGuard<T> {
    /// The guard of a lock that has just been taken, for it alone.
    pub(super) fn granted(lock: Arc<RwLock<T>>) -> Self {
        // SAFETY: every caller has just taken the lock in this mode, and makes one guard of it.
        Self::of(unsafe { Held::new(lock) })
    }

    pub(super) const fn of(held: Held<Arc<RwLock<T>>, Reading>) -> Self {
        Self { held }
    }

    /// Narrows the guard to a part of the data; the lock stays held.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use syncline::{OwnedRwLockReadGuard, thread::RwLock};
    ///
    /// let lock = Arc::new(RwLock::new(("left", 1)));
    /// let right = OwnedRwLockReadGuard::map(lock.read_owned(), |pair| &pair.1);
    /// assert_eq!(*right, 1);
    /// ```
    pub fn map<U: ?Sized>(
        guard: Self,
        part: impl FnOnce(&T) -> &U,
    ) -> OwnedMappedRwLockReadGuard<T, U> {
        OwnedMappedRwLockReadGuard::of(guard.held.map(part))
    }
}

lends!(OwnedRwLockReadGuard<T>);

/// A guard with shared access to the data of a lock in an [`Arc`], which can be upgraded to exclusive access;
/// dropping it unlocks.
///
/// Returned by `upgradable_read_owned` on both faces. A wait for an upgrade is a method of its face:
/// [`thread::RwLock::upgrade_owned`](crate::thread::RwLock::upgrade_owned),
/// [`task::RwLock::upgrade_owned`](crate::task::RwLock::upgrade_owned).
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use syncline::{OwnedRwLockUpgradableReadGuard, thread::RwLock};
///
/// let lock = Arc::new(RwLock::new(1));
/// let guard = lock.upgradable_read_owned();
/// let mut guard = OwnedRwLockUpgradableReadGuard::try_upgrade(guard).expect("nobody else reads");
/// *guard += 1;
/// ```
#[must_use = "the lock is unlocked as soon as the guard is dropped"]
pub struct OwnedRwLockUpgradableReadGuard<T: ?Sized> {
    pub(super) held: Held<Arc<RwLock<T>>, Upgradable>,
}

impl<T: ?Sized> OwnedRwLockUpgradableReadGuard<T> {
    /// The guard of a lock that has just been taken, for it alone.
    pub(super) fn granted(lock: Arc<RwLock<T>>) -> Self {
        // SAFETY: every caller has just taken the lock in this mode, and makes one guard of it.
        Self::of(unsafe { Held::new(lock) })
    }

    pub(super) const fn of(held: Held<Arc<RwLock<T>>, Upgradable>) -> Self {
        Self { held }
    }

    /// Upgrades to a write guard if nobody else reads.
    ///
    /// # Errors
    ///
    /// Returns the guard if somebody else reads.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use syncline::{OwnedRwLockUpgradableReadGuard, thread::RwLock};
    ///
    /// let lock = Arc::new(RwLock::new(1));
    /// let reader = lock.read();
    /// let guard = lock.upgradable_read_owned();
    /// let guard = OwnedRwLockUpgradableReadGuard::try_upgrade(guard).unwrap_err();
    /// assert_eq!(*guard, 1);
    /// # drop(reader);
    /// ```
    pub fn try_upgrade(guard: Self) -> Result<OwnedRwLockWriteGuard<T>, Self> {
        (guard.held.try_upgrade(Asker::Thread))
            .map(OwnedRwLockWriteGuard::of)
            .map_err(Self::of)
    }

    /// Downgrades to a plain read guard, so that somebody else can be the upgradable reader.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use syncline::{OwnedRwLockUpgradableReadGuard, thread::RwLock};
    ///
    /// let lock = Arc::new(RwLock::new(1));
    /// let reader = OwnedRwLockUpgradableReadGuard::downgrade(lock.upgradable_read_owned());
    /// assert!(lock.try_upgradable_read().is_some());
    /// # drop(reader);
    /// ```
    pub fn downgrade(guard: Self) -> OwnedRwLockReadGuard<T> {
        OwnedRwLockReadGuard::of(guard.held.downgrade())
    }
}

lends!(OwnedRwLockUpgradableReadGuard<T>);

/// A guard with exclusive access to the data of a lock in an [`Arc`]; dropping it unlocks.
///
/// Returned by `write_owned` on both faces. It borrows nothing, so it can be kept in a struct or moved to another
/// thread or task, and dropped there.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use syncline::thread::RwLock;
///
/// let lock = Arc::new(RwLock::new(1));
/// let mut guard = lock.write_owned();
/// std::thread::spawn(move || *guard += 1).join().unwrap();
/// assert_eq!(*lock.read(), 2);
/// ```
#[must_use = "the lock is unlocked as soon as the guard is dropped"]
pub struct OwnedRwLockWriteGuard<T: ?Sized> {
    pub(super) held: Held<Arc<RwLock<T>>, Writing>,
}

impl<T: ?Sized> OwnedRwLockWriteGuard<T> {
    /// The guard of a lock that has just been taken, for it alone.
    pub(super) fn granted(lock: Arc<RwLock<T>>) -> Self {
        // SAFETY: every caller has just taken the lock in this mode, and makes one guard of it.
        Self::of(unsafe { Held::new(lock) })
    }

    pub(super) fn of(held: Held<Arc<RwLock<T>>, Writing>) -> Self {
        held.line().may_move();
        Self { held }
    }

    /// Downgrades to a read guard, without letting a writer in between.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use syncline::{OwnedRwLockWriteGuard, thread::RwLock};
    ///
    /// let lock = Arc::new(RwLock::new(1));
    /// let reader = OwnedRwLockWriteGuard::downgrade(lock.write_owned());
    /// assert!(lock.try_write().is_none() && lock.try_read().is_some());
    /// # drop(reader);
    /// ```
    pub fn downgrade(guard: Self) -> OwnedRwLockReadGuard<T> {
        OwnedRwLockReadGuard::of(guard.held.downgrade())
    }

    /// Downgrades to an upgradable guard, without letting a writer in between.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use syncline::{OwnedRwLockWriteGuard, thread::RwLock};
    ///
    /// let lock = Arc::new(RwLock::new(1));
    /// let reader = OwnedRwLockWriteGuard::downgrade_to_upgradable(lock.write_owned());
    /// assert!(lock.try_upgradable_read().is_none());
    /// *RwLock::upgrade_owned(reader) += 1;
    /// ```
    pub fn downgrade_to_upgradable(guard: Self) -> OwnedRwLockUpgradableReadGuard<T> {
        OwnedRwLockUpgradableReadGuard::of(guard.held.downgrade())
    }

    /// Narrows the guard to a part of the data; the lock stays held.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use syncline::{OwnedRwLockWriteGuard, thread::RwLock};
    ///
    /// let lock = Arc::new(RwLock::new(("left", 1)));
    /// let mut right = OwnedRwLockWriteGuard::map(lock.write_owned(), |pair| &mut pair.1);
    /// *right += 1;
    /// drop(right);
    /// assert_eq!(*lock.read(), ("left", 2));
    /// ```
    pub fn map<U: ?Sized>(
        guard: Self,
        part: impl FnOnce(&mut T) -> &mut U,
    ) -> OwnedMappedRwLockWriteGuard<T, U> {
        OwnedMappedRwLockWriteGuard::of(guard.held.map(part))
    }
}

lends!(mut OwnedRwLockWriteGuard<T>);
