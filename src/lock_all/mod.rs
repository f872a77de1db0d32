//! Several locks at once, in an order that all agree on.
//!
//! | file | has |
//! |---|---|
//! | `order.rs` | the rule: by address, none twice |
//! | `tuple.rs` | tuples as nested pairs, and back |
//! | `thread.rs`, `thread_lockable.rs` | the functions for threads, and what they can lock |
//! | `task.rs`, `task_lockable.rs` | the same for tasks |
//! | `future.rs` | the futures of `task.rs` |
//!
//! Two threads that each take two locks one after the other can wait for each other, unless both take them in
//! the same order. Here the order is that of the addresses, so it does not matter in which order they are named
//! (as in C++'s `std::scoped_lock`, which lets go of what it has and tries again instead).

pub(crate) mod future;
mod order;
pub(crate) mod task;
pub(crate) mod task_lockable;
pub(crate) mod thread;
pub(crate) mod thread_lockable;
#[expect(
    clippy::many_single_char_names,
    reason = "the places of a tuple have no better names"
)]
mod tuple;
