//! Behaviour of jobs, and of what does them.
#![cfg(all(feature = "pool", not(syncline_loom)))]

#[path = "../support/driver.rs"]
mod driver;
#[path = "../support/waker.rs"]
mod waker;
#[path = "../support/watch.rs"]
mod watch;

mod chains;
mod counted;
mod driven;
mod job;
mod on_done;
mod own_thread;
mod promise;
mod set;
mod shared;
mod try_scope;
mod waits;
mod waits_as_task;
