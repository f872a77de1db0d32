//! Who owns what is locked: a thread, or a task.

use core::cell::Cell;
use core::sync::atomic::AtomicU64;
use core::sync::atomic::Ordering::Relaxed;

use crate::sys::local;

/// The bits of an owner's number.
pub(crate) const NUMBER_BITS: u32 = 46;

/// Who can own a lock. Numbers of different kinds are different owners.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A thread, through the blocking face.
    Thread = 1,
    /// A task of ours, through the async face.
    Task = 2,
}

/// One owner: a kind and a number, never 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Owner(u64);

impl Owner {
    pub(crate) const fn new(kind: Kind, number: u64) -> Self {
        Self((kind as u64) << NUMBER_BITS | number & ((1 << NUMBER_BITS) - 1))
    }

    /// The owner with these bits.
    pub(crate) const fn of(bits: u64) -> Self {
        Self(bits)
    }

    /// Its 48 bits.
    pub(crate) const fn bits(self) -> u64 {
        self.0
    }
}

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

    #[test]
    fn a_thread_is_one_owner_and_another_thread_is_another() {
        let mine = owner();
        assert_eq!(owner(), mine);
        let other = std::thread::spawn(owner).join().unwrap();
        assert_ne!(other, mine);
    }

    #[test]
    fn the_owner_is_itself_again_after_a_panic() {
        let mine = owner();
        let panics = || with_fresh_owner(|| panic!("as somebody else"));
        catch_unwind(AssertUnwindSafe(panics)).unwrap_err();
        assert_eq!(owner(), mine);
    }
}
