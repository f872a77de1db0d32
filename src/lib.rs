#![doc = include_str!("../README.md")]
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
    BrokenBarrier, ChangeError, GetError, OverRelease, PutError, SetError, TimedOut, TooManyDone,
    TooManyPermits, WatchClosed,
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
    pub use crate::pool::sleeping;
    pub use crate::timer::{Timed, fire_timers};

    crate::sys::by_build!(internals);
}

sys::by_build!(root);
