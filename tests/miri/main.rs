//! Small scenarios for an interpreter that checks every access: aliasing,
//! provenance, data races, leaks. Each writes to data that only the primitive
//! protects, and each is short enough to be run with many seeds.
#![cfg(all(feature = "pool", not(syncline_loom)))]

#[path = "../support/driver.rs"]
mod driver;
#[path = "../support/waker.rs"]
mod waker;
#[path = "../support/watch.rs"]
mod watch;

mod barrier;
mod bridge;
mod condition;
mod event;
mod gather;
mod group;
mod job;
mod lock;
mod once;
mod owned;
mod pool;
mod queue;
mod rlock;
mod rwlock;
mod semaphore;
