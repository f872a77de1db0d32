//! What snapshots show, and which circles they find.
#![cfg(all(feature = "diagnostics", not(syncline_loom)))]

#[path = "../support/driver.rs"]
mod driver;
#[path = "../support/waker.rs"]
mod waker;
#[path = "../support/watch.rs"]
mod watch;

mod circles;
mod looks;
mod moved;
mod once;
mod reports;
mod rwlock;
mod shown;
#[cfg(all(unix, feature = "signals"))]
mod signal;
