//! Behaviour of the blocking face, on real threads.
#![cfg(not(syncline_loom))]

#[path = "../support/driver.rs"]
mod driver;
#[path = "../support/waker.rs"]
mod waker;
#[path = "../support/watch.rs"]
mod watch;

mod bounded_semaphore;
mod event;
mod fairness;
mod line;
mod lock;
mod nested;
mod queue;
mod semaphore;
mod timeouts;
