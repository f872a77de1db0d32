//! The guard of `RwLock` for tasks who read, and may want to write.

use core::time::Duration;
use std::time::Instant;

use super::future::{RwLockUpgrade, RwLockUpgradeTimed};
use super::held::{Held, Upgradable};
use super::shared::Shared;
use super::task_guard::{RwLockReadGuard, RwLockWriteGuard};
use super::upgrade::{Upgrade, UpgradeTimed};
use crate::line::{Asker, Timeout};
use crate::lock::lends;

/// A guard with shared access to the data of a [`RwLock`](crate::task::RwLock), which can be upgraded to exclusive
/// access; dropping it unlocks.
///
/// There is at most one at a time. It cannot be mapped to a part of the data, because an upgrade needs all of it.
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
/// let guard = send(lock.try_upgradable_read().expect("nobody else has it"));
/// assert_eq!(*guard, 0);
/// ```
#[must_use = "the lock is unlocked as soon as the guard is dropped"]
pub struct RwLockUpgradableReadGuard<'a, T: ?Sized> {
    held: Held<&'a Shared<T>, Upgradable>,
}

impl<'a, T: ?Sized> RwLockUpgradableReadGuard<'a, T> {
    /// The guard of a lock that has just been taken, for it alone.
    pub(super) fn granted(shared: &'a Shared<T>) -> Self {
        // SAFETY: every caller has just taken the lock in this mode, and makes one guard of it.
        Self::of(unsafe { Held::new(shared) })
    }

    pub(super) fn of(held: Held<&'a Shared<T>, Upgradable>) -> Self {
        Self { held }
    }

    /// Turns the guard into one for writing: waits until nobody else reads.
    ///
    /// An upgrade goes ahead of everybody in line, because nobody else could write before it, and no new reader is
    /// admitted. The data is unchanged: no writer comes in between.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the guard, and unlocks.
    ///
    /// # Deadlocks
    ///
    /// A task that holds another read guard of this lock waits for itself.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::task::{RwLock, RwLockUpgradableReadGuard, block_on};
    ///
    /// let lock = RwLock::new(vec![1]);
    /// block_on(async {
    ///     let reader = lock.upgradable_read().await;
    ///     if !reader.contains(&2) {
    ///         RwLockUpgradableReadGuard::upgrade(reader).await.push(2);
    ///     }
    /// });
    /// assert_eq!(lock.into_inner(), [1, 2]);
    /// ```
    pub fn upgrade(guard: Self) -> RwLockUpgrade<'a, T> {
        RwLockUpgrade::new(Upgrade::new(guard.held))
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
    /// use syncline::task::{RwLock, RwLockUpgradableReadGuard};
    ///
    /// let lock = RwLock::new(1);
    /// let reader = lock.try_read().expect("nobody writes");
    /// let guard = lock.try_upgradable_read().expect("nobody writes");
    /// let guard = RwLockUpgradableReadGuard::try_upgrade(guard).unwrap_err();
    /// drop(reader);
    /// *RwLockUpgradableReadGuard::try_upgrade(guard).expect("nobody else reads") += 1;
    /// assert_eq!(lock.into_inner(), 2);
    /// ```
    pub fn try_upgrade(guard: Self) -> Result<RwLockWriteGuard<'a, T>, Self> {
        (guard.held.try_upgrade(Asker::Task))
            .map(RwLockWriteGuard::of)
            .map_err(Self::of)
    }

    /// Upgrades to a write guard, waiting for at most `timeout`, counted from the first poll; zero tries once.
    ///
    /// # Errors
    ///
    /// Returns the guard if other readers were left by then. The guard held the lock throughout.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the guard, and unlocks.
    ///
    /// # Examples
    ///
    /// ```
    /// use core::time::Duration;
    /// use syncline::task::{RwLock, RwLockUpgradableReadGuard, block_on};
    ///
    /// let lock = RwLock::new(1);
    /// block_on(async {
    ///     let guard = lock.upgradable_read().await;
    ///     let writer = RwLockUpgradableReadGuard::upgrade_timeout(guard, Duration::from_secs(1)).await;
    ///     *writer.expect("nobody else reads") += 1;
    /// });
    /// assert_eq!(lock.into_inner(), 2);
    /// ```
    pub fn upgrade_timeout(guard: Self, timeout: Duration) -> RwLockUpgradeTimed<'a, T> {
        RwLockUpgradeTimed::new(UpgradeTimed::new(guard.held, Timeout::After(timeout)))
    }

    /// Upgrades to a write guard, waiting until `deadline` at the latest.
    ///
    /// # Errors
    ///
    /// Returns the guard if other readers were left by then. The guard held the lock throughout.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the guard, and unlocks.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Instant;
    /// use syncline::task::{RwLock, RwLockUpgradableReadGuard, block_on};
    ///
    /// let lock = RwLock::new(1);
    /// block_on(async {
    ///     let reader = lock.read().await;
    ///     let guard = lock.upgradable_read().await;
    ///     let upgrade = RwLockUpgradableReadGuard::upgrade_deadline(guard, Instant::now());
    ///     let guard = upgrade.await.unwrap_err();
    ///     assert_eq!(*guard, 1);
    /// #   drop(reader);
    /// });
    /// ```
    pub fn upgrade_deadline(guard: Self, deadline: Instant) -> RwLockUpgradeTimed<'a, T> {
        RwLockUpgradeTimed::new(UpgradeTimed::new(guard.held, Timeout::At(deadline)))
    }

    /// Downgrades to a plain read guard, so that somebody else can be the upgradable reader.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::task::{RwLock, RwLockUpgradableReadGuard};
    ///
    /// let lock = RwLock::new(1);
    /// let reader = RwLockUpgradableReadGuard::downgrade(lock.try_upgradable_read().expect("nobody writes"));
    /// assert!(lock.try_upgradable_read().is_some());
    /// # drop(reader);
    /// ```
    pub fn downgrade(guard: Self) -> RwLockReadGuard<'a, T> {
        RwLockReadGuard::of(guard.held.downgrade())
    }
}

lends!(RwLockUpgradableReadGuard<'_, T>);
