//! Systems without a futex and `membarrier` of our own: `parking_lot` under the parker, full
//! fences on both sides.

use core::sync::atomic::Ordering::SeqCst;
use core::sync::atomic::fence;
use std::thread;
use std::time::Instant;

use parking_lot::{Condvar, Mutex};

use super::{Deadline, Parked, PerProcess};

/// Nanoseconds on the clock of `Instant`, since some moment in the life of this process. After six hundred years
/// time stands still.
pub(crate) fn nanos() -> u64 {
    static START: PerProcess<Instant> = PerProcess::new(Instant::now);
    u64::try_from(START.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

/// A place for one thread to sleep, with one token.
#[derive(Debug)]
pub(crate) struct Parker {
    token: Mutex<bool>,
    arrived: Condvar,
}

impl Parker {
    pub(crate) const fn new() -> Self {
        Self {
            token: Mutex::new(false),
            arrived: Condvar::new(),
        }
    }

    /// Sleeps until there is a token, takes it, and offers its time slice `yields` times first.
    ///
    /// Only the thread that owns the parker calls this.
    pub(crate) fn park(&self, deadline: &mut Deadline, yields: u32) -> Parked {
        let _hint = self.is_woken_within(yields);
        let mut token = self.token.lock();
        while !*token {
            match deadline.instant() {
                None => self.arrived.wait(&mut token),
                Some(at) => {
                    if self.arrived.wait_until(&mut token, at).timed_out() && !*token {
                        return Parked::Expired;
                    }
                }
            }
        }
        *token = false;
        Parked::Woken
    }

    /// Whether there is a token, or comes while the thread offers its time slice `yields` times.
    pub(crate) fn is_woken_within(&self, yields: u32) -> bool {
        for _ in 0..yields {
            if *self.token.lock() {
                return true;
            }
            thread::yield_now();
        }
        *self.token.lock()
    }

    /// Leaves a token and wakes the owner if it sleeps.
    pub(crate) fn unpark(&self) {
        *self.token.lock() = true;
        self.arrived.notify_one();
    }
}

/// Never: both sides use full fences here.
#[inline]
pub(crate) const fn asymmetric() -> bool {
    false
}

/// Nothing: the unlocker swaps while [`asymmetric`] is false, and nobody relies on more.
#[inline]
pub(crate) const fn light_fence() {}

/// A full fence of this thread; the unlocker's swap is the other half.
pub(crate) fn heavy_fence() {
    // ORDERING: SeqCst between a store to `flags` and a read of `free` in the lock's word.
    fence(SeqCst);
}

/// Nothing to learn.
#[inline]
pub(crate) const fn learn_fences() {}

/// Keeps what comes before it from being seen after what comes behind it, by everybody.
#[inline]
pub(crate) fn full_fence() {
    // ORDERING: SeqCst is the only fence that orders a store before a load.
    fence(SeqCst);
}

/// The number of this thread where there is a portable way to learn it: nowhere.
#[cfg(feature = "diagnostics")]
pub(crate) const fn thread_number() -> Option<u64> {
    None
}
