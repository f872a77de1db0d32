//! Giving a re-entrant lock up for a while, as a `Condition` does: the owner's word is put aside,
//! the lock is released to others, granted again, and the word is put back.

use core::fmt;

use super::held::{ByThread, Face, Held};
use super::lender::Lender;
use crate::line::{Internal, Line, Place};
use crate::lock::LockWord;

/// A lock that its owner has given up for a while, and where to wait for it.
///
/// Whoever has this has the line's grant still, or again: releasing it and getting it back is not
/// done here. Dropped with the grant in hand, it must be followed by a release of the line.
#[must_use = "the lock stays locked by nobody until the line is released"]
pub struct RPlace<P> {
    place: P,
    /// Who owned it, and how often.
    word: u64,
}

// SAFETY: it is in the line of the place inside, wherever it is moved.
unsafe impl<P: Place<Word = LockWord>> Place for RPlace<P> {
    type Word = LockWord;

    const OWNS: bool = P::OWNS;

    fn line(&self, token: Internal) -> &Line<LockWord> {
        self.place.line(token)
    }
}

impl<P: Lender, F: Face> Held<P, F> {
    /// Takes the lock from its owner, who must have locked it once. The line is not released.
    ///
    /// # Panics
    ///
    /// Panics if there is another guard: it would lend the data while somebody else owns the lock. If the
    /// lock has been given up already, with this guard's level.
    #[track_caller]
    pub(crate) fn suspend(self) -> RPlace<P> {
        let this = self.counted();
        this.suspend_one()
    }

    /// The guard, if its level is counted.
    #[track_caller]
    fn counted(self) -> Self {
        if self.face.is_counted(&self.place.shared().core.owner) {
            return self;
        }
        // Not dropped as a guard: what its owner's word counts is somebody else's now, or nothing.
        drop(self.into_parts().0);
        panic!("a guard of an RLock cannot wait while its thread has released the lock")
    }

    #[track_caller]
    fn suspend_one(self) -> RPlace<P> {
        // Checked before the parts are taken: a guard that is refused unlocks once, as any other.
        let Some(word) = self.face.suspend(&self.place.shared().core.owner) else {
            panic!(
                "a Condition can only release an RLock that its owner holds once; it is \
                 held {} times",
                self.depth()
            );
        };
        let place = self.into_parts().0;
        RPlace { place, word }
    }

    /// The guard of a lock that has been given up; the line must have granted it again, for this
    /// guard alone.
    pub(crate) fn resume(suspended: RPlace<P>) -> Self {
        let RPlace { place, word } = suspended;
        place.shared().core.owner.resume(word);
        // SAFETY: the word counts this guard again, on the face that it had; the line has granted
        // the lock.
        unsafe { Self::new(place, F::resumed(word)) }
    }
}

impl<P: Lender<Data: Sync>> Held<P, ByThread> {
    /// Takes the lock from its owner, however often it has been locked. The line is not released.
    ///
    /// The other guards lend `&T` meanwhile, beside the next owner's: hence `Sync`.
    ///
    /// # Panics
    ///
    /// Panics if the lock has been given up already.
    #[track_caller]
    pub(crate) fn suspend_all(self) -> RPlace<P> {
        let this = self.counted();
        let word = this.place.shared().core.owner.suspend_all();
        let place = this.into_parts().0;
        RPlace { place, word }
    }
}

impl<P> fmt::Debug for RPlace<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RPlace").finish_non_exhaustive()
    }
}

