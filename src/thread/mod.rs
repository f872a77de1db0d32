//! Primitives for threads: waiting blocks.
//!
//! Every type here is one view of an object; the type of the same name in
//! [`task`](crate::task) is the other, and `as_task()` turns one into the other for free.
//! Threads and tasks wait for it in one line.
//!
//! | you need | use |
//! |---|---|
//! | one at a time, around data | [`Lock`] |
//! | up to n at a time | [`Semaphore`] |
//! | up to n at a time, and a release too many is a bug | [`BoundedSemaphore`] |
//! | to wait until something has happened | [`Event`] |
//! | to wait until n have come, round after round | [`Barrier`] |
//!
//! Do not block inside a task: use the other face there, or the whole executor thread waits.

mod acquire;
mod barrier;
mod bounded;
mod event;
#[expect(unsafe_code, reason = "lends out locked data")]
mod guard;
#[expect(unsafe_code, reason = "lends out locked data")]
mod lock;
mod semaphore;

pub use self::{
    barrier::Barrier,
    bounded::BoundedSemaphore,
    event::Event,
    guard::{LockGuard, MappedLockGuard},
    lock::Lock,
    semaphore::Semaphore,
};
pub use crate::arrival::Arrival;
pub use crate::owned::OwnedLockGuard;
pub use crate::permit::{OwnedPermit, Permit};
