#![doc = include_str!("../README.md")]

mod arrival;
pub mod bridge;
#[expect(unsafe_code, reason = "casts between the two faces of one object")]
mod cast;
pub mod error;
#[expect(unsafe_code, reason = "lends out locked data")]
mod guard;
pub mod guide;
#[doc(hidden)]
pub mod internals;
#[expect(unsafe_code, reason = "lists of pinned nodes")]
mod line;
mod name;
#[expect(unsafe_code, reason = "lends out locked data")]
mod owned;
mod permit;
mod polled;
#[expect(unsafe_code, reason = "closures and outcomes that a word guards")]
mod pool;
#[expect(unsafe_code, reason = "lends out the store under its lock")]
mod queue;
#[expect(unsafe_code, reason = "lends out locked data")]
mod reentrant;
mod relock;
mod rule;
pub mod store;
mod sys;
pub mod task;
pub mod thread;

pub use self::arrival::Arrival;
pub use self::error::{
    BrokenBarrier, CallError, GetError, GroupError, JobError, OverRelease, Panic, PutError,
    Rejected, Stragglers, TimedOut, TooManyDone, TooManyPermits,
};
pub use self::name::Name;
pub use self::owned::OwnedLockGuard;
pub use self::permit::{OwnedPermit, Permit};
pub use self::pool::{Job, PoolShutdown, Promise, Until, Waited};
pub use self::queue::{Shutdown, Slot};

sys::model_exports!(root);
