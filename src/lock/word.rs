//! `Lock`: two words, so that an unlock costs no atomic read-modify-write.
//!
//! | word | values | changed by |
//! |---|---|---|
//! | `free` | 1: unlocked, 0: locked | lockers, by read-modify-write; the holder, by a store |
//! | `flags` | the line's flags | the holder of the line's lock alone |
//!
//! The unlocker stores `free` and then loads `flags`; whoever joins the line stores `flags` and
//! then reads `free`. One of the two must see the other (Dekker). The unlocker is the one in a
//! hurry: where the system has `membarrier`, the waiter pays for both, on its way to sleep.
//! Elsewhere the unlocker swaps instead of storing, and the waiter swaps instead of loading:
//! two read-modify-writes of one word are ordered, and the later one sees what the earlier one
//! published. The idea is that of asymmetric fences (folly, `AsymmetricMemoryBarrier`).

use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};

use crate::line::{Added, Asker, Flags, Word};
use crate::sys;
use crate::sys::{AtomicU32, constructor};

const LOCKED: u32 = 0;
const UNLOCKED: u32 = 1;

/// Whether a newcomer may lock, judged by the line's flags.
const fn may_pass(flags: u32, asker: Asker) -> bool {
    match asker {
        // A thread may pass waiting threads, until the line hands over.
        Asker::Thread => flags & Flags::HANDOFF.bits() == 0,
        // A task passes nobody.
        Asker::Task => flags == Flags::NONE.bits(),
    }
}

/// The two words of a lock.
#[derive(Debug)]
pub struct LockWord {
    free: AtomicU32,
    flags: AtomicU32,
}

impl LockWord {
    constructor! {
        pub(crate) const fn new() -> Self {
            Self {
                free: AtomicU32::new(UNLOCKED),
                flags: AtomicU32::new(Flags::NONE.bits()),
            }
        }
    }

    pub(crate) fn is_locked(&self) -> bool {
        // ORDERING: Relaxed: a hint, true at this instant; publishes nothing.
        self.free.load(Relaxed) == LOCKED
    }

    /// Unlocks with a swap, where the light fence cannot be relied on.
    #[cold]
    fn unlock_by_swap(&self) {
        // ORDERING: Release publishes the critical section to the next holder. Acquire pairs
        // with the swap in `take`: if that came first, its flags are seen by the load after.
        self.free.swap(UNLOCKED, AcqRel);
    }
}

impl Word for LockWord {
    const IS_LOCK: bool = true;
    const STICKY: bool = true;

    #[inline]
    fn try_take(&self, _n: usize, asker: Asker) -> bool {
        // ORDERING: Relaxed: only who is served first depends on it. A locker that read the
        // flags before they were set may get in once.
        may_pass(self.flags.load(Relaxed), asker)
            // ORDERING: Acquire pairs with the Release of the last unlock: the data it wrote
            // is seen. Relaxed on failure: nothing is read.
            && (self.free)
                .compare_exchange(UNLOCKED, LOCKED, Acquire, Relaxed)
                .is_ok()
    }

    #[inline]
    fn add(&self, _n: usize) -> Added {
        // ORDERING: Relaxed: a flag that is missed here is seen below.
        if self.flags.load(Relaxed) & Flags::HANDOFF.bits() != 0 {
            return Added::Withheld;
        }
        let asymmetric = sys::asymmetric();
        if asymmetric {
            // ORDERING: Release publishes the critical section to the next holder.
            self.free.store(UNLOCKED, Release);
        } else {
            self.unlock_by_swap();
        }
        // Also behind a swap: a waiter may know more of the kernel than this thread, and rely on
        // the pair. It is no instruction.
        sys::light_fence();
        // ORDERING: Relaxed: the fence (or the swap) orders it after the store to `free`, and
        // the line's lock publishes what the flags stand for.
        if self.flags.load(Relaxed) == Flags::NONE.bits() {
            if !asymmetric {
                // Nobody waits, so this is the time to ask whether the next one can be cheaper.
                sys::learn_fences();
            }
            Added::Quietly
        } else {
            Added::Unsettled
        }
    }

    fn give(&self, _n: usize) {
        // ORDERING: Release publishes the critical section to the next holder. No load of the
        // flags follows: the caller holds the line's lock and settles.
        self.free.store(UNLOCKED, Release);
    }

    fn take(&self, _n: usize) -> bool {
        if sys::asymmetric() {
            // ORDERING: Relaxed, here and on failure: an unlock that is not seen comes later
            // and sees the flags, for the heavy fence came before this.
            self.free.load(Relaxed) == UNLOCKED
                // ORDERING: Acquire pairs with the Release of the last unlock: the data it
                // wrote is seen by whoever this is taken for.
                && (self.free)
                    .compare_exchange(UNLOCKED, LOCKED, Acquire, Relaxed)
                    .is_ok()
        } else {
            // ORDERING: Acquire, as above. An unlock that comes later reads this, or what follows
            // it, with the Acquire of `unlock_by_swap`, and sees the flags: the fence in
            // `set_flags` came before, so that this releases what was stored before the fence.
            self.free.swap(LOCKED, Acquire) == UNLOCKED
        }
    }

    fn free(&self) -> usize {
        let free = if sys::asymmetric() {
            // ORDERING: Relaxed, a hint: `take` decides. No unlock is missed, for the heavy
            // fence in `set_flags` came before this load.
            self.free.load(Relaxed)
        } else {
            // ORDERING: Relaxed, a hint: `take` decides. A read-modify-write after the fence in
            // `set_flags`, so that an unlock that comes later reads it, and sees the flags.
            self.free.fetch_or(0, Relaxed)
        };
        usize::from(free == UNLOCKED)
    }

    fn flags(&self) -> Flags {
        // ORDERING: Relaxed: changed under the line's lock, which the callers that rely on it
        // hold; a hint for all others.
        Flags::of(self.flags.load(Relaxed) as usize)
    }

    fn set_flags(&self, flags: Flags) {
        let before = self.flags();
        // ORDERING: Relaxed: an unlocker that sees the flags takes the line's lock, which
        // publishes the rest.
        self.flags.store(flags.bits(), Relaxed);
        if before == Flags::NONE {
            sys::heavy_fence();
        }
    }
}
