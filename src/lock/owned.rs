//! A guard that owns its share of the lock.

use core::mem::ManuallyDrop;
use core::ops::{Deref, DerefMut};
use std::sync::Arc;

use super::relock::{Lends, Relock};
use super::shared::lends;
use super::task;
use crate::line::Internal;

/// A guard with exclusive access to the data of a lock in an [`Arc`]; dropping it unlocks.
///
/// Returned by `lock_owned` on both faces. It borrows nothing, so it can be kept in a struct or
/// moved to another thread or task, and dropped there: a [`Lock`](crate::thread::Lock) is not
/// owned by the thread that locked it.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use syncline::thread::Lock;
///
/// let lock = Arc::new(Lock::new(1));
/// let mut guard = lock.lock_owned();
/// std::thread::spawn(move || *guard += 1).join().unwrap();
/// assert_eq!(*lock.lock(), 2);
/// ```
#[must_use = "the lock is unlocked as soon as the guard is dropped"]
pub struct OwnedLockGuard<T: ?Sized> {
    lock: Arc<task::Lock<T>>,
}

impl<T: ?Sized> OwnedLockGuard<T> {
    /// # Safety
    ///
    /// * The lock has just been taken, for this value alone.
    pub(crate) unsafe fn new(lock: Arc<task::Lock<T>>) -> Self {
        lock.shared.line.may_move();
        Self { lock }
    }

    /// Unlocks, and hands the lock to the first waiter, so nobody can overtake it.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use syncline::{OwnedLockGuard, thread::Lock};
    ///
    /// let lock = Arc::new(Lock::new(1));
    /// OwnedLockGuard::unlock_fair(lock.lock_owned());
    /// assert!(!lock.is_locked());
    /// ```
    pub fn unlock_fair(guard: Self) {
        let lock = guard.into_lock();
        lock.shared.line.release_fair(1);
    }

    /// The lock without the unlock.
    fn into_lock(self) -> Arc<task::Lock<T>> {
        let this = ManuallyDrop::new(self);
        // SAFETY: `this` is never dropped, so the one reference count it owns is moved out.
        unsafe { core::ptr::read(&raw const this.lock) }
    }
}

impl<T: ?Sized> Deref for OwnedLockGuard<T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: `self` holds the lock, so nothing else reaches the data; the shared borrow of
        // `self` excludes the `&mut T` below.
        unsafe { &*self.lock.shared.data.get() }
    }
}

impl<T: ?Sized> DerefMut for OwnedLockGuard<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above; the exclusive borrow of `self` excludes every other borrow.
        unsafe { &mut *self.lock.shared.data.get() }
    }
}

impl<T: ?Sized> Drop for OwnedLockGuard<T> {
    fn drop(&mut self) {
        self.lock.shared.line.release(1);
    }
}

// SAFETY: the guard lends `&T`; without this, `Arc<Lock<T>>` would make it `Sync` for a `T` that
// is only `Send`.
unsafe impl<T: ?Sized + Send + Sync> Sync for OwnedLockGuard<T> {}

lends!(shown OwnedLockGuard<T>);

impl<T: ?Sized> Relock for OwnedLockGuard<T> {
    type Place = Arc<task::Lock<T>>;

    fn suspend(self, _: Internal) -> Self::Place {
        self.into_lock()
    }

    fn resume(lock: Self::Place, _: Internal) -> Self {
        // SAFETY: by `resume`'s contract the line has just been granted, for this value alone.
        unsafe { Self::new(lock) }
    }
}

impl<'b, T: ?Sized> Lends<'b> for OwnedLockGuard<T> {
    type Loan = &'b mut T;

    fn lend(&'b mut self) -> &'b mut T {
        self
    }
}
