//! Which thread is running, as the owner of its locks.

use core::cell::Cell;
use core::sync::atomic::AtomicU64;
use core::sync::atomic::Ordering::Relaxed;

use crate::rule::rlock::{Kind, Owner};
use crate::sys::local;

local! {
    /// Who owns what this thread locks; drawn when it is first asked for. A plain cell, which can
    /// be read even while the thread's other locals are destroyed.
    static OWNER: Cell<Option<Owner>> = Cell::new(None)
}

/// An owner that no other thread is.
fn fresh() -> Owner {
    static LAST: AtomicU64 = AtomicU64::new(0);
    // ORDERING: Relaxed: only that the numbers differ matters.
    Owner::new(Kind::Thread, LAST.fetch_add(1, Relaxed))
}

/// Who owns what this thread locks now.
#[inline]
pub(crate) fn owner() -> Owner {
    OWNER.with(|owner| owner.get().unwrap_or_else(|| draw(owner)))
}

#[cold]
fn draw(slot: &Cell<Option<Owner>>) -> Owner {
    let owner = fresh();
    slot.set(Some(owner));
    owner
}

/// Runs something as an owner of its own: it cannot lock again what this thread has locked
/// before, and waits for that as any other thread would. The owner before is restored, also
/// after a panic.
///
/// This is for work that belongs to somebody else and is only done on this thread, which must
/// not see what the thread has left half done under its own locks.
pub(crate) fn with_fresh_owner<R>(body: impl FnOnce() -> R) -> R {
    struct Restore(Option<Owner>);

    impl Drop for Restore {
        fn drop(&mut self) {
            OWNER.with(|owner| owner.set(self.0));
        }
    }

    let _restore = Restore(OWNER.with(|owner| owner.replace(Some(fresh()))));
    body()
}

#[cfg(test)]
mod tests {
    use core::panic::AssertUnwindSafe;
    use std::panic::catch_unwind;

    use super::{owner, with_fresh_owner};
    use crate::thread::RLock;

    #[test]
    fn a_thread_is_one_owner_and_another_thread_is_another() {
        let mine = owner();
        assert_eq!(owner(), mine);
        let other = std::thread::spawn(owner).join().unwrap();
        assert_ne!(other, mine);
    }

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
    fn the_owner_is_itself_again_after_a_panic() {
        let mine = owner();
        let panics = || with_fresh_owner(|| panic!("as somebody else"));
        catch_unwind(AssertUnwindSafe(panics)).unwrap_err();
        assert_eq!(owner(), mine);
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
