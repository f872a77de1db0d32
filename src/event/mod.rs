//! The event: something that has happened, until it is cleared.
//!
//! | file | has |
//! |---|---|
//! | `word.rs` | the rule: set or not, and the generation of those who wait |
//! | `thread.rs`, `task.rs` | the two faces |
//! | `task_owned.rs` | the waits that keep it alive |
//! | `future.rs` | the futures by name |
//! | `named.rs` | its name, for whoever looks at a snapshot |

#[expect(unsafe_code, reason = "casts between the two faces of one object")]
mod faces;
#[expect(
    single_use_lifetimes,
    reason = "the macro names a lifetime where it could be elided"
)]
pub(crate) mod future;
mod named;
pub(crate) mod task;
mod task_owned;
pub(crate) mod thread;
mod word;

pub(crate) use self::word::EventWord;
