//! The waiting forms of the re-entrant lock. Each request is a task of its own.

use super::{Form, Subject, Waiting, boxed, boxed_ok};
use core::time::Duration;
use std::sync::{Arc, Mutex};
use std::time::Instant;
use syncline::internals::Quiet;
use syncline::task::{OwnedRLockGuard, RLock, block_on, identified};

/// Far enough for every test, near enough to be put in a timer.
const FAR: Duration = Duration::from_secs(3600);

const WAYS: [Way; 6] = [
    Way::Plain,
    Way::Timeout,
    Way::Deadline,
    Way::Owned,
    Way::OwnedTimeout,
    Way::OwnedDeadline,
];

#[derive(Clone, Copy, Debug)]
enum Way {
    Plain,
    Timeout,
    Deadline,
    Owned,
    OwnedTimeout,
    OwnedDeadline,
}

pub(super) fn forms() -> Vec<Form> {
    let form = |way| Form::new(format!("RLock, {way:?}"), move || Taken::new(way));
    WAYS.into_iter().map(form).collect()
}

/// A lock that somebody holds, twice, until the first step.
#[derive(Debug)]
struct Taken {
    lock: Arc<RLock<u32>>,
    held: Mutex<Vec<OwnedRLockGuard<u32>>>,
    way: Way,
}

impl Taken {
    fn new(way: Way) -> Self {
        let lock = Arc::new(RLock::new(0));
        let twice = block_on(async { vec![lock.lock_owned().await, lock.lock_owned().await] });
        let held = Mutex::new(twice);
        Self { lock, held, way }
    }
}

impl Subject for Taken {
    fn start(&self) -> Waiting<'_> {
        let lock = &self.lock;
        match self.way {
            Way::Plain => boxed(identified(lock.lock())),
            Way::Timeout => boxed_ok(identified(lock.lock_timeout(FAR))),
            Way::Deadline => boxed_ok(identified(lock.lock_deadline(Instant::now() + FAR))),
            Way::Owned => boxed(identified(lock.lock_owned())),
            Way::OwnedTimeout => boxed_ok(identified(lock.lock_owned_timeout(FAR))),
            Way::OwnedDeadline => {
                boxed_ok(identified(lock.lock_owned_deadline(Instant::now() + FAR)))
            }
        }
    }

    fn advance(&self, _step: usize) {
        let guards = core::mem::take(&mut *self.held.lock().unwrap());
        assert_eq!(2, guards.len(), "held until the first step");
        drop(guards);
    }

    fn waiting(&self) -> usize {
        self.lock.waiting()
    }

    fn assert_conserved(&self) {
        self.lock.assert_quiet();
        assert!(!self.lock.is_locked(), "a lock nobody holds is locked");
        block_on(async { assert!(self.lock.try_lock().is_some()) });
        assert_eq!(1, Arc::strong_count(&self.lock), "an owned form leaked");
    }
}
