//! The waiting forms of the condition: each waits for a notify, and then for the lock.

use super::{Form, Subject, Waiting, boxed};
use core::convert::Infallible;
use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;
use syncline::TimedOut;
use syncline::internals::Quiet;
use syncline::task::{Condition, Lock};

/// Far enough for every test, near enough to be put in a timer.
const FAR: Duration = Duration::from_secs(3600);

#[derive(Clone, Copy, Debug)]
enum Way {
    Plain,
    Timeout,
    Deadline,
    For,
    ForTimeout,
    ForDeadline,
    TryFor,
    TryForTimeout,
    TryForDeadline,
    Owned,
    OwnedTimeout,
    OwnedDeadline,
    OwnedFor,
    OwnedForTimeout,
    OwnedForDeadline,
}

const WAYS: [Way; 15] = [
    Way::Plain,
    Way::Timeout,
    Way::Deadline,
    Way::For,
    Way::ForTimeout,
    Way::ForDeadline,
    Way::TryFor,
    Way::TryForTimeout,
    Way::TryForDeadline,
    Way::Owned,
    Way::OwnedTimeout,
    Way::OwnedDeadline,
    Way::OwnedFor,
    Way::OwnedForTimeout,
    Way::OwnedForDeadline,
];

pub(super) fn forms() -> Vec<Form> {
    let form = |way| {
        Form::new(format!("Condition, {way:?}"), move || Unchanged {
            lock: Arc::new(Lock::new(false)),
            changed: Arc::new(Condition::new()),
            way,
        })
    };
    WAYS.into_iter().map(form).collect()
}

/// A condition that all are notified of in the first step, when what they wait for is true.
#[derive(Debug)]
struct Unchanged {
    lock: Arc<Lock<bool>>,
    changed: Arc<Condition>,
    way: Way,
}

/// What a timed wait gave back; the deadline is far.
fn in_time<G>((guard, result): (G, Result<(), TimedOut>)) -> G {
    result.expect("the deadline is far");
    guard
}

/// A predicate that could fail.
#[expect(clippy::unnecessary_wraps, reason = "it is to be one that could fail")]
fn is_set(set: &mut bool) -> Result<bool, Infallible> {
    Ok(*set)
}

/// What a wait gave back whose predicate has not failed.
fn holds<G>((guard, result): (G, Result<(), Infallible>)) -> G {
    result.expect("it does not fail");
    guard
}

/// The same of a timed one; the deadline is far.
fn in_time_or_not<G, R>((guard, result): (G, Result<R, TimedOut>)) -> (G, R) {
    (guard, result.expect("the deadline is far"))
}

impl Subject for Unchanged {
    fn start(&self) -> Waiting<'_> {
        let (lock, changed) = (&self.lock, &self.changed);
        let at = Instant::now() + FAR;
        // Taken at the first poll: until then nothing is locked.
        macro_rules! waits {
            ($guard:ident => $wait:expr) => {
                boxed(async move {
                    let $guard = lock.lock_owned().await;
                    $wait
                })
            };
        }
        match self.way {
            Way::Plain => waits!(guard => changed.wait(guard).await),
            Way::Timeout => waits!(guard => in_time(changed.wait_timeout(guard, FAR).await)),
            Way::Deadline => waits!(guard => in_time(changed.wait_deadline(guard, at).await)),
            Way::For => waits!(guard => changed.wait_for(guard, |set| *set).await),
            Way::ForTimeout => {
                waits!(guard => in_time(changed.wait_for_timeout(guard, FAR, |set| *set).await))
            }
            Way::ForDeadline => {
                waits!(guard => in_time(changed.wait_for_deadline(guard, at, |set| *set).await))
            }
            Way::TryFor => waits!(guard => holds(changed.try_wait_for(guard, is_set).await)),
            Way::TryForTimeout => {
                waits!(guard => holds(in_time_or_not(changed.try_wait_for_timeout(guard, FAR, is_set).await)))
            }
            Way::TryForDeadline => {
                waits!(guard => holds(in_time_or_not(changed.try_wait_for_deadline(guard, at, is_set).await)))
            }
            Way::Owned => waits!(guard => changed.wait_owned(guard).await),
            Way::OwnedTimeout => {
                waits!(guard => in_time(changed.wait_owned_timeout(guard, FAR).await))
            }
            Way::OwnedDeadline => {
                waits!(guard => in_time(changed.wait_owned_deadline(guard, at).await))
            }
            Way::OwnedFor => waits!(guard => changed.wait_for_owned(guard, |set| *set).await),
            Way::OwnedForTimeout => {
                waits!(guard => in_time(changed.wait_for_owned_timeout(guard, FAR, |set| *set).await))
            }
            Way::OwnedForDeadline => {
                waits!(guard => in_time(changed.wait_for_owned_deadline(guard, at, |set| *set).await))
            }
        }
    }

    fn advance(&self, _step: usize) {
        *self.lock.try_lock().expect("free") = true;
        // One that is dropped passes it on; who gets through unlocks for the next.
        self.changed.notify_all();
    }

    fn waiting(&self) -> usize {
        self.changed.waiting() + self.lock.waiting()
    }

    fn assert_conserved(&self) {
        self.changed.assert_quiet();
        self.lock.assert_quiet();
        assert!(!self.lock.is_locked(), "a lock nobody holds is locked");
        assert_eq!(1, Arc::strong_count(&self.lock), "an owned form leaked");
        assert_eq!(1, Arc::strong_count(&self.changed), "an owned form leaked");
    }
}
