//! The event.

use crate::driver::Driver;
use crate::watch::until_waiting;
use core::cell::UnsafeCell;
use std::sync::Arc;
use std::thread;
use syncline::internals::Quiet;
use syncline::task::block_on;
use syncline::thread::Event;

/// A value that is written before the event is set, and read after it.
struct Announced {
    event: Event,
    value: UnsafeCell<u64>,
}

// SAFETY: `value` is written once, before the event is set, and read only after that.
#[expect(unsafe_code, reason = "a race on plain memory is what is looked for")]
unsafe impl Sync for Announced {}

#[expect(unsafe_code, reason = "a race on plain memory is what is looked for")]
impl Announced {
    fn announce(&self) {
        // SAFETY: nobody reads before the event is set.
        unsafe { *self.value.get() = 7 };
        self.event.set();
    }

    /// The value; the caller has waited for the event.
    fn read(&self) -> u64 {
        // SAFETY: nobody writes any more: the event has been set.
        unsafe { *self.value.get() }
    }
}

#[test]
fn what_the_setter_wrote_is_read_by_threads_and_tasks() {
    let announced = Arc::new(Announced {
        event: Event::new(),
        value: UnsafeCell::new(0),
    });
    let blocking = thread::spawn({
        let announced = Arc::clone(&announced);
        move || {
            announced.event.wait();
            announced.read()
        }
    });
    let polling = thread::spawn({
        let announced = Arc::clone(&announced);
        move || {
            block_on(announced.event.as_task().wait());
            announced.read()
        }
    });
    announced.announce();
    assert_eq!((7, 7), (blocking.join().unwrap(), polling.join().unwrap()));
    announced.event.assert_quiet();
}

/// Traps A1, A9: the waiter's node is gone while the setter is still at it.
#[test]
fn the_waiter_ends_while_the_setter_still_clears() {
    let event = Arc::new(Event::new());
    let waits = thread::spawn({
        let event = Arc::clone(&event);
        move || {
            event.wait();
            drop(event);
        }
    });
    until_waiting(&*event, 1);
    event.set();
    event.clear();
    drop(event);
    waits.join().unwrap();
}

/// Trap B13: a broadcast over several batches, with requests that leave meanwhile.
#[test]
fn a_long_line_is_released_while_some_of_it_is_dropped() {
    let event = Event::new();
    let mut line: Vec<_> = (0..40)
        .map(|_| Some(Driver::waiting(event.as_task().wait())))
        .collect();
    line[3] = None;
    event.set();
    event.clear();
    line[5] = None;
    line.into_iter().flatten().for_each(Driver::woken);
    event.assert_quiet();
}
