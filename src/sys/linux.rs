//! Linux: a futex under the parker, `membarrier` under the heavy fence.
//!
//! # The parker's word
//!
//! | value | meaning | who leaves it |
//! |---|---|---|
//! | `EMPTY` | no token, nobody sleeps | `unpark` → `NOTIFIED`, `park` → `PARKED` |
//! | `PARKED` | no token, the owner sleeps or is about to | `unpark` → `NOTIFIED` and a futex wake; the owner on expiry → `EMPTY` |
//! | `NOTIFIED` | a token | `park` → `EMPTY` |
//!
//! # The fences
//!
//! A store that is followed by a load of another location needs a full fence between them when
//! the other side does the same with the locations exchanged (Dekker). `membarrier` lets one
//! side pay for both: after it, every thread of the process has passed a full fence, so the
//! cheap side needs only its program order. The idea is folly's `AsymmetricMemoryBarrier` and
//! Linux' `membarrier(2)`.

use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release, SeqCst};
use core::sync::atomic::{AtomicU8, AtomicU32, compiler_fence, fence};
use core::{ptr, time};
use std::thread;
use std::time::Instant;

use super::{Deadline, Parked};

const EMPTY: u32 = 0;
const PARKED: u32 = 1;
const NOTIFIED: u32 = 2;

/// A place for one thread to sleep, with one token.
#[derive(Debug)]
pub(crate) struct Parker {
    token: AtomicU32,
}

impl Parker {
    pub(crate) const fn new() -> Self {
        Self {
            token: AtomicU32::new(EMPTY),
        }
    }

    /// Whether there is a token, or comes while the thread offers its time slice `yields` times.
    pub(crate) fn is_woken_within(&self, yields: u32) -> bool {
        for _ in 0..yields {
            if self.is_woken() {
                return true;
            }
            thread::yield_now();
        }
        self.is_woken()
    }

    fn is_woken(&self) -> bool {
        // ORDERING: Relaxed, a hint: `park` takes the token.
        self.token.load(Relaxed) == NOTIFIED
    }

    /// Sleeps until there is a token, takes it, and offers its time slice `yields` times first.
    ///
    /// Only the thread that owns the parker calls this.
    pub(crate) fn park(&self, deadline: &mut Deadline, yields: u32) -> Parked {
        let _hint = self.is_woken_within(yields);
        // ORDERING: Acquire pairs with the Release in `unpark`: what the waker did is seen.
        // Relaxed on failure: the owner alone leaves `NOTIFIED`, and the swap after reads it.
        if self
            .token
            .compare_exchange(EMPTY, PARKED, Acquire, Relaxed)
            .is_err()
        {
            // ORDERING: Acquire, as above.
            self.token.swap(EMPTY, Acquire);
            return Parked::Woken;
        }
        loop {
            let expired = !futex_wait(&self.token, PARKED, deadline.instant());
            // ORDERING: Acquire, as above; Relaxed on failure: nothing is read.
            if self
                .token
                .compare_exchange(NOTIFIED, EMPTY, Acquire, Relaxed)
                .is_ok()
            {
                return Parked::Woken;
            }
            if expired {
                // ORDERING: Acquire, as above: a token that arrived just now is taken.
                return match self.token.swap(EMPTY, Acquire) {
                    NOTIFIED => Parked::Woken,
                    _ => Parked::Expired,
                };
            }
        }
    }

    /// Leaves a token and wakes the owner if it sleeps.
    pub(crate) fn unpark(&self) {
        // ORDERING: Release pairs with the Acquire operations in `park`.
        if self.token.swap(NOTIFIED, Release) == PARKED {
            futex_wake(&self.token);
        }
    }
}

/// Nanoseconds on the monotonic clock, which is the one of `Instant`: since the system was started.
///
/// Most of the time of a service that looks at the clock is this look. So it is the bare call, without an `Instant`
/// that has to be taken apart again.
#[inline]
#[expect(clippy::cast_sign_loss, reason = "the clock begins at zero")]
pub(crate) fn nanos() -> u64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the place is a timespec of ours that outlives the call. The call cannot fail with a clock that
    // every system has; if it did, the place would be as it is, and time stand still.
    unsafe {
        libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut time);
    }
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// Sleeps while the word has the value; `false` if the deadline has passed.
fn futex_wait(word: &AtomicU32, value: u32, deadline: Option<Instant>) -> bool {
    let mut relative = None;
    if let Some(at) = deadline {
        let left = at.saturating_duration_since(Instant::now());
        if left == time::Duration::ZERO {
            return false;
        }
        relative = Some(timespec(left));
    }
    let timeout = relative.as_ref().map_or(ptr::null(), ptr::from_ref);
    // SAFETY: the word is a live, aligned `u32`, and the timeout is null or a valid timespec
    // that outlives the call. Every outcome (woken, value changed, signal, expiry) is looked
    // at by the caller's own read of the word.
    unsafe {
        libc::syscall(
            libc::SYS_futex,
            word.as_ptr(),
            libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG,
            value,
            timeout,
        );
    }
    true
}

