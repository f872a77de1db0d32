//! The timer of the async face: one thread, started when the first task waits with a deadline.
//!
//! The timer only wakes. Whether a deadline has passed is decided by the wait itself when it is
//! polled, under its line's lock. The timer's own lock is never taken under a line's.
//!
//! Each process has a timer of its own. The child of a `fork` has a copy of its parent's, without the thread;
//! perhaps somebody has its lock who is not there, and its heap leads to the stacks of other threads. So nobody
//! touches it: an alarm knows in which process it was armed.

use core::pin::Pin;
use core::task::Waker;
use std::io;
use std::time::Instant;

use super::heap::{Entry, Heap};
use crate::line::{Timeout, WakeBatch, drop_quietly};
use crate::sys::{self, Born, Cell, Deadline, Parker, RawLock, global, spawn_daemon};

/// All pending alarms of the process.
struct Clockwork {
    /// The number of the process, never 0.
    process: u32,
    heap: Heap,
    /// The moment until which the timer thread sleeps; `None`: until it is unparked.
    sleeps_until: Cell<Option<Instant>>,
    started: Cell<bool>,
    lock: RawLock,
    parker: Parker,
}

// SAFETY: the cells and the heap are touched only with the lock held.
unsafe impl Sync for Clockwork {}
// SAFETY: the entries in the heap belong to their owners, and are `Send`.
unsafe impl Send for Clockwork {}

global! {
    static CLOCKWORK: Clockwork = Clockwork::new()
}

impl Clockwork {
    fn new() -> Self {
        Self {
            process: Born::here().number(),
            heap: Heap::new(),
            sleeps_until: Cell::new(None),
            started: Cell::new(false),
            lock: RawLock::new(),
            parker: Parker::new(),
        }
    }

    /// Wakes everybody whose moment has come, or everybody, and says when the next one comes.
    fn fire(&self, now: Option<Instant>) -> Option<Instant> {
        loop {
            let mut batch = WakeBatch::new();
            let held = self.lock.lock();
            while !batch.is_full() {
                let Some(entry) = self.heap.pop(now) else {
                    break;
                };
                if let Some(waker) = entry.waker.take() {
                    batch.push(waker);
                }
            }
            let next = self.heap.earliest();
            self.sleeps_until.set(next);
            drop(held);
            let more = batch.is_full();
            // A panic of a waker must not end the timer for all others.
            batch.wake_all();
            if !more {
                return next;
            }
        }
    }
}

/// The timer thread.
#[expect(clippy::infinite_loop, reason = "it lives as long as the process")]
fn run() {
    let clockwork = &*CLOCKWORK;
    loop {
        let next = clockwork.fire(Some(sys::now()));
        let mut deadline = next.map_or(Timeout::Never, Timeout::At).start();
        clockwork.parker.park(&mut deadline, 0);
    }
}

/// Wakes every task that waits with a deadline, as if its time had come: each looks at the clock and goes on waiting
/// if it has not.
///
/// Models call it, for they have no timer thread.
pub fn fire_timers() {
    CLOCKWORK.fire(None);
}

/// One alarm, inside the future that it wakes. It takes itself back when it is dropped.
pub(crate) struct Alarm {
    entry: Entry,
    /// In which process it was armed, while the entry may be queued there, or have a waker; else 0. Only its
    /// owner touches this.
    armed: Cell<u32>,
}

// SAFETY: an entry is `Sync`. `armed` is touched by `arm`, `cancel` and the drop alone, and who
// calls these has the future around the alarm to itself: it polls it, or drops it.
unsafe impl Sync for Alarm {}

impl Alarm {
    #[inline]
    pub(crate) fn new() -> Self {
        Self {
            entry: Entry::new(),
            armed: Cell::new(0),
        }
    }

    /// Sees to it that the waker is used when the deadline comes. An alarm that is set already keeps its moment
    /// until it is taken back.
    ///
    /// # Panics
    ///
    /// Panics if this starts the timer thread, and it cannot be started.
    pub(crate) fn arm(self: Pin<&Self>, deadline: &Deadline, waker: &Waker) {
        let Some(at) = deadline.instant() else { return };
        if !self.set(at, waker) {
            return;
        }
        if let Err(error) = start_timer() {
            fire_timers();
            panic!("the timer thread of syncline could not be started: {error}");
        }
    }

    /// The same for whoever holds a lock. If it says `true` the caller must
    /// [start the timer](start_timer), without the lock.
    #[must_use]
    pub(crate) fn set(self: Pin<&Self>, at: Instant, waker: &Waker) -> bool {
        let Self { entry, armed } = self.get_ref();
        let clockwork = &*CLOCKWORK;
        let before = armed.replace(clockwork.process);
        if before != 0 && before != clockwork.process {
            entry.forsake();
        }
        // Cloned and dropped without the lock: both are foreign code.
        let mut spare = Some(waker.clone());
        let held = clockwork.lock.lock();
        let queued = entry.queued.get();
        if !(queued && entry.waker.will_wake(waker)) {
            spare = spare.and_then(|new| entry.waker.put(new));
        }
        if !queued {
            clockwork.heap.insert(entry, at);
        }
        let started = clockwork.started.get();
        let early = !queued && (clockwork.sleeps_until.get()).is_none_or(|until| at < until);
        if early {
            clockwork.sleeps_until.set(Some(at));
        }
        clockwork.started.set(true);
        drop(held);
        drop(spare);
        if started && early {
            clockwork.parker.unpark();
        }
        !started
    }

    /// Takes the alarm back, if it is armed.
    #[inline]
    pub(crate) fn cancel(&self) {
        let armed = self.armed.replace(0);
        if armed != 0 {
            self.take_back(armed);
        }
    }

    #[cold]
    fn take_back(&self, armed: u32) {
        if sys::is_over() {
            return;
        }
        let clockwork = &*CLOCKWORK;
        if armed != clockwork.process {
            return self.entry.forsake();
        }
        let held = clockwork.lock.lock();
        let waker = self.entry.waker.take();
        if self.entry.queued.get() {
            clockwork.heap.remove(&self.entry);
        }
        drop(held);
        // The caller may have a grant in hand: a waker that panics here takes nothing with it.
        drop_quietly(waker);
    }
}

impl Drop for Alarm {
    #[inline]
    fn drop(&mut self) {
        self.cancel();
        self.armed.retire();
    }
}

/// Starts the timer thread, for whoever was told to. If it cannot be started others may count on
/// it already: they [must be woken](fire_timers), and then try themselves.
#[cold]
pub(crate) fn start_timer() -> io::Result<()> {
    spawn_daemon("syncline-timer", run).inspect_err(|_| {
        let _held = CLOCKWORK.lock.lock();
        CLOCKWORK.started.set(false);
    })
}
