//! Concurrency primitives for threads and async tasks: a thread and a task can wait for the same object, in the same line.
//!
//! Every primitive has two faces. The one in [`thread`] blocks the calling thread; the one in [`task`] returns a future, which runs
//! on any executor. Both are views of one object, and casting between them costs nothing.
//!
//! ```
//! use std::{sync::Arc, thread};
//! use syncline::{task, thread::Lock};
//!
//! let log = Arc::new(Lock::new(Vec::new()));
//! let theirs = Arc::clone(&log);
//! let writer = thread::spawn(move || theirs.lock().push("from a thread")); // blocks
//! task::block_on(async { log.as_task().lock().await.push("from a task") }); // awaits
//! writer.join().unwrap();
//! assert_eq!(log.lock().len(), 2);
//! ```
//!
#![doc = include_str!("../docs/images/two-faces.svg")]
//!
//! # What is here
//!
//! | module | has |
//! |---|---|
//! | [`thread`] | primitives that block, the [`ThreadPool`](thread::ThreadPool), [`spawn`](thread::spawn()), and waits for several jobs |
//! | [`task`] | primitives that are awaited, [`block_on`](task::block_on()), [`gather`](task::gather()), [`timeout`](task::timeout()), [`TaskGroup`](task::TaskGroup) and the like |
//! | [`bridge`] | blocking calls from tasks, futures from threads, questions and answers |
//! | [`service`] | cancellation tokens, limiters, breakers, retries, leases, an orderly shutdown |
//! | [`diag`] | who waits for what (feature `diagnostics`) |
//! | [`error`] | every error type |
//! | [`guide`] | the chapters: [choosing](guide::choosing), [recipes](guide::recipes), [threads or tasks](guide::threads_or_tasks), [from Python](guide::from_python), [debugging](guide::debugging), [model checking](guide::model_checking) and others |
//!
//! # Which primitive do I need?
//!
//! | you need | use |
//! |---|---|
//! | one at a time, around data | [`Lock`](thread::Lock); [`RLock`](thread::RLock) if the holder locks again |
//! | many readers or one writer | [`RwLock`](thread::RwLock) |
//! | several locks without a deadlock | [`lock_all`](thread::lock_all) |
//! | at most n at a time | [`Semaphore`](thread::Semaphore), [`BoundedSemaphore`](thread::BoundedSemaphore) |
//! | to wait until something has happened | [`Event`](thread::Event) |
//! | to wait until data has changed | [`Condition`](thread::Condition) |
//! | n parties to meet, round after round | [`Barrier`](thread::Barrier) |
//! | a value that is computed once | [`OnceCell`](thread::OnceCell); [`SingleFlight`](thread::SingleFlight) for each key |
//! | the latest value | [`Watch`](thread::Watch) |
//! | to hand items over | [`Queue`](thread::Queue), [`LifoQueue`](thread::LifoQueue), [`PriorityQueue`](thread::PriorityQueue) |
//! | work on threads | [`ThreadPool`](thread::ThreadPool), [`thread::spawn`](thread::spawn()) |
//! | a value that somebody delivers later | [`Promise`] and [`Job`] |
//! | to wait for several jobs | [`JobSet`], [`Job::shared`] |
//!
//! Each type's page says when not to use it. [Choosing](guide::choosing) has the long table.
//!
//! # What you can rely on
//!
//! * Every primitive and every [`Job`] can be waited for with a timeout and with a deadline. After [`TimedOut`], nothing was acquired.
//! * A future may be dropped at any point. What it was granted goes to the next in line. See [cancellation](guide::cancellation).
//! * Tasks are served first come, first served. Threads may overtake threads, within bounds. See [fairness](guide::fairness).
//! * No spurious wakeups, no poisoning, and no allocation per wait on a primitive.
//! * Each type page states its memory effects; [memory ordering](guide::memory_ordering) says what proves them.
//!
//! # Features
//!
//! | feature | adds |
//! |---|---|
//! | `pool`, on by default | jobs, the pool, groups, [`bridge`], [`service`] |
//! | `diagnostics` | snapshots, deadlock reports and a watchdog in [`diag`] |
//! | `signals` | SIGINT and SIGTERM request a [`service::Shutdown`] |
//! | `tokio` | groups on tokio's runtime, its sockets and timers in a [`Runner`](bridge::Runner), the identity of its tasks |
//! | `tracing` | jobs and tasks are spans |
//! | `serde` | serializes locks by their data |
//! | `lock_api` | [`RawLock`](thread::RawLock) and [`RawRwLock`](thread::RawRwLock) are raw locks of the crate `lock_api` |
//!
//! Features only add names; they change no type. For the primitives alone, use `default-features = false`.
// The rooms below the pool have what only the pool uses, and much of the documentation names it.
#![cfg_attr(
    not(feature = "pool"),
    expect(dead_code, unused_imports, reason = "for the pool")
)]
#![cfg_attr(
    all(doc, not(feature = "pool")),
    expect(rustdoc::broken_intra_doc_links, reason = "to the pool")
)]

