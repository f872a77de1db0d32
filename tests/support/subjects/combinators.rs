//! A wait for a lock inside each of the combinators: what is dropped with them is conserved.

use super::{Form, Subject, Waiting, boxed, boxed_ok};
use crate::spawners::Refuses;
use core::time::Duration;
use std::sync::{Arc, Mutex};
use std::time::Instant;
use syncline::OwnedLockGuard;
use syncline::internals::Quiet;
use syncline::task::{
    Group, Lock, TaskGroup, as_completed, gather, timeout, timeout_at, timeout_with, try_gather,
};

/// Far enough for every test, near enough to be put in a timer.
const FAR: Duration = Duration::from_secs(3600);

const WAYS: [Way; 7] = [
    Way::Gather,
    Way::TryGather,
    Way::AsCompleted,
    Way::Timeout,
    Way::TimeoutAt,
    Way::TimeoutWith,
    Way::Body,
];

#[derive(Clone, Copy, Debug)]
enum Way {
    Gather,
    TryGather,
    AsCompleted,
    Timeout,
    TimeoutAt,
    TimeoutWith,
    /// The body of a group.
    Body,
}

pub(super) fn forms() -> Vec<Form> {
    let form = |way| Form::new(format!("Lock inside of {way:?}"), move || Taken::new(way));
    WAYS.into_iter().map(form).collect()
}

/// A lock that somebody holds until the first step.
#[derive(Debug)]
struct Taken {
    lock: Arc<Lock<u32>>,
    held: Mutex<Option<OwnedLockGuard<u32>>>,
    way: Way,
}

impl Taken {
    fn new(way: Way) -> Self {
        let lock = Arc::new(Lock::new(0));
        let held = Mutex::new(lock.try_lock_owned());
        Self { lock, held, way }
    }
}

impl Subject for Taken {
    fn start(&self) -> Waiting<'_> {
        let lock = &self.lock;
        match self.way {
            Way::Gather => boxed(gather([lock.lock()])),
            Way::TryGather => boxed_ok(try_gather([lock.lock_timeout(FAR)])),
            Way::AsCompleted => boxed(async { as_completed([lock.lock()]).next().await }),
            Way::Timeout => boxed_ok(timeout(FAR, lock.lock())),
            Way::TimeoutAt => boxed_ok(timeout_at(Instant::now() + FAR, lock.lock())),
            Way::TimeoutWith => boxed_ok(timeout_with(FAR, async |limit| {
                limit.reschedule(Instant::now() + FAR);
                lock.lock().await
            })),
            Way::Body => boxed(TaskGroup::run(&Refuses, async |_: Group<_, ()>| {
                Ok(lock.lock().await)
            })),
        }
    }

    fn advance(&self, _step: usize) {
        let guard = self.held.lock().unwrap().take();
        drop(guard.expect("held until the first step"));
    }

    fn waiting(&self) -> usize {
        self.lock.waiting()
    }

    fn assert_conserved(&self) {
        self.lock.assert_quiet();
        assert!(!self.lock.is_locked(), "a lock nobody holds is locked");
        assert!(self.lock.try_lock().is_some());
        assert_eq!(1, Arc::strong_count(&self.lock), "an owned form leaked");
    }
}
