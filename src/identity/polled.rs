//! Who is polled on this thread, and whether that may block it.

use core::cell::Cell;
use core::num::NonZeroU64;
use core::panic::Location;
use std::thread::panicking;

use crate::sys::{self, local};

/// What is known of who runs on this thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Polled {
    Unknown,
    /// Something that belongs to no task.
    Nobody,
    Task(NonZeroU64),
}

local! {
    static CURRENT: Cell<Polled> = Cell::new(Polled::Unknown)
}

local! {
    /// Whether a task that is polled here may not block this thread.
    static FORBIDDEN: Cell<bool> = Cell::new(false)
}

/// Who runs on this thread.
pub(crate) fn current() -> Polled {
    CURRENT.try_with(Cell::get).unwrap_or(Polled::Unknown)
}

/// Runs something as somebody else; whoever it was before is restored, also after a panic.
pub(crate) fn run_as<R>(who: Polled, body: impl FnOnce() -> R) -> R {
    struct Restore(Polled);

    impl Drop for Restore {
        fn drop(&mut self) {
            let _gone = CURRENT.try_with(|current| current.set(self.0));
        }
    }

    let before = CURRENT.try_with(|current| current.replace(who));
    let _restore = Restore(before.unwrap_or(Polled::Unknown));
    body()
}

/// Says whether tasks that are polled on this thread are kept from blocking it, and what was said
/// before.
pub(crate) fn forbid(forbidden: bool) -> bool {
    (FORBIDDEN.try_with(|now| now.replace(forbidden))).unwrap_or(false)
}

/// Before this thread is blocked for somebody who uses the face of threads.
///
/// # Panics
///
/// Panics if a task is being polled on it, and such tasks are kept from blocking; unless a panic is under
/// way already.
#[track_caller]
pub(crate) fn may_block() {
    sys::note_wait(Location::caller());
    let forbidden = FORBIDDEN.try_with(Cell::get).unwrap_or(false);
    // A second panic would end the process.
    if forbidden && matches!(current(), Polled::Task(_)) && !panicking() {
        refuse();
    }
}

#[cold]
#[track_caller]
fn refuse() -> ! {
    panic!(
        "this would block the thread of a task that is being polled, which `forbid_blocking` \
         forbids: await it instead (`as_task()` gives the face for tasks, a `Job` is a future), or \
         call it in `bridge::to_thread`"
    )
}
