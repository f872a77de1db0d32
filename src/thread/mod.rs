//! Primitives for threads: waiting blocks.
//!
//! Every type here is one view of an object; the type of the same name in
//! [`task`](crate::task) is the other, and `as_task()` turns one into the other for free.
//! Threads and tasks wait for it in one line. A [`Job`] is both in one: a thread waits for it, a
//! task awaits it; so what makes jobs has no other face.
//!
//! | you need | use |
//! |---|---|
//! | one at a time, around data | [`Lock`] |
//! | the same, where who has locked may lock again | [`RLock`] |
//! | up to n at a time | [`Semaphore`] |
//! | up to n at a time, and a release too many is a bug | [`BoundedSemaphore`] |
//! | to wait until something has happened | [`Event`] |
//! | to wait until data under a lock has changed | [`Condition`] |
//! | to wait until n have come, round after round | [`Barrier`] |
//! | to hand things over, oldest first | [`Queue`] |
//! | the same, newest first, or by priority | [`LifoQueue`], [`PriorityQueue`] |
//! | work done on several threads | [`ThreadPool`]: [`submit`](ThreadPool::submit), [`spawn`](ThreadPool::spawn) |
//! | one function over many items, in order | [`ThreadPool::map`] |
//! | work that borrows from the stack | [`ThreadPool::scope`] |
//! | something done in a while | [`ThreadPool::submit_after`] |
//! | a thread of its own, and what comes of it | [`spawn()`] |
//! | one value that comes later | [`Promise`] and [`Job`] |
//! | several jobs | [`wait()`], [`as_completed()`] |
//!
//! Do not block inside a task: use the other face there, or the whole executor thread waits.

mod acquire;
mod barrier;
mod bounded;
mod condition;
mod condition_guard;
mod event;
#[expect(unsafe_code, reason = "lends out locked data")]
mod guard;
pub(crate) mod identity;
#[expect(unsafe_code, reason = "lends out locked data")]
mod lock;
mod queue;
mod queue_ends;
mod queue_gets;
mod queue_puts;
mod rlock;
#[expect(
    single_use_lifetimes,
    reason = "a macro names a lifetime where it could be elided"
)]
mod rlock_guard;
mod semaphore;

pub use self::{
    barrier::Barrier,
    bounded::BoundedSemaphore,
    condition::Condition,
    condition_guard::{ConditionGuard, NestedGuard},
    event::Event,
    guard::{LockGuard, MappedLockGuard},
    lock::Lock,
    queue::{Items, LifoQueue, PriorityQueue, Queue},
    rlock::RLock,
    rlock_guard::{MappedRLockGuard, OwnedRLockGuard, RLockGuard},
    semaphore::Semaphore,
};
pub use crate::arrival::Arrival;
pub use crate::owned::OwnedLockGuard;
pub use crate::permit::{OwnedPermit, Permit};
pub use crate::pool::{
    AsCompleted, Builder, Job, Map, MapTimeout, PoolScope, PoolShutdown, PoolSpawner, Promise,
    ThreadPool, TryScope, Until, Waited, as_completed, spawn, wait,
};
pub use crate::queue::Slot;
