//! Primitives for tasks: a wait suspends the task.
//!
//! Each type is one face of an object. The type of the same name in [`thread`](crate::thread), whose page says which to
//! choose, is the other face, and `as_thread()` casts between them for free. Threads and tasks wait in one line.
//!
//! | you have | use |
//! |---|---|
//! | futures whose results you all need | [`gather`](gather()) |
//! | the same, where the first error ends the rest | [`try_gather`](try_gather()) |
//! | futures whose results you use as they come | [`as_completed`] |
//! | futures of which you need only the first result | [`race`](race()) |
//! | a future with a limit of time, or a deadline | [`timeout`](timeout()), [`timeout_at`] |
//! | a future that may ask for more time | [`timeout_with`](timeout_with()) |
//! | several locks at once, without a deadlock | [`lock_all`] |
//! | several jobs | [`wait()`], [`JobSet`](crate::JobSet) |
//! | children that run on other threads, and end before you do | [`TaskGroup`] |
//! | a future that must survive its waiter | [`shield`](shield()) |
//! | to pause, or to wait for a moment | [`sleep`](sleep()), [`sleep_until`] |
//! | to do something periodically | [`interval`](interval()) |
//! | a computation that should let others run | [`yield_now`] |
//! | an operation that fails now and then | [`retry`](retry()) |
//! | a wait to keep in a struct | `wait_owned`, `put_owned`, `get_owned`, which return an [`OwnedWait`](future::OwnedWait) |
//! | tasks that no executor here runs | [`enter`](enter()), with a [`TaskId`] for each |
//! | a future to run in the background | [`ThreadPool::spawn`](crate::thread::ThreadPool::spawn) |
//! | a call that blocks | [`bridge::to_thread`](crate::bridge::to_thread()) |
//! | a call that computes for long | [`ThreadPool::submit`](crate::thread::ThreadPool::submit), awaited |
//!
//! # Executors
//!
//! The futures here belong to no runtime: they work on any executor, and on [`block_on()`]. They
//! are `Send` if their data is, and do nothing until they are polled. A wait on a primitive allocates nothing; `put_many`, `get_many` and
//! combinators allocate one list.
//!
//! # Cancellation
//!
//! A future may be dropped at any point. It leaves the line, and what it had been granted goes to the next in line. A dropped
//! `put` drops its item. See [cancellation](crate::guide::cancellation).
//!
//! # Budget
//!
//! A task that never has to wait still lets others run. [`block_on()`], pools, runners and groups give each poll a budget of
//! 128 operations, and the combinators here do so on any executor. When it is spent, the next await returns to the executor once, so a
//! future that could complete at once may need a second poll. `try_` forms and zero timeouts neither spend the budget nor yield.
//!
//! # Deadlines
//!
//! One thread of the process serves the deadlines of all tasks. It is started at the first wait with a
//! deadline. If it cannot be started, such waits panic when they are polled.
//!
//! # Several requests of one task
//!
//! Two requests of one task for the same primitive do not deadlock (*futurelock*) if the task has an id:
//! see [cancellation](crate::guide::cancellation#futurelock). Combinators that give each child its own waker, such as `gather` and
//! `FuturesUnordered`, poll only children that were woken, and a child that waits for an [`RLock`] is not woken
//! when another child of the same task gets it.

