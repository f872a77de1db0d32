//! Closures whose time has not come.

use core::cmp::{Ordering, Reverse};
use core::pin::Pin;
use core::task::Waker;
use std::collections::BinaryHeap;
use std::sync::{Arc, Weak};
use std::task::Wake;
use std::time::Instant;

use super::entry::{Entry, Run};
use super::shared::Shared;
use crate::line::{Alarm, Timeout};
use crate::sys::Mutex;

/// What will be queued, and when.
struct Delayed {
    /// `None`: never.
    at: Option<Instant>,
    /// Which came first.
    number: u64,
    job: Arc<dyn Run>,
}

impl Delayed {
    fn key(&self) -> (bool, Option<Instant>, u64) {
        (self.at.is_none(), self.at, self.number)
    }
}

impl PartialEq for Delayed {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}
impl Eq for Delayed {}
impl PartialOrd for Delayed {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Delayed {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

#[derive(Default)]
struct Heap {
    delayed: BinaryHeap<Reverse<Delayed>>,
    last: u64,
}

/// All of them, and one alarm for the first.
pub(super) struct Delays {
    heap: Mutex<Heap>,
    /// Touched with the heap's lock held.
    alarm: Alarm,
}

/// Queues what is due.
struct Due(Weak<Shared>);

impl Wake for Due {
    fn wake(self: Arc<Self>) {
        if let Some(shared) = self.0.upgrade() {
            Delays::queue_due(&shared);
        }
    }
}

impl Delays {
    pub(super) fn new() -> Self {
        Self {
            heap: Mutex::new(Heap::default()),
            alarm: Alarm::new(),
        }
    }

    /// Queues something when the time is over.
    pub(super) fn add(shared: &Arc<Shared>, timeout: Timeout, job: Arc<dyn Run>) {
        let at = timeout.start().instant();
        let this = &shared.delays;
        let mut heap = this.heap.lock();
        heap.last += 1;
        let number = heap.last;
        heap.delayed.push(Reverse(Delayed { at, number, job }));
        let first = heap
            .delayed
            .peek()
            .is_some_and(|first| first.0.number == number);
        if first {
            Self::arm(shared, at);
        }
    }

    /// Sets the alarm; with the heap's lock held.
    fn arm(shared: &Arc<Shared>, at: Option<Instant>) {
        let alarm = &shared.delays.alarm;
        alarm.cancel();
        if let Some(at) = at {
            let waker = Waker::from(Arc::new(Due(Arc::downgrade(shared))));
            // SAFETY: the alarm is never moved: it lies in the allocation of the pool.
            let alarm = unsafe { Pin::new_unchecked(alarm) };
            alarm.arm(&Timeout::At(at).start(), &waker);
        }
    }

    fn queue_due(shared: &Arc<Shared>) {
        let mut due = Vec::new();
        {
            let mut heap = shared.delays.heap.lock();
            let now = Instant::now();
            while let Some(first) = heap.delayed.peek()
                && first.0.at.is_some_and(|at| at <= now)
            {
                due.extend(heap.delayed.pop());
            }
            let next = heap.delayed.peek().and_then(|first| first.0.at);
            Self::arm(shared, next);
        }
        for Reverse(delayed) in due {
            shared.injector.push(Entry::Closure(delayed.job));
            shared.notify();
            shared.expected_one();
        }
    }

    /// Takes out what has been cancelled, and says how much that was.
    pub(super) fn forget_cancelled(&self) -> usize {
        let mut heap = self.heap.lock();
        let (cancelled, rest): (Vec<_>, Vec<_>) = core::mem::take(&mut heap.delayed)
            .into_iter()
            .partition(|delayed| delayed.0.job.is_over());
        heap.delayed = rest.into();
        drop(heap);
        // Foreign data may hang on them: they are dropped without the lock.
        cancelled.len()
    }

    /// Takes everything out.
    pub(super) fn take_all(&self) -> Vec<Entry> {
        let mut heap = self.heap.lock();
        let all = core::mem::take(&mut heap.delayed);
        self.alarm.cancel();
        drop(heap);
        all.into_iter()
            .map(|Reverse(delayed)| Entry::Closure(delayed.job))
            .collect()
    }
}

impl Drop for Delays {
    fn drop(&mut self) {
        self.alarm.cancel();
    }
}
