//! The waiting forms of the lock.

use super::{Form, Subject, Waiting, boxed, boxed_ok};
use core::time::Duration;
use std::sync::{Arc, Mutex};
use std::time::Instant;
use syncline::OwnedLockGuard;
use syncline::internals::Quiet;
use syncline::task::Lock;

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
    let form = |way| Form::new(format!("Lock, {way:?}"), move || Taken::new(way));
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
            Way::Plain => boxed(lock.lock()),
            Way::Timeout => boxed_ok(lock.lock_timeout(FAR)),
            Way::Deadline => boxed_ok(lock.lock_deadline(Instant::now() + FAR)),
            Way::Owned => boxed(lock.lock_owned()),
            Way::OwnedTimeout => boxed_ok(lock.lock_owned_timeout(FAR)),
            Way::OwnedDeadline => boxed_ok(lock.lock_owned_deadline(Instant::now() + FAR)),
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
