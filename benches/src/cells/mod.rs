//! The cells, one file for each primitive.
//!
//! To add a primitive: say in `peers/` what is asked of it, as a small trait;
//! answer for each peer; write one generic function for each question; list the
//! peers with `peers!`.

mod barrier;
mod breaker;
mod bridge;
mod combinators;
mod condition;
mod contention;
mod crowd;
mod event;
mod group;
mod io;
mod lease;
mod limiter;
#[cfg(target_os = "linux")]
mod limits;
mod limits_forks;
mod limits_pool;
mod lock;
mod once;
mod passage;
mod pool;
mod queue;
mod queue_limits;
mod queue_pressure;
mod repeat;
mod retry;
mod rlock;
mod rwlock;
mod scale;
mod semaphore;
mod shutdown;
mod task;
mod timer;
mod token;
mod wake;
mod watch;

pub(crate) use self::crowd::start as start_crowd;
use crate::cell::Cell;

/// Every cell, in the order of the report.
pub(crate) fn all() -> Vec<Cell> {
    [
        lock::cells(),
        semaphore::cells(),
        wake::cells(),
        event::cells(),
        condition::cells(),
        rlock::cells(),
        rwlock::cells(),
        once::cells(),
        watch::cells(),
        barrier::cells(),
        queue::cells(),
        queue_pressure::cells(),
        pool::cells(),
        bridge::cells(),
        task::cells(),
        scale::cells(),
        crowd::cells(),
        io::cells(),
        timer::cells(),
        combinators::cells(),
        group::cells(),
        token::cells(),
        limiter::cells(),
        breaker::cells(),
        retry::cells(),
        lease::cells(),
        shutdown::cells(),
        #[cfg(target_os = "linux")]
        limits::cells(),
        limits_forks::cells(),
        limits_pool::cells(),
        queue_limits::cells(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
