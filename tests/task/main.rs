//! Behaviour of the async face, driven by hand wherever an order matters.
#![cfg(not(syncline_loom))]

#[path = "../support/actor.rs"]
mod actor;
#[path = "../support/await_points.rs"]
mod await_points;
#[path = "../support/driver.rs"]
mod driver;
#[path = "../support/executors.rs"]
mod executors;
#[cfg(feature = "pool")]
#[path = "../support/spawners.rs"]
mod spawners;
#[path = "../support/subjects/mod.rs"]
mod subjects;
#[path = "../support/waker.rs"]
mod waker;
#[path = "../support/watch.rs"]
mod watch;

mod barrier;
mod barrier_action;
mod block_on;
mod bounded_semaphore;
#[cfg(feature = "pool")]
mod budget;
mod cancellation;
mod casts;
mod completed;
mod condition;
mod condition_drops;
mod condition_wakers;
mod event;
mod fairness;
mod futurelock;
mod futurelock_ids;
mod gather;
mod gather_wakers;
#[cfg(feature = "pool")]
mod group;
#[cfg(feature = "pool")]
mod group_program;
mod identified;
mod interval;
mod lock;
mod lock_all;
mod once;
mod queue;
mod queue_halves;
mod queue_late_poll;
mod queue_traps;
mod race;
mod reentrancy;
mod rlock;
mod rlock_owner;
mod runtimes;
mod rwlock;
mod semaphore;
#[cfg(feature = "pool")]
mod shield;
mod single_flight;
mod sleep;
mod timeout;
mod timeouts;
mod wakers;
mod watch_values;