fn futex_wake(word: &AtomicU32) {
    // SAFETY: the word is a live, aligned `u32`; the call only looks at its address.
    unsafe {
        libc::syscall(
            libc::SYS_futex,
            word.as_ptr(),
            libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG,
            1,
        );
    }
}

/// A duration in the kernel's terms; what does not fit is as long as can be.
#[expect(
    clippy::cast_possible_wrap,
    reason = "a second has fewer than 2^31 nanoseconds"
)]
fn timespec(duration: time::Duration) -> libc::timespec {
    libc::timespec {
        tv_sec: libc::time_t::try_from(duration.as_secs()).unwrap_or(libc::time_t::MAX),
        tv_nsec: libc::c_long::from(duration.subsec_nanos() as i32),
    }
}

/// Nobody has asked the kernel yet; both sides use full fences.
const UNKNOWN: u8 = 0;
/// `membarrier` works: the light side is free.
const ASYMMETRIC: u8 = 1;
/// `membarrier` worked and was refused later: light fences may still be on their way.
const FAILING: u8 = 2;
/// Both sides use full fences, for good.
const SYMMETRIC: u8 = 3;

static FENCES: AtomicU8 = AtomicU8::new(UNKNOWN);

/// Whether the light side may rely on the heavy side.
#[inline]
pub(crate) fn asymmetric() -> bool {
    // ORDERING: Relaxed: the heavy side never trusts an old `UNKNOWN` (it asks the kernel
    // itself then), so a light side that sees `ASYMMETRIC` is always answered by a membarrier.
    FENCES.load(Relaxed) == ASYMMETRIC
}

/// The cheap half of the pair: the compiler keeps the order, the heavy half makes it real.
#[inline]
pub(crate) fn light_fence() {
    // ORDERING: SeqCst between a store to `free` and a load of `flags` in the lock's word.
    compiler_fence(SeqCst);
}

/// The expensive half of the pair: a full fence in every thread of this process.
pub(crate) fn heavy_fence() {
    // ORDERING: SeqCst between a store to `flags` and a read of `free` in the lock's word; it
    // pairs with the unlocker's light fence, or with its swap where fences are symmetric.
    fence(SeqCst);
    learn_fences();
    // ORDERING: Acquire, so that after `SYMMETRIC` the pause of the thread that failed is over.
    if FENCES.load(Acquire) == ASYMMETRIC && membarrier(libc::MEMBARRIER_CMD_PRIVATE_EXPEDITED) {
        return;
    }
    give_up_asymmetry();
}

/// Asks the kernel once whether `membarrier` is there. Costs a system call the first time.
#[inline]
pub(crate) fn learn_fences() {
    // ORDERING: Relaxed: see `asymmetric`.
    if FENCES.load(Relaxed) == UNKNOWN {
        register();
    }
}

#[cold]
fn register() {
    let works = membarrier(libc::MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED)
        && membarrier(libc::MEMBARRIER_CMD_PRIVATE_EXPEDITED);
    let found = if works { ASYMMETRIC } else { SYMMETRIC };
    // ORDERING: AcqRel: the first answer stands, for all threads. Relaxed on failure: nothing
    // is read.
    let _first = FENCES.compare_exchange(UNKNOWN, found, AcqRel, Relaxed);
}

/// Goes over to full fences on both sides, also when the kernel changes its mind later (a
/// seccomp filter): an unlocker that still took the light way has finished its two instructions
/// after the pause, or was descheduled between them, which is a full fence as well. What this
/// does not cover is an unlocker that was descheduled *before* them for longer than the pause,
/// in the one process whose kernel changed its mind meanwhile.
#[cold]
fn give_up_asymmetry() {
    // ORDERING: AcqRel and Acquire: one thread moves on at a time.
    let _moved = FENCES.compare_exchange(ASYMMETRIC, FAILING, AcqRel, Acquire);
    if FENCES.load(Acquire) == FAILING {
        thread::sleep(time::Duration::from_millis(1));
        FENCES.store(SYMMETRIC, Release);
        fence(SeqCst);
    }
}

fn membarrier(command: libc::c_int) -> bool {
    // SAFETY: the call takes two integers and touches no memory of ours.
    unsafe { libc::syscall(libc::SYS_membarrier, command, 0) == 0 }
}

/// Keeps what comes before it from being seen after what comes behind it, by everybody.
#[inline]
pub(crate) fn full_fence() {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: it changes nothing, also not the word at the top of the stack. As far as the compiler
    // knows it may read and write all memory that others know.
    unsafe {
        // What `fence(SeqCst)` becomes is `mfence`, which takes twice as long, and waits for more
        // than a Dekker pair of plain memory needs.
        core::arch::asm!("lock or dword ptr [rsp], 0");
    }
    // ORDERING: SeqCst is the only fence that orders a store before a load.
    #[cfg(not(target_arch = "x86_64"))]
    fence(SeqCst);
}

/// The number of this thread, as `ps -L` and `top -H` show it.
#[cfg(feature = "diagnostics")]
pub(crate) fn thread_number() -> Option<u64> {
    // SAFETY: it has no arguments, and only says who calls it.
    let number = unsafe { libc::syscall(libc::SYS_gettid) };
    u64::try_from(number).ok()
}
