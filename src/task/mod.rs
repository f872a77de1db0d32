//! Primitives for tasks: waiting suspends.
//!
//! Every type here is one view of an object; the type of the same name in
//! [`thread`](crate::thread) is the other, and `as_thread()` turns one into the other for free.
//! Threads and tasks wait for it in one line.
//!
//! | you have | use |
//! |---|---|
//! | futures whose results are all needed | [`gather`](gather()) |
//! | the same, where the first error ends the rest | [`try_gather`](try_gather()) |
//! | futures whose results are used as they come | [`as_completed`] |
//! | a future that may take so long, or until then | [`timeout`](timeout()), [`timeout_at`] |
//! | a future that may ask for more time | [`timeout_with`](timeout_with()) |
//! | children that run on other threads, and end before you do | [`TaskGroup`] |
//! | a future that must go on when you do not | [`shield`](shield()) |
//! | to wait for a while, or until a moment | [`sleep`](sleep()), [`sleep_until`] |
//! | a future that should run by itself, on a thread | [`ThreadPool::spawn`](crate::thread::ThreadPool::spawn) |
//! | a call that blocks | [`bridge::to_thread`](crate::bridge::to_thread()) |
//! | a call that computes for long | [`ThreadPool::submit`](crate::thread::ThreadPool::submit), awaited |
//!
//! The futures here belong to no runtime: they work on any executor, and on [`block_on()`]. They
//! are `Send` where what they carry is, allocate nothing for a wait (`put_many` and `get_many` make
//! their list, and what puts futures together a place for all of them), and do nothing until they are
//! polled. Dropping one at any point leaves the line, and
//! what it had been granted goes to whoever is next; a dropped `put` drops its item.
//!
//! One thread of the process serves the deadlines of all tasks. It is started when the first task waits with a
//! deadline, and every such wait panics when it is polled if that thread cannot be started.
//!
//! A [`Job`] is awaited here and waited for by threads; its producer has a [`Promise`], or a thread of
//! [its own](crate::thread::spawn). [`wait()`] waits for several.
//!
//! What is said of two requests of one task (futurelock, and the second request for an `RLock`) does
//! not reach into combinators that give each child a waker of its own (`gather`, `FuturesUnordered`
//! and their like): see [cancellation](crate::guide::cancellation).

mod acquire;
mod barrier;
mod block_on;
mod bounded;
mod completed;
mod condition;
mod condition_future;
mod event;
#[expect(
    single_use_lifetimes,
    reason = "the macro names a lifetime where it could be elided"
)]
mod future;
mod gather;
mod group;
#[expect(unsafe_code, reason = "lends out locked data")]
mod guard;
mod identity;
#[expect(unsafe_code, reason = "lends out locked data")]
mod lock;
mod members;
mod queue;
mod queue_ends;
#[expect(
    single_use_lifetimes,
    reason = "the macro names a lifetime where it could be elided"
)]
mod queue_future;
mod queue_gets;
mod queue_puts;
mod results;
mod rlock;
#[expect(
    single_use_lifetimes,
    reason = "a macro names a lifetime where it could be elided"
)]
mod rlock_guard;
#[expect(
    single_use_lifetimes,
    reason = "the macro names a lifetime where it could be elided"
)]
mod rlock_wait;
mod scope;
mod semaphore;
mod sleep;
mod spawn;
mod task_group;
mod timeout;
mod timeout_with;
mod try_gather;
mod turn;
mod wait;

pub(crate) use self::identity::as_nobody;
pub use self::{
    barrier::{Barrier, BarrierTimed, BarrierWait},
    block_on::block_on,
    bounded::BoundedSemaphore,
    completed::{AsCompleted, NextCompleted, as_completed},
    condition::{Condition, ConditionGuard},
    condition_future::{ConditionTimed, ConditionWait, ConditionWaitFor, ConditionWaitForTimed},
    event::{Event, EventTimed, EventWait},
    future::{
        Acquire, AcquireOwned, AcquireOwnedTimed, AcquireTimed, LockOwned, LockOwnedTimed,
        LockTimed, LockWait,
    },
    gather::{Gather, gather},
    group::Group,
    guard::{LockGuard, MappedLockGuard},
    identity::{TaskId, current},
    lock::Lock,
    queue::{LifoQueue, PriorityQueue, Queue},
    queue_future::{
        Get, GetSome, GetSomeTimed, GetTimed, Items, Join, JoinTimed, Put, PutAll, PutAllTimed,
        PutTimed, Reserve, ReserveTimed,
    },
    rlock::RLock,
    rlock_guard::{MappedRLockGuard, OwnedRLockGuard, RLockGuard},
    rlock_wait::{RLockOwned, RLockOwnedTimed, RLockTimed, RLockWait},
    scope::{Scope, scope},
    semaphore::Semaphore,
    sleep::{Sleep, sleep, sleep_until},
    spawn::{Spawn, Spawned, Spawner, shield},
    task_group::{Limited, RunGroup, TaskGroup},
    timeout::{Timeout, timeout, timeout_at},
    timeout_with::{Limit, TimeoutWith, timeout_with},
    try_gather::{TryGather, try_gather},
    wait::{JobsWait, wait},
};
pub use crate::arrival::Arrival;
pub use crate::owned::OwnedLockGuard;
pub use crate::permit::{OwnedPermit, Permit};
pub use crate::pool::{Job, PoolSpawner, Promise, Until, Waited};
pub use crate::queue::Slot;
