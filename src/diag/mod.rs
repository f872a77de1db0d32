//! Shows who waits for what, in snapshots of the running program, and finds deadlocks.
//!
//! Everything here except [`task`](task()) needs the feature `diagnostics`. Without the feature, this module adds no
//! byte and no instruction to the crate. With it, an uncontended lock stores a few more words each time it is locked
//! and unlocked, so you can leave it on in production.
//!
//! | you want to know | use |
//! |---|---|
//! | which thread or task waits for what, since when, and who holds it | `snapshot()` |
//! | whether there are cycles of waits | `Snapshot::cycles` |
//! | how to name a lock | `named`, on every primitive: [`thread::Lock::named`](crate::thread::Lock::named) |
//! | how to name a task on another runtime | [`task`](task()) |
//! | which poll, wait or held lock lasts too long, while it does | `Watchdog` |
//! | whether locks are taken in orders that can deadlock | `lock_order()` |
//! | how late tasks run | `lag()` |
//!
//! # What is seen
//!
//! Snapshots show who waits on a primitive of this crate, on either face; who owns a [`Lock`](crate::thread::Lock) or
//! an [`RLock`](crate::thread::RLock), or writes to an [`RwLock`](crate::thread::RwLock); and which thread or task
//! runs a [`Job`](crate::Job). A primitive appears once it has been waited for, and a named lock once it has been
//! locked. A thread appears once it has locked or waited for something. A task appears if this crate knows it: if it
//! was spawned on a pool, a runner or a group, sleeps in a [`block_on`](crate::task::block_on()), or is wrapped in
//! [`identified`](crate::task::identified()) or in [`task`](task()).
//!
//! For each primitive, the first 64 waiters are shown and searched for cycles. All waiters are counted.
//!
//! # Cost
//!
//! The first wait on a primitive allocates a record of it. Every other wait reads the clock twice, and takes one more
//! one-byte lock twice. A snapshot of 10,000 primitives takes about ten milliseconds.
//!
//! # Panics
//!
//! Taking a snapshot does not panic, and runs none of your code.
//!
//! The chapter [debugging](crate::guide::debugging) explains the output.

#[cfg(feature = "diagnostics")]
mod collect;
#[cfg(feature = "diagnostics")]
mod cycles;
#[cfg(feature = "diagnostics")]
mod display;
#[cfg(feature = "diagnostics")]
mod display_trouble;
#[cfg(feature = "diagnostics")]
mod lag;
mod named;
#[cfg(feature = "diagnostics")]
mod order;
#[cfg(feature = "diagnostics")]
mod report;
#[cfg(feature = "diagnostics")]
#[cfg(feature = "serde")]
mod serialize;
#[cfg(feature = "diagnostics")]
mod trouble;
#[cfg(feature = "diagnostics")]
mod watchdog;

// A snapshot at a signal.
crate::sys::by_build! { signals: mod dump, use dump_on_signal }

pub use self::named::{Task, task};
#[cfg(feature = "diagnostics")]
pub use self::{
    collect::snapshot,
    lag::{LagMonitor, lag},
    order::{OnCycle, Order, OrderReport, OrderWatch, allow_order, lock_order},
    report::{
        Cycle, How, Kind, Link, Party, PoolReport, PrimitiveReport, Snapshot, Target, TaskReport,
        ThreadReport, WaitReport, WaiterReport,
    },
    trouble::{Report, Trouble},
    watchdog::{Watchdog, Watching},
};
