//! Loom's mutex around data, which stays usable once the model is over.

use core::cell::UnsafeCell;
use core::mem::ManuallyDrop;
use core::ops::{Deref, DerefMut};

use super::failed::{Object, asleep, end, is_over};

/// A mutual exclusion lock around data.
pub(crate) struct Mutex<T> {
    lock: Object<::loom::sync::Mutex<()>>,
    data: UnsafeCell<T>,
}

// SAFETY: the data is reached through a guard alone, of which there is one at a time: loom's lock
// sees to it, and once the model is over no other thread goes on.
unsafe impl<T: Send> Sync for Mutex<T> {}

impl<T> Mutex<T> {
    pub(crate) fn new(data: T) -> Self {
        Self {
            lock: Object::new(|| ::loom::sync::Mutex::new(())),
            data: UnsafeCell::new(data),
        }
    }

    #[track_caller]
    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        let held = self.lock.live().map(|lock| lock.lock());
        MutexGuard::new(self, held.map(|held| held.expect("loom does not poison")))
    }

    #[track_caller]
    pub(crate) fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        match self.lock.live() {
            Some(lock) => lock
                .try_lock()
                .ok()
                .map(|held| MutexGuard::new(self, Some(held))),
            None => Some(MutexGuard::new(self, None)),
        }
    }
}

/// The proof that a [`Mutex`] is held; dropping it unlocks.
pub(crate) struct MutexGuard<'a, T> {
    mutex: &'a Mutex<T>,
    held: ManuallyDrop<Option<::loom::sync::MutexGuard<'a, ()>>>,
}

impl<'a, T> MutexGuard<'a, T> {
    fn new(mutex: &'a Mutex<T>, held: Option<::loom::sync::MutexGuard<'a, ()>>) -> Self {
        let held = ManuallyDrop::new(held);
        Self { mutex, held }
    }

    /// Gives up the lock until the condition variable has been notified.
    #[track_caller]
    pub(super) fn wait(&mut self, condition: &Object<::loom::sync::Condvar>) {
        match (condition.live(), self.held.take()) {
            (Some(condition), Some(held)) => {
                let held = asleep(|| condition.wait(held)).expect("loom does not poison");
                *self.held = Some(held);
            }
            (_, held) => {
                *self.held = held;
                end();
            }
        }
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: the lock is held, see `Sync`.
        unsafe { &*self.mutex.data.get() }
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the lock is held, see `Sync`.
        unsafe { &mut *self.mutex.data.get() }
    }
}

impl<T> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        if !is_over() {
            // SAFETY: dropped here alone.
            unsafe { ManuallyDrop::drop(&mut self.held) };
        }
    }
}
