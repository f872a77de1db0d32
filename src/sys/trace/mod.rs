//! The leaves of the feature `diagnostics`: who holds what, and who waits for it.
//!
//! | file | has |
//! |---|---|
//! | `traced.rs` | what every primitive carries: its name, its owner, and a pointer to its record |
//! | `record.rs` | what is on the heap of a primitive that is named, or that somebody has waited for |
//! | `waiter.rs` | what every wait node carries: its place in the list of a record |
//! | `threads.rs`, `tasks.rs` | the threads and tasks that have been seen |
//! | `order.rs` | in which orders threads take locks |
//! | `pools.rs` | the pools |
//! | `roster.rs` | a list of what exists |
//! | `system.rs` | the clock, and what the system calls a thread |
//!
//! Without the feature `untraced.rs` stands in for all of it, whose types are empty and whose functions do nothing.
//!
//! # Who may touch what
//!
//! 1. A record never points into a primitive, which may be moved, and forgotten while somebody waits. The
//!    primitive owns the record, and takes it off the list when it is dropped.
//! 2. A wait node is in the list of a record only while it is in a list of its line, and thus pinned and alive:
//!    whatever takes it out there takes it out here first. Both are done under the line's lock.
//! 3. What is in the list of a record is touched with the record's lock held, which is the innermost: whoever has
//!    it calls nothing. A snapshot takes it without the line's lock.
//! 4. The owner is a word in the primitive, and another in its record if there is one. Whoever takes or gives
//!    a lock stores both. Whoever makes the record looks at the first for the second: `traced.rs` has the proof
//!    that it is never out of date for a thread that waits.

mod order;
mod pools;
mod record;
mod roster;
mod system;
mod tasks;
mod threads;
mod traced;
mod waiter;

pub(crate) use self::order::{
    Class, Nested, Together, allow_order, watch_orders, watch_orders_no_more,
};
pub(crate) use self::pools::{TracedPool, pools};
pub(crate) use self::record::{Seen, SeenWaiter, primitives};
pub(crate) use self::system::trace_clock;
pub(crate) use self::tasks::{SeenTask, TracedTask, tasks};
pub(crate) use self::threads::{SeenThread, drive, seen_threads, this_thread, wait_begins};
pub(crate) use self::traced::{Gave, Traced};
pub(crate) use self::waiter::Waiter;
