//! The semaphores: up to n permits at a time.
//!
//! | file | has |
//! |---|---|
//! | `word.rs` | the rule: how permits are counted |
//! | `permit.rs` | what an acquire lends out |
//! | `thread.rs`, `thread_bounded.rs`, `thread_acquire.rs` | the face of threads |
//! | `task.rs`, `task_bounded.rs`, `task_acquire.rs`, `future.rs` | the face of tasks |

#[expect(
    single_use_lifetimes,
    reason = "the macro names a lifetime where it could be elided"
)]
pub(crate) mod future;
#[expect(unsafe_code, reason = "a permit keeps its semaphore in place")]
mod permit;
pub(crate) mod task;
pub(crate) mod task_acquire;
pub(crate) mod task_bounded;
pub(crate) mod thread;
pub(crate) mod thread_acquire;
pub(crate) mod thread_bounded;
mod word;

pub use self::permit::{OwnedPermit, Permit};

#[expect(unsafe_code, reason = "casts between the two faces of one object")]
#[expect(
    clippy::ptr_as_ptr,
    reason = "one macro casts pointers to sized and to unsized types"
)]
mod faces {
    mod task {
        pub(super) use super::super::{task::Semaphore, task_bounded::BoundedSemaphore};
    }
    mod thread {
        pub(super) use super::super::{thread::Semaphore, thread_bounded::BoundedSemaphore};
    }

    crate::sys::faces!(Semaphore, "Semaphore", "semaphore", "Semaphore::new(1)");
    crate::sys::faces!(
        BoundedSemaphore,
        "BoundedSemaphore",
        "semaphore",
        "BoundedSemaphore::new(1)"
    );
}
