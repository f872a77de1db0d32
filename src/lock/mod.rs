//! The lock: one owner at a time, around data.
//!
//! | file | has |
//! |---|---|
//! | `word.rs` | the rule: what the word means, and its transitions |
//! | `shared.rs` | the lock, its line and its data; what a guard lends out |
//! | `thread.rs`, `thread_guard.rs` | the face of threads |
//! | `task.rs`, `task_guard.rs`, `future.rs` | the face of tasks |
//! | `thread_raw.rs` | the lock without data and without guards |
//! | `lock_api.rs` | with the feature of that name: what that lock is to the crate `lock_api` |
//! | `owned.rs` | the guard that keeps its lock alive, for both |
//! | `relock.rs` | what a condition asks of a guard: to be given up and taken back |
//! | `gate.rs`, `gated.rs` | the lock inside of other primitives, held for a few instructions; data behind it |
//! | `by_data.rs` | with the feature `serde`: a lock is serialized by its data |
//! | `named.rs` | its name, for whoever looks at a snapshot |

#[cfg(feature = "serde")]
mod by_data;
#[expect(unsafe_code, reason = "casts between the two faces of one object")]
mod faces;
#[expect(
    single_use_lifetimes,
    reason = "the macro names a lifetime where it could be elided"
)]
pub(crate) mod future;
pub(crate) mod gate;
#[expect(unsafe_code, reason = "lends out locked data")]
mod gated;
#[cfg(feature = "lock_api")]
#[expect(
    unsafe_code,
    reason = "promises to exclude others, and to be told the truth"
)]
mod lock_api;
mod named;
#[expect(unsafe_code, reason = "lends out locked data")]
mod owned;
mod relock;
#[expect(unsafe_code, reason = "lends out locked data")]
mod shared;
#[expect(unsafe_code, reason = "lends out locked data")]
pub(crate) mod task;
#[expect(unsafe_code, reason = "lends out locked data")]
pub(crate) mod task_guard;
#[expect(unsafe_code, reason = "lends out locked data")]
pub(crate) mod thread;
#[expect(unsafe_code, reason = "lends out locked data")]
pub(crate) mod thread_guard;
pub(crate) mod thread_raw;
mod word;

pub use self::gate::OwnLock;
pub(crate) use self::gated::{Gated, GatedGuard};
pub use self::owned::OwnedLockGuard;
pub(crate) use self::relock::{Lends, Relock};
pub(crate) use self::shared::lends;
pub(crate) use self::word::LockWord;
