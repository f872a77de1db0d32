//! The job: one value on its way, and everything that waits for it.
//!
//! A job is brought by a thread of its own, by a pool, by a future that somebody drives, or by a
//! promise. Whoever brings it claims its word, stores the outcome, and wakes everybody in line.
//!
//! | file | has |
//! |---|---|
//! | `word.rs` | the rule: who may begin it, and how it ends |
//! | `head.rs` | the allocation: word, line, outcome |
//! | `calls.rs` | the callbacks |
//! | `handle.rs` | `Job`: waiting for it, as a thread and as a task |
//! | `promise.rs`, `own.rs`, `driven.rs` | what brings it: a promise, a thread of its own, a future |
//! | `outcome.rs`, `shared.rs` | the outcome by reference, and for many |
//! | `stops.rs` | those that a pool or a group can stop |
//! | `spawn.rs` | what runs futures, and how one is shielded |
//! | `waits.rs`, `task_wait.rs`, `watch.rs`, `several.rs` | waiting for several |
//! | `set.rs`, `set_waits.rs` | jobs that are taken out as they end |
//! | `blocking.rs` | a wait that the pool cannot see |
//! | `listing.rs` | the threads that do them, listed |
//! | `inline_waiter.rs` | the waiter that lies in the allocation |
//! | `keep.rs` | futures that tests drive by hand |

mod blocking;
mod calls;
#[expect(unsafe_code, reason = "closures and outcomes that a word guards")]
pub(crate) mod driven;
mod handle;
#[expect(unsafe_code, reason = "closures and outcomes that a word guards")]
mod head;
#[expect(unsafe_code, reason = "closures and outcomes that a word guards")]
mod inline_waiter;
mod keep;
mod listing;
#[expect(unsafe_code, reason = "closures and outcomes that a word guards")]
mod outcome;
mod own;
mod promise;
mod set;
mod set_waits;
#[expect(unsafe_code, reason = "closures and outcomes that a word guards")]
mod several;
#[expect(unsafe_code, reason = "a line in an allocation that many own")]
mod shared;
mod spawn;
mod stops;
pub(crate) mod task_wait;
mod waits;
mod watch;
mod word;

pub use self::blocking::blocking;
pub(crate) use self::driven::{Plain, Sink, Stop, Undriven, conclude, drive_into};
pub use self::handle::Job;
pub(crate) use self::head::{Head, Unit, Work, quietly};
pub use self::keep::{Kept, driven};
pub use self::listing::{ThreadInfo, ThreadState, active_count, enumerate};
pub use self::own::{spawn, spawn_named};
pub use self::promise::Promise;
pub use self::set::{Ended, JobSet};
pub use self::set_waits::NextEnded;
pub use self::shared::{SharedJob, SharedJobError, SharedJobWait};
pub use self::spawn::{Spawn, Spawned, Spawner, shield};
pub(crate) use self::stops::Stops;
pub use self::waits::{AsCompleted, Until, Waited, as_completed, wait};
pub(crate) use self::word::Outcome;
