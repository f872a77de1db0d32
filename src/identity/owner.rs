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
    /// An owner of that kind; `None` if a number is too large to be told from all others.
    pub(crate) const fn new(kind: Kind, number: u64) -> Option<Self> {
        if number >> NUMBER_BITS == 0 {
            Some(Self((kind as u64) << NUMBER_BITS | number))
        } else {
            None
        }
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

/// Draws the number of an owner.
///
/// # Panics
///
/// When all numbers have been drawn: an owner that is not the only one would enter the locks of the other. That
/// takes a million threads a second for two years.
fn fresh(last: &AtomicU64) -> Owner {
    // ORDERING: Relaxed: only that the numbers differ matters.
    let number = last.fetch_add(1, Relaxed);
    Owner::new(Kind::Thread, number).unwrap_or_else(|| {
        // ORDERING: as above. The next one is told so too.
        last.store(1 << NUMBER_BITS, Relaxed);
        panic!("2^46 threads have locked an RLock, so thread numbers have run out")
    })
}

/// Who owns what this thread locks now.
#[inline]
pub(crate) fn owner() -> Owner {
    OWNER.with(|owner| owner.get().unwrap_or_else(|| draw(owner)))
}

#[cold]
fn draw(slot: &Cell<Option<Owner>>) -> Owner {
    static LAST: AtomicU64 = AtomicU64::new(0);
    let owner = fresh(&LAST);
    slot.set(Some(owner));
    owner
}

/// Runs something as an owner of its own: it cannot lock again what this thread has locked
/// before, and waits for that as any other thread would. The owner before is restored, also
/// after a panic.
///
/// This is for work that belongs to somebody else and is only done on this thread, which must
/// not see what the thread has left half done under its own locks. A number is drawn if it locks anything.
pub(crate) fn with_fresh_owner<R>(body: impl FnOnce() -> R) -> R {
    struct Restore(Option<Owner>);

    impl Drop for Restore {
        fn drop(&mut self) {
            OWNER.with(|owner| owner.set(self.0));
        }
    }

    let _restore = Restore(OWNER.with(|owner| owner.replace(None)));
    body()
}

#[cfg(test)]
mod tests {
    use core::panic::AssertUnwindSafe;
    use std::panic::catch_unwind;

    use core::sync::atomic::AtomicU64;

    use super::{Kind, NUMBER_BITS, Owner, fresh, owner, with_fresh_owner};

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

    #[test]
    fn no_two_threads_are_told_by_the_same_number() {
        let last = AtomicU64::new((1 << NUMBER_BITS) - 2);
        let (one, other) = (fresh(&last), fresh(&last));
        assert_ne!(one, other);
        for _ in 0..2 {
            let panics = AssertUnwindSafe(|| fresh(&last));
            catch_unwind(panics).unwrap_err();
        }
        assert_eq!(Owner::new(Kind::Task, 1 << NUMBER_BITS), None);
    }

    #[test]
    fn work_for_others_that_locks_nothing_takes_no_number() {
        let before = owner();
        let drawn = std::thread::spawn(|| {
            let first = owner();
            for _ in 0..1000 {
                with_fresh_owner(|| ());
            }
            with_fresh_owner(owner).bits() - first.bits()
        });
        // Other tests draw numbers meanwhile, but not so many.
        assert!(drawn.join().unwrap() < 1000);
        assert_eq!(owner(), before);
    }
}
