//! The semaphores: up to n permits at a time.
//!
//! | file | has |
//! |---|---|
//! | `word.rs` | the rule: how permits are counted |
//! | `permit.rs` | what an acquire lends out |
//! | `kind.rs` | the two kinds: without a capacity, and with one |
//! | `thread*.rs` | the face of threads |
//! | `task*.rs`, `future.rs` | the face of tasks |
//! | `named.rs` | its name, for whoever looks at a snapshot |

#[expect(unsafe_code, reason = "casts between the two faces of one object")]
mod faces;
#[expect(
    single_use_lifetimes,
    reason = "the macro names a lifetime where it could be elided"
)]
pub(crate) mod future;
pub mod kind;
mod named;
#[expect(unsafe_code, reason = "a permit keeps its semaphore in place")]
mod permit;
pub(crate) mod task;
mod task_acquire;
mod task_new;
mod task_owned;
pub(crate) mod thread;
mod thread_acquire;
mod thread_new;
mod thread_owned;
mod word;

pub use self::permit::{OwnedPermit, Permit};
