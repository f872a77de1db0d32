//! A deadline that may be moved while a task waits for something else until then.

use core::task::Waker;

use crate::line::{Timeout, WakerSlot, drop_quietly};
use crate::sys::{Cell, Deadline, RawLock};

/// The deadline of one task, which anybody may move until it has passed.
///
/// Whoever moves it wakes the task, which then sets its alarm anew; unless the task is being
/// polled, for it looks when that is over.
pub(crate) struct Expiry {
    deadline: Cell<Deadline>,
    /// Whether it has been moved since the task looked.
    moved: Cell<bool>,
    /// Whether the task has seen that it has passed, or needs it no more.
    over: Cell<bool>,
    /// The task, while it is not being polled.
    task: WakerSlot,
    lock: RawLock,
}

// SAFETY: the cells and the waker are touched only with the lock held.
unsafe impl Sync for Expiry {}
// SAFETY: the waker in it is `Send`, and the rest is plain data.
unsafe impl Send for Expiry {}

/// What a task sees when it has been polled.
pub(crate) enum Look {
    /// The deadline has passed, and cannot be moved any more.
    Over,
    /// It has not, and whoever moves it wakes the task.
    Ahead { deadline: Deadline, moved: bool },
}

impl Expiry {
    pub(crate) fn new(deadline: Deadline) -> Self {
        Self {
            deadline: Cell::new(deadline),
            moved: Cell::new(false),
            over: Cell::new(false),
            task: WakerSlot::new(),
            lock: RawLock::new(),
        }
    }

    /// Moves the deadline, unless it is over.
    pub(crate) fn reschedule(&self, timeout: Timeout) -> bool {
        let deadline = timeout.start();
        let held = self.lock.lock();
        if self.over.get() {
            return false;
        }
        self.deadline.set(deadline);
        self.moved.set(true);
        let task = self.task.take();
        drop(held);
        if let Some(waker) = task {
            waker.wake();
        }
        true
    }

    /// The deadline as it is at this instant.
    pub(crate) fn deadline(&self) -> Deadline {
        let _held = self.lock.lock();
        self.deadline.get()
    }

    /// The task is being polled: it need not be woken.
    pub(crate) fn enter(&self) {
        let held = self.lock.lock();
        let task = self.task.take();
        drop(held);
        drop(task);
    }

    /// The task has been polled, and would wait.
    pub(crate) fn leave(&self, waker: &Waker) -> Look {
        // Cloned, and dropped, without the lock: both are foreign code.
        let mut spare = Some(waker.clone());
        let held = self.lock.lock();
        let mut deadline = self.deadline.get();
        let look = if deadline.expired() {
            self.over.set(true);
            Look::Over
        } else {
            spare = spare.and_then(|waker| self.task.put(waker));
            Look::Ahead {
                deadline,
                moved: self.moved.replace(false),
            }
        };
        self.deadline.set(deadline);
        drop(held);
        drop(spare);
        look
    }

    /// The task has ended: the deadline does not matter any more.
    pub(crate) fn finish(&self) {
        let held = self.lock.lock();
        self.over.set(true);
        let task = self.task.take();
        drop(held);
        // There is a result in hand.
        drop_quietly(task);
    }
}

impl Drop for Expiry {
    fn drop(&mut self) {
        self.deadline.retire();
        self.moved.retire();
        self.over.retire();
        self.task.retire();
    }
}
