//! The queues: items handed over, oldest first, newest first, or by priority.
//!
//! | file | has |
//! |---|---|
//! | `core.rs`, `reads.rs` | a store, its counts and three lines, under one lock |
//! | `gate.rs` | that lock |
//! | `stock.rs` | the rule: who may put, get and join |
//! | `marks.rs`, `stats.rs`, `pressure.rs` | water marks: when puts wait until it has been drained; what has been counted |
//! | `stage.rs`, `undo.rs` | how far it has been shut down; what is undone when a comparison panics |
//! | `store/` | what a queue keeps its items in |
//! | `critical_section.rs`, `operation_wait.rs`, `timed_operation.rs`, `block.rs` | waiting for one's turn at something that is done under the lock |
//! | `operation.rs`, `many.rs` | what one waits for: to put, to get, to reserve, to join |
//! | `slot.rs` | a place that has been reserved |
//! | `halves.rs`, `*_sender.rs`, `*_receiver.rs` | the two sides of a queue that has been split |
//! | `thread*.rs` | the face of threads |
//! | `task*.rs`, `future.rs` | the face of tasks |
//! | `named.rs` | its name, for whoever looks at a snapshot |

mod block;
#[expect(unsafe_code, reason = "lends out the store under its lock")]
mod core;
mod critical_section;
#[expect(unsafe_code, reason = "casts between the two faces of one object")]
mod faces;
#[expect(
    single_use_lifetimes,
    reason = "the macro names a lifetime where it could be elided"
)]
pub(crate) mod future;
mod halves;
mod many;
mod marks;
mod named;
mod operation;
#[expect(unsafe_code, reason = "lists of pinned nodes")]
mod operation_wait;
mod pressure;
mod reads;
mod slot;
mod stage;
mod stats;
mod stock;
pub mod store;
pub(crate) mod task;
mod task_ends;
mod task_gets;
mod task_new;
mod task_owned;
mod task_puts;
pub(crate) mod task_receiver;
pub(crate) mod task_sender;
pub(crate) mod thread;
mod thread_ends;
mod thread_gets;
mod thread_new;
mod thread_puts;
pub(crate) mod thread_receiver;
pub(crate) mod thread_sender;
mod timed_operation;
mod undo;
mod waits;

pub use self::slot::Slot;
pub use self::stage::Shutdown;
pub use self::stats::QueueStats;
use crate::lock::gate;
