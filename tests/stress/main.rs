//! Real threads and tasks at full speed, with random timeouts and drops, for
//! what only real timing shows. Nothing may be lost, and nobody may hang.
#![cfg(all(feature = "pool", not(syncline_loom)))]

#[path = "../support/rounds.rs"]
mod rounds;
#[path = "../support/watch.rs"]
mod watch;

mod barrier;
mod bench;
mod edges;
mod job;
mod lock;
mod pool;
mod programs;
mod queue;
mod rlock;
mod semaphore;
