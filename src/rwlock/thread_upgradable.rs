//! The guard of `RwLock` for threads who read, and may want to write.

use core::marker::PhantomData;
use core::time::Duration;
use std::time::Instant;

use super::held::{Held, Upgradable};
use super::shared::Shared;
use super::thread_guard::{RwLockReadGuard, RwLockWriteGuard};
use crate::line::{Asker, Timeout};
use crate::lock::lends;

/// A guard with shared access to the data of a [`RwLock`](crate::thread::RwLock), which can be upgraded to exclusive
/// access; dropping it unlocks.
///
/// There is at most one at a time. It cannot be mapped to a part of the data, because an upgrade needs all of it.
///
/// It is not `Send`, so the compiler rejects a guard that is held across an `.await` in a spawned task.
/// [`RwLock::upgradable_read_owned`](crate::thread::RwLock::upgradable_read_owned) returns one that can be sent.
///
/// ```compile_fail
/// fn send<T: Send>(_: T) {}
/// let lock = syncline::thread::RwLock::new(0);
/// send(lock.upgradable_read());
/// ```
#[must_use = "the lock is unlocked as soon as the guard is dropped"]
pub struct RwLockUpgradableReadGuard<'a, T: ?Sized> {
    held: Held<&'a Shared<T>, Upgradable>,
    _not_send: PhantomData<*const ()>,
}

// SAFETY: sharing the guard shares the `&T` it lends; the marker is only there against `Send`.
unsafe impl<T: ?Sized + Send + Sync> Sync for RwLockUpgradableReadGuard<'_, T> {}

impl<'a, T: ?Sized> RwLockUpgradableReadGuard<'a, T> {
    /// The guard of a lock that has just been taken, for it alone.
    pub(super) fn granted(shared: &'a Shared<T>) -> Self {
        // SAFETY: every caller has just taken the lock in this mode, and makes one guard of it.
        Self::of(unsafe { Held::new(shared) })
    }

    pub(super) fn of(held: Held<&'a Shared<T>, Upgradable>) -> Self {
        Self {
            held,
            _not_send: PhantomData,
        }
    }

    /// Upgrades to a write guard, blocking until nobody else reads.
    ///
    /// An upgrade goes ahead of everybody in line, because nobody else could write before it, and no new reader is
    /// admitted. The data is unchanged: no writer comes in between.
    ///
    /// # Deadlocks
    ///
    /// A thread that holds another read guard of this lock waits for itself.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::thread::{RwLock, RwLockUpgradableReadGuard};
    ///
    /// let lock = RwLock::new(vec![1]);
    /// {
    ///     let reader = lock.upgradable_read();
    ///     if !reader.contains(&2) {
    ///         RwLockUpgradableReadGuard::upgrade(reader).push(2);
    ///     }
    /// }
    /// assert_eq!(lock.into_inner(), [1, 2]);
    /// ```
    #[track_caller]
    pub fn upgrade(guard: Self) -> RwLockWriteGuard<'a, T> {
        RwLockWriteGuard::of(guard.held.upgrade())
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
    /// use syncline::thread::{RwLock, RwLockUpgradableReadGuard};
    ///
    /// let lock = RwLock::new(1);
    /// let reader = lock.read();
    /// let guard = RwLockUpgradableReadGuard::try_upgrade(lock.upgradable_read()).unwrap_err();
    /// drop(reader);
    /// *RwLockUpgradableReadGuard::try_upgrade(guard).expect("nobody else reads") += 1;
    /// assert_eq!(lock.into_inner(), 2);
    /// ```
    pub fn try_upgrade(guard: Self) -> Result<RwLockWriteGuard<'a, T>, Self> {
        (guard.held.try_upgrade(Asker::Thread))
            .map(RwLockWriteGuard::of)
            .map_err(Self::of)
    }

    /// Upgrades to a write guard, blocking for at most `timeout`; zero tries once.
    ///
    /// # Errors
    ///
    /// Returns the guard if other readers were left by then. The guard held the lock throughout.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use syncline::thread::{RwLock, RwLockUpgradableReadGuard};
    ///
    /// let lock = RwLock::new(1);
    /// let guard = lock.upgradable_read();
    /// let writer = RwLockUpgradableReadGuard::upgrade_timeout(guard, Duration::from_secs(1));
    /// *writer.expect("nobody else reads") += 1;
    /// assert_eq!(lock.into_inner(), 2);
    /// ```
    #[track_caller]
    pub fn upgrade_timeout(
        guard: Self,
        timeout: Duration,
    ) -> Result<RwLockWriteGuard<'a, T>, Self> {
        (guard.held.upgrade_until(Timeout::After(timeout)))
            .map(RwLockWriteGuard::of)
            .map_err(Self::of)
    }

    /// Upgrades to a write guard, blocking until `deadline` at the latest.
    ///
    /// # Errors
    ///
    /// Returns the guard if other readers were left by then. The guard held the lock throughout.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Instant;
    /// use syncline::thread::{RwLock, RwLockUpgradableReadGuard};
    ///
    /// let lock = RwLock::new(1);
    /// let reader = lock.read();
    /// let guard = lock.upgradable_read();
    /// let guard = RwLockUpgradableReadGuard::upgrade_deadline(guard, Instant::now()).unwrap_err();
    /// assert_eq!(*guard, 1);
    /// # drop(reader);
    /// ```
    #[track_caller]
    pub fn upgrade_deadline(
        guard: Self,
        deadline: Instant,
    ) -> Result<RwLockWriteGuard<'a, T>, Self> {
        (guard.held.upgrade_until(Timeout::At(deadline)))
            .map(RwLockWriteGuard::of)
            .map_err(Self::of)
    }

    /// Downgrades to a plain read guard, so that somebody else can be the upgradable reader.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::thread::{RwLock, RwLockUpgradableReadGuard};
    ///
    /// let lock = RwLock::new(1);
    /// let reader = RwLockUpgradableReadGuard::downgrade(lock.upgradable_read());
    /// assert!(lock.try_upgradable_read().is_some());
    /// # drop(reader);
    /// ```
    pub fn downgrade(guard: Self) -> RwLockReadGuard<'a, T> {
        RwLockReadGuard::of(guard.held.downgrade())
    }
}

lends!(RwLockUpgradableReadGuard<'_, T>);
