//! With the feature `diagnostics` the first wait for a primitive makes its record, and no other wait allocates anything.
#![cfg(all(feature = "diagnostics", not(syncline_loom)))]

#[path = "support/alloc.rs"]
mod alloc;

use alloc::{Counting, allocations};
use core::pin::pin;
use core::task::{Context, Waker};
use syncline::task::{Event, Lock, Semaphore};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How many allocations there are while something is polled and dropped.
fn of_one_wait<F: Future>(make: impl Fn() -> F) -> usize {
    let poll = || {
        let mut context = Context::from_waker(Waker::noop());
        pin!(make()).poll(&mut context).is_pending()
    };
    let (count, is_pending) = allocations(poll);
    assert!(is_pending);
    count
}

#[test]
fn no_wait_but_the_first_allocates_and_no_lock_that_nobody_waits_for_does() {
    let (lock, semaphore, event) = (Lock::new(0), Semaphore::new(0), Event::new());
    // The thread is seen for the first time.
    drop(lock.as_thread().lock());
    let (count, guard) = allocations(|| lock.as_thread().lock());
    assert_eq!(count, 0);
    assert!(of_one_wait(|| lock.lock()) > 0, "there is a record now");
    for _ in 0..3 {
        assert_eq!(of_one_wait(|| lock.lock()), 0);
    }
    drop(guard);
    for _ in 0..2 {
        of_one_wait(|| semaphore.acquire());
        of_one_wait(|| event.wait());
    }
    assert_eq!(of_one_wait(|| semaphore.acquire()), 0);
    assert_eq!(of_one_wait(|| event.wait()), 0);
}
