//! What a re-entrant lock lends out: the data, shared, for as long as one of its owner's guards
//! lives.
//!
//! # Invariants
//!
//! 1. While somebody owns the lock, the line's word is taken. It is taken by the first guard and
//!    given back by the last.
//! 2. There are as many guards as the owner's word counts, unless the owner has given the lock up
//!    for a while: then it counts none of them.
//! 3. Guards lend `&T` alone. A thread's guards stay on their thread, so that they lend to one
//!    thread at a time. A task may go on on another thread and lock again there, even if the
//!    guard it left behind can not be sent: through the async face, a lock can be taken only
//!    where `T: Sync`.

use core::cell::UnsafeCell;
use core::fmt;

use super::word::{MAX_DEPTH, Nested, OwnerWord};
use crate::identity::Owner;
use crate::line::{Asker, Line, Quiet};
use crate::lock::LockWord;
use crate::sys::constructor;
use crate::sys::who::Traceable;

/// A re-entrant lock without its data.
pub(crate) struct Reentrant {
    pub(crate) line: Line<LockWord>,
    pub(crate) owner: OwnerWord,
}

impl Reentrant {
    /// Locks once more by `nest` if `me` owns the lock.
    ///
    /// # Panics
    ///
    /// Panics if it has been locked as often as can be counted.
    #[inline]
    #[track_caller]
    pub(super) fn nest(&self, me: Owner, nest: impl FnOnce(&OwnerWord, Owner) -> Nested) -> bool {
        match nest(&self.owner, me) {
            Nested::Done => true,
            Nested::NotMine => false,
            Nested::Full => too_deep(),
        }
    }

    /// Locks without waiting, once more or for the first time.
    pub(super) fn attempt(
        &self,
        me: Owner,
        asker: Asker,
        nest: impl FnOnce(&OwnerWord, Owner) -> Nested,
    ) -> Nested {
        let nested = nest(&self.owner, me);
        if nested == Nested::NotMine && self.line.try_take(1, asker) {
            self.owner.begin(me);
            return Nested::Done;
        }
        nested
    }

    /// Unlocks once for a thread, without a guard; `false` if it does not have the lock.
    #[inline]
    pub(super) fn unlock(&self, me: Owner) -> bool {
        let is_owned = self.owner.is_owned_by(me);
        if is_owned && self.owner.leave(me) {
            self.line.release(1);
        }
        is_owned
    }
}

#[cold]
#[track_caller]
pub(super) fn too_deep() -> ! {
    panic!("an RLock must not be locked more than {MAX_DEPTH} times by one owner at once");
}

/// A re-entrant lock and its data: what both faces of `RLock` are views of.
pub struct RShared<T: ?Sized> {
    pub(crate) core: Reentrant,
    pub(super) data: UnsafeCell<T>,
}

impl<T: ?Sized> fmt::Debug for RShared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RShared").finish_non_exhaustive()
    }
}

// SAFETY: the data is lent to one owner at a time. `T: Send`: owners may be different threads,
// one after the other, and the lock's memory may be freed by any of them. `T: Sync` is not needed
// here: it is asked for where one owner may be on several threads at once (invariant 3).
unsafe impl<T: ?Sized + Send> Sync for RShared<T> {}

impl<T> RShared<T> {
    constructor! {
        #[track_caller]
        pub(crate) const fn new(data: T) -> Self {
            Self {
                core: Reentrant {
                    line: Line::of(Traceable::RLock, LockWord::new()),
                    owner: OwnerWord::new(),
                },
                data: UnsafeCell::new(data),
            }
        }
    }

    pub(crate) fn into_inner(self) -> T {
        self.data.into_inner()
    }
}

impl<T: ?Sized> RShared<T> {
    pub(crate) const fn get_mut(&mut self) -> &mut T {
        self.data.get_mut()
    }

    pub(crate) fn is_locked(&self) -> bool {
        self.core.line.word().is_locked()
    }

    /// How often somebody has it.
    pub(super) fn depth_of(&self, me: Owner) -> usize {
        // At most 65,535.
        usize::try_from(self.core.owner.depth_of(me)).unwrap_or(usize::MAX)
    }
}

impl<T: ?Sized> Quiet for RShared<T> {
    fn assert_quiet(&self) {
        self.core.line.assert_quiet();
        assert_eq!(
            self.is_locked(),
            self.core.owner.depth() > 0,
            "the owner's word and the line disagree"
        );
    }

    fn waiting(&self) -> usize {
        self.core.line.waiting()
    }
}

#[cfg(test)]
mod tests {
    use crate::identity::with_fresh_owner;
    use crate::rlock::thread::RLock;

    #[test]
    fn a_fresh_owner_does_not_own_what_its_thread_has_locked() {
        let lock = RLock::new(0);
        let guard = lock.lock();
        with_fresh_owner(|| {
            assert!(lock.try_lock().is_none());
            let other = RLock::new(0);
            let _held = other.lock();
            assert!(other.try_lock().is_some());
            with_fresh_owner(|| assert!(other.try_lock().is_none()));
            assert!(other.try_lock().is_some());
        });
        assert!(lock.try_lock().is_some());
        drop(guard);
        assert!(!lock.is_locked());
    }

    #[test]
    fn a_guard_may_outlive_the_owner_that_took_it() {
        let lock = RLock::new(0);
        let guard = with_fresh_owner(|| lock.lock());
        assert!(lock.try_lock().is_none());
        drop(guard);
        assert!(lock.try_lock().is_some());
    }
}
