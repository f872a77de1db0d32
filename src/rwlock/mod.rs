//! The lock for many readers or one writer, around data.
//!
//! | file | has |
//! |---|---|
//! | `word.rs` | the rule: what the word means, and its transitions |
//! | `shared.rs` | the lock, its line and its data; where a guard finds it |
//! | `held.rs` | what is in every guard: a share of the lock, in one of three modes |
//! | `thread.rs`, `thread_modes.rs`, `thread_owned.rs` | the face of threads |
//! | `thread_guard.rs`, `thread_upgradable.rs` | its guards |
//! | `thread_raw.rs` | the lock without data and without guards |
//! | `lock_api.rs` | with the feature of that name: what that lock is to the crate `lock_api` |
//! | `task.rs`, `task_modes.rs`, `task_owned.rs` | the face of tasks |
//! | `task_guard.rs`, `task_upgradable.rs` | its guards |
//! | `future.rs`, `future_owned.rs`, `upgrade.rs` | its futures |
//! | `owned.rs`, `owned_mapped.rs` | the guards that keep their lock alive, for both |
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
pub(crate) mod future_owned;
#[expect(unsafe_code, reason = "lends out locked data")]
mod held;
#[cfg(feature = "lock_api")]
#[expect(
    unsafe_code,
    reason = "promises to exclude others, and to be told the truth"
)]
mod lock_api;
mod named;
#[expect(unsafe_code, reason = "lends out locked data")]
mod owned;
mod owned_mapped;
#[expect(unsafe_code, reason = "lends out locked data")]
mod shared;
pub(crate) mod task;
#[expect(unsafe_code, reason = "lends out locked data")]
pub(crate) mod task_guard;
mod task_modes;
mod task_owned;
#[expect(unsafe_code, reason = "lends out locked data")]
pub(crate) mod task_upgradable;
pub(crate) mod thread;
#[expect(unsafe_code, reason = "lends out locked data")]
pub(crate) mod thread_guard;
mod thread_modes;
mod thread_owned;
pub(crate) mod thread_raw;
#[expect(unsafe_code, reason = "lends out locked data")]
pub(crate) mod thread_upgradable;
#[expect(unsafe_code, reason = "lends out locked data")]
mod upgrade;
mod word;

pub use self::owned::{
    OwnedRwLockReadGuard, OwnedRwLockUpgradableReadGuard, OwnedRwLockWriteGuard,
};
pub use self::owned_mapped::{OwnedMappedRwLockReadGuard, OwnedMappedRwLockWriteGuard};
