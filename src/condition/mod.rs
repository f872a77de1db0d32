//! The condition: waiting until data under a lock has changed.
//!
//! | file | has |
//! |---|---|
//! | `wait_set.rs`, `set_timed.rs` | who waits, and how a notify moves them to the line of their lock |
//! | `block.rs` | how a thread waits there, and has its lock again whatever happens |
//! | `thread.rs`, `thread_predicate.rs`, `thread_nested.rs`, `thread_guard.rs` | the face of threads, and the guards that it takes |
//! | `task.rs`, `task_predicate.rs`, `task_owned.rs`, `future.rs`, `future_try.rs` | the face of tasks |
//! | `predicate.rs` | what a predicate answers that may fail |
//! | `nested.rs` | a guard that is given up with all levels of its lock |
//! | `guards.rs` | which guards each face takes |
//! | `named.rs` | its name, for whoever looks at a snapshot |

mod block;
#[expect(unsafe_code, reason = "casts between the two faces of one object")]
mod faces;
pub(crate) mod future;
pub(crate) mod future_try;
mod guards;
mod named;
mod nested;
mod predicate;
mod set_timed;
pub(crate) mod task;
mod task_owned;
mod task_predicate;
pub(crate) mod thread;
pub(crate) mod thread_guard;
mod thread_nested;
mod thread_predicate;
#[expect(unsafe_code, reason = "lists of pinned nodes")]
mod wait_set;
