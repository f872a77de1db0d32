//! The futures of `RwLock`, by name.

use super::shared::Shared;
use super::task_guard::{RwLockReadGuard, RwLockWriteGuard};
use super::task_upgradable::RwLockUpgradableReadGuard;
use super::upgrade::{Upgrade, UpgradeTimed};
use crate::error::TimedOut;
use crate::line::{Wait, waits};
use crate::timer::Timed;

waits! {
    /// Waits for a [`RwLock`](super::task::RwLock) for reading. Created by [`RwLock::read`](super::task::RwLock::read).
    RwLockRead ['a, T: ?Sized] ['a, T] (Wait<&'a Shared<T>>) -> RwLockReadGuard<'a, T>,
    |lock| RwLockReadGuard::granted(lock)
}

waits! {
    /// Waits for a [`RwLock`](super::task::RwLock) for reading until a deadline. Created by [`RwLock::read_timeout`](super::task::RwLock::read_timeout) and
    /// [`RwLock::read_deadline`](super::task::RwLock::read_deadline).
    RwLockReadTimed ['a, T: ?Sized] ['a, T] (Timed<&'a Shared<T>>) -> Result<RwLockReadGuard<'a, T>, TimedOut>,
    |lock| lock.map(RwLockReadGuard::granted)
}

waits! {
    /// Waits for a [`RwLock`](super::task::RwLock) for writing. Created by [`RwLock::write`](super::task::RwLock::write).
    RwLockWrite ['a, T: ?Sized] ['a, T] (Wait<&'a Shared<T>>) -> RwLockWriteGuard<'a, T>,
    |lock| RwLockWriteGuard::granted(lock)
}

waits! {
    /// Waits for a [`RwLock`](super::task::RwLock) for writing until a deadline. Created by [`RwLock::write_timeout`](super::task::RwLock::write_timeout) and
    /// [`RwLock::write_deadline`](super::task::RwLock::write_deadline).
    RwLockWriteTimed ['a, T: ?Sized] ['a, T] (Timed<&'a Shared<T>>) -> Result<RwLockWriteGuard<'a, T>, TimedOut>,
    |lock| lock.map(RwLockWriteGuard::granted)
}

waits! {
    /// Waits for a [`RwLock`](super::task::RwLock) for reading with the option to upgrade. Created by [`RwLock::upgradable_read`](super::task::RwLock::upgradable_read).
    RwLockUpgradableRead ['a, T: ?Sized] ['a, T] (Wait<&'a Shared<T>>) -> RwLockUpgradableReadGuard<'a, T>,
    |lock| RwLockUpgradableReadGuard::granted(lock)
}

waits! {
    /// Waits for a [`RwLock`](super::task::RwLock) for reading with the option to upgrade until a deadline. Created by [`RwLock::upgradable_read_timeout`](super::task::RwLock::upgradable_read_timeout) and
    /// [`RwLock::upgradable_read_deadline`](super::task::RwLock::upgradable_read_deadline).
    RwLockUpgradableReadTimed ['a, T: ?Sized] ['a, T] (Timed<&'a Shared<T>>) -> Result<RwLockUpgradableReadGuard<'a, T>, TimedOut>,
    |lock| lock.map(RwLockUpgradableReadGuard::granted)
}

waits! {
    /// Waits until a guard has been upgraded. Created by [`RwLockUpgradableReadGuard::upgrade`].
    RwLockUpgrade ['a, T: ?Sized] ['a, T] (Upgrade<&'a Shared<T>>) -> RwLockWriteGuard<'a, T>,
    |held| RwLockWriteGuard::of(held)
}

waits! {
    /// Waits until a guard has been upgraded, or a deadline has passed. Returned by
    /// [`RwLockUpgradableReadGuard::upgrade_timeout`] and [`RwLockUpgradableReadGuard::upgrade_deadline`].
    RwLockUpgradeTimed ['a, T: ?Sized] ['a, T] (UpgradeTimed<&'a Shared<T>>) ->
        Result<RwLockWriteGuard<'a, T>, RwLockUpgradableReadGuard<'a, T>>,
    |held| held.map(RwLockWriteGuard::of).map_err(RwLockUpgradableReadGuard::of)
}
