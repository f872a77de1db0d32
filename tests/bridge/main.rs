//! Behaviour of what lies between threads and tasks.
#![cfg(all(feature = "pool", not(syncline_loom)))]

#[path = "../support/executors.rs"]
mod executors;
#[path = "../support/watch.rs"]
mod watch;

mod embedding;
mod forbid;
mod local;
mod requests;
mod runner;
mod to_thread;
