//! The re-entrant lock: whoever has locked may lock again.
//!
//! | file | has |
//! |---|---|
//! | `word.rs` | the rule: one word that says who owns it, and how often |
//! | `shared.rs` | the lock, its line, its owner and its data |
//! | `lender.rs` | where a guard finds its lock |
//! | `held.rs` | what is in every guard |
//! | `request.rs` | a wait for it |
//! | `suspend.rs` | giving it up for a while, for a condition |
//! | `thread.rs`, `thread_owned.rs`, `thread_guard.rs` | the face of threads |
//! | `thread_raw.rs` | the lock without data and without guards |
//! | `task.rs`, `task_owned.rs`, `task_guard.rs`, `future.rs` | the face of tasks |
//! | `data.rs` | what a task may lock |
//! | `by_data.rs` | with the feature `serde`: a lock is serialized by its data |
//! | `named.rs` | its name, for whoever looks at a snapshot |

#[cfg(feature = "serde")]
mod by_data;
mod data;
#[expect(unsafe_code, reason = "casts between the two faces of one object")]
mod faces;
#[expect(
    single_use_lifetimes,
    reason = "the macro names a lifetime where it could be elided"
)]
pub(crate) mod future;
#[expect(unsafe_code, reason = "lends out locked data")]
mod held;
#[expect(unsafe_code, reason = "lends out locked data")]
mod lender;
mod named;
#[expect(unsafe_code, reason = "lends out locked data")]
mod request;
#[expect(unsafe_code, reason = "lends out locked data")]
mod shared;
#[expect(unsafe_code, reason = "lends out locked data")]
mod suspend;
pub(crate) mod task;
#[expect(
    single_use_lifetimes,
    reason = "a macro names a lifetime where it could be elided"
)]
pub(crate) mod task_guard;
mod task_owned;
pub(crate) mod thread;
#[expect(
    single_use_lifetimes,
    reason = "a macro names a lifetime where it could be elided"
)]
pub(crate) mod thread_guard;
mod thread_owned;
pub(crate) mod thread_raw;
mod word;

pub use self::data::RLockData;
