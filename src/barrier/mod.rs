//! The barrier: waiting until n have come, generation after generation.
//!
//! | file | has |
//! |---|---|
//! | `word.rs` | the rule: parties, arrivals, how a generation ends |
//! | `generations.rs` | the line of those who have arrived |
//! | `generation_wait.rs` | one arrival, as a future |
//! | `arrival.rs` | what an arrival is told |
//! | `thread.rs`, `task.rs` | the two faces |
//! | `task_owned.rs` | the waits that keep it alive |
//! | `future.rs` | the futures by name |
//! | `named.rs` | its name, for whoever looks at a snapshot |

mod arrival;
#[expect(unsafe_code, reason = "casts between the two faces of one object")]
mod faces;
#[expect(
    single_use_lifetimes,
    reason = "the macro names a lifetime where it could be elided"
)]
pub(crate) mod future;
#[expect(unsafe_code, reason = "lists of pinned nodes")]
mod generation_wait;
#[expect(unsafe_code, reason = "lists of pinned nodes")]
mod generations;
mod named;
pub(crate) mod task;
mod task_owned;
pub(crate) mod thread;
mod word;

pub use self::arrival::Arrival;
