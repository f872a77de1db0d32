//! Who waits for what: snapshots of the running program, and the deadlocks in it.
//!
//! All of this but [`task`](task()) needs the feature `diagnostics`. Without that feature nothing in this crate takes a byte or an
//! instruction more; with it, a lock that nobody waits for stores a few words more each time it is taken and given back.
//! It can be left on in production.
//!
//! | you want to know | use |
//! |---|---|
//! | which thread or task waits for what, since when, and who has it | `snapshot()` |
//! | whether somebody waits in a circle | `Snapshot::cycles` |
//! | what a lock is called in all of this | `named`, on every primitive: [`thread::Lock::named`](crate::thread::Lock::named) |
//! | which task it is, on a runtime of others | [`task`](task()) |
//! | what stays too long, while it does: a poll, a wait, a lock that is held | `Watchdog` |
//! | whether locks are taken in orders that can deadlock, before they do | `lock_order()` |
//! | how late tasks come to their turn | `lag()` |
//!
//! # What is seen
//!
//! Snapshots show whoever waits on a primitive of this crate, on either face; who owns a [`Lock`](crate::thread::Lock) or an
//! [`RLock`](crate::thread::RLock), or writes to an [`RwLock`](crate::thread::RwLock); and which thread or task does a [`Job`](crate::Job). A lock appears once it has been waited for or, if it has a name,
//! once it has been locked; any other primitive once it has been waited for. A thread appears once it has locked or waited for something. A
//! task appears if this crate knows it: what is spawned on a pool, a runner or a group, a [`block_on`](crate::task::block_on()) that sleeps, and what is
//! wrapped in [`identified`](crate::task::identified()) or in [`task`](task()).
//!
//! Of those who wait for one primitive, the first 64 are shown, and looked at for circles; all are counted.
//!
//! # Cost
//!
//! The first wait on a primitive makes a record of it on the heap. Every other wait reads the clock twice, and takes one more
//! lock of one byte, twice. A snapshot of 10,000 primitives takes about ten milliseconds.
//!
//! # Panics
//!
//! Nothing in a snapshot panics, and nothing in it runs code of yours.
//!
//! The chapter [debugging](crate::guide::debugging) says how to read what this module prints.

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
