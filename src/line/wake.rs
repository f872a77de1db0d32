//! Wakers that were taken under a lock and run after it has been released.

use core::any::Any;
use core::mem::MaybeUninit;
use core::panic::AssertUnwindSafe;
use core::task::Waker;
use std::panic::{catch_unwind, resume_unwind};
use std::thread;

/// How many wakers a batch holds. A full batch means: unlock, wake, lock again.
const CAPACITY: usize = 32;

/// Up to 32 wakers, in the order in which they are to run.
///
/// A waker is foreign code: it may panic, and it may call back into any primitive. So it runs
/// without any lock, a panic is kept until all others have run, and [`finish`](Self::finish)
/// raises the first one.
pub(crate) struct WakeBatch {
    wakers: [MaybeUninit<Waker>; CAPACITY],
    len: usize,
    panic: Option<Payload>,
}

impl WakeBatch {
    pub(crate) const fn new() -> Self {
        Self {
            wakers: [const { MaybeUninit::uninit() }; CAPACITY],
            len: 0,
            panic: None,
        }
    }

    pub(crate) const fn is_full(&self) -> bool {
        self.len == CAPACITY
    }

    /// Whether so many more fit.
    pub(crate) const fn has_room(&self, n: usize) -> bool {
        self.len + n <= CAPACITY
    }

    /// Adds a waker; there must be room.
    pub(crate) fn push(&mut self, waker: Waker) {
        self.wakers[self.len].write(waker);
        self.len += 1;
    }

    /// Runs all wakers, first come first, and keeps the first panic.
    #[inline]
    pub(crate) fn wake_all(&mut self) {
        match self.len {
            0 => {}
            1 => {
                self.len = 0;
                // SAFETY: it was written by `push`; `len` has been reset, so it is read once.
                let waker = unsafe { self.wakers[0].assume_init_read() };
                wake(waker, &mut self.panic);
            }
            _ => self.wake_several(),
        }
    }

    fn wake_several(&mut self) {
        let len = core::mem::take(&mut self.len);
        for place in &mut self.wakers[..len] {
            // SAFETY: the first `len` places were written by `push`; `len` has been reset, so
            // each is read once.
            let waker = unsafe { place.assume_init_read() };
            wake(waker, &mut self.panic);
        }
    }

    /// Runs what is left, then raises the first panic of any waker, unless one is under way.
    #[inline]
    pub(crate) fn finish(&mut self) {
        self.wake_all();
        self.resume_panic();
    }

    /// Raises the first panic of the wakers that have run, unless one is under way.
    #[inline]
    pub(crate) fn resume_panic(&mut self) {
        if self.panic.is_some() {
            resume_panic(self.panic.take());
        }
    }

    /// Runs what is left, for the line's own code has panicked: the tasks must not sleep for ever
    /// because of that.
    #[cold]
    fn abandon(&mut self) {
        self.wake_all();
        if let Some(panic) = self.panic.take() {
            discard_panic(panic);
        }
    }

    /// Takes a panic over that is known, to be discarded when no lock is held. For one that comes before
    /// any waker has run.
    #[cold]
    #[expect(clippy::mem_forget, reason = "a payload's destructor is foreign code")]
    pub(crate) fn keep_panic(&mut self, panic: Payload) {
        if self.panic.is_some() {
            // The lock is held.
            core::mem::forget(panic);
        } else {
            self.panic = Some(panic);
        }
    }
}

/// Runs a waker, and keeps its panic if it is the first.
#[inline]
fn wake(waker: Waker, first: &mut Option<Payload>) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| waker.wake())) {
        keep_first_panic(first, panic);
    }
}

/// The payload of a panic.
pub(crate) type Payload = Box<dyn Any + Send>;

/// Keeps the first of several panics, and [discards](discard_panic) the others.
#[cold]
pub(crate) fn keep_first_panic(first: &mut Option<Payload>, panic: Payload) {
    if first.is_none() {
        *first = Some(panic);
    } else {
        discard_panic(panic);
    }
}

/// Drops the payload of a panic that has been reported: there is something in hand that must not be
/// lost to it. A payload is foreign data, so no lock may be held; if its destructor panics, what that panics
/// with is leaked, for it could go on like this for ever.
#[cold]
#[expect(clippy::mem_forget, reason = "somebody must have the last word")]
pub(crate) fn discard_panic(panic: Payload) {
    if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
        core::mem::forget(again);
    }
}

/// Drops a waker, or several, with something in hand that a panic must not take away.
pub(crate) fn drop_quietly<T>(wakers: T) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(wakers))) {
        discard_panic(panic);
    }
}

/// Goes on with a panic, unless one is under way.
pub(crate) fn resume_panic(panic: Option<Payload>) {
    match panic {
        Some(panic) if thread::panicking() => discard_panic(panic),
        Some(panic) => resume_unwind(panic),
        None => {}
    }
}

impl Drop for WakeBatch {
    #[inline]
    fn drop(&mut self) {
        // Only a batch that was never finished has wakers left, or one whose panics went no
        // further.
        if self.len > 0 || self.panic.is_some() {
            self.abandon();
        }
    }
}
