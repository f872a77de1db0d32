//! Random scripts, compared step by step with a slow model of what must happen.
//!
//! One script runs on one thread, so every outcome is determined: each task is
//! polled by hand with a waker of its own, and the blocking face takes part
//! through the forms that do not block.
#![cfg(not(syncline_loom))]

#[path = "../support/actor.rs"]
mod actor;
#[path = "../support/counter_history.rs"]
mod counter_history;
#[path = "../support/driver.rs"]
mod driver;
#[path = "../support/history.rs"]
mod history;
#[path = "../support/waker.rs"]
mod waker;
#[path = "../support/watch.rs"]
mod watch;

mod barrier;
mod condition;
mod counter_checker;
mod event;
mod history_checker;
#[cfg(feature = "pool")]
mod job;
mod lock;
mod once;
mod oracle;
#[cfg(feature = "pool")]
mod pool;
mod queue;
mod queue_histories;
mod queue_program;
mod queue_subject;
mod rlock;
mod rwlock;
mod semaphore;
mod single_flight;
mod subject;
mod watch_values;
