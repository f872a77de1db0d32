//! The guards of `Lock` for threads.

use core::marker::PhantomData;

use super::word::LockWord;
use crate::line::{Internal, Line};

use super::relock::{Lends, Relock};
use super::shared::{Held, HeldPart, Shared, lends};

/// A guard with exclusive access to the data of a [`Lock`](crate::thread::Lock); dropping it unlocks.
///
/// It is not `Send`, so the compiler rejects a guard that is held across an `.await` in a spawned task.
/// [`Lock::lock_owned`](crate::thread::Lock::lock_owned) returns one that can be sent.
///
/// ```compile_fail
/// fn send<T: Send>(_: T) {}
/// let lock = syncline::thread::Lock::new(0);
/// send(lock.lock());
/// ```
#[must_use = "the lock is unlocked as soon as the guard is dropped"]
pub struct LockGuard<'a, T: ?Sized> {
    held: Held<'a, T>,
    _not_send: PhantomData<*const ()>,
}

// SAFETY: sharing the guard shares the `&T` it lends; the marker is only there against `Send`.
unsafe impl<T: ?Sized + Send + Sync> Sync for LockGuard<'_, T> {}

impl<'a, T: ?Sized> LockGuard<'a, T> {
    /// The guard of a lock that has just been taken, for it alone.
    #[inline]
    pub(super) fn granted(shared: &'a Shared<T>) -> Self {
        Self {
            // SAFETY: every caller has just taken the lock and makes one guard of it.
            held: unsafe { Held::new(shared) },
            _not_send: PhantomData,
        }
    }

    /// Whether it is a guard of this lock.
    pub(super) fn is_of(&self, shared: &Shared<T>) -> bool {
        core::ptr::addr_eq(self.held.line(), &raw const shared.line)
    }

    /// Narrows the guard to a part of the data; the lock stays held.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::thread::{Lock, LockGuard};
    ///
    /// let lock = Lock::new(("left", 1));
    /// let mut right = LockGuard::map(lock.lock(), |pair| &mut pair.1);
    /// *right += 1;
    /// drop(right);
    /// assert_eq!(lock.into_inner(), ("left", 2));
    /// ```
    pub fn map<U: ?Sized>(
        guard: Self,
        part: impl FnOnce(&mut T) -> &mut U,
    ) -> MappedLockGuard<'a, U> {
        MappedLockGuard {
            held: guard.held.map(part),
            _not_send: PhantomData,
        }
    }

    /// Unlocks, and hands the lock to the first waiter, so nobody can overtake it.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::thread::{Lock, LockGuard};
    ///
    /// let lock = Lock::new(0);
    /// LockGuard::unlock_fair(lock.lock());
    /// assert!(!lock.is_locked());
    /// ```
    pub fn unlock_fair(guard: Self) {
        guard.held.unlock_fair();
    }

    /// Unlocks while `f` runs, and locks again before this returns, even if `f` panics.
    ///
    /// The data may have changed in between.
    ///
    /// # Examples
    ///
    /// ```
    /// use syncline::thread::{Lock, LockGuard};
    ///
    /// let lock = Lock::new(0);
    /// let mut guard = lock.lock();
    /// LockGuard::unlocked(&mut guard, || *lock.lock() += 1);
    /// assert_eq!(*guard, 1);
    /// ```
    pub fn unlocked<R>(guard: &mut Self, f: impl FnOnce() -> R) -> R {
        /// Locks again, also when `f` panics, or a waker that is run on the way.
        struct Relock<'a>(&'a Line<LockWord>);

        impl Drop for Relock<'_> {
            fn drop(&mut self) {
                self.0.block_firmly(1);
            }
        }

        let line = guard.held.line();
        // Before the release: that runs wakers, and the guard must hold the lock again whatever
        // they do.
        let _relock = Relock(line);
        line.release(1);
        f()
    }
}

lends!(mut LockGuard<'_, T>);

impl<'a, T: ?Sized> Relock for LockGuard<'a, T> {
    type Place = &'a Shared<T>;

    fn suspend(self, _: Internal) -> &'a Shared<T> {
        self.held.into_shared()
    }

    fn resume(shared: &'a Shared<T>, _: Internal) -> Self {
        Self::granted(shared)
    }
}

impl<'b, T: ?Sized> Lends<'b> for LockGuard<'_, T> {
    type Loan = &'b mut T;

    fn lend(&'b mut self) -> &'b mut T {
        self
    }
}

/// A guard with exclusive access to a part of the data of a [`Lock`](crate::thread::Lock); dropping it unlocks.
///
/// Returned by [`LockGuard::map`].
///
/// # Examples
///
/// ```
/// use syncline::thread::{Lock, LockGuard, MappedLockGuard};
///
/// let lock = Lock::new([[1, 2], [3, 4]]);
/// let row = LockGuard::map(lock.lock(), |rows| &mut rows[1]);
/// let cell = MappedLockGuard::map(row, |row| &mut row[0]);
/// assert_eq!(*cell, 3);
/// ```
#[must_use = "the lock is unlocked as soon as the guard is dropped"]
pub struct MappedLockGuard<'a, T: ?Sized> {
    held: HeldPart<'a, T>,
    _not_send: PhantomData<*const ()>,
}

// SAFETY: as for `LockGuard`.
unsafe impl<T: ?Sized + Sync> Sync for MappedLockGuard<'_, T> {}

impl<'a, T: ?Sized> MappedLockGuard<'a, T> {
    /// Narrows the guard further; the lock stays held.
    pub fn map<U: ?Sized>(
        guard: Self,
        part: impl FnOnce(&mut T) -> &mut U,
    ) -> MappedLockGuard<'a, U> {
        MappedLockGuard {
            held: guard.held.map(part),
            _not_send: PhantomData,
        }
    }

    /// Unlocks, and hands the lock to the first waiter, so nobody can overtake it.
    pub fn unlock_fair(guard: Self) {
        guard.held.unlock_fair();
    }
}

lends!(mut MappedLockGuard<'_, T>);
