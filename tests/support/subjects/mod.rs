//! Every waiting form of every primitive, behind one trait, so that a rule that
//! all of them keep is tested once and on all of them.

mod barrier;
#[cfg(feature = "pool")]
mod combinators;
mod condition;
mod event;
#[cfg(feature = "pool")]
mod job;
mod lock;
pub(crate) mod once;
mod permits;
mod queue;
mod rlock;
mod rwlock;

use core::fmt::Debug;
use core::pin::Pin;
use std::io::Write;
use std::sync::Arc;

/// What a finished request holds: a guard, a permit, or nothing.
pub(crate) trait Held: Send {}

impl<T: Send> Held for T {}

/// A request that waits; what it is given is kept until it is dropped.
pub(crate) type Waiting<'a> = Pin<Box<dyn Future<Output = Box<dyn Held + 'a>> + Send + 'a>>;

/// A primitive with nothing to be had: each new request waits.
pub(crate) trait Subject: Debug + Send + Sync {
    /// A new request, not polled yet.
    fn start(&self) -> Waiting<'_>;

    /// How many times [`Subject::advance`] is called until every request is through.
    fn steps(&self) -> usize {
        1
    }

    /// Lets requests go on from their await point number `step`: the first in
    /// line, and then the next one each time a finished request is dropped;
    /// or all at once, see [`Subject::is_broadcast`].
    fn advance(&self, step: usize);

    /// Whether [`Subject::advance`] reaches all who wait.
    fn is_broadcast(&self) -> bool {
        false
    }

    /// Whether [`Subject::advance`] panics if a waker does; else the panic hook alone hears of it.
    fn hears_panics(&self) -> bool {
        true
    }

    /// How many requests wait in the line.
    fn waiting(&self) -> usize;

    /// Panics unless everything is as it was before the first request, and
    /// there is now one thing to be had.
    fn assert_conserved(&self);
}

/// A form of request: what it is called, and how its subject is made.
pub(crate) struct Form {
    pub(crate) name: String,
    pub(crate) make: Box<dyn Fn() -> Arc<dyn Subject>>,
}

impl Form {
    fn new<S: Subject + 'static>(name: String, make: impl Fn() -> S + 'static) -> Self {
        Self {
            name,
            make: Box::new(move || Arc::new(make())),
        }
    }
}

/// Runs `test` on every form of every primitive, and names the form that fails.
pub(crate) fn on_every_form(test: impl Fn(&Form)) {
    let forms = [
        lock::forms(),
        once::forms(),
        rlock::forms(),
        rwlock::forms(),
        permits::forms(),
        event::forms(),
        barrier::forms(),
        permits::forms(),
        event::forms(),
        condition::forms(),
        permits::forms(),
        event::forms(),
        queue::forms(),
        #[cfg(feature = "pool")]
        combinators::forms(),
        #[cfg(feature = "pool")]
        job::forms(),
    ];
    for form in forms.iter().flatten() {
        let named = Named(&form.name);
        test(form);
        drop(named);
    }
}

/// Says its name when it is dropped by a panic.
struct Named<'a>(&'a str);

impl Drop for Named<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            drop(writeln!(std::io::stderr(), "failed on: {}", self.0));
        }
    }
}

/// Boxes a future and what it returns.
fn boxed<'a, T: Send + 'a>(future: impl Future<Output = T> + Send + 'a) -> Waiting<'a> {
    Box::pin(async move { Box::new(future.await) as Box<dyn Held + 'a> })
}

/// As [`boxed`], for a timed wait that must not time out.
fn boxed_ok<'a, T: Send + Debug + 'a>(
    future: impl Future<Output = Result<T, syncline::TimedOut>> + Send + 'a,
) -> Waiting<'a> {
    boxed(async move { future.await.expect("the deadline is far") })
}