mod barrier;
#[cfg(feature = "pool")]
pub mod bridge;
mod combine;
mod condition;
#[cfg(feature = "pool")]
pub mod diag;
pub mod error;
mod event;
#[cfg(feature = "pool")]
mod group;
pub mod guide;
mod identity;
#[cfg(feature = "pool")]
mod job;
#[expect(unsafe_code, reason = "lists of pinned nodes")]
mod line;
mod lock;
mod lock_all;
mod once;
#[cfg(feature = "pool")]
mod pool;
mod queue;
mod rlock;
mod rwlock;
mod semaphore;
#[cfg(feature = "pool")]
pub mod service;
mod single_flight;
mod sys;
pub mod task;
pub mod thread;
mod timer;
mod watch;

pub use self::barrier::Arrival;
#[cfg(feature = "pool")]
pub use self::error::name::Name;
pub use self::error::{
    BrokenBarrier, ChangeError, GetError, NotLocked, NotOwner, OverRelease, PutError, SetError,
    TimedOut, TooManyDone, TooManyPermits, WatchClosed,
};
#[cfg(feature = "pool")]
pub use self::error::{
    CallError, Cancelled, GroupError, JobError, Limited, OutcomeKind, Panic, ReceiveError,
    Rejected, Rejection, ShuttingDown, Stragglers,
};
#[cfg(feature = "pool")]
pub use self::job::{Ended, Job, JobSet, Promise, SharedJob, SharedJobError, Until, Waited};
pub use self::lock::OwnedLockGuard;
#[cfg(feature = "pool")]
pub use self::pool::{OnDrop, PoolShutdown};
pub use self::queue::{QueueStats, Shutdown, Slot, store};
pub use self::rwlock::{
    OwnedMappedRwLockReadGuard, OwnedMappedRwLockWriteGuard, OwnedRwLockReadGuard,
    OwnedRwLockUpgradableReadGuard, OwnedRwLockWriteGuard,
};
pub use self::semaphore::{OwnedPermit, Permit, kind};
pub use self::watch::borrow::WatchRef;

/// What the crate's own doctests, tests and models use. Not part of the public interface.
#[doc(hidden)]
pub mod internals {
    #[cfg(feature = "pool")]
    pub use crate::group::room;
    #[cfg(feature = "pool")]
    pub use crate::job::{Kept, driven};
    pub use crate::line::{Added, Asker, Flags, Line, Place, Quiet, Timeout, Wait, Word};
    pub use crate::lock::OwnLock;
    #[cfg(feature = "pool")]
    pub use crate::pool::{sleeping, waiting_for_room};
    pub use crate::timer::{Timed, fire_timers};

    crate::sys::by_build!(internals);
}

sys::by_build!(root);
