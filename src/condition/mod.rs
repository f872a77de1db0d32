//! The condition: waiting until data under a lock has changed.
//!
//! | file | has |
//! |---|---|
//! | `wait_set.rs`, `set_timed.rs` | who waits, and how a notify moves them to the line of their lock |
//! | `block.rs` | how a thread waits there, and has its lock again whatever happens |
//! | `thread.rs`, `thread_predicate.rs`, `thread_guard.rs` | the face of threads, and the guards that it takes |
//! | `task.rs`, `task_predicate.rs`, `future.rs` | the face of tasks |
//! | `guards.rs` | which guards each face takes |
//! | `named.rs` | its name, for whoever looks at a snapshot |

mod block;
#[expect(unsafe_code, reason = "casts between the two faces of one object")]
mod faces;
pub(crate) mod future;
mod guards;
mod named;
mod set_timed;
pub(crate) mod task;
mod task_predicate;
pub(crate) mod thread;
pub(crate) mod thread_guard;
mod thread_predicate;
#[expect(unsafe_code, reason = "lists of pinned nodes")]
mod wait_set;