/// Lets a condition give a guard up for a while.
macro_rules! relocks {
    ([$($params:tt)*] $Guard:ty, $Place:ty) => {
        impl<$($params)*> crate::lock::Relock for $Guard {
            type Place = crate::rlock::suspend::RPlace<$Place>;

            #[track_caller]
            fn suspend(self, _: crate::line::Internal) -> Self::Place {
                self.held.suspend()
            }

            fn resume(suspended: Self::Place, _: crate::line::Internal) -> Self {
                Self::new(crate::rlock::held::Held::resume(suspended))
            }
        }

        impl<'b, $($params)*> crate::lock::Lends<'b> for $Guard {
            type Loan = &'b T;

            fn lend(&'b mut self) -> &'b T {
                self
            }
        }
    };
}
pub(crate) use relocks;

#[cfg(test)]
mod tests {
    use core::panic::AssertUnwindSafe;
    use std::panic::catch_unwind;
    use std::sync::Arc;

    use crate::line::{Internal, Quiet, line_of};
    use crate::lock::Relock;
    use crate::task::{self, block_on};
    use crate::thread::{self, NestedGuard};

    fn suspend<G: Relock>(guard: G) -> G::Place {
        guard.suspend(Internal(()))
    }

    fn suspend_all<G: NestedGuard>(guard: G) -> G::Place {
        guard.suspend_all(Internal(()))
    }

    fn resume<G: Relock>(place: G::Place) -> G {
        G::resume(place, Internal(()))
    }

    #[test]
    fn a_lock_that_was_given_up_can_be_locked_by_others_and_comes_back() {
        let lock = thread::RLock::new(1);
        let suspended = suspend(lock.lock());
        assert!(lock.is_locked());
        line_of(&suspended).release(1);
        std::thread::scope(|threads| {
            threads.spawn(|| assert_eq!(thread::RLockGuard::depth(&lock.lock()), 1));
        });
        line_of(&suspended).block(1);
        let guard = resume::<thread::RLockGuard<'_, _>>(suspended);
        assert_eq!((*guard, thread::RLockGuard::depth(&guard)), (1, 1));
        let again = lock.try_lock().expect("this thread owns it again");
        assert_eq!(thread::RLockGuard::depth(&again), 2);
        drop((guard, again));
        assert!(!lock.is_locked());
        lock.assert_quiet();
    }

    #[test]
    fn all_levels_of_a_thread_can_be_given_up_at_once() {
        let lock = thread::RLock::new(1);
        let outer = lock.lock();
        let suspended = suspend_all(lock.lock());
        line_of(&suspended).release(1);
        std::thread::scope(|threads| {
            threads.spawn(|| assert_eq!(*lock.lock(), *outer_of(&lock)));
        });
        line_of(&suspended).block(1);
        let inner = resume::<thread::RLockGuard<'_, _>>(suspended);
        assert_eq!(thread::RLockGuard::depth(&inner), 2);
        drop((outer, inner));
        assert!(!lock.is_locked());
        lock.assert_quiet();
    }

    fn outer_of(lock: &thread::RLock<i32>) -> thread::RLockGuard<'_, i32> {
        lock.try_lock().expect("a second guard of this thread")
    }

    #[test]
    fn a_lock_with_several_guards_is_not_given_up_and_one_guard_is_gone() {
        let lock = Arc::new(thread::RLock::new(1));
        let outer = lock.lock();
        let inner = AssertUnwindSafe(lock.lock_owned());
        catch_unwind(|| drop(suspend({ inner }.0))).unwrap_err();
        assert_eq!(thread::RLockGuard::depth(&outer), 1);
        drop(outer);
        assert!(!lock.is_locked());
        lock.assert_quiet();
    }

    #[test]
    fn a_task_gets_back_the_lock_that_it_has_given_up_wherever_that_happens() {
        let lock = Arc::new(task::RLock::new(1));
        block_on(async {
            let suspended = suspend(lock.lock_owned().await);
            line_of(&suspended).release(1);
            block_on(async { assert_eq!(*lock.lock().await, 1) });
            line_of(&suspended).block(1);
            let guard = block_on(async { resume::<task::OwnedRLockGuard<_>>(suspended) });
            let again = lock.try_lock().expect("this task owns it again");
            assert_eq!(task::RLockGuard::depth(&again), 2);
            let both = AssertUnwindSafe(again);
            let refused = catch_unwind(|| drop(suspend({ both }.0)));
            assert!(refused.is_err());
            assert_eq!(task::OwnedRLockGuard::depth(&guard), 1);
        });
        assert!(!lock.is_locked());
        lock.assert_quiet();
    }
}
