//! Primitives for threads: a wait blocks the calling thread.
//!
//! Each type is one face of an object. The type of the same name in [`task`](crate::task) is the other face, and `as_task()`
//! casts between them for free. Threads and tasks wait in one line. A [`Job`] has only one type: a thread waits for it, a task
//! awaits it.
//!
//! | you need | use |
//! |---|---|
//! | one at a time, around data | [`Lock`] |
//! | the same, and the holder may lock again | [`RLock`] |
//! | many readers or one writer, around data | [`RwLock`] |
//! | the same for code that has no place for a guard, as a binding | [`RawLock`], [`RawRLock`], [`RawRwLock`] |
//! | several `Lock`s and `RLock`s at once, without a deadlock | [`lock_all`] |
//! | at most n at a time | [`Semaphore`] |
//! | the same, where an extra release is a bug | [`BoundedSemaphore`] |
//! | to wait until something has happened | [`Event`] |
//! | a value that is computed once, by the first caller that needs it | [`OnceCell`] |
//! | the latest value, and to wait for a change | [`Watch`] and [`Observer`] |
//! | one call for all who ask for the same key at once | [`SingleFlight`] |
//! | to wait until data under a lock has changed | [`Condition`] |
//! | n parties to meet, round after round | [`Barrier`] |
//! | to hand items over, oldest first | [`Queue`] |
//! | the same, newest first, or by priority | [`LifoQueue`], [`PriorityQueue`] |
//! | a queue that ends when one side is gone | [`split`](BaseQueue::split): [`Sender`] and [`Receiver`] |
//! | to run work on several threads | [`ThreadPool`]: [`submit`](ThreadPool::submit), [`spawn`](ThreadPool::spawn) |
//! | one function over many items, in order | [`ThreadPool::map`] |
//! | work that borrows from the stack | [`ThreadPool::scope`] |
//! | to run something later | [`ThreadPool::submit_after`] |
//! | a thread of its own, and its result | [`spawn()`] |
//! | one value that somebody delivers later | [`Promise`] and [`Job`] |
//! | one outcome that many wait for | [`Job::shared`] |
//! | many jobs, taken as they end | [`JobSet`](crate::JobSet) |
//! | to wait for several jobs | [`wait()`], [`as_completed()`] |
//! | to retry something that fails now and then | [`retry()`] |
//! | a list of the threads of this crate | [`enumerate`], [`active_count`] |
//! | to wait inside a job for something that the pool cannot see | [`blocking()`] |
//!
//! Do not block inside a task, because the whole executor thread would wait: use the other face there. `examples/small` has a short
//! program for each of these.

pub use crate::barrier::Arrival;
pub use crate::barrier::thread::Barrier;
pub use crate::condition::thread::Condition;
pub use crate::condition::thread_guard::{ConditionGuard, NestedGuard};
pub use crate::event::thread::Event;
#[cfg(feature = "pool")]
pub use crate::job::{
    AsCompleted, Job, Promise, ThreadInfo, ThreadState, Until, Waited, active_count, as_completed,
    blocking, enumerate, spawn, spawn_named, wait,
};
pub use crate::lock::OwnedLockGuard;
pub use crate::lock::thread::Lock;
pub use crate::lock::thread_guard::{LockGuard, MappedLockGuard};
pub use crate::lock::thread_raw::RawLock;
pub use crate::lock_all::thread::{
    LockSet, lock_all, lock_all_deadline, lock_all_timeout, try_lock_all,
};
pub use crate::lock_all::thread_lockable::Lockable;
pub use crate::once::thread::OnceCell;
#[cfg(feature = "pool")]
pub use crate::pool::{
    Map, MapTimeout, OnDrop, PoolBuilder, PoolScope, PoolShutdown, PoolSpawner, ThreadPool,
    TryScope,
};
pub use crate::queue::Slot;
pub use crate::queue::thread::{BaseQueue, Items, LifoQueue, PriorityQueue, Queue};
pub use crate::queue::thread_receiver::{IntoItems, Receiver};
pub use crate::queue::thread_sender::{Sender, WeakSender};
pub use crate::rlock::thread::RLock;
pub use crate::rlock::thread_guard::{MappedRLockGuard, OwnedRLockGuard, RLockGuard};
pub use crate::rlock::thread_raw::RawRLock;
pub use crate::rwlock::thread::RwLock;
pub use crate::rwlock::thread_guard::{
    MappedRwLockReadGuard, MappedRwLockWriteGuard, RwLockReadGuard, RwLockWriteGuard,
};
pub use crate::rwlock::thread_raw::RawRwLock;
pub use crate::rwlock::thread_upgradable::RwLockUpgradableReadGuard;
pub use crate::rwlock::{
    OwnedMappedRwLockReadGuard, OwnedMappedRwLockWriteGuard, OwnedRwLockReadGuard,
    OwnedRwLockUpgradableReadGuard, OwnedRwLockWriteGuard,
};
pub use crate::semaphore::thread::{BaseSemaphore, BoundedSemaphore, Semaphore};
pub use crate::semaphore::{OwnedPermit, Permit};
#[cfg(feature = "pool")]
pub use crate::service::thread::retry;
pub use crate::single_flight::thread::SingleFlight;
pub use crate::watch::borrow::WatchRef;
pub use crate::watch::thread::Watch;
pub use crate::watch::thread_observer::Observer;
