//! The watch: the latest value, and a way to wait until it has changed.
//!
//! | file | has |
//! |---|---|
//! | `word.rs` | the rule: versions, and the end |
//! | `borrow.rs` | a look at the value |
//! | `shared.rs` | what all handles own together, and how one sends |
//! | `thread.rs`, `thread_observer.rs`, `task.rs`, `task_observer.rs` | the two faces |
//! | `future.rs` | the futures by name |
//! | `named.rs` | its name, for whoever looks at a snapshot |

pub(crate) mod borrow;
#[expect(unsafe_code, reason = "casts between the two faces of one object")]
mod faces;
pub(crate) mod future;
mod named;
mod shared;
pub(crate) mod task;
pub(crate) mod task_observer;
pub(crate) mod thread;
pub(crate) mod thread_observer;
mod word;
