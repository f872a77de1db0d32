//! The waiting forms of the two semaphores.

use super::{Form, Subject, Waiting, boxed, boxed_ok};
use core::time::Duration;
use std::sync::{Arc, Mutex};
use std::time::Instant;
use syncline::OwnedPermit;
use syncline::internals::Quiet;
use syncline::task::{BoundedSemaphore, Semaphore};

/// Far enough for every test, near enough to be put in a timer.
const FAR: Duration = Duration::from_secs(3600);

/// How a request names its deadline, if it has one.
#[derive(Clone, Copy, Debug)]
enum Patience {
    Endless,
    Timeout,
    Deadline,
}

/// What a request looks like.
#[derive(Clone, Copy, Debug)]
struct Way {
    patience: Patience,
    owned: bool,
    /// How many permits it asks for; with one, the form that takes no count.
    count: usize,
}

fn ways() -> Vec<Way> {
    let mut ways = Vec::new();
    for patience in [Patience::Endless, Patience::Timeout, Patience::Deadline] {
        for owned in [false, true] {
            ways.extend([1, 3].map(|count| Way {
                patience,
                owned,
                count,
            }));
        }
    }
    ways
}

pub(super) fn forms() -> Vec<Form> {
    let plain = ways().into_iter().map(|way| {
        let name = format!("Semaphore, {way:?}");
        Form::new(name, move || Taken::<Semaphore>::new(way))
    });
    let bounded = ways().into_iter().map(|way| {
        let name = format!("BoundedSemaphore, {way:?}");
        Form::new(name, move || Taken::<BoundedSemaphore>::new(way))
    });
    plain.chain(bounded).collect()
}

/// A semaphore whose permits, enough for one request, somebody holds until the first step.
#[derive(Debug)]
struct Taken<S> {
    semaphore: Arc<S>,
    held: Mutex<Option<OwnedPermit>>,
    way: Way,
}

macro_rules! taken_subject {
    ($Semaphore:ident) => {
        impl Taken<$Semaphore> {
            fn new(way: Way) -> Self {
                let semaphore = Arc::new($Semaphore::new(way.count));
                let held = Mutex::new(semaphore.try_acquire_many_owned(way.count));
                Self {
                    semaphore,
                    held,
                    way,
                }
            }

            fn start_one(&self) -> Waiting<'_> {
                let semaphore = &self.semaphore;
                let at = Instant::now() + FAR;
                match (self.way.patience, self.way.owned) {
                    (Patience::Endless, false) => boxed(semaphore.acquire()),
                    (Patience::Timeout, false) => boxed_ok(semaphore.acquire_timeout(FAR)),
                    (Patience::Deadline, false) => boxed_ok(semaphore.acquire_deadline(at)),
                    (Patience::Endless, true) => boxed(semaphore.acquire_owned()),
                    (Patience::Timeout, true) => boxed_ok(semaphore.acquire_owned_timeout(FAR)),
                    (Patience::Deadline, true) => boxed_ok(semaphore.acquire_owned_deadline(at)),
                }
            }

            fn start_many(&self) -> Waiting<'_> {
                let (semaphore, n) = (&self.semaphore, self.way.count);
                let at = Instant::now() + FAR;
                match (self.way.patience, self.way.owned) {
                    (Patience::Endless, false) => boxed(semaphore.acquire_many(n)),
                    (Patience::Timeout, false) => boxed_ok(semaphore.acquire_many_timeout(n, FAR)),
                    (Patience::Deadline, false) => boxed_ok(semaphore.acquire_many_deadline(n, at)),
                    (Patience::Endless, true) => boxed(semaphore.acquire_many_owned(n)),
                    (Patience::Timeout, true) => {
                        boxed_ok(semaphore.acquire_many_owned_timeout(n, FAR))
                    }
                    (Patience::Deadline, true) => {
                        boxed_ok(semaphore.acquire_many_owned_deadline(n, at))
                    }
                }
            }
        }

        impl Subject for Taken<$Semaphore> {
            fn start(&self) -> Waiting<'_> {
                if self.way.count == 1 {
                    self.start_one()
                } else {
                    self.start_many()
                }
            }

            fn advance(&self, _step: usize) {
                let permit = self.held.lock().unwrap().take();
                drop(permit.expect("held until the first step"));
            }

            fn waiting(&self) -> usize {
                self.semaphore.waiting()
            }

            fn assert_conserved(&self) {
                self.semaphore.assert_quiet();
                assert_eq!(self.way.count, self.semaphore.available_permits());
                let owners = Arc::strong_count(&self.semaphore);
                assert_eq!(1, owners, "an owned form leaked");
            }
        }
    };
}

taken_subject!(Semaphore);
taken_subject!(BoundedSemaphore);
