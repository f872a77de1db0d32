//! Slow, obvious models of the primitives: what happens when only tasks wait.
//!
//! Each request has a number, given by the script. A model answers which
//! requests are woken by a step, in order.

pub(crate) mod barrier;
pub(crate) mod condition;
pub(crate) mod event;
#[cfg(feature = "pool")]
pub(crate) mod job;
pub(crate) mod lock;
pub(crate) mod once;
#[cfg(feature = "pool")]
pub(crate) mod pool;
pub(crate) mod queue;
pub(crate) mod rlock;
pub(crate) mod rwlock;
pub(crate) mod semaphore;

/// The number of a request.
pub(crate) type Id = usize;

/// What the first poll of a request finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum First {
    /// Served at once.
    Served,
    /// In the line now.
    Waits,
    /// Its deadline is over, and nothing is free.
    TimedOut,
}
