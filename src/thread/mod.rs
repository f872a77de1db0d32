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
//! | to hand things over, first come first served | [`Queue`] |
//! | the same, newest first, or by priority | [`LifoQueue`], [`PriorityQueue`] |
//!
//! Do not block inside a task: use the other face there, or the whole executor thread waits.

mod acquire;
mod bounded;
mod event;
#[expect(unsafe_code, reason = "lends out locked data")]
mod guard;
#[expect(unsafe_code, reason = "lends out locked data")]
mod lock;
mod queue;
mod queue_ends;
mod queue_gets;
mod queue_puts;
mod semaphore;

pub use self::{
    bounded::BoundedSemaphore,
    event::Event,
    guard::{LockGuard, MappedLockGuard},
    lock::Lock,
    queue::{Items, LifoQueue, PriorityQueue, Queue},
    semaphore::Semaphore,
};
pub use crate::owned::OwnedLockGuard;
pub use crate::permit::{OwnedPermit, Permit};
pub use crate::queue::Slot;
