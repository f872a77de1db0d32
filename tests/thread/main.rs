//! Behaviour of the blocking face, on real threads.
#![cfg(not(syncline_loom))]

#[path = "../support/counter_history.rs"]
mod counter_history;
#[path = "../support/driver.rs"]
mod driver;
#[path = "../support/history.rs"]
#[expect(dead_code, reason = "a thread's wait is not dropped")]
mod history;
#[path = "../support/rounds.rs"]
mod rounds;
#[path = "../support/waker.rs"]
mod waker;
#[path = "../support/watch.rs"]
mod watch;

mod barrier;
mod bounded_semaphore;
mod condition;
mod condition_nested;
mod event;
mod fairness;
mod line;
mod lock;
mod lock_all;
mod nested;
mod once;
mod once_histories;
mod queue;
mod queue_halves;
mod queue_histories;
mod queue_pressure;
mod raw;
mod rlock;
mod rwlock;
mod rwlock_histories;
mod semaphore;
mod single_flight;
mod timeouts;
mod watch_values;
