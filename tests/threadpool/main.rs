//! Behaviour of the thread pool, on real threads.
#![cfg(all(feature = "pool", not(syncline_loom)))]

#[path = "../support/watch.rs"]
mod watch;

mod abandon;
mod blocked;
mod budget;
mod delayed;
mod draining;
mod ends;
mod futures;
mod kit;
mod listed;
mod map;
mod once;
mod panics;
mod retiring;
mod room;
mod scope;
mod scope_ends;
mod shutdown;
mod shutdown_races;
mod starting;
mod submit;
mod waiting;
mod waiting_deep;
