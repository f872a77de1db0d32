//! What an operation costs beside time: allocations, context switches, futex calls.
//!
//! Counting is off in the timed rounds. The counting pass turns it on for the
//! whole process, because most of what it counts happens on other threads.

#![expect(
    unsafe_code,
    reason = "a global allocator and two C calls cannot be written without"
)]

use core::alloc::{GlobalAlloc, Layout};
use core::ops::Sub;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::alloc::System;

/// Whether the counters below move.
static COUNTING: AtomicBool = AtomicBool::new(false);
/// Allocations and reallocations so far.
static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);
/// Futex system calls so far.
static FUTEX_CALLS: AtomicU64 = AtomicU64::new(0);

/// The system's allocator with a counter.
struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// ORDERING: Relaxed throughout this file: the counters are read when the threads
// that moved them have been joined or stopped, and publish nothing.

// SAFETY: every call goes to `System` unchanged; counting neither allocates nor unwinds.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(&ALLOCATIONS);
        // SAFETY: the caller's promises are the ones `System` asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's promises are the ones `System` asks for.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(&ALLOCATIONS);
        // SAFETY: the caller's promises are the ones `System` asks for.
        unsafe { System.realloc(block, layout, size) }
    }
}

/// Adds one to a counter while counting is on.
#[inline]
fn count(counter: &AtomicU64) {
    if COUNTING.load(Relaxed) {
        counter.fetch_add(1, Relaxed);
    }
}

/// Turns the counters on or off.
pub(crate) fn counting(on: bool) {
    COUNTING.store(on, Relaxed);
}

/// The counters at one instant, or the difference of two.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    /// Allocations.
    pub(crate) allocations: u64,
    /// Voluntary context switches: times a thread went to sleep.
    pub(crate) switches: u64,
    /// Futex system calls, where they can be counted.
    pub(crate) futex: Option<u64>,
}

impl Counts {
    /// The counters now.
    pub(crate) fn now() -> Self {
        Self {
            allocations: ALLOCATIONS.load(Relaxed),
            switches: voluntary_switches(),
            futex: futex_calls(),
        }
    }
}

impl Sub for Counts {
    type Output = Self;

    fn sub(self, earlier: Self) -> Self {
        Self {
            allocations: self.allocations.saturating_sub(earlier.allocations),
            switches: self.switches.saturating_sub(earlier.switches),
            futex: self
                .futex
                .zip(earlier.futex)
                .map(|(now, then)| now.saturating_sub(then)),
        }
    }
}

/// Voluntary context switches of the whole process.
fn voluntary_switches() -> u64 {
    // SAFETY: `rusage` is plain integers, for which all zeros is a value.
    let mut usage: libc::rusage = unsafe { core::mem::zeroed() };
    // SAFETY: the pointer is to a live `rusage` that nobody else uses.
    let refused = unsafe { libc::getrusage(libc::RUSAGE_SELF, &raw mut usage) };
    assert_eq!(0, refused, "getrusage was refused");
    u64::try_from(usage.ru_nvcsw).unwrap_or(0)
}

/// Futex calls so far, if this build counts them.
fn futex_calls() -> Option<u64> {
    const COUNTED: bool = cfg!(all(
        feature = "futex-calls",
        target_os = "linux",
        target_arch = "x86_64"
    ));
    COUNTED.then(|| FUTEX_CALLS.load(Relaxed))
}

/// Our own `syscall`, found by the linker before the C library's.
///
/// std and `parking_lot_core` reach the futex through it. Calls that the C
/// library makes for itself (thread start and join) go past it.
#[cfg(all(feature = "futex-calls", target_os = "linux", target_arch = "x86_64"))]
mod interposed {
    /// The system call `number`, with the C library's convention for errors.
    ///
    /// # Safety
    ///
    /// * The arguments are what that call asks for.
    // The name is free to take: nothing else in this program defines it, and the C
    // library's own is in a shared object and yields to the program's.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn syscall(
        number: libc::c_long,
        first: libc::c_long,
        second: libc::c_long,
        third: libc::c_long,
        fourth: libc::c_long,
        fifth: libc::c_long,
        sixth: libc::c_long,
    ) -> libc::c_long {
        if number == libc::SYS_futex {
            super::count(&super::FUTEX_CALLS);
        }
        let result: libc::c_long;
        // SAFETY: the kernel's calling convention; the caller vouches for the arguments.
        unsafe {
            core::arch::asm!(
                "syscall",
                inlateout("rax") number => result,
                in("rdi") first,
                in("rsi") second,
                in("rdx") third,
                in("r10") fourth,
                in("r8") fifth,
                in("r9") sixth,
                lateout("rcx") _,
                lateout("r11") _,
                options(nostack),
            );
        }
        if (-4095..0).contains(&result) {
            // SAFETY: `errno` of this thread is always there.
            let errno = unsafe { libc::__errno_location() };
            // SAFETY: as above; nobody else writes this thread's `errno`.
            unsafe { *errno = -result as libc::c_int };
            return -1;
        }
        result
    }
}
