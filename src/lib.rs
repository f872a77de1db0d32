#![doc = include_str!("../README.md")]

mod barrier;
pub mod bridge;
mod combine;
mod condition;
pub mod error;
mod event;
mod group;
pub mod guide;
mod identity;
mod job;
#[expect(unsafe_code, reason = "lists of pinned nodes")]
mod line;
mod lock;
mod pool;
mod queue;
mod rlock;
mod semaphore;
pub mod service;
mod sys;
pub mod task;
pub mod thread;
mod timer;

pub use self::barrier::Arrival;
pub use self::error::name::Name;
pub use self::error::{
    BrokenBarrier, CallError, Cancelled, GetError, GroupError, JobError, Limited, OverRelease,
    Panic, PutError, Rejected, Rejection, Stragglers, TimedOut, TooManyDone, TooManyPermits,
};
pub use self::job::{Job, Promise, Until, Waited};
pub use self::lock::OwnedLockGuard;
pub use self::pool::{OnDrop, PoolShutdown};
pub use self::queue::{Shutdown, Slot, store};
pub use self::semaphore::{OwnedPermit, Permit, kind};

/// What the crate's own doctests, tests and models use. Not part of the public interface.
#[doc(hidden)]
pub mod internals {
    pub use crate::group::room;
    pub use crate::job::{Kept, driven};
    pub use crate::line::{Added, Asker, Flags, Line, Place, Quiet, Timeout, Wait, Word};
    pub use crate::pool::sleeping;
    pub use crate::queue::OwnLock;
    pub use crate::timer::{Timed, fire_timers};

    crate::sys::by_build!(internals);
}

sys::by_build!(root);
