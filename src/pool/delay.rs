//! Closures whose time has not come.

use core::pin::Pin;
use core::task::Waker;
use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use std::task::Wake;
use std::time::Instant;

use super::entry::{Entry, Refusal, Run};
use super::shared::Shared;
use crate::line::Timeout;
use crate::sys::{self, Mutex};
use crate::timer::{Alarm, fire_timers, start_timer};

/// When something is due, and its place among those that are due at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    never: bool,
    at: Option<Instant>,
    number: u64,
}

#[derive(Default)]
struct Heap {
    delayed: BTreeMap<Key, Arc<dyn Run>>,
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

    /// Queues something when the time is over, and says under which key it lies.
    pub(super) fn add(shared: &Arc<Shared>, timeout: Timeout, job: Arc<dyn Run>) -> Key {
        let at = timeout.start().instant();
        let mut heap = shared.delays.heap.lock();
        heap.last += 1;
        let key = Key {
            never: at.is_none(),
            at,
            number: heap.last,
        };
        heap.delayed.insert(key, job);
        let first = heap.delayed.first_key_value().map(|first| *first.0) == Some(key);
        let starts = first && Self::set_alarm(shared, at);
        drop(heap);
        if starts {
            Self::start_timer(shared);
        }
        key
    }

    /// Sets the alarm, with the heap's lock held; `true` if the timer is to be started then.
    #[must_use]
    fn set_alarm(shared: &Arc<Shared>, at: Option<Instant>) -> bool {
        let alarm = &shared.delays.alarm;
        alarm.cancel();
        at.is_some_and(|at| {
            let waker = Waker::from(Arc::new(Due(Arc::downgrade(shared))));
            // SAFETY: the alarm is never moved: it lies in the allocation of the pool.
            let alarm = unsafe { Pin::new_unchecked(alarm) };
            alarm.set(at, &waker)
        })
    }

    /// Without the timer nothing is ever due: all that lies here ends for want of its thread.
    #[cold]
    fn start_timer(shared: &Arc<Shared>) {
        if let Err(error) = start_timer() {
            shared.drop_delayed(&Refusal::NotStarted(error));
            fire_timers();
        }
    }

    fn queue_due(shared: &Arc<Shared>) {
        let mut due = Vec::new();
        let now = sys::now();
        let mut heap = shared.delays.heap.lock();
        while let Some(first) = heap.delayed.first_entry() {
            if first.key().at.is_none_or(|at| at > now) {
                break;
            }
            due.push(first.remove());
        }
        let next = heap.delayed.first_key_value();
        let next = next.and_then(|first| first.0.at);
        let starts = Self::set_alarm(shared, next);
        drop(heap);
        if starts {
            Self::start_timer(shared);
        }
        for job in due {
            shared.add_outside(Entry(job));
            shared.expected_one();
        }
    }

    /// Takes out what has been cancelled, and says whether it was there.
    pub(super) fn forget(&self, key: Key) -> bool {
        let job = self.heap.lock().delayed.remove(&key);
        job.is_some()
    }

    /// Takes everything out.
    pub(super) fn take_all(&self) -> Vec<Entry> {
        let mut heap = self.heap.lock();
        let all = core::mem::take(&mut heap.delayed);
        self.alarm.cancel();
        drop(heap);
        all.into_values().map(Entry).collect()
    }
}

impl Drop for Delays {
    fn drop(&mut self) {
        self.alarm.cancel();
    }
}
