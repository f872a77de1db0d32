//! Two locks, one taken by a thread and a task in opposite orders: the checker finds the
//! interleaving in which both wait for ever. In the same order, there is none.

#[cfg(not(syncline_loom))]
compile_error!(
    "models need --cfg syncline_loom: run `cargo test` in this directory, without RUSTFLAGS"
);

mod child;
mod explore;

use std::sync::Arc;

use syncline::loom;
use syncline::task;
use syncline::thread::Lock;

#[test]
fn locks_in_one_order_never_deadlock() {
    explore::all(|| thread_and_task(|locks| (&locks.0, &locks.1)));
}

#[test]
fn locks_in_opposite_orders_are_found_to_deadlock() {
    if child::is_child() {
        explore::all(|| thread_and_task(|locks| (&locks.1, &locks.0)));
        return;
    }
    // A process of its own, whose output can be read.
    let (succeeded, report) =
        child::this_test_in_a_child("locks_in_opposite_orders_are_found_to_deadlock");
    assert!(!succeeded, "the deadlock was not found:\n{report}");
    assert!(
        report.contains("deadlock"),
        "it failed, but not of the deadlock:\n{report}"
    );
}

type Locks = (Lock<u32>, Lock<u32>);

/// A task that locks the first, then the second; a thread that locks in the given order.
fn thread_and_task(order: fn(&Locks) -> (&Lock<u32>, &Lock<u32>)) {
    let locks: Arc<Locks> = Arc::new((Lock::new(0), Lock::new(0)));
    let thread = loom::thread::spawn({
        let locks = Arc::clone(&locks);
        move || {
            let (outer, inner) = order(&locks);
            let mut outer = outer.lock();
            let mut inner = inner.lock();
            *outer += 1;
            *inner += 1;
        }
    });
    task::block_on(async {
        let mut outer = locks.0.as_task().lock().await;
        let mut inner = locks.1.as_task().lock().await;
        *outer += 1;
        *inner += 1;
    });
    thread.join().unwrap();
    assert_eq!((2, 2), (*locks.0.lock(), *locks.1.lock()));
}
