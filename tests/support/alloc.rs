//! An allocator that counts, for each thread by itself, so that what the test
//! harness allocates elsewhere does not matter.
#![expect(unsafe_code, reason = "an allocator is an unsafe trait")]

use core::alloc::{GlobalAlloc, Layout};
use core::cell::Cell;
use std::alloc::System;
use std::thread_local;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
    /// How many bytes this thread has allocated more than it has freed.
    static BYTES: Cell<isize> = const { Cell::new(0) };
}

/// The system's allocator, counted.
#[derive(Debug)]
pub(crate) struct Counting;

/// How often this thread has allocated while `f` ran.
pub(crate) fn allocations<T>(f: impl FnOnce() -> T) -> (usize, T) {
    let before = ALLOCATIONS.get();
    let result = f();
    (ALLOCATIONS.get() - before, result)
}

/// How many bytes this thread has allocated more than it has freed while `f` ran.
pub(crate) fn growth<T>(f: impl FnOnce() -> T) -> (isize, T) {
    let before = BYTES.get();
    let result = f();
    (BYTES.get() - before, result)
}

fn count() {
    // A thread that is being torn down has lost its counter; nobody asks for it then.
    let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
}

#[expect(
    clippy::cast_possible_wrap,
    reason = "no layout is larger than `isize::MAX`"
)]
fn grow(allocated: usize, freed: usize) {
    let by = allocated as isize - freed as isize;
    let _ = BYTES.try_with(|bytes| bytes.set(bytes.get() + by));
}

// SAFETY: every method passes its arguments on to `System`, which keeps the contract; the counter
// neither allocates nor unwinds: it is a constant-initialised `Cell` without a destructor.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        grow(layout.size(), 0);
        // SAFETY: the caller's promise is the one that `System` asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        grow(0, layout.size());
        // SAFETY: `block` came from `System`, through the methods here.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        grow(size, layout.size());
        // SAFETY: `block` came from `System`, through the methods here.
        unsafe { System.realloc(block, layout, size) }
    }
}

mod tests {
    use super::{allocations, growth};

    #[test]
    fn an_allocation_is_counted_on_its_own_thread_only() {
        let (count, boxed) = allocations(|| Box::new(core::hint::black_box(1)));
        assert_eq!((1, 1), (count, *boxed));
        let (count, other) = std::thread::spawn(|| allocations(|| vec![1, 2]))
            .join()
            .unwrap();
        assert_eq!((1, 2), (count, other.len()));
        assert_eq!(0, allocations(|| ()).0);
    }

    #[test]
    fn what_is_freed_again_is_no_growth() {
        let (by, boxed) = growth(|| Box::new(core::hint::black_box([1_u8; 100])));
        assert_eq!((100, 100), (by, boxed.len()));
        assert_eq!(-100, growth(|| drop(boxed)).0);
    }
}
