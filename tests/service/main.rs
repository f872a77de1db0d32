//! Behaviour of what services are built of. What needs a clock that can be moved is in `stepped`, which is all
//! there is with `--cfg syncline_clock`: `.ci/stepped-clock` builds and runs it.
#![cfg(all(feature = "pool", not(syncline_loom)))]

#[path = "../support/driver.rs"]
mod driver;
#[path = "../support/waker.rs"]
mod waker;
#[path = "../support/watch.rs"]
mod watch;

#[cfg(not(syncline_clock))]
mod breaker;
#[cfg(not(syncline_clock))]
mod drops;
#[cfg(not(syncline_clock))]
mod lease;
#[cfg(not(syncline_clock))]
mod lease_blocking;
#[cfg(not(syncline_clock))]
mod lease_close;
#[cfg(not(syncline_clock))]
mod lease_contract;
#[cfg(not(syncline_clock))]
mod lease_history;
#[cfg(not(syncline_clock))]
mod lease_open;
#[cfg(all(not(syncline_clock), target_os = "linux"))]
mod lease_turns;
#[cfg_attr(syncline_clock, expect(dead_code, reason = "for the other tests"))]
mod lease_world;
#[cfg(not(syncline_clock))]
mod limiter;
#[cfg(not(syncline_clock))]
mod places;
#[cfg(not(syncline_clock))]
mod retry;
#[cfg(not(syncline_clock))]
mod shutdown;
#[cfg(syncline_clock)]
mod stepped;
#[cfg(syncline_clock)]
mod stepped_lease;
#[cfg(syncline_clock)]
mod stepped_naive;
#[cfg(syncline_clock)]
mod stepped_queue;
#[cfg(not(syncline_clock))]
mod token;
#[cfg(not(syncline_clock))]
mod token_hooks;

/// A thread with as little stack as anything here may need.
#[cfg(not(syncline_clock))]
fn on_a_small_stack(body: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new()
        .stack_size(128 * 1024)
        .spawn(body)
        .expect("a thread");
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}