pub use crate::barrier::Arrival;
pub use crate::barrier::task::Barrier;
pub use crate::combine::{
    AsCompleted, Interval, IntoGather, IntoRace, Limit, MissedTicks, as_completed, block_on,
    gather, interval, interval_at, race, sleep, sleep_until, timeout, timeout_at, timeout_with,
    try_gather, yield_now,
};
pub use crate::condition::task::{Condition, ConditionGuard};
pub use crate::event::task::Event;
#[cfg(feature = "pool")]
pub use crate::group::Group;
#[cfg(feature = "pool")]
pub use crate::group::task_group::{Limited, TaskGroup};
pub use crate::identity::task::{TaskId, current};
pub use crate::identity::{enter, identified};
#[cfg(feature = "pool")]
pub use crate::job::task_wait::wait;
#[cfg(feature = "pool")]
pub use crate::job::{Job, Promise, Spawn, Spawned, Spawner, Until, Waited, shield};
pub use crate::lock::OwnedLockGuard;
pub use crate::lock::task::Lock;
pub use crate::lock::task_guard::{LockGuard, MappedLockGuard};
pub use crate::lock_all::task::{
    LockSet, lock_all, lock_all_deadline, lock_all_timeout, try_lock_all,
};
pub use crate::lock_all::task_lockable::Lockable;
pub use crate::once::task::OnceCell;
#[cfg(feature = "pool")]
pub use crate::pool::PoolSpawner;
pub use crate::queue::Slot;
pub use crate::queue::future::Items;
pub use crate::queue::task::{BaseQueue, LifoQueue, PriorityQueue, Queue};
pub use crate::queue::task_receiver::Receiver;
pub use crate::queue::task_sender::{Sender, WeakSender};
pub use crate::rlock::RLockData;
pub use crate::rlock::task::RLock;
pub use crate::rlock::task_guard::{MappedRLockGuard, OwnedRLockGuard, RLockGuard};
pub use crate::rwlock::task::RwLock;
pub use crate::rwlock::task_guard::{
    MappedRwLockReadGuard, MappedRwLockWriteGuard, RwLockReadGuard, RwLockWriteGuard,
};
pub use crate::rwlock::task_upgradable::RwLockUpgradableReadGuard;
pub use crate::rwlock::{
    OwnedMappedRwLockReadGuard, OwnedMappedRwLockWriteGuard, OwnedRwLockReadGuard,
    OwnedRwLockUpgradableReadGuard, OwnedRwLockWriteGuard,
};
pub use crate::semaphore::task::{BaseSemaphore, BoundedSemaphore, Semaphore};
pub use crate::semaphore::{OwnedPermit, Permit};
#[cfg(feature = "pool")]
pub use crate::service::task::retry;
pub use crate::single_flight::task::SingleFlight;
pub use crate::watch::borrow::WatchRef;
pub use crate::watch::task::Watch;
pub use crate::watch::task_observer::Observer;

pub mod future {
    //! The futures by name, for whoever keeps one in a field or returns it.
    //!
    //! Each is what a method of a type in [`task`](super) returns, or a function there, and its page says
    //! which. To await one its name is not needed.

    pub use crate::barrier::future::{BarrierTimed, BarrierWait};
    pub use crate::combine::{
        Gather, GatherTuple, NextCompleted, Race, RaceTuple, Sleep, Tick, Timeout, TimeoutWith,
        TryGather, YieldNow,
    };
    pub use crate::condition::future::{
        ConditionTimed, ConditionWait, ConditionWaitFor, ConditionWaitForTimed,
    };
    pub use crate::condition::future_try::{ConditionTryWaitFor, ConditionTryWaitForTimed};
    pub use crate::event::future::{EventTimed, EventWait};
    #[cfg(feature = "pool")]
    pub use crate::group::task_group::RunGroup;
    pub use crate::identity::{Entered, Identified};
    #[cfg(feature = "pool")]
    pub use crate::job::task_wait::JobsWait;
    #[cfg(feature = "pool")]
    pub use crate::job::{NextEnded, SharedJobWait};
    pub use crate::line::OwnedWait;
    pub use crate::lock::future::{LockOwned, LockOwnedTimed, LockTimed, LockWait};
    pub use crate::lock_all::future::{LockAll, LockAllTimed};
    pub use crate::once::future::{GetOrInit, GetOrTryInit, OnceTimed, OnceWait};
    pub use crate::queue::future::{
        Get, GetSome, GetSomeTimed, GetTimed, Join, JoinTimed, Put, PutAll, PutAllTimed, PutTimed,
        Reserve, ReserveTimed,
    };
    pub use crate::rlock::future::{RLockOwned, RLockOwnedTimed, RLockTimed, RLockWait};
    pub use crate::rwlock::future::{
        RwLockRead, RwLockReadTimed, RwLockUpgradableRead, RwLockUpgradableReadTimed,
        RwLockUpgrade, RwLockUpgradeTimed, RwLockWrite, RwLockWriteTimed,
    };
    pub use crate::rwlock::future_owned::{
        OwnedRwLockRead, OwnedRwLockReadTimed, OwnedRwLockUpgradableRead,
        OwnedRwLockUpgradableReadTimed, OwnedRwLockUpgrade, OwnedRwLockUpgradeTimed,
        OwnedRwLockWrite, OwnedRwLockWriteTimed,
    };
    pub use crate::semaphore::future::{Acquire, AcquireOwned, AcquireOwnedTimed, AcquireTimed};
    pub use crate::single_flight::future::{TryWork, Work};
    pub use crate::watch::future::{Changed, WaitFor};
}
