//! Which guards a condition takes, on each face.

use super::{task, thread_guard as thread};
use crate::line::Internal;
use crate::lock::{OwnedLockGuard, task_guard as task_lock, thread_guard as thread_lock};
use crate::rlock::{task_guard as task_rlock, thread_guard as thread_rlock};

impl<T: ?Sized> thread::ConditionGuard for thread_lock::LockGuard<'_, T> {}
impl<T: ?Sized> thread::ConditionGuard for OwnedLockGuard<T> {}
impl<T: ?Sized> thread::ConditionGuard for thread_rlock::RLockGuard<'_, T> {}
impl<T: ?Sized> thread::ConditionGuard for thread_rlock::OwnedRLockGuard<T> {}

#[diagnostic::do_not_recommend]
impl<T: ?Sized + Sync> thread::NestedGuard for thread_rlock::RLockGuard<'_, T> {
    #[track_caller]
    fn suspend_all(self, _: Internal) -> Self::Place {
        self.held.suspend_all()
    }
}

#[diagnostic::do_not_recommend]
impl<T: ?Sized + Sync> thread::NestedGuard for thread_rlock::OwnedRLockGuard<T> {
    #[track_caller]
    fn suspend_all(self, _: Internal) -> Self::Place {
        self.held.suspend_all()
    }
}

impl<T: ?Sized> task::ConditionGuard for task_lock::LockGuard<'_, T> {}
impl<T: ?Sized> task::ConditionGuard for OwnedLockGuard<T> {}
impl<T: ?Sized> task::ConditionGuard for task_rlock::RLockGuard<'_, T> {}
impl<T: ?Sized> task::ConditionGuard for task_rlock::OwnedRLockGuard<T> {}
