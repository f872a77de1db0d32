//! A slot between a thread and a task: every value arrives, in order, whatever is dropped.

#[cfg(not(syncline_loom))]
compile_error!(
    "models need --cfg syncline_loom: run `cargo test` in this directory, without RUSTFLAGS"
);

mod explore;

use core::pin::pin;
use core::task::{Context, Poll, Waker};
use std::sync::Arc;

use syncline::loom::thread;
use syncline::task;
use user_models::Slot;

#[test]
fn values_arrive_in_order() {
    explore::all(|| {
        let slot = Arc::new(Slot::new());
        let putter = thread::spawn({
            let slot = Arc::clone(&slot);
            move || {
                slot.put('a');
                slot.put('b');
            }
        });
        let taken = task::block_on(async { [slot.take().await, slot.take().await] });
        assert_eq!(['a', 'b'], taken);
        putter.join().unwrap();
    });
}

#[test]
fn a_dropped_take_loses_no_value() {
    explore::all(|| {
        let slot = Arc::new(Slot::new());
        let putter = thread::spawn({
            let slot = Arc::clone(&slot);
            move || {
                slot.put('a');
                // Whoever looks holds the lock: a second place where a take waits, and is dropped.
                slot.is_full();
            }
        });
        let first = {
            let mut take = pin!(slot.take());
            take.as_mut().poll(&mut Context::from_waker(Waker::noop()))
        };
        let taken = match first {
            Poll::Ready(value) => value,
            Poll::Pending => task::block_on(slot.take()),
        };
        assert_eq!('a', taken);
        putter.join().unwrap();
    });
}
