//! The waiting forms of the event.

use super::{Form, Subject, Waiting, boxed, boxed_ok};
use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;
use syncline::internals::Quiet;
use syncline::task::Event;

/// Far enough for every test, near enough to be put in a timer.
const FAR: Duration = Duration::from_secs(3600);

#[derive(Clone, Copy, Debug)]
enum Way {
    Plain,
    Timeout,
    Deadline,
    Owned,
    OwnedTimeout,
    OwnedDeadline,
}

const WAYS: [Way; 6] = [
    Way::Plain,
    Way::Timeout,
    Way::Deadline,
    Way::Owned,
    Way::OwnedTimeout,
    Way::OwnedDeadline,
];

pub(super) fn forms() -> Vec<Form> {
    let mut forms = Vec::new();
    for way in WAYS {
        for clears in [false, true] {
            let name = format!("Event, {way:?}, cleared at once: {clears}");
            forms.push(Form::new(name, move || Unset {
                event: Arc::new(Event::new()),
                way,
                clears,
            }));
        }
    }
    forms
}

/// An event that is set in the first step, and perhaps cleared at once.
#[derive(Debug)]
struct Unset {
    event: Arc<Event>,
    way: Way,
    clears: bool,
}

impl Subject for Unset {
    fn start(&self) -> Waiting<'_> {
        match self.way {
            Way::Plain => boxed(self.event.wait()),
            Way::Timeout => boxed_ok(self.event.wait_timeout(FAR)),
            Way::Deadline => boxed_ok(self.event.wait_deadline(Instant::now() + FAR)),
            Way::Owned => boxed(self.event.wait_owned()),
            Way::OwnedTimeout => boxed_ok(self.event.wait_owned_timeout(FAR)),
            Way::OwnedDeadline => boxed_ok(self.event.wait_owned_deadline(Instant::now() + FAR)),
        }
    }

    fn advance(&self, _step: usize) {
        // Also when a waker panics inside of `set`.
        let _cleared = self.clears.then(|| Clears(&self.event));
        self.event.set();
    }

    fn is_broadcast(&self) -> bool {
        true
    }

    fn waiting(&self) -> usize {
        self.event.waiting()
    }

    fn assert_conserved(&self) {
        self.event.assert_quiet();
        assert_eq!(1, Arc::strong_count(&self.event), "an owned form leaked");
        assert_eq!(self.clears, !self.event.is_set());
    }
}

/// Clears the event when it is dropped.
struct Clears<'a>(&'a Event);

impl Drop for Clears<'_> {
    fn drop(&mut self) {
        self.0.clear();
    }
}
