//! The futures of `RwLock` whose guards own their share of the lock, by name.

use std::sync::Arc;

use super::owned::{OwnedRwLockReadGuard, OwnedRwLockUpgradableReadGuard, OwnedRwLockWriteGuard};
use super::task::RwLock;
use super::upgrade::{Upgrade, UpgradeTimed};
use crate::error::TimedOut;
use crate::line::{Wait, waits};
use crate::timer::Timed;

waits! {
    /// Waits for a [`RwLock`] in an [`Arc`] for reading. Created by [`RwLock::read_owned`].
    OwnedRwLockRead [T: ?Sized] [T] (Wait<Arc<RwLock<T>>>) -> OwnedRwLockReadGuard<T>,
    |lock| OwnedRwLockReadGuard::granted(lock)
}

waits! {
    /// Waits for a [`RwLock`] in an [`Arc`] for reading until a deadline. Created by [`RwLock::read_owned_timeout`] and
    /// [`RwLock::read_owned_deadline`].
    OwnedRwLockReadTimed [T: ?Sized] [T] (Timed<Arc<RwLock<T>>>) -> Result<OwnedRwLockReadGuard<T>, TimedOut>,
    |lock| lock.map(OwnedRwLockReadGuard::granted)
}

waits! {
    /// Waits for a [`RwLock`] in an [`Arc`] for writing. Created by [`RwLock::write_owned`].
    OwnedRwLockWrite [T: ?Sized] [T] (Wait<Arc<RwLock<T>>>) -> OwnedRwLockWriteGuard<T>,
    |lock| OwnedRwLockWriteGuard::granted(lock)
}

waits! {
    /// Waits for a [`RwLock`] in an [`Arc`] for writing until a deadline. Created by [`RwLock::write_owned_timeout`] and
    /// [`RwLock::write_owned_deadline`].
    OwnedRwLockWriteTimed [T: ?Sized] [T] (Timed<Arc<RwLock<T>>>) -> Result<OwnedRwLockWriteGuard<T>, TimedOut>,
    |lock| lock.map(OwnedRwLockWriteGuard::granted)
}

waits! {
    /// Waits for a [`RwLock`] in an [`Arc`] for reading with the option to upgrade. Created by [`RwLock::upgradable_read_owned`].
    OwnedRwLockUpgradableRead [T: ?Sized] [T] (Wait<Arc<RwLock<T>>>) -> OwnedRwLockUpgradableReadGuard<T>,
    |lock| OwnedRwLockUpgradableReadGuard::granted(lock)
}

waits! {
    /// Waits for a [`RwLock`] in an [`Arc`] for reading with the option to upgrade until a deadline. Created by [`RwLock::upgradable_read_owned_timeout`] and
    /// [`RwLock::upgradable_read_owned_deadline`].
    OwnedRwLockUpgradableReadTimed [T: ?Sized] [T] (Timed<Arc<RwLock<T>>>) -> Result<OwnedRwLockUpgradableReadGuard<T>, TimedOut>,
    |lock| lock.map(OwnedRwLockUpgradableReadGuard::granted)
}

waits! {
    /// Waits until an owned guard has been upgraded. Created by [`RwLock::upgrade_owned`].
    OwnedRwLockUpgrade [T: ?Sized] [T] (Upgrade<Arc<RwLock<T>>>) -> OwnedRwLockWriteGuard<T>,
    |held| OwnedRwLockWriteGuard::of(held)
}

waits! {
    /// Waits until an owned guard has been upgraded, or a deadline has passed. Returned by
    /// [`RwLock::upgrade_owned_timeout`] and [`RwLock::upgrade_owned_deadline`].
    OwnedRwLockUpgradeTimed [T: ?Sized] [T] (UpgradeTimed<Arc<RwLock<T>>>) ->
        Result<OwnedRwLockWriteGuard<T>, OwnedRwLockUpgradableReadGuard<T>>,
    |held| held.map(OwnedRwLockWriteGuard::of).map_err(OwnedRwLockUpgradableReadGuard::of)
}
